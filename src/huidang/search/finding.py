"""A search from end to end: text -> query -> engine -> ids -> the guard again -> the lens -> hits with snippets."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huidang.kernel import clock, ledger
from huidang.kernel.access import Can
from huidang.people.readers import INTAKE, Reader
from huidang.records import masking
from huidang.records.lens import view_many
from huidang.records.models import Message, Participant
from huidang.records.shown import Part, Shown
from huidang.search import indexer, query, reading, refining, snippets
from huidang.search.dates import read_span
from huidang.search.departments import Departments
from huidang.search.documents import TIME_BITS
from huidang.search.index import All, Among, Between, Field, Index, Page, Sort, Tree, Value
from huidang.search.labels import labeller
from huidang.search.meaning import Meaning, id_at
from huidang.search.query import Note, Query

FACET_VALUES = 20
LONGEST_PAGE = 200
DEEPEST = 10_000
"""How far a result by score can be paged through."""

MOST_PLACES = 1000
_NEAR = 5
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
_MARGIN = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """One message that was found, as this reader may see it. `hits` are ranges of `shown.text`."""

    shown: Shown
    snippet: tuple[Part, ...]
    hits: tuple[tuple[int, int], ...]


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
class Coverage:
    """What a result does not cover: leaves not yet indexed, an index that is being begun, a reach with limits.

    `relabelling`: the query asks for words of lexicons, or the rules of masking hide something else, and those have
    changed since the index was built.
    """

    behind: int = 0
    rebuilding: bool = False
    restricted: bool = False
    relabelling: bool = False

    @property
    def complete(self) -> bool:
        """Say whether everything in the archive that the reader reaches was searched."""
        return not (self.behind or self.rebuilding or self.relabelling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A page of hits with everything around it. `next` is what the next page takes as `beyond`, None after the last.

    `days` are the first and last day that the query narrows to.
    """

    query: Query
    notes: tuple[Note, ...]
    hits: tuple[Hit, ...]
    total: int
    coverage: Coverage
    facets: Mapping[Field, tuple[Count, ...]] = field(default_factory=lambda: MappingProxyType({}))
    histogram: tuple[Bar, ...] = ()
    days: tuple[date, date] | None = None
    next: int | None = None
    took_ms: float = 0.0


def find(
    reader: Reader,
    text: str,
    *,
    sort: Sort = "new",
    limit: int = 50,
    beyond: int | None = None,
    offset: int = 0,
    facets: bool = True,
) -> Result:
    """Find messages within the reader's reach. Any text is a query; nothing is raised for what it says.

    `beyond` is `Result.next` of the page before (sorts new and old), `offset` pages by score. `facets=False` leaves
    the counts and the histogram out, for further pages.
    """
    began = time.perf_counter()
    asked = query.parse(text)
    meaning = Meaning(asked, reader)
    engine, coverage = reading.index(), _coverage(reader, asked)
    if engine is None:
        return Result(query=asked, notes=tuple(meaning.notes), hits=(), total=0, coverage=coverage)
    size = max(1, min(limit, LONGEST_PAGE))
    page = engine.find(reader, meaning.tree, sort=sort, limit=size, beyond=beyond, offset=offset)
    return Result(
        query=asked,
        notes=tuple(meaning.notes),
        hits=_hits(reader, asked, page),
        total=page.total,
        coverage=coverage,
        facets=_facets(engine, reader, asked, meaning.tree) if facets else MappingProxyType({}),
        histogram=_histogram(engine, reader, asked, meaning.tree) if facets else (),
        days=_chosen_days(asked, reader),
        next=page.ids[-1] if len(page.ids) == size and sort != "score" else None,
        took_ms=round((time.perf_counter() - began) * 1000, 2),
    )


def count(reader: Reader, text: str) -> int:
    """Return how many messages within reach match a query."""
    engine = reading.index()
    return engine.count(reader, Meaning(query.parse(text), reader).tree) if engine else 0


