"""Transcripts page in both directions without a gap, lists show what lies within reach, days can be jumped to."""

from collections.abc import Callable

import pytest

from huidang.kernel.problems import Absent, Problem
from huidang.people.readers import Reader, local_operator
from huidang.records import days, find_conversations, get_conversation, rail, thread
from tests import cast
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def long(company: Company) -> Company:
    place = company.conversations["售后"]
    for number in range(30):
        cast.write(place, f"第 {number} 句", minutes=10 + number)
    return company


def texts(company: Company, **where: int | None) -> tuple[list[str], bool, bool]:
    page = thread(company.conversations["售后"].pk, company.reader("zhoumin"), limit=10, **where)
    return [message.text for message in page.messages], page.more_before, page.more_after


def test_newest_first_then_backwards_then_forwards(long: Company) -> None:
    page = thread(long.conversations["售后"].pk, long.reader("zhoumin"), limit=10)
    assert [message.text for message in page.messages] == [f"第 {number} 句" for number in range(20, 30)]
    assert (page.more_before, page.more_after) == (True, False)
    older, before, after = texts(long, before=int(page.messages[0].id))
    assert (older[0], older[-1], before, after) == ("第 10 句", "第 19 句", True, True)
    newer, before, after = texts(long, after=int(page.messages[0].id))
    assert (newer[0], newer[-1], before, after) == ("第 21 句", "第 29 句", True, False)


def test_around_shows_both_sides(long: Company) -> None:
    page = thread(long.conversations["售后"].pk, long.reader("zhoumin"), limit=10)
    middle, before, after = texts(long, around=int(page.messages[0].id))
    assert (middle[0], middle[-1], before, after) == ("第 15 句", "第 24 句", True, True)


def test_edits_and_recalls_are_marks_not_messages(company: Company) -> None:
    place = company.conversations["售后"]
    cast.recall(cast.write(place, "发错", minutes=9))
    page = thread(place.pk, company.reader("zhoumin"))
    assert [bool(message.recalled_at) for message in page.messages] == [False, False, True]


@pytest.mark.parametrize("username", ["chenwei", "admin"])
def test_forbidden_and_missing_are_one_answer(company: Company, username: str) -> None:
    reader, pk = company.reader(username), company.conversations["售后"].pk
    answers = {refusal(ask, reader, wanted) for ask in ASKED for wanted in (pk, 10**9)}
    assert len(answers) == 1


ASKED: tuple[Callable[[Reader, int], object], ...] = (
    lambda reader, pk: thread(pk, reader),
    get_conversation,
    lambda reader, pk: days(pk, reader, "2024-11"),
)


def refusal(ask: Callable[[Reader, int], object], reader: Reader, pk: int) -> str:
    with pytest.raises(Absent) as caught:
        ask(reader, pk)
    return repr((caught.value.code, caught.value.text, caught.value.facts))


def test_list_shows_reach_newest_first_with_masked_snippet(company: Company) -> None:
    cast.write(company.conversations["售前"], "我是 13812345678", minutes=60)
    listed = find_conversations(company.reader("zhaolan"))
    assert [row.title for row in listed] == ["售前群", "售后群"]
    assert listed[0].last is not None
    assert listed[0].last.text == "我是 138****5678"
    assert [row.title for row in find_conversations(company.reader("zhaolan"), before=int(listed[0].cursor))] == [
        "售后群"
    ]
    assert find_conversations(company.reader("chenwei")) == []


def test_list_narrows(company: Company) -> None:
    reader = local_operator()
    group = company.departments["售后组"].pk
    assert [row.title for row in find_conversations(reader, department=[group])] == ["售后群"]
    assert [row.title for row in find_conversations(reader, view="intake")] == ["待分拣群"]
    assert len(find_conversations(reader, source=company.source.pk)) == 4
    assert find_conversations(reader, source=company.source.pk + 1) == []
    assert find_conversations(reader, view="own") == []


def test_last_message_is_never_an_edit(company: Company) -> None:
    place = company.conversations["售后"]
    message = cast.write(place, "三天", minutes=9)
    cast.edit(message, "五天")
    (listed,) = find_conversations(company.reader("zhoumin"))
    assert listed.last is not None
    assert (listed.last.id, listed.last.text) == (str(message.pk), "五天")


def test_rail_counts_what_lies_within_reach(company: Company) -> None:
    everything = rail(local_operator())
    assert (everything.total, everything.intake) == (4, 1)
    assert {place.name: place.count for place in everything.departments} == {
        "望山家电": 3,
        "客服中心": 2,
        "售前组": 1,
        "售后组": 1,
        "商务部": 1,
    }
    agent = rail(company.reader("zhoumin"))
    assert (agent.total, agent.intake, [place.name for place in agent.departments]) == (1, 0, ["售后组"])
    assert agent.departments[0].parent == ""
    assert rail(company.reader("chenwei")).sources == ()


def test_days_are_those_of_the_reader(company: Company) -> None:
    place = company.conversations["售后"]
    late = cast.write(place, "晚上", minutes=16 * 60)  # 17:00 UTC is after midnight in Shanghai
    found = days(place.pk, company.reader("zhoumin"), "2024-11")
    assert [(day.date, day.count) for day in found] == [("2024-11-18", 2), ("2024-11-19", 1)]
    assert found[1].first == str(late.pk)
    assert days(place.pk, company.reader("zhoumin"), "2024-12") == []


@pytest.mark.parametrize("month", ["", "2024", "2024-13", "0000-01", "9999-12", "abc"])
def test_unreadable_month_is_refused(company: Company, month: str) -> None:
    with pytest.raises(Problem, match="月份"):
        days(company.conversations["售后"].pk, company.reader("zhoumin"), month)
