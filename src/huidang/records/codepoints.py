"""A text as a tree of salted commitments, one a code point, so that any part can be shown and the rest proven hidden.

A commitment is SHA-256(0x00 ‖ salt ‖ UTF-8 of the code point). The root is the Merkle tree hash of RFC 6962 over
records, each the concatenation of up to 32 commitments: for a chat message one hash instead of thirty, for a long
text still a proof of logarithmic length. The number of code points is committed to beside the root, since it fixes
how many positions are hidden.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from struct import Struct
from typing import Self

import msgspec

from huidang.kernel import merkle

RECORD = 32
SALT_BYTES = 16
HIDDEN = "*"
"""Stands in the place of a hidden code point."""

_RECORD_BYTES = RECORD * 32


def commit(text: str, salts: bytes) -> list[bytes]:
    """Return the commitment of each code point; `salts` holds 16 bytes for each."""
    sha = merkle.sha256_of_block
    pairs = zip(_cutter(len(text))(salts), map(str.encode, text), strict=True)
    return [sha(b"\x00" + salt + char).digest() for salt, char in pairs]


def root(commitments: Sequence[bytes]) -> bytes:
    """Return the text's root. The empty text has the root of the empty tree."""
    if not commitments:
        return merkle.EMPTY
    joined = b"".join(commitments)
    starts = range(0, len(joined), _RECORD_BYTES)
    sha = hashlib.sha256
    return merkle.root_hash([sha(b"\x00" + joined[at : at + _RECORD_BYTES]).digest() for at in starts])


class MaskedText(msgspec.Struct, frozen=True):
    """A text with hidden positions: what stands in the others proves itself, and how many are hidden, and where.

    `text` has `*` in each hidden position. `hidden` holds half-open ranges of code points, `salts` the salts of the
    shown positions in their order, `commitments` those of the hidden ones.
    """

    text: str
    hidden: tuple[tuple[int, int], ...]
    salts: bytes
    commitments: bytes

    @classmethod
    def of(cls, text: str, salts: bytes, hidden: Collection[int]) -> Self:
        """Hide the given positions (code points counted from 0) of a text."""
        commitments = commit(text, salts)
        return cls(
            "".join(HIDDEN if at in hidden else char for at, char in enumerate(text)),
            tuple(_ranges(sorted(hidden))),
            b"".join(salt for at, salt in enumerate(_cutter(len(text))(salts)) if at not in hidden),
            b"".join(each for at, each in enumerate(commitments) if at in hidden),
        )


def _ranges(positions: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Join positions that follow each other to half-open ranges."""
    start = stop = -1
    for at in positions:
        if at != stop and stop > start:
            yield start, stop
        start, stop = (start if at == stop else at), at + 1
    if stop > start:
        yield start, stop


@lru_cache(maxsize=1024)
def _cutter(count: int) -> Callable[[bytes], tuple[bytes, ...]]:
    """Return what cuts the salts of `count` code points apart."""
    return Struct(f"{SALT_BYTES}s" * count).unpack
