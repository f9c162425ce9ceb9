"""Reads what is left of a ZIP whose directory at the end is missing: member after member, by their own headers.

Layout after PKWARE's APPNOTE 6.3, sections 4.3.7 (local header), 4.3.9 (data descriptor) and 4.5.3 (ZIP64 sizes).
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, cast

from huidang.kernel.problems import Problem
from huidang.sources.files.limits import CHUNK, ZIP_HARMLESS, ZIP_RATIO

_HEADER = struct.Struct("<4s5H3L2H")
_MARK, _DESCRIPTOR_MARK = b"PK\x03\x04", b"PK\x07\x08"
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _DESCRIBED, _UTF8 = 0x1, 0x8, 0x800
_IN_EXTRA = 0xFFFFFFFF
_ZIP64_EXTRA = 1
_LONGEST_DESCRIPTOR = 24


@dataclass(frozen=True, slots=True)
class Remnant:
    """A member found by its local header. `packed` is its packed size, cut where the file ends (then not `whole`)."""

    name: str
    method: int
    offset: int
    packed: int
    size: int
    whole: bool
    encrypted: bool


def remnants(stream: IO[bytes]) -> Iterator[Remnant]:
    """Yield the members that can still be found, in the order of the file."""
    end = stream.seek(0, 2)
    at = 0
    while (found := _remnant(stream, at, end)) is not None:
        yield found
        at = _next(stream, found.offset + found.packed)


def _remnant(stream: IO[bytes], at: int, end: int) -> Remnant | None:
    stream.seek(at)
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(_MARK):
        return None
    _, _, flags, method, _, _, _, packed, size, name_length, extra_length = _HEADER.unpack(header)
    name, extra = stream.read(name_length), stream.read(extra_length)
    offset = at + _HEADER.size + name_length + extra_length
    packed, size = _long_sizes(extra, packed, size)
    if flags & _DESCRIBED and not packed:
        if method != _DEFLATED:
            return None
        packed, size = _measured(stream, offset)
    available = max(0, min(packed, end - offset))
    shown = name.decode("utf-8" if flags & _UTF8 or _is_utf8(name) else "gb18030", "replace")
    return Remnant(shown, method, offset, available, size, available == packed, bool(flags & _ENCRYPTED))


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _long_sizes(extra: bytes, packed: int, size: int) -> tuple[int, int]:
    """Return the sizes, taken from the ZIP64 field where the header has no room for them."""
    at = 0
    while packed == _IN_EXTRA and at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == _ZIP64_EXTRA and length >= struct.calcsize("<2Q") and at + 20 <= len(extra):
            size, packed = struct.unpack_from("<2Q", extra, at + 4)
        at += 4 + length
    return packed, size


def _measured(stream: IO[bytes], offset: int) -> tuple[int, int]:
    """Return the packed and unpacked size of a member that states none, by inflating it."""
    stream.seek(offset)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = size = 0
    data = b""
    while not inflater.eof and (data := inflater.unconsumed_tail or stream.read(CHUNK)):
        packed += 0 if inflater.unconsumed_tail else len(data)
        try:
            size += len(inflater.decompress(data, CHUNK))
        except zlib.error:
            break
        if size > ZIP_HARMLESS and size > ZIP_RATIO * packed:
            break
    return packed - len(inflater.unused_data), size


def _next(stream: IO[bytes], at: int) -> int:
    """Return where the next header begins: at once, or behind a data descriptor."""
    stream.seek(at)
    behind = stream.read(_LONGEST_DESCRIPTOR + len(_MARK))
    found = behind.find(_MARK)
    return at + max(found, 0)


class RemnantStream(io.RawIOBase):
    """The bytes of a remnant. Raises `Problem` where the file ends before it does."""

    def __init__(self, stream: IO[bytes], member: Remnant) -> None:
        super().__init__()
        if member.method not in {_STORED, _DEFLATED}:
            raise Problem("zip-method-unknown", f"成员「{member.name}」的压缩方法不受支持。", name=member.name)
        self._stream = stream
        self._member = member
        self._at = member.offset
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == _DEFLATED else None
        self._waiting = b""

    def readable(self) -> bool:
        """Say that this stream can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; `b""` only at the end of a whole member."""
        if size < 0:
            return b"".join(iter(lambda: self.read(CHUNK), b""))
        data = self._packed(size) if size else None  # to zlib a limit of 0 is none
        if data is None:
            return b""
        if self._inflater is None:
            return data
        try:
            out = self._inflater.decompress(data, size)
        except zlib.error as error:
            raise _damaged(self._member) from error
        self._waiting = self._inflater.unconsumed_tail
        return out or self.read(size)

    def _packed(self, size: int) -> bytes | None:
        """Return the next packed bytes, or None at the end of the member. Raises `Problem` at the end of the file."""
        if self._waiting:
            return self._waiting
        if self._inflater is not None and self._inflater.eof:
            return None
        self._stream.seek(self._at)
        left = self._member.offset + self._member.packed - self._at
        data = self._stream.read(min(CHUNK if self._inflater else size, left)) if left > 0 else b""
        self._at += len(data)
        if data:
            return data
        if self._inflater is None and self._member.whole:
            return None
        raise _damaged(self._member)


def _damaged(member: Remnant) -> Problem:
    return Problem("member-damaged", f"「{member.name}」读到一半结束：压缩包不完整。", name=member.name)


def open_remnant(stream: IO[bytes], member: Remnant) -> IO[bytes]:
    """Open a remnant. Raises `Problem` where its method is unknown."""
    return cast("IO[bytes]", RemnantStream(stream, member))
