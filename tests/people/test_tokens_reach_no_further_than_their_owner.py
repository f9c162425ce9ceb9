"""A token is part of its owner: never more than they may, until a date, told once, ended by whoever may."""

from datetime import datetime, timedelta

import pytest

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import audit, grants
from huidang.people.models import Entry, Grant, Token
from huidang.people.readers import Reach
from huidang.people.tokens import create_token, reader_for_token, revoke_token, tokens_of
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def soon(**more: int) -> datetime:
    return clock.now() + timedelta(**(more or {"days": 30}))


def test_a_token_reads_what_its_owner_reads(company: Company) -> None:
    token, secret = create_token(company.users["zhoumin"], "报表", [Can.READ], soon())
    reader = reader_for_token(secret)
    assert reader.reach(Can.READ) == company.reader("zhoumin").reach(Can.READ)
    assert not reader.reach(Can.FILE)
    assert (reader.user_id, reader.token_id) == (company.users["zhoumin"].pk, token.pk)


def test_departments_cut_the_reach_and_leave_out_what_lies_elsewhere(company: Company) -> None:
    user, centre, sales = company.users["fawu"], company.departments["客服中心"], company.departments["商务部"]
    grants.give(user, "agent", own=True, intake=True)
    _token, secret = create_token(user, "质检", [Can.READ], soon(), departments=[centre])
    below = {company.departments[name].pk for name in ("客服中心", "售前组", "售后组")}
    assert reader_for_token(secret).reach(Can.READ) == Reach(departments=frozenset(below))
    _token, secret = create_token(company.users["zhoumin"], "越界", [Can.READ], soon(), departments=[sales])
    assert not reader_for_token(secret).reach(Can.READ)


def test_what_the_owner_loses_the_token_loses(company: Company) -> None:
    _token, secret = create_token(company.users["zhoumin"], "报表", [Can.READ], soon())
    Grant.objects.filter(user=company.users["zhoumin"]).delete()
    assert not reader_for_token(secret).reach(Can.READ)


def test_nobody_gives_a_token_what_they_do_not_hold(company: Company) -> None:
    with pytest.raises(Refused) as refusal:
        create_token(company.users["zhoumin"], "全部", [Can.READ, Can.UNMASK], soon())
    assert refusal.value.code == "token-beyond-owner"


@pytest.mark.parametrize(
    ("name", "capabilities", "days"), [("", ["read"], 1), ("x", [], 1), ("x", ["read"], -1), ("x", ["read"], 500)]
)
def test_a_token_wants_a_name_a_scope_and_an_end(
    company: Company, name: str, capabilities: list[str], days: int
) -> None:
    with pytest.raises(Problem):
        create_token(company.users["zhoumin"], name, [Can(each) for each in capabilities], soon(days=days))


def test_unknown_expired_revoked_and_closed_are_refused_each_by_name(company: Company) -> None:
    user = company.users["zhoumin"]
    token, secret = create_token(user, "报表", [Can.READ], soon(days=1))

    def refusal(words: str = secret) -> str:
        with pytest.raises(Refused) as refused:
            reader_for_token(words)
        return refused.value.code

    assert refusal("hd_nonsense") == refusal("\udcff") == "token-unknown"
    with clock.frozen(token.expires_at):
        assert refusal() == "token-expired"
    grants.close_account(user)
    assert refusal() == "user-closed"
    revoke_token(token.pk, by=user)
    assert refusal() == "token-revoked"


def test_only_the_hash_is_kept_and_use_is_seen(company: Company) -> None:
    token, secret = create_token(company.users["zhoumin"], "报表", [Can.READ], soon())
    assert secret not in str(Token.objects.values_list().get())
    reader_for_token(secret)
    token.refresh_from_db()
    assert token.used_at is not None


def test_a_token_is_revoked_by_its_owner_alone_or_by_the_house(company: Company) -> None:
    token, _secret = create_token(company.users["zhoumin"], "报表", [Can.READ], soon())
    with pytest.raises(Absent):
        revoke_token(token.pk, by=company.users["zhaolan"], owner=company.users["zhaolan"])
    assert tokens_of(company.users["zhoumin"]).count() == 1
    revoke_token(token.pk, by=company.users["admin"])
    assert not tokens_of(company.users["zhoumin"])
    entries = Entry.objects.filter(about=f"token:{token.pk}").order_by("pk").values_list("what", "name")
    assert list(entries) == [("token-created", "zhoumin"), ("token-revoked", "admin")]


def test_what_a_program_does_names_its_token(company: Company) -> None:
    token, secret = create_token(company.users["zhoumin"], "报表", [Can.READ], soon())
    assert audit.note("viewed", by=reader_for_token(secret)).facts == {"token": token.pk}


def test_a_request_by_token_costs_few_queries(company: Company, django_assert_num_queries: object) -> None:
    _token, secret = create_token(company.users["zhoumin"], "报表", [Can.READ], soon())
    reader_for_token(secret)
    with django_assert_num_queries(4):  # type: ignore[operator]
        reader_for_token(secret)
