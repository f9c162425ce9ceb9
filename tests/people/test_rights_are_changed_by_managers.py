"""Who manages the house changes rights; somebody keeps the keys, nobody serves themselves, each step is an entry."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import grants, rights
from huidang.people.models import Entry, Grant, Role
from huidang.people.readers import Reader
from huidang.people.roles import get_role
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def get_role_of_its_own() -> Role:
    return Role.objects.get_or_create(name="临时", defaults={"capabilities": ["read"]})[0]


STEPS: dict[str, Callable[[Reader, Company], object]] = {
    "give": lambda by, company: rights.give(by, company.users["chenwei"], "agent", everything=True),
    "give-each": lambda by, company: rights.give_each(by, [company.users["chenwei"]], "agent", own=True),
    "hire": lambda by, _company: rights.hire(by, "linxue", name="林雪", home=None),
    "invite": lambda by, company: rights.invite(by, company.users["zhoumin"]),
    "rename": lambda by, company: rights.rename_account(by, company.users["zhoumin"], "周小敏"),
    "rename-role": lambda by, _company: rights.rename_role(by, get_role_of_its_own(), "质检"),
    "withdraw": lambda by, company: rights.withdraw(by, Grant.objects.get(user=company.users["zhoumin"]).pk),
    "close": lambda by, company: rights.close_account(by, company.users["zhoumin"]),
    "reopen": lambda by, company: rights.reopen_account(by, company.users["zhoumin"]),
    "make-role": lambda by, _company: rights.make_role(by, "质检", [Can.READ]),
    "change-role": lambda by, _company: rights.change_role(by, get_role("agent"), [Can.READ]),
    "drop-role": lambda by, _company: rights.drop_role(by, get_role_of_its_own()),
    "add-department": lambda by, _company: rights.add_department(by, "法务部", under=None),
    "rename-department": lambda by, company: rights.rename_department(by, company.departments["商务部"], "大客户部"),
    "move-department": lambda by, company: rights.move_department(by, company.departments["售后组"], under=None),
    "home": lambda by, company: rights.set_home(by, company.users["zhoumin"], company.departments["售后组"]),
    "only-own": lambda by, company: rights.see_only_own(by, company.departments["售后组"]),
}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_the_managers_alone_and_an_entry(company: Company, step: str) -> None:
    for name in ("zhoumin", "zhaolan", "fawu", "auditor", "chenwei"):
        with pytest.raises(Absent):
            STEPS[step](company.reader(name), company)
    before = Entry.objects.count()
    STEPS[step](company.reader("admin"), company)
    assert list(Entry.objects.order_by("pk").values_list("name", flat=True))[before:] == ["admin"]


def test_managing_a_part_is_not_managing_the_house(company: Company) -> None:
    grants.give(company.users["zhaolan"], "administrator", over=company.departments["客服中心"])
    with pytest.raises(Absent):
        rights.close_account(company.reader("zhaolan"), company.users["zhoumin"])


def test_nobody_serves_themselves_while_another_could(company: Company) -> None:
    rights.give(company.reader("admin"), company.users["admin"], "auditor", everything=True)
    grants.give(company.users["zhaolan"], "administrator", everything=True)
    with pytest.raises(Refused, match="另一位"):
        rights.give(company.reader("admin"), company.users["admin"], "supervisor", everything=True)


def test_the_role_of_the_last_administrator_keeps_its_right(company: Company) -> None:
    with pytest.raises(Refused) as refusal:
        rights.change_role(company.reader("admin"), get_role("administrator"), [Can.READ])
    assert refusal.value.code == "last-administrator"
    assert get_role("administrator").capabilities == ["manage"]


@pytest.mark.parametrize(("name", "capabilities"), [("", [Can.READ]), ("空", []), ("x" * 61, [Can.READ])])
def test_a_role_has_a_name_and_a_right(company: Company, name: str, capabilities: list[Can]) -> None:
    with pytest.raises(Problem):
        rights.make_role(company.reader("admin"), name, capabilities)


def test_roles_in_use_and_standing_roles_stay(company: Company) -> None:
    by = company.reader("admin")
    role = rights.make_role(by, "质检", [Can.READ])
    with pytest.raises(Problem, match="已有角色"):
        rights.make_role(by, "质检", [Can.READ])
    grant = rights.give(by, company.users["chenwei"], "质检", everything=True)
    with pytest.raises(Problem, match="还有人"):
        rights.drop_role(by, role)
    rights.withdraw(by, grant.pk)
    rights.drop_role(by, role)
    with pytest.raises(Problem, match="自带"):
        rights.drop_role(by, get_role("agent"))


def test_what_is_given_twice_is_one_grant(company: Company) -> None:
    by, before = company.reader("admin"), Entry.objects.count()
    first, again = (rights.give(by, company.users["chenwei"], "agent", own=True) for _ in range(2))
    assert first == again
    assert Entry.objects.count() == before + 1
    shorter = rights.give(by, company.users["chenwei"], "agent", own=True, until_at=clock.now() + timedelta(days=1))
    assert shorter != first


def test_several_are_given_a_role_or_none_of_them(company: Company) -> None:
    grants.give(company.users["zhaolan"], "administrator", everything=True)
    both = [company.users["chenwei"], company.users["admin"]]
    with pytest.raises(Refused, match="另一位"):
        rights.give_each(company.reader("admin"), both, "agent", own=True)
    assert not company.reader("chenwei").reaches
    with pytest.raises(Problem, match="先选中"):
        rights.give_each(company.reader("admin"), [], "agent", own=True)


def test_a_grant_ends_after_it_begins(company: Company) -> None:
    with pytest.raises(Problem, match="早于"):
        rights.give(
            company.reader("admin"), company.users["chenwei"], "agent", own=True, until_at=clock.now() - timedelta(1)
        )


def test_sales_sees_only_its_own_customers(company: Company) -> None:
    agent, lead = company.users["chenwei"], company.users["zhaolan"]
    grants.give(agent, "agent", over=company.departments["售前组"])
    grants.give(lead, "supervisor", over=company.departments["商务部"])
    before, narrow = company.reader("zhaolan"), (company.reader("admin"), company.departments["客服中心"])
    reach = {name: company.reader(name).reaches for name in ("chenwei", "zhoumin")}
    narrowed = rights.see_only_own(*narrow)
    assert len(narrowed) == 2
    for name in ("chenwei", "zhoumin"):
        only = company.reader(name).reach(Can.READ)
        assert (only.own, only.departments, only.everything) == (True, frozenset(), False)
    assert company.reader("zhaolan") == before
    assert rights.see_only_own(*narrow) == []
    assert rights.see_all_again(company.reader("admin"), narrowed) == 2
    assert {name: company.reader(name).reaches for name in reach} == reach
    assert rights.see_all_again(company.reader("admin"), narrowed) == 0


def test_a_role_one_holds_is_not_widened_by_oneself(company: Company) -> None:
    rights.change_role(company.reader("admin"), get_role("administrator"), [Can.MANAGE, Can.AUDIT])
    grants.give(company.users["zhaolan"], "administrator", everything=True)
    rights.change_role(company.reader("admin"), get_role("administrator"), [Can.MANAGE])
    with pytest.raises(Refused, match="另一位"):
        rights.change_role(company.reader("admin"), get_role("administrator"), [Can.MANAGE, Can.READ])
