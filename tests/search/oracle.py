"""The index in plain Python, by definition and without any speed: what every engine is held to."""

import random
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

from huidang.kernel.access import Can
from huidang.people.readers import Reader
from huidang.search import index, tokens
from huidang.search.index import Document, Field, Overview, Page, Sort, Texts, Tree, Value


class Oracle:
    """Scans every document for every question."""

    def __init__(self) -> None:
        self._documents: dict[int, Document] = {}

    def put(self, documents: Iterable[Document], *, new: bool = False) -> None:
        given = {each.id: each for each in documents}
        assert not new or not given.keys() & self._documents.keys()
        self._documents.update(given)

    def remove(self, ids: Iterable[int]) -> None:
        for each in ids:
            self._documents.pop(each, None)

    def commit(self) -> int:
        return 0

    def stamp(self) -> int:
        return 0

    def find(
        self, reader: Reader, tree: Tree, *, sort: Sort, limit: int, beyond: int | None = None, offset: int = 0
    ) -> Page:
        ids = sorted((each.id for each in self._matches(reader, tree)), reverse=sort != "old")
        total = len(ids)
        if beyond is not None:
            ids = [each for each in ids if (each < beyond if sort == "new" else each > beyond)]
        return Page(ids[offset : offset + limit], total)

    def count(self, reader: Reader, tree: Tree) -> int:
        return len(self._matches(reader, tree))

    def facets(
        self, reader: Reader, tree: Tree, *, fields: Collection[Field], limit: int
    ) -> Mapping[Field, list[tuple[Value, int]]]:
        counts = {name: Counter(_values(self._matches(reader, tree), name)) for name in fields}
        return {
            name: sorted(of.items(), key=lambda each: (-each[1], str(each[0])))[:limit] for name, of in counts.items()
        }

    def histogram(self, reader: Reader, tree: Tree, *, bounds: Sequence[int]) -> list[int]:
        ids = [each.id for each in self._matches(reader, tree)]
        return [sum(first <= each < end for each in ids) for first, end in pairwise(bounds)]

    def overview(self, reader: Reader, tree: Tree, *, fields: Mapping[Field, int], bounds: Sequence[int]) -> Overview:
        counts = {name: self.facets(reader, tree, fields=[name], limit=limit)[name] for name, limit in fields.items()}
        return Overview(self.count(reader, tree), counts, self.histogram(reader, tree, bounds=bounds))

    def suggest(self, reader: Reader, *, field: Field, values: Collection[Value]) -> Mapping[Value, int]:
        counts = Counter(_values(self._matches(reader, index.EVERYTHING), field))
        return {each: counts[each] for each in values if each in counts}

    def _matches(self, reader: Reader, tree: Tree) -> list[Document]:
        documents = self._documents.values()
        return [each for each in documents if _may(reader, Can.READ, each) and _holds(reader, tree, each)]


def _values(documents: Iterable[Document], field: Field) -> Iterable[Value]:
    for document in documents:
        yield from _of(document, field)


def _of(document: Document, field: Field) -> tuple[Value, ...]:
    value = getattr(document, field)
    return value if isinstance(value, tuple) else (value,)


def _may(reader: Reader, can: Can, document: Document) -> bool:
    return reader.may(
        can, department_id=document.department, owner_id=document.owner, conversation_id=document.conversation
    )


def visible(reader: Reader, document: Document) -> tuple[str, ...]:
    """Return the pieces of text by which a reader may find a document."""
    shown, full, recalled, recalled_full = document.texts
    unmask, see_recalled = _may(reader, Can.UNMASK, document), _may(reader, Can.RECALLED, document)
    return (
        *shown,
        *(full if unmask else ()),
        *(recalled if see_recalled else ()),
        *(recalled_full if see_recalled and unmask else ()),
    )


_fold = cache(tokens.fold)


def contains(text: str, runs: tuple[str, ...]) -> bool:
    """Say whether a term stands in a text: its runs one after another, whatever divides them."""
    return re.search(" +".join(map(re.escape, runs)), _fold(text)) is not None


def _holds(reader: Reader, tree: Tree, document: Document) -> bool:
    match tree:
        case index.Words(runs):
            return any(contains(piece, runs) for piece in visible(reader, document))
        case index.Among(field, values):
            return not values.isdisjoint(_of(document, field))
        case index.Between(first, end):
            return first <= document.id < end
        case index.All(parts):
            return all(_holds(reader, part, document) for part in parts)
        case index.Any(parts):
            return any(_holds(reader, part, document) for part in parts)
        case index.Not(part):
            return not _holds(reader, part, document)


_SAID = (
    "您好，退费单 CS-0012 已经提交", "我要退费!!", "費用什麼時候退？", "ＡＢＣ１２３ 型號", "物流信息不更新 不更新",
    "退", "Refund #88-21 done", "電話 139 1234 5678 找我", "好的", "嗯嗯嗯", "iPhone15 的發票呢", "a 1", "单子-1 号",
    "ﬁnal ㎡ 面积", "好😀的", "身份证呢", "éclair e\u0301clair",
)  # fmt: skip
_HIDDEN = ("13912345678", "110101199003071233", "订单 6222021234567890128")


def documents(count: int, seed: int) -> list[Document]:
    """Return believable documents with everything an engine distinguishes: masks, recalls, tags, several pieces."""
    chance = random.Random(seed)
    return [_document(chance, (1_700_000_000_000 + place * 61_000) << 20 | place) for place in range(count)]


def _document(chance: random.Random, message_id: int) -> Document:
    conversation = chance.randrange(60)
    return Document(
        id=message_id,
        conversation=conversation,
        department=conversation % 9,
        owner=conversation % 5,
        platform=chance.choice(("slack", "dingtalk", "wecom")),
        kind=chance.choice(("text", "text", "image", "file")),
        month=202401 + chance.randrange(12),
        sender=chance.randrange(40),
        tags=tuple(sorted(chance.sample(range(1, 7), chance.randrange(3)))),
        flags=tuple(sorted(chance.sample(("edited", "has-file", "has-phone"), chance.randrange(3)))),
        texts=_texts(chance),
    )


def _texts(chance: random.Random) -> Texts:
    said = " ".join(chance.sample(_SAID, chance.randint(1, 2)))
    pieces = (said, chance.choice(_SAID)) if chance.random() < 0.1 else (said,)
    if chance.random() < 0.75:
        return Texts(shown=pieces)
    digits = chance.choice(_HIDDEN)
    masked, full = (*pieces, "号码 139****5678"), (*pieces, f"号码 {digits}")
    if chance.random() < 0.5:
        return Texts(shown=masked, full=full)
    return Texts(recalled=masked, recalled_full=full)
