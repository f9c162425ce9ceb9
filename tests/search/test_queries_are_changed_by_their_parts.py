"""Changing a query by its parts: chips edited, values chosen and taken back, days replaced; always a query again."""

from hypothesis import given

from huidang.search import parse, refining
from huidang.search.query import Condition, Query, Term
from tests.search.hostile import RANDOM


def q(text: str) -> Query:
    return parse(text)


@given(RANDOM)
def test_what_comes_out_reads_back(text: str) -> None:
    query = q(text)
    for at, part in enumerate(query.conditions):
        for changed in (
            refining.without_part(query, at),
            refining.replaced(query, at, "周 敏", excluded=False),
            refining.toggled(query, Condition("dept", "售后 组")),
        ):
            assert str(q(changed)) == changed, (text, part)
    chosen = q(refining.toggled(query, Condition("hit", "没写过的")))
    if len(chosen.terms) < 30 and not chosen.notes:
        assert "没写过的" in refining.values_of(chosen, "hit")
        assert "没写过的" not in refining.values_of(q(refining.toggled(chosen, Condition("hit", "没写过的"))), "hit")


def test_values_of_one_kind_are_alternatives() -> None:
    one = refining.toggled(q("退费 -dept:财务"), Condition("dept", "售后"))
    two = refining.toggled(q(one), Condition("dept", "售前"))
    assert two == "退费 -dept:财务 (dept:售后 OR dept:售前)"
    assert refining.values_of(q(two), "dept") == {"售后", "售前"}
    assert refining.toggled(q(two), Condition("dept", "售后")) == "退费 -dept:财务 dept:售前"
    assert str(refining.without(q(two), ["dept"])) == "退费 -dept:财务"


def test_conditions_stand_beside_what_was_typed() -> None:
    assert refining.joined(["dept:售后", "-type:图片"], "退费 OR 退款") == "dept:售后 -type:图片 (退费 OR 退款)"
    assert refining.joined(["dept:售后"], "退费") == "dept:售后 退费"
    assert refining.joined([], "退费 OR 退款") == "退费 OR 退款"
    assert refining.joined(["dept:售后"], " ") == "dept:售后"


def test_a_part_is_replaced_or_gone() -> None:
    query = q("退费 (from:甲 OR from:乙) -is:撤回")
    assert refining.replaced(query, 1, "from:丙", excluded=False) == "退费 from:丙 -is:撤回"
    assert refining.replaced(query, 2, "编辑", excluded=False) == "退费 (from:甲 OR from:乙) is:编辑"
    assert refining.replaced(query, 2, " ", excluded=True) == "退费 (from:甲 OR from:乙)"
    assert refining.replaced(query, 9, "x", excluded=False) == str(query)


def test_what_finds_more_is_offered() -> None:
    ways = refining.looser(q("退费 物流 type:图片"))
    assert [(how, about) for how, about, _text in ways] == [
        ("without", "退费"),
        ("without", "物流"),
        ("without", "type:图片"),
        ("any", ""),
        ("only", "退费"),
        ("only", "物流"),
    ]
    assert refining.looser(Query(Term("退费"))) == []
