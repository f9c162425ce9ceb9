"""Any text is a query; what was understood, written out, reads back as the same."""

import time

import pytest
from hypothesis import given, settings

from huidang.search.operators import OPERATORS, Operator
from huidang.search.query import MOST_NOTES, And, Condition, Node, Not, Or, Term, parse
from tests.search.hostile import HARMLESS_LOOKING, MONSTERS, RANDOM

SECONDS = 0.5


def check(text: str) -> None:
    """Read a text, and read again what was understood."""
    understood = parse(text)
    again = parse(str(understood))
    assert again.tree == understood.tree
    assert str(again) == str(understood)


def seconds(text: str) -> float:
    """Return what a text takes of this thread: a machine that is busy elsewhere makes nothing slow."""
    began = time.thread_time()
    check(text)
    return time.thread_time() - began


@given(RANDOM)
def test_any_text(text: str) -> None:
    check(text)


@pytest.mark.soak
@settings(max_examples=100_000, deadline=None)
@given(RANDOM)
def test_any_text_at_length(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", [*MONSTERS, *HARMLESS_LOOKING], ids=lambda text: repr(text[:12]))
def test_hostile_texts(text: str) -> None:
    assert min(seconds(text), seconds(text)) < SECONDS  # a collection of garbage may fall into one
    assert len(parse(text).notes) <= MOST_NOTES + 1


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", And()),
        ("退费", Term("退费")),
        ("退费 物流", And((Term("退费"), Term("物流")))),
        ("退费 OR 物流 | 发票", Or((Term("退费"), Term("物流"), Term("发票")))),
        ("a b OR c", Or((And((Term("a"), Term("b"))), Term("c")))),
        ("“退 费” -转班", And((Term("退 费"), Not(Term("转班"))))),
        ("（退费 OR 退款） 部门：售后", And((Or((Term("退费"), Term("退款"))), Condition("dept", "售后")))),
        ('发件人:"张 三"', Condition("from", "张 三")),
        ("FROM:zhou", Condition("from", "zhou")),
        ("@周敏", Condition("to", "周敏")),
        ("-is:recalled", Not(Condition("is", "recalled"))),
        ("NOT NOT 退费", Term("退费")),
        ("CS-0012", Term("CS-0012")),
        ("12:30", Term("12:30")),
        ("http://a.cn/x", Term("http://a.cn/x")),
        ("退费) 物流", And((Term("退费"), Term("物流")))),
        ("(退费", Term("退费")),
    ],
)
def test_known_queries(text: str, tree: Node) -> None:
    understood = parse(text)
    assert understood.tree == tree
    assert understood.notes == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("form:周敏", "operator-unknown"),
        ("from:", "operator-unknown"),
        ("！！", "term-empty"),
        ("词" * 65, "term-long"),
        (" ".join(f"词{n}" for n in range(40)), "query-many"),
        ("(" * 9 + "退费" + ")" * 9, "query-deep"),
    ],
)
def test_what_was_not_taken_is_said(text: str, code: str) -> None:
    assert [note.code for note in parse(text).notes] == [code]


def test_an_unknown_operator_is_looked_for_as_text() -> None:
    understood = parse("form:周敏")
    assert understood.tree == Term("form:周敏")
    assert "from" in understood.notes[0].text


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda each: each.name)
def test_every_name_of_an_operator_is_read(operator: Operator) -> None:
    for name in (operator.name, *operator.aliases):
        for colon in ":：":
            assert parse(f"{name}{colon}值").tree == Condition(operator.name, "值")
