"""Walks one large JSON document in constant memory and yields the elements of its lists as exact slices.

The fast path hands whole chunks to msgspec: a chunk that begins at an element and ends after a `}` is a valid list
exactly when it ends at a border between elements, since inside a string or a nested value it would be unbalanced.
Where that fails (a broken element, the end of a list) a small scanner cuts one element after the other.
"""

import re
from collections.abc import Iterator
from typing import IO, NamedTuple

import msgspec

from huidang.sources.files.limits import CHUNK, ITEM_LIMIT, MEBIBYTE
from huidang.sources.files.spill import Spill

_SPACE = re.compile(rb"[ \t\r\n]*+")
_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_STRUCTURE = re.compile(rb'["\[\]{}]')
_SCALAR = re.compile(rb"[^,\[\]{}: \t\r\n]*+")
_FIRST_KEY = re.compile(rb'\{\s*+("(?:[^"\\]|\\.){0,80}")')
_BACKSLASH = ord("\\")
# Nested objects put borders of their own before the true one; two dozen tries pass over any message seen.
_BORDER_TRIES = 24
_SLICES = msgspec.json.Decoder(list[msgspec.Raw])
_SLICE = msgspec.json.Decoder(msgspec.Raw)


class Value(NamedTuple):
    """A value of the document: under which key of the outer object, its place in that key's list, its bytes.

    `place` is -1 for a value that is no list element. `why` is set where the value could not be cut out whole; its
    bytes then lie in `data` or, beyond the item limit, in the blob named by `blob`.
    """

    key: str
    place: int
    data: bytes
    why: str = ""
    blob: str = ""


class _Truncated(Exception):
    """The document stops in the middle."""


class _Brackets:
    """Finds where a value ends: counts brackets outside strings, across as many chunks as it takes."""

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = False

    def advance(self, buffer: bytes, at: int) -> tuple[int, bool]:
        """Scan from `at`; return how far, and whether the value ended there."""
        while at < len(buffer):
            before = at
            at, ended = self._string(buffer, at) if self._quoted else self._structure(buffer, at)
            if ended or at == before:  # a backslash that is the last byte waits for the next chunk
                return at, ended
        return at, False

    def _string(self, buffer: bytes, at: int) -> tuple[int, bool]:
        end = buffer.find(b'"', at)
        if end < 0 or buffer.find(b"\\", at, end) >= 0:
            text = _IN_STRING.match(buffer, at)
            assert text is not None
            end = text.end()
        if buffer[end : end + 1] != b'"':
            return end, False
        self._quoted = False
        return end + 1, self._depth == 0

    def _structure(self, buffer: bytes, at: int) -> tuple[int, bool]:
        mark = _STRUCTURE.search(buffer, at)
        if mark is None:
            return len(buffer), False
        if mark[0] == b'"':
            self._quoted = True
            return mark.end(), False
        self._depth += 1 if mark[0] in b"[{" else -1
        return mark.end(), self._depth <= 0


def _valid(piece: bytes) -> bool:
    try:
        _SLICE.decode(piece)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


