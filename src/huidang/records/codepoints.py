"""A text as a tree of salted commitments, one a code point, so that any part can be shown and the rest proven hidden.

A commitment is SHA-256(0x00 ‖ salt ‖ UTF-8 of the code point). The root is the Merkle tree hash of RFC 6962 over
records, each the concatenation of up to 32 commitments: for a chat message one hash instead of thirty, for a long
text still a proof of logarithmic length. The number of code points is committed to beside the root, since it fixes
how many positions are hidden.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Self

import msgspec

from huidang.kernel import merkle

RECORD = 32
SALT_BYTES = 16
_RECORD_BYTES = RECORD * 32
_CACHED = [slice(at, at + SALT_BYTES) for at in range(0, 1024 * SALT_BYTES, SALT_BYTES)]


def commit(text: str, salts: bytes) -> list[bytes]:
    """Return the commitment of each code point; `salts` holds 16 bytes for each."""
    sha = merkle.sha256
    return [
        sha(b"\x00" + salts[place] + char.encode()).digest()
        for place, char in zip(_slices(len(text)), text, strict=False)
    ]


def root(commitments: Sequence[bytes]) -> bytes:
    """Return the text's root. The empty text has the root of the empty tree."""
    if not commitments:
        return merkle.EMPTY
    joined = b"".join(commitments)
    starts = range(0, len(joined), _RECORD_BYTES)
    sha = hashlib.sha256
    return merkle.root_hash([sha(b"\x00" + joined[at : at + _RECORD_BYTES]).digest() for at in starts])


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """A shown position: the code point and its salt (hex)."""

    char: str
    salt: str

    def commitment(self) -> bytes:
        """Return what the position commits to."""
        return commit(self.char, bytes.fromhex(self.salt))[0]


class MaskedText(msgspec.Struct, frozen=True):
    """A text with hidden positions: each position is shown, or stands as its bare commitment (hex)."""

    positions: tuple[Shown | str, ...]

    @classmethod
    def of(cls, text: str, salts: bytes, hidden: Collection[int]) -> Self:
        """Hide the given positions (code points counted from 0) of a text."""
        commitments = commit(text, salts)
        shown = (Shown(char, salts[place].hex()) for place, char in zip(_slices(len(text)), text, strict=False))
        return cls(tuple(commitments[at].hex() if at in hidden else each for at, each in enumerate(shown)))

    def render(self, mask: str = "*") -> str:
        """Return the text with `mask` in every hidden position."""
        return "".join(each.char if isinstance(each, Shown) else mask for each in self.positions)

    def root(self) -> bytes:
        """Return the root that this view proves: that of the whole text, if nothing in it was changed.

        Raises ValueError for what is no masked text: a position that holds no commitment, or more than one character.
        """
        return root([self._commitment(each) for each in self.positions])

    @staticmethod
    def _commitment(position: Shown | str) -> bytes:
        if isinstance(position, Shown):
            if len(position.char) != 1 or len(position.salt) != 2 * SALT_BYTES:
                raise ValueError("a shown position holds one code point and 16 bytes of salt")
            return position.commitment()
        commitment = bytes.fromhex(position)
        if len(commitment) != hashlib.sha256().digest_size:
            raise ValueError("a hidden position holds a commitment of 32 bytes")
        return commitment


def _slices(count: int) -> Iterable[slice]:
    """Return where the salts of `count` code points lie; texts of usual length share ready-made slices."""
    if count <= len(_CACHED):
        return _CACHED
    return (slice(at, at + SALT_BYTES) for at in range(0, count * SALT_BYTES, SALT_BYTES))
