"""Words that a person blacks out, and messages they hide whole, are in no stream of any format; the receipt says so."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from huidang import records
from huidang.exports import running
from huidang.exports.blackouts import Blackout, applied, checked, read_words
from huidang.exports.document import Line
from huidang.exports.formats import FORMATS
from huidang.exports.models import Export
from huidang.exports.orders import Order
from huidang.exports.selection import Selection
from huidang.kernel.problems import Problem
from huidang.people import local_operator
from huidang.people.models import Entry
from huidang.records import Kind, Profile
from huidang.records.drafts import ConversationDraft, Draft, SourceDraft
from huidang.records.models import Message
from huidang.records.shown import Quote, Version
from tests.cast import Company
from tests.exports import papers
from tests.exports.conftest import START_MS
from tests.exports.test_a_masked_paper_holds_no_hidden_sign import streams

WORD, SECRET = "彩虹桥计划", "内部价只要九折"


@pytest.fixture
def talk(company: Company) -> Selection:
    said = [
        Draft(conversation="密谈", sent_ms=START_MS, id="a", sender="u", text=f"先说{WORD}，再说别的"),
        Draft(conversation="密谈", sent_ms=START_MS + 60_000, id="b", sender="v", text="好的", reply_to="a"),
        Draft(conversation="密谈", sent_ms=START_MS + 120_000, id="c", sender="v", text=SECRET),
        Draft(conversation="密谈", sent_ms=START_MS + 180_000, id="d", sender="u", text="明白", reply_to="c"),
    ]
    origin = records.Origin(source=SourceDraft("slack", "密谈"), department_id=company.departments["售后组"].pk)
    records.append([ConversationDraft("密谈", title="密谈"), *said], origin)
    message = Message.objects.unguarded("the stage is ours").get(key="a")
    return Selection(conversations=(message.conversation_id,))


@pytest.mark.parametrize("name", FORMATS)
def test_no_stream_of_any_format_holds_it(talk: Selection, tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    hidden = Message.objects.unguarded("the stage is ours").get(key="c")
    blackout = Blackout((WORD,), (hidden.pk,))
    order = Order(selection=talk, format=name, profile=Profile.NONE, why="取证", blackout=blackout)
    place = tmp_path_factory.mktemp(name) / f"out{FORMATS[name].suffix}"
    made, paths = running.make(
        local_operator(), order, lambda _: place, account="root", progress=lambda _done, _of: None
    )
    held = b"".join(streams(path.read_bytes()) for path in paths)
    for word in (WORD, SECRET, WORD[1:4], "九折"):
        assert word.encode() not in held
        assert json.dumps(word).strip('"').encode() not in held
    entry = Entry.objects.get(pk=made.entry_id)
    assert entry.facts["hidden"] == {"words": 1, "messages": [str(hidden.pk)]}
    assert WORD not in json.dumps(entry.facts, ensure_ascii=False)
    assert Export.objects.get(pk=made.pk).order["blackout"]["words"] == [WORD]


def conceal(line: Line, *words: str) -> Line:
    (found,) = applied([line], Blackout(words))
    return found


def test_quotes_notes_earlier_wordings_and_details_do_not_tell_it_either() -> None:
    quote = Quote("9", "王女士", "说的是彩虹桥计划吗", "text")
    version = Version(papers.said(f"原来是{WORD}").parts, papers.START)
    shown = papers.said("没有提", quote=quote, versions=(version,), details={"标题": WORD})
    found = conceal(Line(1, shown, note=f"见{WORD}"), WORD)
    assert found.note == "见*****"
    assert found.message.quote
    assert found.message.quote.text == "说的是*****吗"
    assert (found.message.versions, found.message.details, found.message.text) == ((), None, "没有提")


def test_a_quote_that_was_cut_inside_a_word_does_not_begin_it() -> None:
    quote = Quote("9", "王女士", "说" * 117 + WORD[:3], "text")
    found = conceal(Line(1, papers.said("好", quote=quote)), WORD).message.quote
    assert found
    assert found.text == "说" * 117 + "***"


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        ("Project Rainbow starts", "project rainbow", "*" * 15 + " starts"),
        ("型号ＡＢＣ１２", "abc12", "型号*****"),
        ("价格是 $5! 对", "$5!", "价格是 *** 对"),
        ("a\nb", "x", "a\nb"),
    ],
)
def test_words_are_found_however_they_are_written(text: str, word: str, shown: str) -> None:
    assert conceal(Line(1, papers.said(text)), word).message.text == shown


def test_what_is_covered_stands_out_as_hidden() -> None:
    parts = conceal(Line(1, papers.said("先说彩虹桥计划再说")), WORD).message.parts
    assert [(part.text, part.kind) for part in parts] == [("先说", None), ("*****", Kind.HAND), ("再说", None)]


def test_nothing_chosen_changes_nothing() -> None:
    line = Line(1, papers.said("照旧", quote=Quote("9", "王女士", "原话", "text")))
    assert list(applied([line], Blackout())) == [line]
    assert conceal(line, "没有这句").message == line.message


def test_a_field_gives_each_line_once() -> None:
    assert read_words(" 甲\r\n\n乙 \n甲") == ("甲", "乙")


@pytest.mark.parametrize("blackout", [Blackout(("字",) * 51), Blackout(("长" * 201,)), Blackout((), tuple(range(101)))])
def test_too_much_is_refused_with_a_sentence(blackout: Blackout) -> None:
    with pytest.raises(Problem, match="最多"):
        checked(blackout)


def test_an_order_keeps_it(make_order: Callable[[], Order]) -> None:
    order = replace(make_order(), blackout=Blackout(("甲",), (7,)))
    assert Order.from_json(order.as_json()) == order
    assert "blackout" not in make_order().as_json()


@pytest.fixture
def make_order() -> Callable[[], Order]:
    return lambda: Order(selection=Selection(query="x"), format="pdf")
