"""What a result is counted by: values with how often they occur, and bars over time, in as few passes as it takes.

A field that the query narrows is counted as if it did not, so that others can be chosen; days that it chooses are
shown among their surroundings. Whatever it does not narrow is counted in one pass over the hits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huidang.kernel import clock
from huidang.people.readers import INTAKE, Reader
from huidang.records import masking
from huidang.records.models import Message, Participant
from huidang.search import refining
from huidang.search.dates import read_span
from huidang.search.departments import Departments
from huidang.search.documents import TIME_BITS
from huidang.search.index import Field, Index, Tree, Value
from huidang.search.labels import labeller
from huidang.search.meaning import Meaning, id_at
from huidang.search.query import Query

FACET_VALUES = 20
COUNTED: Mapping[Field, str] = MappingProxyType(
    {
        "platform": "platform",
        "department": "dept",
        "kind": "type",
        "flags": "hit",
        "sender": "from",
        "month": "during",
        "tags": "tag",
    }
)
"""What results are counted by, with the operator that narrows to a value."""

_ALL_LABELS = 20_000
_BARS = 120
_CELLS = 4000
"""Stretches of time that hits are counted in before they become bars: days, for eleven years."""

_MARGIN = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the hits have a value; `label` is the value as people call it."""

    value: Value
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """How many messages lie in a stretch of time; the days are those of the reader's zone, `last` included.

    `inside`: the query asks for these days. The others are what it would find beside them.
    """

    first: str
    last: str
    count: int
    inside: bool = True


def overview(
    engine: Index, reader: Reader, asked: Query, tree: Tree
) -> tuple[Mapping[Field, tuple[Count, ...]], tuple[Bar, ...]]:
    """Return the counts by field and the bars of the hits of a query; `tree` is what it means to this reader."""
    narrowed = [name for name in COUNTED if refining.values_of(asked, COUNTED[name])]
    chosen = chosen_days(asked, reader)
    days = _days(reader)
    bounds = [id_at(_midnight(day, reader)) for day in days]
    fields = {name: limit for name, limit in _limits().items() if name not in narrowed}
    plain = engine.overview(reader, tree, fields=fields, bounds=() if chosen else bounds)
    counted, cells = dict(plain.facets), plain.histogram
    for name in narrowed:
        wider = Meaning(refining.without(asked, [COUNTED[name]]), reader).tree
        counted |= engine.overview(reader, wider, fields={name: _limits().get(name, 0)}, bounds=()).facets
    if chosen:
        wider = Meaning(refining.without(asked, refining.DATES), reader).tree
        cells = engine.overview(reader, wider, fields={}, bounds=bounds).histogram
    facets = {name: _labelled(reader, name, _worth_it(name, counted.get(name, ()))) for name in COUNTED}
    return facets, _bars(days, cells, chosen)


def _limits() -> dict[Field, int]:
    """Return how many values of each field are asked for; of labels all, since few of them are worth it."""
    limits = dict.fromkeys(COUNTED, FACET_VALUES)
    if labeller().groups():
        limits["flags"] = _ALL_LABELS
    else:
        del limits["flags"]
    return limits


def _worth_it(name: Field, values: Sequence[tuple[Value, int]]) -> Sequence[tuple[Value, int]]:
    if name != "flags":
        return values
    groups = labeller().groups()
    return [(value, number) for value, number in values if value in groups]


def _labelled(reader: Reader, name: Field, values: Sequence[tuple[Value, int]]) -> tuple[Count, ...]:
    labels = _labels(reader, name, [value for value, _count in values])
    return tuple(Count(value, labels.get(value, str(value)), number) for value, number in values)


def _labels(reader: Reader, name: Field, values: Sequence[Value]) -> dict[Value, str]:
    if name == "department":
        tree = Departments(reader)
        return {
            pk: tree.called(int(pk)) if pk != INTAKE else _("待分拣") for pk in values if pk in {INTAKE, *tree.parents}
        }
    if name == "sender":
        people = Participant.objects.filter(pk__in=values).values_list("pk", "name")
        return {0: _("未知"), **{pk: masking.masked(called) for pk, called in people}}
    if name == "flags":
        return {value: called for value, called in labeller().groups().items() if value in values}
    if name == "month":
        return {value: f"{int(value) // 100}-{int(value) % 100:02d}" for value in values}
    return {}


def _days(reader: Reader) -> list[date]:
    """Return the days of the reader's zone from the first message to behind the last, or every few of them."""
    rows = Message.objects.unguarded("the bounds of time for counting; where the reader finds nothing, none is shown")
    ends = [rows.order_by(order).values_list("pk", flat=True).first() for order in ("pk", "-pk")]
    if ends[0] is None or ends[1] is None:
        return []
    first, last = (clock.at_ms(each >> TIME_BITS).astimezone(ZoneInfo(reader.zone)).date() for each in ends if each)
    step = (last - first).days // _CELLS + 1
    return [first + timedelta(days=step * place) for place in range((last - first).days // step + 2)]


def _midnight(day: date, reader: Reader) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(reader.zone)).astimezone(UTC)


def _bars(days: Sequence[date], counts: Sequence[int], chosen: tuple[date, date] | None) -> tuple[Bar, ...]:
    """Put days together so that a readable number of bars reaches from the first hit to the last."""
    found = [place for place, number in enumerate(counts) if number]
    if not found:
        return ()
    first, last = days[found[0]], days[found[-1] + 1] - _DAY
    if chosen:
        first, last = _surroundings(first, last, chosen)
    places = [place for place, day in enumerate(days[:-1]) if first <= day <= last]
    step = max(1, -(-len(places) // _BARS))
    return tuple(_bar(days, counts, place, min(place + step, places[-1] + 1), chosen) for place in places[::step])


def _bar(days: Sequence[date], counts: Sequence[int], place: int, end: int, chosen: tuple[date, date] | None) -> Bar:
    first, last = days[place], days[end] - _DAY
    inside = chosen is None or (first <= chosen[1] and chosen[0] <= last)
    return Bar(first.isoformat(), last.isoformat(), sum(counts[place:end]), inside)


def chosen_days(asked: Query, reader: Reader) -> tuple[date, date] | None:
    """Return the first and last day that the query narrows to, None where it does not."""
    values = sorted(value for name in refining.DATES for value in refining.values_of(asked, name))
    zone = ZoneInfo(reader.zone)
    spans = [span for value in values if (span := read_span(value, now=clock.now(), zone=reader.zone))]
    if not spans:
        return None
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    return first.astimezone(zone).date(), last.astimezone(zone).date() - _DAY


def _surroundings(first: date, last: date, chosen: tuple[date, date]) -> tuple[date, date]:
    """Return the days to show: all of them, or as far as the chosen ones stay broad enough to be seen."""
    begin, end = max(first, chosen[0]), min(last, chosen[1])
    if begin > end:
        return first, last
    margin = (end - begin + _DAY) * _MARGIN
    return max(first, begin - margin), min(last, end + margin)
