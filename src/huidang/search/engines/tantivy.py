"""The engine inside the process: Tantivy over our own pairs of characters.

Tantivy splits what `tokens.grams` joined at spaces; the text itself is not stored. Conditions that are no words have
a constant score of 0, so that relevance is ruled by words alone. A text that hides something is indexed a second
time in a field that is asked only inside the reader's reach for that capability: totals, facets and suggestions
tell nothing of digits under a mask.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from heapq import nlargest
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any as Json
from typing import NamedTuple, TypeVar

import tantivy
from tantivy import FieldType, Occur, Order, Query

from huidang.kernel.access import Can
from huidang.people.readers import Reach, Reader
from huidang.search import index, tokens
from huidang.search.index import Document, Field, Overview, Page, Sort, Tree, Value

SCHEMA = "tantivy_v2"
"""Stored beside the index; a change of fields or tokenizers needs a new name."""

SHARDS = 2
"""Parts of an index. Each answers on a core of its own; two machines of different sizes read the same index."""

_SPREAD, _HIGH_BITS = 0x9E3779B97F4A7C15, 40  # Fibonacci hashing: Knuth, The Art of Computer Programming, 6.4
_HEAP_BYTES = 48_000_000
_ALL_BUCKETS = 65_000
_SINGLE: Field = "platform"
"""A field of which every message has one value, and few differ: to count them is the quickest way to a total."""

_MANY_VALUES = 64
_WIDEST_RANGE = 1000
_MILLISECOND = 1 << 20  # of ids (`records.models.Message`)

_KEY_AND_COUNT = itemgetter("key", "doc_count")

_ASKING = ThreadPoolExecutor(SHARDS, "search")
_Answer = TypeVar("_Answer")

_HIDDEN: tuple[tuple[str, frozenset[Can]], ...] = (
    ("full", frozenset({Can.UNMASK})),
    ("recalled", frozenset({Can.RECALLED})),
    ("recalled_full", frozenset({Can.UNMASK, Can.RECALLED})),
)
"""Fields beside `shown`, and what a reader needs to find anything in them."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in index.Texts._fields:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in ("id", "conversation", "department", "owner", "month", "sender", "tags"):
        builder.add_integer_field(name, indexed=True, fast=True)
    for name in ("platform", "kind", "flags"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    return builder.build()


class _Place(NamedTuple):
    """A field of texts in which words are looked for, and what holds besides."""

    name: str
    also: list[Query]


class _Shard:
    """A part of the index: its files, and the writer of them while there is one."""

    def __init__(self, folder: Path, *, create: bool) -> None:
        self._folder = folder
        self.index = _created(folder, _schema()) if create else tantivy.Index.open(str(folder))
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self.index.register_tokenizer("whitespace", analyzer)
        self.index.config_reader("manual")
        self._writer: tantivy.IndexWriter | None = None

    def writer(self) -> tantivy.IndexWriter:
        """Return the writer, opened when it is first asked for."""
        if self._writer is None:
            self._writer = self.index.writer(_HEAP_BYTES, 1)
        return self._writer

    def stamp(self) -> int:
        """Return Tantivy's own count of operations that are durable."""
        stamp: int = json.loads((self._folder / "meta.json").read_text("utf-8"))["opstamp"]
        return stamp

    def close(self) -> None:
        """Let merges end and give the writer up."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.wait_merging_threads()


class TantivyIndex:
    """An index in a folder. Any number of processes may read; one may write (see `indexer`).

    It lies in parts that are asked at the same time, since Tantivy answers one question on one core.
    """

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        """Open the index in `folder`; `create` makes what is not there. Raises ValueError where it cannot be opened."""
        self._schema = _schema()
        self._shards = [_Shard(folder / str(number), create=create) for number in range(SHARDS)]

    def put(self, documents: Iterable[Document], *, new: bool = False) -> None:
        """See `Index`."""
        writers = [shard.writer() for shard in self._shards]
        for document in documents:
            writer = writers[_shard_of(document.id)]
            if not new:
                writer.delete_documents_by_term("id", document.id)
            writer.add_document(_encode(document))

    def remove(self, ids: Iterable[int]) -> None:
        """See `Index`."""
        for each in ids:
            self._shards[_shard_of(each)].writer().delete_documents_by_term("id", each)

    def commit(self) -> int:
        """See `Index`."""
        for shard in self._shards:
            shard.writer().commit()
        self.reload()
        return self.stamp()

    def stamp(self) -> int:
        """See `Index`."""
        return sum(shard.stamp() for shard in self._shards)

    def close(self) -> None:
        """Let merges end and give the writers up."""
        for shard in self._shards:
            shard.close()

    def reload(self) -> None:
        """See what another process has committed."""
        for shard in self._shards:
            shard.index.reload()

    def find(
        self, reader: Reader, tree: Tree, *, sort: Sort, limit: int, beyond: int | None = None, offset: int = 0
    ) -> Page:
        """See `Index`."""
        queries = self._within(reader, tree)
        if sort == "score":
            return self._best(queries, limit, offset)
        if beyond is None:
            return self._ordered(queries, sort, limit, offset)
        bound = index.Between(end=beyond) if sort == "new" else index.Between(first=beyond + 1)
        rest = self._between(bound.first, bound.end)
        page = self._ordered([_both(query, rest) for query in queries], sort, limit, offset)
        return Page(page.ids, self.count(reader, tree))

    def _ordered(self, queries: list[Query], sort: Sort, limit: int, offset: int) -> Page:
        order = Order.Desc if sort == "new" else Order.Asc
        found = self._ask(
            queries, lambda searcher, query: searcher.search(query, limit + offset, order_by_field="id", order=order)
        )
        ids = sorted((each for part in found for each, _ in part.hits), reverse=sort == "new")
        return Page(ids[offset : offset + limit], sum(map(_total, found)))

    def _best(self, queries: list[Query], limit: int, offset: int) -> Page:
        found = self._ask(queries, lambda searcher, query: _scored(searcher, query, limit + offset))
        hits = sorted((hit for hits, _count in found for hit in hits), key=lambda hit: -hit[0])
        return Page([each for _score, each in hits[offset : offset + limit]], sum(count for _hits, count in found))

    def count(self, reader: Reader, tree: Tree) -> int:
        """See `Index`."""
        return self.overview(reader, tree, fields={}, bounds=()).total

    def facets(
        self, reader: Reader, tree: Tree, *, fields: Collection[Field], limit: int
    ) -> Mapping[Field, list[tuple[Value, int]]]:
        """See `Index`."""
        return self.overview(reader, tree, fields=dict.fromkeys(fields, limit), bounds=()).facets

    def histogram(self, reader: Reader, tree: Tree, *, bounds: Sequence[int]) -> list[int]:
        """See `Index`."""
        return self.overview(reader, tree, fields={}, bounds=bounds).histogram

    def overview(self, reader: Reader, tree: Tree, *, fields: Mapping[Field, int], bounds: Sequence[int]) -> Overview:
        """See `Index`."""
        names = {*fields, _SINGLE}
        asked = {name: _values(name) for name in names} | ({"times": _stretches(bounds)} if bounds[1:] else {})
        answers = self._ask(self._within(reader, tree), lambda searcher, query: searcher.aggregate(query, asked))
        counts = {name: _counted(answer[name]["buckets"] for answer in answers) for name in names}
        times = _timed(answer["times"]["buckets"] for answer in answers) if bounds[1:] else Counter()
        facets = {name: _most_frequent(counts[name], limit) for name, limit in fields.items()}
        return Overview(counts[_SINGLE].total(), facets, [times[first] for first in bounds[:-1]])

    def suggest(self, reader: Reader, *, field: Field, values: Collection[Value]) -> Mapping[Value, int]:
        """See `Index`."""
        tree = index.Among(field, frozenset(values))
        return {
            value: n
            for value, n in self.facets(reader, tree, fields=[field], limit=_ALL_BUCKETS)[field]
            if value in tree.values
        }

    def _ask(self, queries: list[Query], question: Callable[[tantivy.Searcher, Query], _Answer]) -> list[_Answer]:
        """Put a question to every part, side by side: Tantivy lets other threads of Python run meanwhile."""
        searchers = [shard.index.searcher() for shard in self._shards]
        asked = [(searcher, query) for query in queries for searcher in searchers]
        return list(_ASKING.map(lambda each: question(*each), asked))

    def _within(self, reader: Reader, tree: Tree) -> list[Query]:
        """Return queries that share no document and hold together what matches within reach.

        What is joined by AND is skipped through, what is joined by OR is gathered document by document. So the many
        are asked first: messages of the reader's departments that match by what everybody sees. The few others match
        only by what is hidden, or lie outside the departments, among the reader's own and shared conversations.
        """
        reach, fields = reader.reach(Can.READ), self._fields(reader)
        if reach.everything:
            return self._inside(tree, fields, [])
        near = self._reach(reader, replace(reach, own=False, conversations=frozenset()))
        far = self._reach(reader, replace(reach, departments=frozenset()))
        queries = self._inside(tree, fields, [near]) if reach.departments else []
        if reach.own or reach.conversations or not queries:
            limited = [_Place(name, [*also, far]) for name, also in fields]
            queries.append(_but_not(_both(self._compile(tree, limited, limited), far), near))
        return [*queries[:1], _some(queries[1:])] if queries[1:] else queries

    def _inside(self, tree: Tree, fields: list[_Place], limits: list[Query]) -> list[Query]:
        """Return the query for what matches by what everybody sees, and that for what matches only by what is hidden.

        Whatever the second finds, one of its words stands in a hidden field.
        """
        shown, *hidden = fields
        by_shown, words = self._compile(tree, [shown], fields), _words_of(tree)
        many = _every([by_shown, *limits])
        if not hidden or not words:
            return [many]
        few = _some([self._words(runs, hidden) for runs in words])
        if not isinstance(tree, index.Words):
            there = _constant(few)
            few = _both(self._compile(tree, [_Place(shown.name, [there]), *hidden], fields), there)
        return [many, _but_not(_every([few, *limits]), by_shown)]

    def _fields(self, reader: Reader) -> list[_Place]:
        """Return where words may be found: what everybody sees, and what is hidden from others."""
        fields = [_Place("shown", [])]
        for name, needed in _HIDDEN:
            reaches = [reader.reach(can) for can in needed]
            if all(reaches):
                fields.append(_Place(name, [self._reach(reader, each) for each in reaches if not each.everything]))
        return fields

    def _reach(self, reader: Reader, reach: Reach) -> Query:
        """Return the filter of a reach that has limits."""
        asked: dict[Field, frozenset[int]] = {
            "department": reach.departments,
            "owner": frozenset({reader.user_id} if reach.own and reader.user_id is not None else ()),
            "conversation": reach.conversations,
        }
        parts = {field: frozenset[Value](values) for field, values in asked.items() if values}
        if list(parts) == ["department"] and (span := self._contiguous(reach.departments)):
            return span
        return _constant(_some([self._among(field, values) for field, values in parts.items()]))

    def _contiguous(self, departments: Collection[int]) -> Query | None:
        """Return one range for departments that no other with messages divides: it skips quicker than their lists."""
        low, high = min(departments), max(departments)
        if high - low > _WIDEST_RANGE:
            return None
        searchers = [shard.index.searcher() for shard in self._shards]
        others = [each for each in range(low, high) if each not in departments]
        if any(searcher.doc_freq("department", each) for searcher in searchers for each in others):
            return None
        return _constant(Query.range_query(self._schema, "department", FieldType.Integer, low, high))

    def _compile(self, tree: Tree, fields: Sequence[_Place], denied: Sequence[_Place]) -> Query:
        """Return the query of a tree: `fields` are where its words may stand, `denied` where those under NOT may."""
        match tree:
            case index.Words(runs):
                return self._words(runs, fields)
            case index.Among(field, values):
                return self._among(field, values)
            case index.Between(first, end):
                return self._between(first, end)
            case index.All(parts):
                return _every([self._compile(part, fields, denied) for part in parts])
            case index.Any(parts):
                return _some([self._compile(part, fields, denied) for part in parts])
            case index.Not(part):
                return _but_not(_constant(Query.all_query()), self._compile(part, denied, fields))

    def _words(self, runs: tuple[str, ...], fields: Sequence[_Place]) -> Query:
        return _some([_every([self._phrase(each.name, runs), *each.also]) for each in fields if runs])

    def _among(self, field: Field, values: frozenset[Value]) -> Query:
        if not values:
            return Query.empty_query()
        if len(values) == 1:
            return _constant(Query.term_query(self._schema, field, next(iter(values)), "basic"))
        if len(values) <= _MANY_VALUES:  # lists of places skip, a set of terms is gathered whole
            return _constant(_some([Query.term_query(self._schema, field, each, "basic") for each in values]))
        return _constant(Query.term_set_query(self._schema, field, sorted(values, key=str)))

    def _between(self, first: int, end: int) -> Query:
        return _constant(Query.range_query(self._schema, "id", FieldType.Integer, first, end, include_upper=False))

    def _phrase(self, field: str, runs: tuple[str, ...]) -> Query:
        places = tokens.phrase(runs)
        if not places:
            return Query.regex_query(self._schema, field, f"{runs[0]}.")
        if len(places) == 1:
            return Query.term_query(self._schema, field, places[0][1], "freq")
        return Query.phrase_query(self._schema, field, list[str | tuple[int, str]](places))


def _created(folder: Path, schema: tantivy.Schema) -> tantivy.Index:
    folder.mkdir(parents=True, exist_ok=True)
    return tantivy.Index(schema, str(folder))


def _encode(document: Document) -> tantivy.Document:
    number, conversation, department, owner, platform, kind, month, sender, tags, flags, texts = document
    fields: dict[str, Json] = {
        "id": number,
        "conversation": conversation,
        "department": department,
        "owner": owner,
        "platform": platform,
        "kind": kind,
        "month": month,
        "sender": sender,
    }
    if tags:
        fields["tags"] = list(tags)
    if flags:
        fields["flags"] = list(flags)
    for name, pieces in zip(index.Texts._fields, texts, strict=True):
        if pieces:
            fields[name] = tokens.BREAK.join(map(tokens.grams, pieces))
    return tantivy.Document(**fields)


def _total(found: Json) -> int:
    total: int = found.count
    return total


def _constant(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _both(query: Query, other: Query) -> Query:
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, other)])


def _but_not(query: Query, other: Query) -> Query:
    return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, other)])


def _every(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, each) for each in queries]) if queries else _constant(Query.all_query())


def _words_of(tree: Tree, *, denied: bool = False) -> list[tuple[str, ...]]:
    """Return the words by which a tree finds something, not those by which it leaves something out."""
    match tree:
        case index.Words(runs):
            return [] if denied else [runs]
        case index.All(parts) | index.Any(parts):
            return [runs for part in parts for runs in _words_of(part, denied=denied)]
        case index.Not(part):
            return _words_of(part, denied=not denied)
        case _:
            return []


def _some(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, each) for each in queries]) if queries else Query.empty_query()


def _scored(searcher: tantivy.Searcher, query: Query, limit: int) -> tuple[list[tuple[float, int]], int]:
    found = searcher.search(query, limit)
    ids = searcher.fast_field_values("id", [address for _, address in found.hits])
    return [(score, int(each)) for (score, _), each in zip(found.hits, ids, strict=True) if each is not None], _total(
        found
    )


def _shard_of(number: int) -> int:
    """Spread ids evenly, whatever their lowest bits are: times of whole seconds, running numbers."""
    return (number * _SPREAD >> _HIGH_BITS) % SHARDS


def _values(name: Field) -> Json:
    return {"terms": {"field": name, "size": _ALL_BUCKETS, "segment_size": _ALL_BUCKETS}}


def _counted(answers: Iterable[list[dict[str, Json]]]) -> Counter[Value]:
    counts: Counter[Value] = Counter()
    for buckets in answers:
        counts.update(dict(map(_KEY_AND_COUNT, buckets)))
    return counts


def _stretches(bounds: Sequence[int]) -> Json:
    """Return the question that counts hits by stretches of time: as cells of one width wherever they have one.

    Ranges cost milliseconds even where nothing is found. Cells are counted in floating point, which rounds ids to
    multiples of 256: still exact where bounds are whole milliseconds and running numbers are far from their end.
    """
    widths = {end - first for first, end in pairwise(bounds)}
    if len(widths) > 1 or any(bound % _MILLISECOND for bound in bounds):
        spans = [{"from": first, "to": end} for first, end in pairwise(bounds)]
        return {"range": {"field": "id", "ranges": spans}}
    inside = {"min": float(bounds[0]), "max": float(bounds[-1])}
    return {"histogram": {"field": "id", "interval": float(*widths), "offset": inside["min"], "hard_bounds": inside}}


def _timed(answers: Iterable[list[dict[str, Json]]]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for buckets in answers:
        for each in buckets:
            first = each.get("from") if isinstance(each["key"], str) else each["key"]
            if first is not None:
                counts[int(first)] += int(each["doc_count"])
    return counts


def _most_frequent(counts: Mapping[Value, int], limit: int) -> list[tuple[Value, int]]:
    """Return the values that occur most; of many, only those that can be among them are put in order."""
    least = nlargest(limit, counts.values())[-1:] or [0]
    found = [(_value(value), number) for value, number in counts.items() if number >= least[0]]
    return sorted(found, key=lambda each: (-each[1], str(each[0])))[:limit]


def _value(key: Json) -> Value:
    return int(key) if isinstance(key, float) else key
