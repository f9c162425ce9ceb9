"""A search from end to end: text -> query -> engine -> ids -> the guard again -> the lens -> hits with snippets."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from huidang.kernel import ledger
from huidang.kernel.access import Can
from huidang.people.readers import Reader
from huidang.records import filetexts
from huidang.records.filetexts import FilePage
from huidang.records.lens import view_many
from huidang.records.models import Message
from huidang.records.shown import Part, Shown
from huidang.search import indexer, query, reading, snippets
from huidang.search.index import All, Among, Between, Index, Page, Sort, Tree
from huidang.search.meaning import Meaning
from huidang.search.query import Note, Query, Term

LONGEST_PAGE = 200
DEEPEST = 10_000
"""How far a result by score can be paged through."""

MOST_PLACES = 1000
_COUNTED_LEAVES = 10_000
"""An index that lacks more of them is being filled with messages; the few others among them are counted as such."""
_NEAR = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """One message that was found, as this reader may see it. `hits` are ranges of `shown.text`.

    `file` is the page of a file that holds what the message itself does not, cut to a snippet.
    """

    shown: Shown
    snippet: tuple[Part, ...]
    hits: tuple[tuple[int, int], ...]
    file: FilePage | None = None


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
    """A page of hits. `next` is what the next page takes as `beyond`, None after the last."""

    query: Query
    notes: tuple[Note, ...]
    hits: tuple[Hit, ...]
    total: int
    coverage: Coverage
    next: int | None = None
    took_ms: float = 0.0


def find(
    reader: Reader, text: str, *, sort: Sort = "new", limit: int = 50, beyond: int | None = None, offset: int = 0
) -> Result:
    """Find messages within the reader's reach. Any text is a query; nothing is raised for what it says.

    `beyond` is `Result.next` of the page before (sorts new and old), `offset` pages by score.
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
    shown = view_many(messages, reader)
    return tuple(_hit(each, asked, file) for each, file in zip(shown, _files(shown, asked), strict=True))


def _hit(shown: Shown, asked: Query, file: FilePage | None) -> Hit:
    ranges = snippets.find_hits(shown.text, asked.terms)
    return Hit(shown, snippets.snippet(shown.parts, ranges), tuple(ranges), file)


def _files(shown: Sequence[Shown], asked: Query) -> list[FilePage | None]:
    """Return for each message the page of a file that holds terms which the message itself does not."""
    left = [_left(each, asked) for each in shown]
    wanted = [partial(snippets.stand_in, terms=terms) for terms in left]
    pages = filetexts.first_pages(list(zip(shown, wanted, strict=True))) if any(left) else [None] * len(shown)
    return [_cut(page, terms) for page, terms in zip(pages, left, strict=True)]


def _left(shown: Shown, asked: Query) -> list[Term]:
    if not shown.attachments:
        return []
    pieces = (shown.text, *(each.name for each in shown.attachments))
    return [term for term in asked.terms if not any(snippets.stand_in(piece, [term]) for piece in pieces)]


def _cut(page: FilePage | None, terms: Sequence[Term]) -> FilePage | None:
    if page is None:
        return None
    ranges = snippets.find_hits("".join(part.text for part in page.parts), terms)
    return replace(page, parts=snippets.snippet(page.parts, ranges))


def _coverage(reader: Reader, asked: Query) -> Coverage:
    size, applied = ledger.size(), indexer.applied_now()
    return Coverage(
        behind=_messages_from(applied, size) if applied < size else 0,
        rebuilding=reading.index() is None and size > 0,
        restricted=not reader.reach(Can.READ).everything,
        relabelling=(asked.asks("hit") and not indexer.labels_are_current()) or not indexer.masks_are_current(),
    )


def _messages_from(leaf: int, size: int) -> int:
    """Count the messages among the last leaves of the log: a search is a leaf as well, and no message."""
    if size - leaf > _COUNTED_LEAVES:
        return size - leaf
    rows = Message.objects.unguarded("how far the index is behind, whoever asks; no row is read")
    return rows.filter(leaf_index__gte=leaf).count()
