"""Suggestions while a query is typed: operators and their values, people, departments, each with a sentence.

People and departments are suggested only where the reader reaches messages of theirs: a name tells nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from huidang.people.models import Department
from huidang.people.readers import Reader
from huidang.records import masking
from huidang.records.models import Participant
from huidang.search import reading
from huidang.search.index import Field, Value
from huidang.search.operators import BY_NAME, OPERATORS, Operator
from huidang.search.query import Condition, readable

MOST = 8
_CANDIDATES = 300
_COLONS = ":："


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may stand in place of the last word: `insert` in the query, `label` and `sentence` for the person."""

    kind: Literal["operator", "value", "person", "department"]
    insert: str
    label: str
    sentence: str
    count: int | None = None


def suggest(reader: Reader, text: str) -> tuple[Suggestion, ...]:
    """Return what may complete the last word of a query. Raises nothing for what it says."""
    words = readable(text).rsplit(maxsplit=1)
    word = words[-1].lstrip("-－(（") if words and not text[-1].isspace() else ""
    name, colon, begun = word.replace("：", ":").partition(":")
    operator = BY_NAME.get(name.casefold()) if colon else None
    found = _values(reader, operator, begun) if operator else _anything(reader, word)
    return tuple(found)[:MOST]


def _anything(reader: Reader, word: str) -> Iterator[Suggestion]:
    yield from _operators(word)
    if word and not any(colon in word for colon in _COLONS):
        yield from _people(reader, word)
        yield from _departments(reader, word)


def _operators(word: str) -> Iterator[Suggestion]:
    begun = word.casefold()
    for each in OPERATORS:
        if each.exists and any(name.startswith(begun) for name in (each.name, *each.aliases)):
            yield Suggestion("operator", f"{each.name}:", f"{each.name}: {each.example}", str(each.sentence))


def _values(reader: Reader, operator: Operator, begun: str) -> Iterator[Suggestion]:
    if operator.name == "from":
        yield from _people(reader, begun)
    elif operator.name == "dept":
        yield from _departments(reader, begun)
    for value, others in operator.choices.items():
        if value not in operator.later and any(each.startswith(begun.casefold()) for each in (value, *others)):
            label = others[0] if others else value
            yield Suggestion("value", str(Condition(operator.name, value)), label, str(operator.sentence))


def _people(reader: Reader, begun: str) -> Iterator[Suggestion]:
    rows = dict(Participant.objects.filter(name__icontains=begun).values_list("pk", "name")[:_CANDIDATES])
    counts: dict[str, int] = {}
    for pk, count in _within_reach(reader, "sender", list(rows)):
        counts[rows[int(pk)]] = counts.get(rows[int(pk)], 0) + count
    for name, count in sorted(counts.items(), key=lambda each: -each[1]):
        shown = masking.masked(name)
        if shown == name:
            yield Suggestion("person", str(Condition("from", name)), shown, _("这个人发的消息"), count)


def _departments(reader: Reader, begun: str) -> Iterator[Suggestion]:
    rows = dict(Department.objects.filter(name__icontains=begun).values_list("pk", "name")[:_CANDIDATES])
    for pk, count in _within_reach(reader, "department", list(rows)):
        name = rows[int(pk)]
        yield Suggestion("department", str(Condition("dept", name)), name, _("这个部门的消息"), count)


def _within_reach(reader: Reader, field: Field, values: list[Value]) -> list[tuple[Value, int]]:
    engine = reading.index()
    if engine is None or not values:
        return []
    return sorted(engine.suggest(reader, field=field, values=values).items(), key=lambda each: -each[1])
