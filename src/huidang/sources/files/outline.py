"""What the beginning of a file shows of its shape: the first object of a file of lines, the keys of a document."""

import io
from dataclasses import dataclass, field
from typing import Any

import msgspec

from huidang.kernel.problems import Problem
from huidang.sources.files.documents import walk
from huidang.sources.files.spill import forget
from huidang.sources.files.values import read_object

_ANY = msgspec.json.Decoder(Any)
_LINES_TRIED = 50


@dataclass(frozen=True, slots=True)
class Outline:
    """The shape of a file. `line` is the first line that is an object; `document` holds for each key of the outer
    object its value, or the first element of its list; the elements of a list without an object stand under ""."""  # noqa: D205, D209

    head: bytes
    line: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)

    def first(self, *keys: str) -> dict[str, Any]:
        """Return the first object under one of the keys of the document, or an empty one."""
        return next((value for key in keys if isinstance(value := self.document.get(key), dict)), {})


def outline(head: bytes, into: frozenset[str] = frozenset()) -> Outline:
    """Return the shape that the first bytes of a file, as UTF-8, show."""
    start = head.lstrip()[:1]
    document = _document(head, into) if start in {b"{", b"["} else {}
    return Outline(head, _first_line(head), document)


def _first_line(head: bytes) -> dict[str, Any]:
    for line in head.split(b"\n", _LINES_TRIED)[:_LINES_TRIED]:
        if not line.lstrip().startswith(b"{"):
            continue
        try:
            return read_object(line)
        except Problem:
            continue
    return {}


def _document(head: bytes, into: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value in walk(io.BytesIO(head), spill=forget, into=into):
        if value.key in found or (value.why and value.place < 0):
            continue
        try:
            found[value.key] = _ANY.decode(value.data)
        except (ValueError, RecursionError):
            found[value.key] = None
    return found
