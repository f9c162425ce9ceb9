"""Why can they see this: the answer names what decides, and agrees with the guard for every mixture of grants."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people import grants, sharing
from huidang.people.grounds import Answer, explain, who_sees
from huidang.people.models import Grant, Loan
from huidang.people.requests import Place
from huidang.people.roles import DEFAULTS
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def place_of(company: Company, name: str, **change: int | None) -> Place:
    conversation = company.conversations[name]
    return Place(conversation.pk, conversation.department_id, conversation.owner_id)._replace(**change)


def answer(company: Company, who: str, name: str = "售后", **change: int | None) -> Answer:
    return explain(company.users[who], place_of(company, name, **change))


def ways(found: Answer) -> list[str]:
    return [ground.way for ground in found.grounds]


def test_each_way_in_is_named(company: Company) -> None:
    assert (ways(answer(company, "zhoumin")), answer(company, "zhoumin").reads) == (["department"], True)
    assert ways(answer(company, "zhaolan")) == ["above"]
    assert answer(company, "zhaolan").grounds[0].department == "客服中心"
    assert ways(answer(company, "fawu")) == ["everything"]
    grants.give(company.users["chenwei"], "agent", own=True)
    own = place_of(company, "商务", owner_id=company.users["chenwei"].pk)
    assert ways(explain(company.users["chenwei"], own)) == ["own"]
    grants.give(company.users["zhoumin"], "agent", intake=True)
    assert ways(answer(company, "zhoumin", "待分拣")) == ["elsewhere", "intake"]


def test_no_is_explained_too(company: Company) -> None:
    assert not answer(company, "chenwei").grounds
    grants.give(company.users["chenwei"], "agent", over=company.departments["客服中心"], children=False)
    grants.give(company.users["chenwei"], "agent", own=True)
    past = clock.now() - timedelta(days=1)
    grants.give(company.users["chenwei"], "agent", everything=True, until_at=past)
    found = answer(company, "chenwei")
    assert (ways(found), found.reads) == (["elsewhere", "not-own", "everything"], False)
    assert [ground.ended for ground in found.others] == [False, False, True]


def test_managing_is_not_seeing(company: Company) -> None:
    found = answer(company, "admin")
    assert (found.reads, found.capabilities) == (False, {Can.MANAGE})


def test_a_closed_account_sees_nothing_whatever_it_holds(company: Company) -> None:
    grants.close_account(company.users["zhoumin"])
    found = answer(company, "zhoumin")
    assert (found.closed, found.reads, ways(found)) == (True, False, ["department"])


def test_a_loan_is_a_ground_until_it_ends(company: Company) -> None:
    place, until_at = place_of(company, "售后"), clock.now() + timedelta(days=2)
    sharing.share(company.reader("zhaolan"), place, users=[company.users["chenwei"]], until_at=until_at, why="共同处理")
    assert answer(company, "chenwei").reads
    with clock.frozen(until_at):
        assert not answer(company, "chenwei").reads


def test_everybody_who_sees_is_listed_in_few_queries(company: Company, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        found = who_sees(place_of(company, "售后"))
    assert {each.username for each in found} == {"zhoumin", "zhaolan", "fawu"}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_the_answer_equals_the_guard(company: Company, data: st.DataObject) -> None:
    user = company.users["chenwei"]
    Grant.objects.filter(user=user).delete()
    Loan.objects.all().delete()
    place = st.sampled_from([*company.departments.values(), None])
    for _ in range(data.draw(st.integers(0, 4))):
        over = data.draw(place)
        flags = {flag: data.draw(st.booleans()) for flag in ("children", "own", "intake")}
        everything = not (over or flags["own"] or flags["intake"])
        until_at = clock.now() + timedelta(days=data.draw(st.sampled_from([-1, 1])))
        role = data.draw(st.sampled_from(sorted(DEFAULTS)))
        grants.give(user, role, over=over, everything=everything, until_at=until_at, **flags)
    name = data.draw(st.sampled_from(sorted(company.conversations)))
    asked = place_of(company, name, owner_id=data.draw(st.sampled_from([None, user.pk])))
    if data.draw(st.booleans()):
        Loan.objects.create(
            user=user, capability=Can.READ, conversation_id=asked.conversation_id,
            until_at=clock.now() + timedelta(days=data.draw(st.sampled_from([-1, 1]))),
        )  # fmt: skip
    reader = grants.reader_for(user)
    assert explain(user, asked).capabilities == {can for can in Can if reader.may(can, **asked._asdict())}
