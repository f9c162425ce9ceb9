"""What a result is counted by: values with how often they occur, and bars over time, in as few passes as it takes.

A field that the query narrows is counted as if it did not, so that others can be chosen; days that it chooses are
shown among their surroundings. Whatever it does not narrow is counted in one pass over the hits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huidang.kernel import clock
from huidang.people.readers import INTAKE, Reader
from huidang.records import masking
from huidang.records.models import Message, Participant
from huidang.search import query, reading, refining
from huidang.search.dates import read_span
from huidang.search.departments import Departments
from huidang.search.documents import TIME_BITS
from huidang.search.index import Field, Index, Tree, Value
from huidang.search.labels import labeller
from huidang.search.meaning import Meaning, id_at
from huidang.search.operators import BY_NAME
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
"""Most bars of a histogram. Hits are counted over the whole archive first, and again where they fill a part of it."""

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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How many hits a query has, and what they are counted by.

    `days` are the first and last day that the query narrows to.
    """

    query: Query
    total: int = 0
    facets: Mapping[Field, tuple[Count, ...]] = field(default_factory=lambda: MappingProxyType({}))
    histogram: tuple[Bar, ...] = ()
    days: tuple[date, date] | None = None


def overview(reader: Reader, text: str) -> Surroundings:
    """Count the hits of a query by fields and over time, within the reader's reach. Any text is a query."""
    asked, engine = query.parse(text), reading.index()
    if engine is None:
        return Surroundings(asked)
    tree, chosen, grid = Meaning(asked, reader).tree, chosen_days(asked, reader), _grid(*_life(reader))
    narrowed = [name for name in COUNTED if refining.values_of(asked, COUNTED[name])]
    fields = {name: limit for name, limit in _limits().items() if name not in narrowed}
    plain = engine.overview(reader, tree, fields=fields, bounds=() if chosen else _bounds(grid, reader))
    counted = dict(plain.facets)
    for name in narrowed:
        wider = Meaning(refining.without(asked, [COUNTED[name]]), reader).tree
        counted |= engine.overview(reader, wider, fields={name: _limits().get(name, 0)}, bounds=()).facets
    facets = {name: _labelled(reader, name, _worth_it(name, counted.get(name, ()))) for name in COUNTED}
    bars = _histogram(engine, reader, asked, tree, grid, plain.histogram)
    return Surroundings(asked, plain.total, facets, bars, chosen)


def _histogram(
    engine: Index, reader: Reader, asked: Query, tree: Tree, grid: Sequence[date], counts: Sequence[int]
) -> tuple[Bar, ...]:
    """Return the bars; `counts` are those of the grid, unless days are chosen, which are shown among all others."""
    chosen = chosen_days(asked, reader)
    if chosen:
        tree = Meaning(refining.without(asked, refining.DATES), reader).tree
        counts = engine.overview(reader, tree, fields={}, bounds=_bounds(grid, reader)).histogram
    if (span := _span(grid, counts, chosen)) and _step(*span) < _step(grid[0], grid[-1]):
        grid = _grid(*span)
        counts = engine.overview(reader, tree, fields={}, bounds=_bounds(grid, reader)).histogram
    return _bars(grid, counts, chosen)


def _limits() -> dict[Field, int]:
    """Return how many values of each field are asked for; of labels all, since few of them are worth it.

    What no message has yet is not asked for: to find that out of a million hits takes milliseconds.
    """
    limits = {name: FACET_VALUES for name, operator in COUNTED.items() if BY_NAME[operator].exists}
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


def _life(reader: Reader) -> tuple[date, date]:
    """Return the day of the first message, and the day after the last one, in the reader's zone."""
    rows = Message.objects.unguarded("the bounds of time for counting; where the reader finds nothing, none is shown")
    ends = (rows.order_by(order).values_list("pk", flat=True).first() or 0 for order in ("pk", "-pk"))
    first, last = (clock.at_ms(each >> TIME_BITS).astimezone(ZoneInfo(reader.zone)).date() for each in ends)
    return first, last + _DAY


def _step(first: date, end: date) -> int:
    """Return how many days a bar has, so that a readable number of them reaches from a day to before another."""
    return max(1, -(-(end - first).days // _BARS))


def _grid(first: date, end: date) -> list[date]:
    """Return the days on which bars begin, and the one on which the last ends."""
    step = _step(first, end)
    return [first + timedelta(days=step * place) for place in range(-(-(end - first).days // step) + 1)]


def _bounds(grid: Sequence[date], reader: Reader) -> list[int]:
    """Return the smallest message ids of the midnights of some days."""
    zone = ZoneInfo(reader.zone)
    return [id_at(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)) for day in grid]


def _span(grid: Sequence[date], cells: Sequence[int], chosen: tuple[date, date] | None) -> tuple[date, date] | None:
    """Return the first day to show and the one after the last: of the hits, or around the days that are chosen."""
    found = [place for place, number in enumerate(cells) if number]
    if not found:
        return None
    first, end = grid[found[0]], grid[found[-1] + 1]
    return _surroundings(first, end, chosen) if chosen else (first, end)


def _bars(grid: Sequence[date], cells: Sequence[int], chosen: tuple[date, date] | None) -> tuple[Bar, ...]:
    span = _span(grid, cells, chosen)
    if span is None:
        return ()
    stretches = zip(pairwise(grid), cells, strict=True)
    return tuple(_bar(days, n, chosen) for days, n in stretches if days[1] > span[0] and days[0] < span[1])


def _bar(days: tuple[date, date], number: int, chosen: tuple[date, date] | None) -> Bar:
    first, last = days[0], days[1] - _DAY
    inside = chosen is None or (first <= chosen[1] and chosen[0] <= last)
    return Bar(first.isoformat(), last.isoformat(), number, inside)


def chosen_days(asked: Query, reader: Reader) -> tuple[date, date] | None:
    """Return the first and last day that the query narrows to, None where it does not."""
    values = sorted(value for name in refining.DATES for value in refining.values_of(asked, name))
    zone = ZoneInfo(reader.zone)
    spans = [span for value in values if (span := read_span(value, now=clock.now(), zone=reader.zone))]
    if not spans:
        return None
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    return first.astimezone(zone).date(), last.astimezone(zone).date() - _DAY


def _surroundings(first: date, end: date, chosen: tuple[date, date]) -> tuple[date, date]:
    """Return the days to show: all of them, or as far as the chosen ones stay broad enough to be seen."""
    begin, stop = max(first, chosen[0]), min(end, chosen[1] + _DAY)
    if begin >= stop:
        return first, end
    margin = (stop - begin) * _MARGIN
    return max(first, begin - margin), min(end, stop + margin)
