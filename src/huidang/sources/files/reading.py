"""Reads the members of a container as UTF-8 streams, counts progress, and opens media."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from huidang.kernel.problems import Problem
from huidang.records.drafts import Broken, RawMessage
from huidang.sources.files.containers import Container, Meter
from huidang.sources.files.encodings import Encoding, as_utf8, detect
from huidang.sources.files.limits import HEAD, SMALL
from huidang.sources.files.spill import Spill, forget
from huidang.sources.source import ImportOptions

Item = RawMessage | Broken
_BROKEN_STREAM = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError)


class _Metered(io.RawIOBase):
    """A stream that counts into a meter and turns what a broken archive raises into a Problem."""

    def __init__(self, stream: IO[bytes], meter: Meter, name: str) -> None:
        super().__init__()
        self._stream = stream
        self._meter = meter
        self._name = name

    def readable(self) -> bool:
        """Say that this stream can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes. Raises `Problem` where the file or archive is damaged."""
        try:
            chunk = self._stream.read(size)
        except _BROKEN_STREAM as error:
            text = f"“{self._name}”读到一半出错：数据已损坏或不完整。"
            raise Problem("member-damaged", text, name=self._name) from error
        self._meter.read += len(chunk)
        return chunk

    def close(self) -> None:
        """Close the stream beneath as well."""
        self._stream.close()
        super().close()


@dataclass(slots=True)
class Reading:
    """One container being read for one import."""

    container: Container
    options: ImportOptions = field(default_factory=ImportOptions)
    spill: Spill = forget
    meter: Meter = field(default_factory=Meter)

    def plan(self, names: list[str]) -> None:
        """State which members will be read, for the progress."""
        self.meter.planned = sum(self.container.size(name) for name in names)

    def encoding(self, name: str) -> tuple[Encoding, int]:
        """Return the encoding of a member and the length of its byte order mark."""
        stream = self._open(name, Meter())
        try:
            return detect(stream)
        finally:
            stream.close()

    def text(self, name: str) -> IO[bytes]:
        """Open a member as UTF-8, counted in the progress."""
        whole = self._whole(name)
        if whole is None:
            encoding, mark = self.encoding(name)
            return as_utf8(self._open(name, self.meter), encoding, mark)
        self.meter.read += len(whole)
        encoding, mark = detect(io.BytesIO(whole))
        return as_utf8(io.BytesIO(whole), encoding, mark)

    def _whole(self, name: str) -> bytes | None:
        """Return the bytes of a small member, unpacked once; None where it is larger or damaged: see what is sound."""
        if self.container.size(name) > SMALL:
            return None
        try:
            with self._open(name, Meter()) as stream:
                content = stream.read(SMALL + 1)
                return None if stream.read(1) else content
        except Problem:
            return None

    def head(self, name: str, size: int = HEAD) -> bytes:
        """Return the first bytes of a member as UTF-8, not counted."""
        encoding, mark = self.encoding(name)
        stream = as_utf8(self._open(name, Meter()), encoding, mark)
        try:
            return stream.read(size)
        finally:
            stream.close()

    def _open(self, name: str, meter: Meter) -> IO[bytes]:
        return _Metered(self.container.open(name), meter, name)  # type: ignore[return-value]

    def media(self, ref: str) -> IO[bytes] | None:
        """Open the member that a `MediaDraft.ref` names, or return None."""
        return self.container.open(ref) if ref in set(self.container.names()) else None


def guarded(items: Iterator[Item], name: str) -> Iterator[Item]:
    """Yield the items of a member; damage in the middle ends it with one `Broken`, so that the others are read."""
    try:
        yield from items
    except Problem as problem:
        yield Broken(place=name, code=problem.code, text=problem.text)