class _Window:
    """The part of the stream in memory, and the cuts made from its front."""

    def __init__(self, stream: IO[bytes], spill: Spill) -> None:
        self._stream = stream
        self._spill = spill
        self.buffer = b""
        self.at = 0
        self.ended = False
        self.border: re.Pattern[bytes] | None = None

    def left(self) -> int:
        """Return how many bytes are in memory."""
        return len(self.buffer) - self.at

    def fill(self) -> bool:
        """Read a chunk; return False at the end of the stream."""
        chunk = b"" if self.ended else self._stream.read(CHUNK)
        self.buffer = self.buffer[self.at :] + chunk
        self.at = 0
        self.ended = not chunk
        return not self.ended

    def peek(self) -> bytes:
        """Return the next byte that is not white space, without taking it. Raises `_Truncated` at the end."""
        while True:
            byte = self.buffer[self.at : self.at + 1]
            if byte and byte not in b" \t\r\n":
                return byte
            space = _SPACE.match(self.buffer, self.at)
            assert space is not None
            self.at = space.end()
            if not byte and not self.fill():
                raise _Truncated

    def slices(self) -> list[msgspec.Raw]:
        """Take all sound list elements in memory at once; nothing where that cannot be done."""
        if self.ended and (rest := self._all()):
            return rest
        end = len(self.buffer)
        for _ in range(_BORDER_TRIES):
            end = self.buffer.rfind(b"},", self.at, end) + 1
            if end <= 0:
                break
            try:
                found = _SLICES.decode(b"[" + self.buffer[self.at : end] + b"]")
            except (msgspec.DecodeError, RecursionError):
                continue
            self._learn_border()
            self.at = end
            return found
        return []

    def _all(self) -> list[msgspec.Raw]:
        """Take every element up to the end of the list, where the document ends with it: most are small and sound."""
        end = self.buffer.rfind(b"]", self.at)
        if end < 0:
            return []
        try:
            found = _SLICES.decode(b"[" + self.buffer[self.at : end] + b"]")
        except (msgspec.DecodeError, RecursionError):
            return []
        self.at = end
        return found

    def _learn_border(self) -> None:
        """Remember how elements of this list begin, to find the next one behind a broken one."""
        first = _FIRST_KEY.match(self.buffer, self.at)
        if first is not None and self.border is None:
            self.border = re.compile(rb",\s*+(?=\{\s*+" + re.escape(first[1]) + rb"\s*+:)")

    def cut(self, key: str, index: int) -> Value:
        """Take one value, sound or not."""
        if self.peek() not in b'{["':
            return Value(key, index, self._scalar())
        scanned, ended = self._scan()
        piece = self.buffer[self.at : self.at + scanned]
        if ended and (self.border is None or _valid(piece)):
            self._learn_border()
            self.at += scanned
            return Value(key, index, piece)
        return self._recover(key, index, scanned, ended=ended)

    def _scan(self) -> tuple[int, bool]:
        """Return the length of the value at the front and whether its end was found within the limit."""
        brackets = _Brackets()
        scanned, ended = 0, False
        while not ended and scanned <= ITEM_LIMIT:
            end, ended = brackets.advance(self.buffer, self.at + scanned)
            scanned = end - self.at
            if not ended and not self.fill():
                return self.left(), False
        self._brackets = brackets
        return scanned, ended

    def _scalar(self) -> bytes:
        while True:
            word = _SCALAR.match(self.buffer, self.at)
            assert word is not None
            if word.end() < len(self.buffer) or len(word[0]) > ITEM_LIMIT or not self.fill():
                self.at = max(word.end(), self.at + 1) if word.end() <= len(self.buffer) else len(self.buffer)
                return word[0]

    def _recover(self, key: str, index: int, scanned: int, *, ended: bool) -> Value:
        """Cut a broken value where the next element visibly begins, else where it ended or the stream did."""
        border = self.border.search(self.buffer, self.at + 1, self.at + scanned) if self.border else None
        if border is None and not ended and scanned > ITEM_LIMIT:
            return self._stream_out(key, index, scanned)
        end = border.start() if border else self.at + scanned
        piece, self.at = self.buffer[self.at : end], end
        why = "" if ended and border is None else "这一条的括号或引号不配对。"
        return Value(key, index, piece, why)

    def _stream_out(self, key: str, index: int, scanned: int) -> Value:
        size = 0

        def chunks() -> Iterator[bytes]:
            nonlocal size
            end, ended = self.at + scanned, False
            while True:
                size += end - self.at
                yield self.buffer[self.at : end]
                self.at = end
                if ended or (not self.left() and not self.fill()):
                    return
                end, ended = self._brackets.advance(self.buffer, self.at)

        blob = self._spill(chunks())
        return Value(key, index, b"", f"这一条有 {size:,} 字节，超过单条上限 {ITEM_LIMIT // MEBIBYTE} MB。", blob)


def walk(stream: IO[bytes], *, spill: Spill, into: frozenset[str] = frozenset()) -> Iterator[Value]:
    """Yield the values of a document in order: list elements one by one, everything else whole.

    The objects under the keys in `into` are walked as if they were the outer one. A document that stops in the
    middle, or goes on after its end, says so in a last value with a `why`.
    """
    window = _Window(stream, spill)
    try:
        if window.peek() == b"[":
            yield from _list(window, "")
        elif window.peek() == b"{":
            yield from _object(window, into)
        yield from _leftover(window)
    except _Truncated:
        yield Value("", -1, window.buffer[window.at :], "文件在中途结束，后面的内容缺失。")


def _leftover(window: _Window) -> Iterator[Value]:
    try:
        window.peek()
    except _Truncated:
        return
    yield Value("", -1, window.buffer[window.at :], "JSON 文档结束之后还有内容。")


def _object(window: _Window, into: frozenset[str]) -> Iterator[Value]:
    window.at += 1
    while (byte := window.peek()) != b"}":
        if byte == b'"':
            yield from _member(window, _key(window), into)
        else:
            window.at += 1
            if byte != b",":
                yield Value("", -1, byte, "此处应为键名。")
                return
    window.at += 1


def _member(window: _Window, key: str, into: frozenset[str]) -> Iterator[Value]:
    if window.peek() == b":":
        window.at += 1
    opening = window.peek()
    if opening == b"[":
        yield from _list(window, key)
    elif opening == b"{" and key in into:
        yield from _object(window, into)
    else:
        yield window.cut(key, -1)


def _key(window: _Window) -> str:
    data = window.cut("", -1).data
    try:
        return msgspec.json.decode(data, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return data.decode("utf-8", "replace")


def _list(window: _Window, key: str) -> Iterator[Value]:
    window.at += 1
    window.border = None
    index, slow = 0, 0
    while (byte := window.peek()) != b"]":
        if byte == b",":
            window.at += 1
            continue
        if slow <= 0:
            if window.left() < CHUNK:
                window.fill()
            for data in (slices := window.slices()):
                yield Value(key, index, bytes(data))
                index += 1
            slow = 0 if slices else window.left()
            if slices:
                continue
        value = window.cut(key, index)
        yield value
        index += 1
        slow -= len(value.data) + 1
    window.at += 1
    window.border = None
