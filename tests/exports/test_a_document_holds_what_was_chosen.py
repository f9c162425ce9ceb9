"""Gathering: a conversation, a stretch of it, chosen messages, a search; through the guard, the lens and the rights."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from huidang.exports import excerpts
from huidang.exports.document import Line
from huidang.exports.gathering import gather, sections_of
from huidang.exports.orders import Order, needs_approval
from huidang.exports.selection import Selection, read_since, read_until
from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import Reader, local_operator, requests
from huidang.people.requests import Place
from huidang.records import Profile
from huidang.records.models import Message
from tests import cast
from tests.cast import MOBILE, Company
from tests.exports.conftest import of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def lines(reader: Reader, selection: Selection, profile: Profile = Profile.INSIDE) -> list[Line]:
    gathered = gather(reader, selection)
    found = [line for section in sections_of(gathered, reader, profile) for line in section.lines]
    assert gathered.messages == len(found)
    return found


def ids_of(company: Company, name: str) -> list[int]:
    rows = Message.objects.unguarded("test").filter(conversation=company.conversations[name])
    return list(rows.order_by("pk").values_list("pk", flat=True))


def test_a_whole_conversation_in_order_and_numbered(company: Company) -> None:
    found = lines(company.reader("zhoumin"), of(company, "售后"))
    assert [line.number for line in found] == [1, 2]
    assert [line.message.sender.name for line in found] == ["王女士", "周敏"]


def test_a_stretch_takes_the_last_minute_whole(company: Company) -> None:
    place = company.conversations["售后"]
    for minute in (30, 31, 32):
        cast.write(place, f"第 {minute} 分", minutes=minute + 0.5)
    chosen = replace(
        of(company, "售后"),
        since_at=read_since("2024-11-18 9:30", "Asia/Shanghai"),
        until_at=read_until("2024/11/18 09:31", "Asia/Shanghai"),
    )
    assert [line.message.text for line in lines(local_operator(), chosen)] == ["第 30 分", "第 31 分"]


def test_a_stretch_holds_for_chosen_messages_and_excerpts_too(company: Company) -> None:
    place = company.conversations["售后"]
    for minute in (30, 31, 32):
        cast.write(place, f"第 {minute} 分", minutes=minute + 0.5)
    ids = ids_of(company, "售后")
    excerpt = excerpts.make(company.reader("zhaolan"), place.pk, ids, title="承诺")
    begin, end = (read("2024-11-18 09:31", "Asia/Shanghai") for read in (read_since, read_until))
    for stated in (Selection(messages=tuple(ids)), Selection(excerpt=excerpt.pk)):
        chosen = replace(stated, since_at=begin, until_at=end)
        assert [line.message.text for line in lines(company.reader("zhaolan"), chosen)] == ["第 31 分"]
        assert "09:31" in gather(company.reader("zhaolan"), chosen).query
        with pytest.raises(Problem, match="没有消息"):
            gather(company.reader("zhaolan"), replace(stated, since_at=read_since("2025-01-01", "Asia/Shanghai")))


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2023-08-20", (2023, 8, 19, 16), (2023, 8, 20, 16)),
        ("2023-08-20 14:30", (2023, 8, 20, 6, 30), (2023, 8, 20, 6, 31)),
        ("2023-8-20T14:30:05", (2023, 8, 20, 6, 30, 5), (2023, 8, 20, 6, 30, 6)),
    ],
)
def test_moments_are_read_as_people_write_them(text: str, since: tuple[int, ...], until: tuple[int, ...]) -> None:
    zone = "Asia/Shanghai"
    assert read_since(text, zone) == datetime(*since, tzinfo=UTC)  # type: ignore[misc]
    assert read_until(text, zone) == datetime(*until, tzinfo=UTC)  # type: ignore[misc]
    with pytest.raises(Problem, match="看不懂时间"):
        read_since("下午两点", zone)


def test_chosen_messages_keep_the_order_of_time(company: Company) -> None:
    first, second = ids_of(company, "售后")
    found = lines(company.reader("zhoumin"), Selection(messages=(second, first, second)))
    assert [line.message.id for line in found] == [str(first), str(second)]


def test_a_search_is_gathered_by_conversation_with_its_hits_marked(company: Company, told: None) -> None:
    found = lines(company.reader("zhaolan"), Selection(query="退款"))
    assert [line.message.text for line in found] == ["我要退款", "退款已登记"]
    assert [[part.text for part in line.message.parts if part.hit] for line in found] == [["退款"], ["退款"]]
    everybody = gather(company.reader("fawu"), Selection(query="退款"))
    assert sorted(passage.conversation.title for passage in everybody.passages) == ["供应商群", "退款群"]


def test_what_lies_out_of_reach_is_absent_and_nothing_is_said_of_it(company: Company) -> None:
    reader = company.reader("zhoumin")
    both = (company.conversations["售后"].pk, company.conversations["商务"].pk)
    for selection in (
        of(company, "商务"),
        Selection(conversations=both),
        Selection(messages=(ids_of(company, "商务")[0],)),
    ):
        with pytest.raises(Absent):
            gather(reader, selection)
    with pytest.raises(Problem, match="没有消息"):
        gather(reader, replace(of(company, "售后"), until_at=datetime(2020, 1, 1, tzinfo=UTC)))


def test_masked_files_have_the_eyes_of_who_may_not_unmask(company: Company) -> None:
    message = cast.write(company.conversations["售后"], f"电话 {MOBILE}", minutes=5)
    cast.attach(message)
    cast.recall(cast.write(company.conversations["售后"], "说错了", minutes=6))
    reader = company.reader("fawu")
    inside, outside, plain = (
        lines(reader, of(company, "售后"), profile) for profile in (Profile.INSIDE, Profile.OUTSIDE, Profile.NONE)
    )
    assert [line.message.text for line in inside[2:]] == ["电话 138****5678", "说错了"]
    assert [line.message.text for line in outside[2:]] == ["电话 138****5678", ""]
    assert [line.message.text for line in plain[2:]] == [f"电话 {MOBILE}", "说错了"]
    assert [each[2].message.attachments[0].withheld for each in (inside, outside, plain)] == [True, True, False]


def test_rights_decide_whether_somebody_must_approve(company: Company) -> None:
    order = Order(selection=of(company, "售后"), format="xlsx", why="客诉处理")
    agent, supervisor = company.reader("zhoumin"), company.reader("zhaolan")
    one = gather(agent, order.selection)
    assert needs_approval(agent, one, order)
    assert not needs_approval(supervisor, one, order)
    with pytest.raises(Refused, match="不遮盖"):
        needs_approval(agent, one, replace(order, profile=Profile.NONE))
    bulk = gather(
        supervisor, Selection(conversations=tuple(company.conversations[name].pk for name in ("售后", "售前")))
    )
    assert needs_approval(supervisor, bulk, order)
    requests.set_two_persons("export", needed=False, by=company.reader("admin"))
    assert not needs_approval(supervisor, bulk, order)
    assert not needs_approval(local_operator(), bulk, order)


def test_an_approved_request_stands_in_for_the_right_while_it_lasts(company: Company) -> None:
    conversation = company.conversations["售后"]
    order = Order(selection=of(company, "售后"), format="xlsx", why="客诉处理")
    places = [Place(conversation.pk, conversation.department_id, None)]
    asked = requests.ask(
        company.reader("zhoumin"), kind="export", can=Can.EXPORT, places=places, why="客诉处理", minutes=60
    )
    requests.approve(company.reader("fawu"), asked.pk, places=places)
    agent = company.reader("zhoumin")
    assert not needs_approval(agent, gather(agent, order.selection), order)
    with clock.frozen(datetime(2100, 1, 1, tzinfo=UTC)):
        agent = company.reader("zhoumin")
        assert needs_approval(agent, gather(agent, order.selection), order)
