"""The two ways in which formats of JSON lay out their items: one a line, or lists in one document."""

from collections.abc import Callable, Iterator, Mapping

from huidang.records.drafts import Broken, RawMessage
from huidang.sources.files.documents import Value, walk
from huidang.sources.files.lines import cut_lines
from huidang.sources.files.reading import Item, Reading, guarded

Cut = Callable[[Reading], Iterator[Item]]


def line_items(name: str) -> Cut:
    """Return the cut of a member with one item a line."""

    def cut(reading: Reading) -> Iterator[Item]:
        reading.plan([name])
        yield from guarded(_lines(reading, name), name)

    return cut


def _lines(reading: Reading, name: str) -> Iterator[Item]:
    stream = reading.text(name)
    try:
        yield from cut_lines(stream, spill=reading.spill)
    finally:
        stream.close()


def document_items(name: str, about: Mapping[str, str], into: frozenset[str] = frozenset()) -> Cut:
    """Return the cut of a member that is one document: the values under the keys of `about`, which says what they are.

    The key of a document that is a list itself is "". Objects under the keys in `into` are walked like the outer one.
    """

    def cut(reading: Reading) -> Iterator[Item]:
        reading.plan([name])
        yield from guarded(_values(reading, name, about, into), name)

    return cut


def _values(reading: Reading, name: str, about: Mapping[str, str], into: frozenset[str]) -> Iterator[Item]:
    stream = reading.text(name)
    try:
        for value in walk(stream, spill=reading.spill, into=into):
            if value.why or value.key in about:
                yield value_item(value, value.key, about.get(value.key, ""))
    finally:
        stream.close()


def value_item(value: Value, place: str, about: str) -> Item:
    """Return the item of a value cut from a document, sound or broken."""
    where = f"{place}[{value.place}]" if value.place >= 0 else place or "document"
    if value.why:
        return Broken(where, "item-broken", value.why, value.data, value.blob)
    return RawMessage(where, value.data, about)
