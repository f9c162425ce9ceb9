"""What a person blacks out or clears holds on every way out, is an entry, and can be undone; the record stays."""

import pytest

from huidang import search
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import requests
from huidang.people.models import Entry
from huidang.people.readers import Reader
from huidang.people.requests import Place
from huidang.records import marks, open_enclosure, view
from huidang.records.models import Mark, Message
from huidang.records.rulebook import Profile
from huidang.search import indexer
from tests import cast
from tests.cast import MOBILE, Company
from tests.search import rows
from tests.search.conftest import writer

__all__ = ["writer"]
pytestmark = pytest.mark.django_db

SAID = "客户说家里老人叫小石头，密码是开心果，单号20240001"


@pytest.fixture
def message(company: Company) -> Message:
    return cast.write(company.conversations["售后"], SAID, minutes=5)


def seen(message: Message, reader: Reader, profile: Profile = Profile.INSIDE) -> str:
    return view(message, reader, profile=profile).text


def hide(company: Company, message: Message, piece: str) -> None:
    start = message.text.index(piece)
    reader = company.reader("zhaolan")
    marks.black_out(reader, message.conversation_id, message.pk, [(start, start + len(piece))], seen=piece)


def test_what_the_machine_missed_is_hidden_for_everybody_and_undone(company: Company, message: Message) -> None:
    hide(company, message, "开心果")
    for name in ("zhoumin", "zhaolan", "fawu"):
        assert seen(message, company.reader(name)) == SAID.replace("开心果", "***")
    assert seen(message, company.reader("zhaolan"), Profile.OUTSIDE) == SAID.replace("开心果", "***")
    assert seen(message, company.reader("zhaolan"), Profile.NONE) == SAID
    assert Message.objects.unguarded("test").get(pk=message.pk).text == SAID
    (mark,) = marks.marks_of(company.reader("zhaolan"), message.conversation_id, message.pk)
    assert (mark.by, mark.hides, mark.current) == ("赵岚", True, True)
    marks.undo(company.reader("zhaolan"), message.conversation_id, message.pk, int(mark.id))
    assert seen(message, company.reader("zhoumin")) == SAID
    assert list(Entry.objects.order_by("pk").values_list("what", "name")) == [
        ("mark-hide", "zhaolan"),
        ("mark-undo", "zhaolan"),
    ]


def test_what_the_machine_hid_by_mistake_is_cleared_whole(company: Company) -> None:
    message = cast.write(company.conversations["售后"], f"样机编码{MOBILE}，电话13900001111", minutes=5)
    reader = company.reader("zhaolan")
    marks.clear(reader, message.conversation_id, message.pk, [(6, 8)])
    assert seen(message, company.reader("zhoumin")) == f"样机编码{MOBILE}，电话139****1111"
    with pytest.raises(Problem, match="没有被自动遮盖"):
        marks.clear(reader, message.conversation_id, message.pk, [(0, 2)])


def test_a_black_out_wins_over_a_clearing_and_takes_what_it_touches(company: Company) -> None:
    message = cast.write(company.conversations["售后"], f"编码{MOBILE}的机器", minutes=5)
    reader = company.reader("zhaolan")
    marks.clear(reader, message.conversation_id, message.pk, [(2, 13)])
    marks.black_out(reader, message.conversation_id, message.pk, [(10, 15)])
    assert seen(message, reader) == "编码13812345*****器"


def test_a_mark_holds_in_other_wordings_quotes_details_and_file_names(company: Company) -> None:
    place = company.conversations["售后"]
    message = cast.write(place, "密码是开心果", minutes=5, id="m5", details={"备注": "开心果"})
    cast.attach(message, name="开心果.jpg")
    answer = cast.write(place, "收到", minutes=6, reply_to=message.key)
    hide(company, message, "开心果")
    cast.edit(message, "改：密码是开心果啦")
    shown = view(message, company.reader("zhaolan"))
    assert shown.text == "改：密码是***啦"
    assert shown.versions[0].parts[-1].text == "***"
    assert shown.details == {"备注": "***"}
    assert shown.attachments[0].name == "***.jpg"
    quoted = view(answer, company.reader("zhoumin")).quote
    assert quoted is not None
    assert quoted.text == "改：密码是***啦"


