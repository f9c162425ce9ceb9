"""Where the bytes of an over-long item go: into a blob, in constant memory."""

import io
from collections.abc import Callable, Iterable, Iterator
from typing import IO, cast

# Takes the chunks of one item and returns the SHA-256 (hex) of the blob that holds them.
Spill = Callable[[Iterable[bytes]], str]


class _Chunks(io.RawIOBase):
    """Chunks as a stream; a read returns one chunk, whatever its size."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks

    def readable(self) -> bool:
        """Say that this stream can be read."""
        return True

    def read(self, _size: int = -1, /) -> bytes:
        """Return the next chunk that is not empty; `b""` only at the end."""
        return next((chunk for chunk in self._chunks if chunk), b"")


def forget(chunks: Iterable[bytes]) -> str:
    """Read the chunks and keep nothing: for previews and recognition, which store nothing."""
    for _ in chunks:
        pass
    return ""


def into(put_stream: Callable[[IO[bytes]], str]) -> Spill:
    """Return the spill that stores by `kernel.blobs.put_stream`."""

    def store(chunks: Iterable[bytes]) -> str:
        rest = iter(chunks)
        sha256 = put_stream(cast("IO[bytes]", _Chunks(rest)))
        forget(rest)
        return sha256

    return store
