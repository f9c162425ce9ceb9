"""Changing a query by its parts: what must all hold stands at the top, and each part can be edited, removed, added.

Everything takes and returns text: what people see in the address is always a query that they could have typed.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from huidang.search.query import And, Condition, Node, Not, Or, Query, Term, parse

DATES = frozenset({"on", "during"})
Loosening = Literal["without", "any", "only"]


def written(parts: Iterable[Node]) -> str:
    """Return the query that asks for all of some parts."""
    flat = [each for part in parts for each in (part.parts if isinstance(part, And) else (part,))]
    return str(flat[0] if len(flat) == 1 else And(tuple(flat)))


def joined(conditions: Sequence[str], text: str) -> str:
    """Return the query of conditions beside what somebody typed, which stays as it was typed."""
    if not conditions:
        return text
    typed = f"({text})" if isinstance(parse(text).tree, Or) else text
    return " ".join(part for part in (*conditions, typed) if part.strip())


def name_of(part: Node) -> str:
    """Return the operator of a part that is one condition, its exclusion, or a choice of values; else ""."""
    if isinstance(part, Condition):
        return part.name
    if isinstance(part, Not) and isinstance(part.part, Condition):
        return part.part.name
    names = {each.name if isinstance(each, Condition) else "" for each in part.parts} if isinstance(part, Or) else {""}
    return names.pop() if len(names) == 1 else ""


def values_of(query: Query, name: str) -> frozenset[str]:
    """Return the values of an operator that the query asks for, one of which must hold."""
    return frozenset(
        each.value for part in query.conditions if _narrows(part, name) for each in _choices(part) if each.name == name
    )


def without(query: Query, names: Iterable[str]) -> Query:
    """Return the query without what narrows it by some operators; exclusions stay."""
    named = frozenset(names)
    kept = [part for part in query.conditions if not any(_narrows(part, name) for name in named)]
    return Query(And(tuple(kept)) if len(kept) != 1 else kept[0])


def without_part(query: Query, at: int) -> str:
    """Return the query without one of its parts."""
    return written((*query.conditions[:at], *query.conditions[at + 1 :]))


def replaced(query: Query, at: int, value: str, *, excluded: bool) -> str:
    """Return the query with another value in one of its parts; without a value the part is gone.

    A choice of several values is replaced by what `value` says as a query of its own.
    """
    if not 0 <= at < len(query.conditions):
        return str(query)
    if not value.strip():
        return without_part(query, at)
    part = query.conditions[at]
    bare = part.part if isinstance(part, Not) else part
    node: Node = Condition(bare.name, value.strip()) if isinstance(bare, Condition) else parse(value).tree
    parts = [*query.conditions]
    parts[at] = Not(node) if excluded else node
    return written(parts)


def toggled(query: Query, condition: Condition) -> str:
    """Return the query with a value chosen beside those of the same operator, or no longer chosen."""
    parts = list(query.conditions)
    for at, part in enumerate(parts):
        if _narrows(part, condition.name):
            chosen = _choices(part)
            kept = [each for each in chosen if each != condition] if condition in chosen else [*chosen, condition]
            parts[at : at + 1] = [kept[0] if len(kept) == 1 else Or(tuple(kept))] if kept else []
            return written(parts)
    return written([*parts, condition])


def looser(query: Query) -> list[tuple[Loosening, str, str]]:
    """Return queries that find more: how, what it is about, and the query.

    One part given up, any one of the terms instead of all, and each term alone.
    """
    parts = query.conditions
    if len(parts) < 2:  # noqa: PLR2004 (nothing can be given up)
        return []
    terms = [part for part in parts if isinstance(part, Term)]
    others = [part for part in parts if not isinstance(part, Term)]
    ways: list[tuple[Loosening, str, str]] = [
        ("without", str(part), without_part(query, at)) for at, part in enumerate(parts)
    ]
    if len(terms) > 1:
        ways.append(("any", "", written([Or(tuple(terms)), *others])))
    known = {text for _how, _about, text in ways}
    return ways + [("only", str(term), str(term)) for term in terms if str(term) not in known]


def _narrows(part: Node, name: str) -> bool:
    return name_of(part) == name and not isinstance(part, Not)


def _choices(part: Node) -> list[Condition]:
    nodes = part.parts if isinstance(part, Or) else (part,)
    return [each for each in nodes if isinstance(each, Condition)]
