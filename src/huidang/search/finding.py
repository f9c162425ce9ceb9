"""A search from end to end: text -> query -> engine -> ids -> the guard again -> the lens -> hits with snippets."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huidang.kernel import clock, ledger
from huidang.kernel.access import Can
from huidang.people.models import Department
from huidang.people.readers import INTAKE, Reader
from huidang.records import masking
from huidang.records.lens import view_many
from huidang.records.models import Message, Participant
from huidang.records.shown import Part, Shown
from huidang.search import indexer, query, reading, snippets
from huidang.search.documents import TIME_BITS
from huidang.search.index import FACETS, All, Among, Field, Index, Page, Sort, Tree, Value
from huidang.search.meaning import Meaning, id_at
from huidang.search.query import Note, Query

FACET_VALUES = 20
LONGEST_PAGE = 200
MOST_PLACES = 1000
_BARS = 120


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
    """How many of the hits lie in a stretch of time; the days are those of the reader's zone, `last` included."""

    first: str
    last: str
    count: int


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
    """A page of hits with everything around it. `next` is what the next page takes as `beyond`, None after the last."""

    query: Query
    notes: tuple[Note, ...]
    hits: tuple[Hit, ...]
    total: int
    coverage: Coverage
    facets: Mapping[Field, tuple[Count, ...]] = field(default_factory=lambda: MappingProxyType({}))
    histogram: tuple[Bar, ...] = ()
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
        facets=_facets(engine, reader, meaning.tree) if facets else MappingProxyType({}),
        histogram=_histogram(engine, reader, meaning.tree) if facets else (),
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


def _facets(engine: Index, reader: Reader, tree: Tree) -> Mapping[Field, tuple[Count, ...]]:
    counted = engine.facets(reader, tree, fields=FACETS, limit=FACET_VALUES)
    return {name: _labelled(name, values) for name, values in counted.items()}


def _labelled(name: Field, values: Sequence[tuple[Value, int]]) -> tuple[Count, ...]:
    labels = _labels(name, [value for value, _count in values])
    return tuple(Count(value, labels.get(value, str(value)), number) for value, number in values)


def _labels(name: Field, values: Sequence[Value]) -> dict[Value, str]:
    if name == "department":
        departments = Department.objects.filter(pk__in=values).values_list("pk", "name")
        return {INTAKE: _("待分拣"), **dict(departments)}
    if name == "sender":
        people = Participant.objects.filter(pk__in=values).values_list("pk", "name")
        return {0: _("未知"), **{pk: masking.masked(called) for pk, called in people}}
    if name == "month":
        return {value: f"{int(value) // 100}-{int(value) % 100:02d}" for value in values}
    return {}


def _histogram(engine: Index, reader: Reader, tree: Tree) -> tuple[Bar, ...]:
    """Count by days, weeks or months of the reader's zone, whichever gives a readable number of bars."""
    ends = [engine.find(reader, tree, sort=sort, limit=1).ids for sort in ("old", "new")]
    if not all(ends):
        return ()
    zone = ZoneInfo(reader.zone)
    first, last = (clock.at_ms(each[0] >> TIME_BITS).astimezone(zone).date() for each in ends)
    step = max(1, -(-((last - first).days + 1) // _BARS))
    days = [first + timedelta(days=step * place) for place in range((last - first).days // step + 2)]
    bounds = [id_at(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)) for day in days]
    counts = engine.histogram(reader, tree, bounds=bounds)
    return tuple(
        Bar(day.isoformat(), (following - timedelta(days=1)).isoformat(), number)
        for day, following, number in zip(days, days[1:], counts, strict=False)
    )
