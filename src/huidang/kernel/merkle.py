"""The arithmetic of RFC 6962 Merkle trees (section 2.1): roots, and the two verifications, without a database.

Hashes are 32 bytes. A leaf is SHA-256(0x00 ‖ data), an inner node SHA-256(0x01 ‖ left ‖ right), the empty tree
SHA-256(""). Proofs are lists of hashes in the order of RFC 6962, as Go's `tlog` and every CT library take them. With
`sha=sm3` the same trees are built with SM3 (GB/T 32905-2016) in the place of SHA-256.
"""

import hashlib
import importlib
import timeit
from collections.abc import Callable, Sequence
from typing import Any

from cryptography.hazmat.primitives import hashes

Hasher = Callable[[bytes], Any]
"""What hashes bytes, as `hashlib.sha256` does."""

EMPTY = hashlib.sha256(b"").digest()


BLOCK = 55
"""Up to so many bytes are hashed as one block."""


def _quickest(size: int) -> Callable[[bytes], Any]:
    """Choose between CPython's two SHA-256: OpenSSL's costs 1 µs to set up, the other hashes a block more slowly.

    Which one wins for short inputs depends on their size and on whether the processor knows SHA, so both are timed
    (1 ms). Both give the same answer.
    """
    try:
        builtin: Callable[[bytes], Any] = importlib.import_module("_sha256").sha256
    except ImportError:
        return hashlib.sha256
    data = bytes(size)
    return min(hashlib.sha256, builtin, key=lambda sha: min(timeit.repeat(lambda: sha(data), number=20, repeat=25)))


sha256 = _quickest(65)
"""SHA-256 for the nodes of a tree; above half a kilobyte `hashlib.sha256` is never slower."""

sha256_of_block = _quickest(BLOCK // 2)
"""SHA-256 for what fits into one block (`BLOCK`)."""


class sm3:  # noqa: N801  # used like `hashlib.sha256`
    """SM3 of some bytes."""

    def __init__(self, data: bytes = b"") -> None:
        self._hash = hashes.Hash(hashes.SM3())
        self._hash.update(data)

    def digest(self) -> bytes:
        """Return its 32 bytes."""
        return self._hash.finalize()


def leaf_hash(data: bytes, sha: Hasher = hashlib.sha256) -> bytes:
    """Return the hash of a leaf that holds `data`."""
    return bytes(sha(b"\x00" + data).digest())


def node_hash(left: bytes, right: bytes, sha: Hasher = sha256) -> bytes:
    """Return the hash of an inner node."""
    return bytes(sha(b"\x01" + left + right).digest())


def root_hash(parts: Sequence[bytes], sha: Hasher = sha256) -> bytes:
    """Return the root over leaf hashes, or over the hashes of equally high complete subtrees and a last lower one.

    Pairing level by level and handing up an odd last one gives the shape of RFC 6962.
    """
    level = list(parts)
    while (width := len(level)) > 1:
        above = [sha(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        if width & 1:
            above.append(level[-1])
        level = above
    return level[0] if level else bytes(sha(b"").digest())


def split(width: int) -> int:
    """Return the largest power of two below `width`: where RFC 6962 cuts a tree of that many leaves (at least 2)."""
    return 1 << (width - 1).bit_length() - 1


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes, sha: Hasher = sha256
) -> bool:
    """Tell whether `proof` shows the leaf at `index` of the tree with `size` leaves and `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, computed = index, size - 1, leaf
    for sibling in proof:
        if not last:
            return False
        if place & 1 or place == last:
            computed = node_hash(sibling, computed, sha)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling, sha)
        place, last = place >> 1, last >> 1
    return not last and computed == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether `proof` shows the tree of `old` leaves to be the beginning of that of `new` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    return bool(path) and _grown(old - 1, new - 1, path) == (old_root, new_root)


def _grown(place: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return both roots that a consistency path leads to, or None where its length does not fit."""
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if not last:
            return None
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return None if last else (before, after)
