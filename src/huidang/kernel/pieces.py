"""Bytes piece by piece, the way the server at hand can stream them."""

from collections.abc import AsyncIterator, Iterator
from itertools import chain

from asgiref.sync import sync_to_async


def streamed(pieces: Iterator[bytes], *, asynchronous: bool) -> Iterator[bytes] | AsyncIterator[bytes]:
    """Begin to read, so that what cannot be read is refused before the answer begins, and go on as it is asked for."""
    begun = chain([next(pieces, b"")], pieces)
    return _as_async(begun) if asynchronous else begun


async def _as_async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(pieces, b""), thread_sensitive=False)
    while piece := await following():
        yield piece
