"""Cuts a UTF-8 stream into lines in constant memory; a line beyond the item limit goes to a blob."""

from collections.abc import Iterator
from typing import IO

from huidang.records.drafts import Broken, RawMessage
from huidang.sources.files.limits import CHUNK, ITEM_LIMIT, MEBIBYTE
from huidang.sources.files.spill import Spill

_SKIPPED = (b"", b"\r")


class _LongLine:
    """The rest of a line that has outgrown the limit, as chunks; afterwards `rest` is what follows it."""

    def __init__(self, start: bytes, stream: IO[bytes]) -> None:
        self.rest = b""
        self.size = 0
        self._start = start
        self._stream = stream

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the line, its end left out."""
        chunk = self._start
        while chunk:
            line, end, rest = chunk.partition(b"\n")
            self.size += len(line)
            yield line
            if end:
                self.rest = rest
                return
            chunk = self._stream.read(CHUNK)


def _too_long(place: str, line: _LongLine, spill: Spill) -> Broken:
    blob = spill(line.chunks())
    text = f"这一行有 {line.size:,} 字节，超过单条上限 {ITEM_LIMIT // MEBIBYTE} MB。"
    return Broken(place=place, code="item-too-long", text=text, blob=blob)


def cut_lines(stream: IO[bytes], *, spill: Spill, verbatim: bool = False) -> Iterator[RawMessage | Broken]:
    """Yield each line with its place ("line 17"); blank lines and `#` comments only where `verbatim`."""
    number, tail = 0, b""
    while (chunk := stream.read(CHUNK)) or b"\n" in tail:  # a line too long may leave several behind it
        *lines, tail = (tail + chunk).split(b"\n")
        for line in lines:
            number += 1
            if verbatim or not (line in _SKIPPED or line.startswith(b"#")):
                yield _item(number, line)
        if len(tail) > ITEM_LIMIT:
            number += 1
            long = _LongLine(tail, stream)
            yield _too_long(f"line {number}", long, spill)
            tail = long.rest
    if tail.strip() and (verbatim or not tail.startswith(b"#")):
        yield _item(number + 1, tail)


def _item(number: int, line: bytes) -> RawMessage | Broken:
    return RawMessage(f"line {number}", line[:-1] if line.endswith(b"\r") else line)
