"""The engine inside the process: Tantivy over our own pairs of characters.

Tantivy splits what `tokens.grams` joined at spaces; the text itself is not stored. Conditions that are no words have
a constant score of 0, so that relevance is ruled by words alone. A text that hides something is indexed a second
time in a field that is asked only inside the reader's reach for that capability: totals, facets and suggestions
tell nothing of digits under a mask.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any as Json

import tantivy
from tantivy import FieldType, Occur, Order, Query

from huidang.kernel.access import Can
from huidang.people.readers import Reach, Reader
from huidang.search import index, tokens
from huidang.search.index import Document, Field, Page, Sort, Tree, Value

SCHEMA = "tantivy_v1"
"""Stored beside the index; a change of fields or tokenizers needs a new name."""

_BREAK = " \x1f "
"""Stands between the pieces of a text; no term contains it, so no term runs across it."""

_HEAP_BYTES = 64_000_000
_ALL_BUCKETS = 65_000
_MANY_VALUES = 64
_WIDEST_RANGE = 1000

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


class TantivyIndex:
    """An index in a folder. Any number of processes may read; one may write (see `indexer`)."""

    def __init__(self, folder: Path, *, create: bool = True) -> None:
        """Open the index in `folder`; `create` makes what is not there. Raises ValueError where it cannot be opened."""
        self._folder = folder
        self._schema = _schema()
        self._index = _created(folder, self._schema) if create else tantivy.Index.open(str(folder))
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("whitespace", analyzer)
        self._index.config_reader("manual")
        self._writer: tantivy.IndexWriter | None = None

    def put(self, documents: Iterable[Document], *, new: bool = False) -> None:
        """See `Index`."""
        writer = self._writing()
        for document in documents:
            if not new:
                writer.delete_documents_by_term("id", document.id)
            writer.add_document(_encode(document))

    def remove(self, ids: Iterable[int]) -> None:
        """See `Index`."""
        for each in ids:
            self._writing().delete_documents_by_term("id", each)

    def commit(self) -> int:
        """See `Index`."""
        self._writing().commit()
        self._index.reload()
        return self.stamp()

    def stamp(self) -> int:
        """See `Index`."""
        stamp: int = json.loads((self._folder / "meta.json").read_text("utf-8"))["opstamp"]
        return stamp

    def close(self) -> None:
        """Let merges end and give the writer up."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.wait_merging_threads()

    def reload(self) -> None:
        """See what another process has committed."""
        self._index.reload()

    def find(
        self, reader: Reader, tree: Tree, *, sort: Sort, limit: int, beyond: int | None = None, offset: int = 0
    ) -> Page:
        """See `Index`."""
        searcher, query = self._index.searcher(), self._within(reader, tree)
        if sort == "score":
            found = searcher.search(query, limit, offset=offset)
            ids = searcher.fast_field_values("id", [address for _, address in found.hits])
            return Page([int(each) for each in ids if each is not None], _total(found))
        order = Order.Desc if sort == "new" else Order.Asc
        if beyond is None:
            found = searcher.search(query, limit, order_by_field="id", order=order, offset=offset)
            return Page([each for each, _ in found.hits], _total(found))
        rest = index.Between(end=beyond) if sort == "new" else index.Between(first=beyond + 1)
        page = searcher.search(
            _both(query, self._compile(reader, rest)), limit, False, order_by_field="id", order=order, offset=offset
        )
        return Page([each for each, _ in page.hits], _total(searcher.search(query, 1)))

    def count(self, reader: Reader, tree: Tree) -> int:
        """See `Index`."""
        return _total(self._index.searcher().search(self._within(reader, tree), 1))

    def facets(
        self, reader: Reader, tree: Tree, *, fields: Collection[Field], limit: int
    ) -> Mapping[Field, list[tuple[Value, int]]]:
        """See `Index`."""
        asked: dict[str, Json] = {
            name: {"terms": {"field": name, "size": _ALL_BUCKETS, "segment_size": _ALL_BUCKETS}} for name in fields
        }
        answer = self._aggregate(reader, tree, asked)
        return {name: _most_frequent(answer[name]["buckets"], limit) for name in fields}

    def histogram(self, reader: Reader, tree: Tree, *, bounds: Sequence[int]) -> list[int]:
        """See `Index`."""
        spans = [{"from": first, "to": end} for first, end in pairwise(bounds)]
        answer = self._aggregate(reader, tree, {"spans": {"range": {"field": "id", "ranges": spans}}})
        counts = {int(each["from"]): each["doc_count"] for each in answer["spans"]["buckets"] if "from" in each}
        return [counts.get(first, 0) for first in bounds[:-1]]

    def suggest(self, reader: Reader, *, field: Field, values: Collection[Value]) -> Mapping[Value, int]:
        """See `Index`."""
        tree = index.Among(field, frozenset(values))
        return {
            value: n
            for value, n in self.facets(reader, tree, fields=[field], limit=_ALL_BUCKETS)[field]
            if value in tree.values
        }

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(_HEAP_BYTES, 1)
        return self._writer

    def _aggregate(self, reader: Reader, tree: Tree, asked: dict[str, Json]) -> dict[str, Json]:
        answer: dict[str, Json] = self._index.searcher().aggregate(self._within(reader, tree), asked)
        return answer

    def _within(self, reader: Reader, tree: Tree) -> Query:
        reach = self._reach(reader, reader.reach(Can.READ))
        query = self._compile(reader, tree)
        return query if reach is None else _both(query, reach)

    def _reach(self, reader: Reader, reach: Reach) -> Query | None:
        """Return the filter of a reach; None where it covers everything."""
        if reach.everything:
            return None
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
        searcher, low, high = self._index.searcher(), min(departments), max(departments)
        if high - low > _WIDEST_RANGE:
            return None
        if any(searcher.doc_freq("department", each) for each in range(low, high) if each not in departments):
            return None
        return _constant(Query.range_query(self._schema, "department", FieldType.Integer, low, high))

    def _compile(self, reader: Reader, tree: Tree) -> Query:
        match tree:
            case index.Words(runs):
                return self._words(reader, runs)
            case index.Among(field, values):
                return self._among(field, values)
            case index.Between(first, end):
                return self._between(first, end)
            case index.All(parts):
                return _every([self._compile(reader, part) for part in parts])
            case index.Any(parts):
                return _some([self._compile(reader, part) for part in parts])
            case index.Not(part):
                return Query.boolean_query(
                    [(Occur.Must, _constant(Query.all_query())), (Occur.MustNot, self._compile(reader, part))]
                )

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

    def _words(self, reader: Reader, runs: tuple[str, ...]) -> Query:
        if not runs:
            return Query.empty_query()
        return _some([self._phrase("shown", runs), *self._hidden(reader, runs)])

    def _hidden(self, reader: Reader, runs: tuple[str, ...]) -> Iterator[Query]:
        for field, needed in _HIDDEN:
            reaches = [reader.reach(can) for can in needed]
            if all(reaches):
                filters = [each for reach in reaches if (each := self._reach(reader, reach)) is not None]
                yield _every([self._phrase(field, runs), *filters])

    def _phrase(self, field: str, runs: tuple[str, ...]) -> Query:
        words, last = tokens.phrase(runs)
        if last and not words:
            return Query.regex_query(self._schema, field, f"{last}.?")
        if last:
            return Query.regex_phrase_query(self._schema, field, [*words, f"{last}.?"])
        if len(words) == 1:
            return Query.term_query(self._schema, field, words[0], "freq")
        return Query.phrase_query(self._schema, field, list[str | tuple[int, str]](words))


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
            fields[name] = _BREAK.join(map(tokens.grams, pieces))
    return tantivy.Document(**fields)


def _total(found: Json) -> int:
    total: int = found.count
    return total


def _constant(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _both(query: Query, other: Query) -> Query:
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, other)])


def _every(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, each) for each in queries]) if queries else _constant(Query.all_query())


def _some(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, each) for each in queries]) if queries else Query.empty_query()


def _most_frequent(buckets: list[dict[str, Json]], limit: int) -> list[tuple[Value, int]]:
    counts = [(_value(each["key"]), int(each["doc_count"])) for each in buckets]
    return sorted(counts, key=lambda each: (-each[1], str(each[0])))[:limit]


def _value(key: Json) -> Value:
    return int(key) if isinstance(key, float) else key