def find_places(reader: Reader, text: str, conversation_id: int) -> list[int]:
    """Return the ids of the messages of one conversation that match, oldest first, the newest thousand at most."""
    engine = reading.index()
    if engine is None:
        return []
    tree = All((Meaning(query.parse(text), reader).tree, Among("conversation", frozenset({conversation_id}))))
    ids = engine.find(reader, tree, sort="new", limit=MOST_PLACES).ids
    rows = Message.objects.readable_by(reader, Can.READ).filter(conversation_id=conversation_id, pk__in=ids)
    return sorted(rows.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Beside:
    """The hits before and after one in the order of a result, each as conversation and message; its place from 1."""

    place: int
    total: int
    previous: tuple[int, int] | None
    next: tuple[int, int] | None


def beside(reader: Reader, text: str, message_id: int, *, sort: Sort = "new", place: int | None = None) -> Beside:
    """Return what stands on either side of a hit in a result.

    By score an id has no order: there `place` says where it stands, counted from 1.
    """
    engine, tree = reading.index(), Meaning(query.parse(text), reader).tree
    if engine is None:
        return Beside(0, 0, None, None)
    if sort == "score":
        return _beside_by_score(reader, engine, tree, place or 1)
    later = All((tree, Between(first=message_id + 1)))
    ahead = engine.count(reader, later if sort == "new" else All((tree, Between(end=message_id))))
    newer, older = (
        engine.find(reader, tree, sort=order, limit=_NEAR, beyond=message_id).ids for order in ("old", "new")
    )
    before, after = (newer, older) if sort == "new" else (older, newer)
    return Beside(ahead + 1, engine.count(reader, tree), _nearest(reader, before), _nearest(reader, after))


def _beside_by_score(reader: Reader, engine: Index, tree: Tree, place: int) -> Beside:
    first = max(0, place - 2)
    page = engine.find(reader, tree, sort="score", limit=place + 1 - first, offset=first)
    before, after = page.ids[: place - 1 - first], page.ids[place - first :]
    return Beside(place, page.total, _nearest(reader, before), _nearest(reader, after))


def _nearest(reader: Reader, ids: Sequence[int]) -> tuple[int, int] | None:
    """Return the first of some ids that is still within reach."""
    rows = Message.objects.readable_by(reader, Can.READ).filter(pk__in=ids)
    known = dict(rows.values_list("pk", "conversation_id"))
    return next(((known[each], each) for each in ids if each in known), None)


def _hits(reader: Reader, asked: Query, page: Page) -> tuple[Hit, ...]:
    """Load the ids again, through the guard: what has moved out of reach since it was indexed is left out."""
    rows = {row.pk: row for row in Message.objects.readable_by(reader, Can.READ).filter(pk__in=page.ids)}
    messages = [rows[each] for each in page.ids if each in rows]
    return tuple(_hit(shown, asked) for shown in view_many(messages, reader))


def _hit(shown: Shown, asked: Query) -> Hit:
    ranges = snippets.find_hits(shown.text, asked.terms)
    return Hit(shown, snippets.snippet(shown.parts, ranges), tuple(ranges))


def _coverage(reader: Reader, asked: Query) -> Coverage:
    size, applied = ledger.size(), indexer.applied_now()
    return Coverage(
        behind=max(0, size - applied),
        rebuilding=reading.index() is None and size > 0,
        restricted=not reader.reach(Can.READ).everything,
        relabelling=(asked.asks("hit") and not indexer.labels_are_current()) or not indexer.masks_are_current(),
    )


def _facets(engine: Index, reader: Reader, asked: Query, tree: Tree) -> Mapping[Field, tuple[Count, ...]]:
    """Count by field; a field that the query narrows is counted as if it did not, so that others can be chosen."""
    narrowed = [name for name in COUNTED if refining.values_of(asked, COUNTED[name])]
    counted = dict(_count(engine, reader, tree, [name for name in COUNTED if name not in narrowed]))
    for name in narrowed:
        wider = Meaning(refining.without(asked, [COUNTED[name]]), reader).tree
        counted |= _count(engine, reader, wider, [name])
    return {name: _labelled(name, counted[name]) for name in COUNTED}


def _count(
    engine: Index, reader: Reader, tree: Tree, fields: Sequence[Field]
) -> Mapping[Field, list[tuple[Value, int]]]:
    """Count by fields; of the labels only those that are worth it."""
    plain = engine.facets(reader, tree, fields=[name for name in fields if name != "flags"], limit=FACET_VALUES)
    if "flags" not in fields:
        return plain
    groups = labeller().groups()
    flags = engine.facets(reader, tree, fields=["flags"], limit=_ALL_LABELS)["flags"] if groups else []
    return {**plain, "flags": [(value, number) for value, number in flags if value in groups]}


def _labelled(name: Field, values: Sequence[tuple[Value, int]]) -> tuple[Count, ...]:
    labels = _labels(name, [value for value, _count in values])
    return tuple(Count(value, labels.get(value, str(value)), number) for value, number in values)


def _labels(name: Field, values: Sequence[Value]) -> dict[Value, str]:
    if name == "department":
        tree = Departments()
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


def _histogram(engine: Index, reader: Reader, asked: Query, tree: Tree) -> tuple[Bar, ...]:
    """Count by days, weeks or months of the reader's zone, whichever gives a readable number of bars.

    A stretch of time that the query chooses is shown among its surroundings.
    """
    chosen = _chosen_days(asked, reader)
    wider = Meaning(refining.without(asked, refining.DATES), reader).tree if chosen else tree
    ends = [engine.find(reader, wider, sort=sort, limit=1).ids for sort in ("old", "new")]
    if not all(ends):
        return ()
    zone = ZoneInfo(reader.zone)
    first, last = (clock.at_ms(each[0] >> TIME_BITS).astimezone(zone).date() for each in ends)
    if chosen:
        first, last = _surroundings(first, last, chosen)
    step = max(1, -(-((last - first).days + 1) // _BARS))
    days = [first + timedelta(days=step * place) for place in range((last - first).days // step + 2)]
    bounds = [id_at(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)) for day in days]
    counts = engine.histogram(reader, wider, bounds=bounds)
    return tuple(_bar(day, after - _DAY, n, chosen) for day, after, n in zip(days, days[1:], counts, strict=False))


def _bar(first: date, last: date, count: int, chosen: tuple[date, date] | None) -> Bar:
    inside = chosen is None or (first <= chosen[1] and chosen[0] <= last)
    return Bar(first.isoformat(), last.isoformat(), count, inside)


def _chosen_days(asked: Query, reader: Reader) -> tuple[date, date] | None:
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