@pytest.mark.parametrize("name", ["zhoumin", "fawu", "auditor", "admin", "chenwei"])
def test_who_may_not_gets_the_answer_of_what_is_absent(company: Company, message: Message, name: str) -> None:
    reader, where = company.reader(name), (message.conversation_id, message.pk)
    with pytest.raises(Absent):
        marks.black_out(reader, *where, [(0, 2)])
    with pytest.raises(Absent):
        marks.clear(reader, *where, [(0, 2)])
    with pytest.raises(Absent):
        marks.marks_of(reader, *where)
    with pytest.raises(Absent):
        marks.undo(reader, *where, 1)
    with pytest.raises(Absent):
        marks.clear_file(reader, *where, cast.attach(message).pk)


def test_a_lent_right_hides_but_opens_nothing_to_others(company: Company, message: Message) -> None:
    place = Place(message.conversation_id, company.departments["售后组"].pk, None)
    asked = requests.ask(company.reader("zhoumin"), kind="reveal", can=Can.UNMASK, places=[place], why="核对")
    requests.approve(company.reader("zhaolan"), asked.pk, places=[place])
    reader, file = company.reader("zhoumin"), cast.attach(message)
    marks.black_out(reader, message.conversation_id, message.pk, [(0, 2)])
    mark = Mark.objects.unguarded("test").get()
    for refused in (
        lambda: marks.clear(reader, message.conversation_id, message.pk, [(0, 2)]),
        lambda: marks.undo(reader, message.conversation_id, message.pk, mark.pk),
        lambda: marks.clear_file(reader, message.conversation_id, message.pk, file.pk),
    ):
        with pytest.raises(Absent):
            refused()


@pytest.mark.parametrize("piece", [(3, 3), (5, 2), (-1, 2), (0, 999)])
def test_a_piece_that_is_none_is_refused(company: Company, message: Message, piece: tuple[int, int]) -> None:
    with pytest.raises(Problem, match="选中"):
        marks.black_out(company.reader("zhaolan"), message.conversation_id, message.pk, [piece])


def test_what_has_changed_since_it_was_seen_is_not_marked(company: Company, message: Message) -> None:
    cast.edit(message, "客户说家里老人叫大石头，密码不是这个，单号20240001")
    with pytest.raises(Problem, match="已有变化"):
        hide(company, message, "开心果")


def test_a_file_is_withheld_until_a_person_clears_it(company: Company, message: Message) -> None:
    file = cast.attach(message)
    agent, supervisor, where = company.reader("zhoumin"), company.reader("zhaolan"), message.conversation_id
    assert view(message, agent).attachments[0].withheld
    assert not view(message, supervisor).attachments[0].withheld
    assert view(message, supervisor, profile=Profile.OUTSIDE).attachments[0].withheld
    with pytest.raises(Absent):
        open_enclosure(where, message.pk, file.pk, agent)
    marks.clear_file(supervisor, where, message.pk, file.pk)
    marks.clear_file(supervisor, where, message.pk, file.pk)
    assert not view(message, agent).attachments[0].withheld
    assert not view(message, supervisor, profile=Profile.OUTSIDE).attachments[0].withheld
    marks.withhold_file(supervisor, where, message.pk, file.pk)
    assert view(message, agent).attachments[0].withheld
    assert list(Entry.objects.order_by("pk").values_list("what", flat=True)) == ["file-clear", "file-withhold"]


@pytest.mark.database
@pytest.mark.usefixtures("writer")
def test_the_index_follows_a_mark(company: Company) -> None:
    (message,) = rows.append(company.conversations["售后"], SAID)
    supervisor, agent = company.reader("zhaolan"), company.reader("zhoumin")
    indexer.catch_up()
    assert search.find(agent, "开心果").total == 1
    hide(company, message, "开心果")
    indexer.catch_up()
    assert (search.find(agent, "开心果").total, search.find(supervisor, "开心果").total) == (0, 1)
    assert (
        search.find(agent, "密码是").hits[0].snippet[1].text == "***"
        or "***" in search.find(agent, "密码是").hits[0].shown.text
    )
    (mark,) = marks.marks_of(supervisor, message.conversation_id, message.pk)
    marks.undo(supervisor, message.conversation_id, message.pk, int(mark.id))
    indexer.catch_up()
    assert search.find(agent, "开心果").total == 1
