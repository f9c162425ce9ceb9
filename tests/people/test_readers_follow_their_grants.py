"""What a reader reaches is what valid grants say, capability by capability, and somebody always keeps the keys."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Problem, Refused
from huidang.people import accounts, grants
from huidang.people.models import Grant, Role, User
from huidang.people.readers import INTAKE
from huidang.people.roles import DEFAULTS, get_role, install_roles, title_of
from huidang.records.models import Conversation
from tests.cast import Company, open_conversation

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HELD = {
    "zhoumin": {Can.READ, Can.FILE},
    "zhaolan": {Can.READ, Can.UNMASK, Can.RECALLED, Can.FILE, Can.EXPORT},
    "fawu": {Can.READ, Can.UNMASK, Can.RECALLED, Can.EXPORT, Can.EVIDENCE},
    "admin": {Can.MANAGE},
    "auditor": {Can.AUDIT},
    "chenwei": set(),
}


@pytest.mark.parametrize("username", HELD)
@pytest.mark.parametrize("can", Can)
def test_capabilities_of_the_cast(company: Company, username: str, can: Can) -> None:
    assert bool(company.reader(username).reach(can)) is (can in HELD[username])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_guard_equals_the_oracle(company: Company, data: st.DataObject) -> None:
    """Any mixture of grants: the query returns exactly the conversations that `may` allows, one by one."""
    user = company.users["chenwei"]
    Grant.objects.filter(user=user).delete()
    place = st.sampled_from([*company.departments.values(), None])
    for _ in range(data.draw(st.integers(0, 3))):
        over = data.draw(place)
        flags = {flag: data.draw(st.booleans()) for flag in ("children", "own", "intake")}
        everything = not (over or flags["own"] or flags["intake"])
        grants.give(user, data.draw(st.sampled_from(sorted(DEFAULTS))), over=over, everything=everything, **flags)
    own = data.draw(st.sampled_from(list(company.conversations.values())))
    Conversation.objects.unguarded("test").update(owner=None)
    Conversation.objects.unguarded("test").filter(pk=own.pk).update(owner=user)
    reader = grants.reader_for(user)
    rows = Conversation.objects.unguarded("test").values_list("pk", "department_id", "owner_id")
    for can in Can:
        allowed = {
            pk
            for pk, place_id, owner_id in rows
            if reader.may(can, department_id=place_id, owner_id=owner_id, conversation_id=pk)
        }
        assert set(Conversation.objects.readable_by(reader, can).values_list("pk", flat=True)) == allowed


def test_reach_without_children_stops_at_the_department(company: Company) -> None:
    user, centre = company.users["chenwei"], company.departments["客服中心"]
    grants.give(user, "agent", over=centre, children=False)
    assert grants.reader_for(user).reach(Can.READ).departments == {centre.pk}


def test_own_follows_the_owner_into_any_department(company: Company) -> None:
    user = company.users["chenwei"]
    grants.give(user, "agent", own=True)
    open_conversation(company, title="我的客户", department="商务部", owner=user)
    titles = Conversation.objects.readable_by(grants.reader_for(user)).values_list("title", flat=True)
    assert list(titles) == ["我的客户"]


def test_intake_is_a_place_of_its_own(company: Company) -> None:
    user = company.users["chenwei"]
    grants.give(user, "agent", intake=True)
    assert grants.reader_for(user).reach(Can.READ).departments == {INTAKE}


def test_a_grant_ends_by_itself(company: Company) -> None:
    user, until_at = company.users["chenwei"], clock.now() + timedelta(hours=1)
    grants.give(user, "agent", everything=True, until_at=until_at)
    assert grants.reader_for(user).reach(Can.READ)
    with clock.frozen(until_at):
        assert not grants.reader_for(user).reach(Can.READ)


def test_closed_account_reaches_nothing(company: Company) -> None:
    grants.close_account(company.users["zhoumin"])
    assert not company.reader("zhoumin").reaches


def test_three_queries_a_request(company: Company, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(3):  # type: ignore[operator]
        company.reader("zhaolan")


def test_grant_over_nothing_is_refused(company: Company) -> None:
    with pytest.raises(Problem) as refusal:
        grants.give(company.users["chenwei"], "agent")
    assert refusal.value.code == "grant-over-nothing"


def test_last_administrator_stays(company: Company) -> None:
    admin = company.users["admin"]
    for attempt in (
        lambda: grants.close_account(admin),
        lambda: grants.withdraw(Grant.objects.get(user=admin)),
        lambda: accounts.set_roles(admin, ["agent"], over=company.departments["售后组"]),
    ):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.code == "last-administrator"
    grants.give(company.users["zhaolan"], "administrator", everything=True)
    grants.close_account(admin)
    assert not User.objects.get(pk=admin.pk).is_active


def test_an_administrator_for_a_time_is_not_the_last(company: Company) -> None:
    until_at = clock.now() + timedelta(days=1)
    grants.give(company.users["zhaolan"], "administrator", everything=True, until_at=until_at)
    with pytest.raises(Refused):
        grants.close_account(company.users["admin"])


def test_roles_of_a_house_stay_as_it_changed_them() -> None:
    install_roles()
    Role.objects.filter(name="agent").update(capabilities=["read", "from-a-later-version"])
    install_roles()
    assert Role.objects.get(name="agent").capabilities == ["read", "from-a-later-version"]
    assert Role.objects.count() == len(DEFAULTS)
    assert title_of("agent") == "客服"
    with pytest.raises(Problem):
        get_role("king")
