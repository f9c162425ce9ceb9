"""The append-only log: an RFC 6962 Merkle tree in the database, with signed checkpoints (C2SP tlog-checkpoint).

Stored are the leaves and the roots of every complete block of 256, 65,536, … of them (the tiles of C2SP tlog-tiles),
so that appending, a root of any size and a proof read at most 256 rows a level. What a leaf means is its owner's
business: the log keeps its hash, a kind and the id of the row it speaks for.
"""

import os
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import rfc8785
from django.db import connection, models, transaction

from huidang.kernel import clock, merkle, notes, secrets
from huidang.kernel.merkle import verify_consistency, verify_inclusion
from huidang.kernel.problems import Problem
from huidang.kernel.rowid import RowId

__all__ = [
    "Checkpoint",
    "Entry",
    "Handover",
    "Leaf",
    "Tree",
    "append",
    "checkpoint",
    "keys",
    "rotate",
    "size",
    "verify_consistency",
    "verify_inclusion",
]

_TILE_BITS = 8
_TILE = 1 << _TILE_BITS
_LEVEL_SHIFT = 52  # a node's id is level << 52 | index; 2^52 leaves are enough
_SEED_CONTEXT = b"log signing key"
_HANDOVER = "huidang key handover v1"
KEY_KIND = "key"
"""The kind of the leaves that hand over to a new signing key."""


class Log(models.Model):
    """The head of the log, one row: appenders lock it. `signing_seed` is sealed by the site key."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    origin = models.CharField(max_length=80)
    verifier = models.CharField(max_length=200)
    signing_seed = models.BinaryField()
    size = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()


class Leaf(models.Model):
    """One leaf: its place, its hash, and the row it speaks for. Appended, never changed."""

    index = RowId()
    hash = models.BinaryField()
    kind = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()


class Node(models.Model):
    """The root of a complete subtree of 2^level leaves, level = 8, 16, 24, …; id = level << 52 | index."""

    id = RowId()
    hash = models.BinaryField()


class Checkpoint(models.Model):
    """The root at one size, signed: `note` is the whole signed text."""

    size = RowId()
    root = models.BinaryField()
    note = models.TextField()
    created_at = models.DateTimeField()


def node_id(level: int, index: int) -> int:
    """Return the id of the node over the `index`th block of 2^level leaves."""
    return level << _LEVEL_SHIFT | index


_LEAVES, _NODES = Leaf._meta.db_table, Node._meta.db_table
_READ_LEAVES = f'SELECT hash FROM "{_LEAVES}" WHERE "index" >= %s AND "index" < %s ORDER BY "index"'  # noqa: S608
_READ_NODES = f'SELECT hash FROM "{_NODES}" WHERE id >= %s AND id < %s ORDER BY id'  # noqa: S608


class Handover(models.Model):
    """The signing key gave over to a new one: `note` is the old key's signed word, and a leaf of the log."""

    leaf_index = RowId()
    note = models.TextField()
    created_at = models.DateTimeField()


class Entry(NamedTuple):
    """A leaf to append."""

    hash: bytes
    kind: str
    subject_id: int


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint's text says."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def append(entries: Sequence[Entry | tuple[bytes, str, int]]) -> int:
    """Append leaves inside the caller's transaction and return the index of the first.

    Appenders wait for each other until they commit. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("ledger.append belongs inside the transaction that stores what the leaves speak for")
    first = _locked().size
    _insert(_LEAVES, '"index", hash, kind, subject_id', [(first + at, *entry) for at, entry in enumerate(entries)])
    _insert(_NODES, "id, hash", _completed(first, [entry[0] for entry in entries]))
    Log.objects.filter(id=1).update(size=first + len(entries))
    return first


def size() -> int:
    """Return how many leaves the log has."""
    return Log.objects.filter(id=1).values_list("size", flat=True).first() or 0


def root(of_size: int | None = None) -> bytes:
    """Return the root of the first `of_size` leaves, by default of all."""
    return Tree().root(size() if of_size is None else of_size)


def inclusion_proof(index: int, of_size: int) -> list[bytes]:
    """Prove that the leaf at `index` is in the tree of the first `of_size` leaves. Raises `Problem`."""
    return Tree().inclusion_proof(index, of_size)


def consistency_proof(old: int, new: int) -> list[bytes]:
    """Prove that the tree of `old` leaves is the beginning of that of `new`. Raises `Problem`."""
    return Tree().consistency_proof(old, new)


def origin() -> str:
    """Return the name of this log: random, kept with the archive, the first line of every checkpoint."""
    return _head().origin


def verifier() -> notes.Verifier:
    """Return the public key that checkpoints are signed with."""
    return notes.parse_verifier(_head().verifier)


def proven_verifier() -> notes.Verifier:
    """Return the public key as the sealed signing key gives it. Raises `Problem` where the stored one is another."""
    return _signer(_head()).verifier


def sign_bytes(message: bytes) -> bytes:
    """Return the signing key's 64 bytes over a message, which must not look like a checkpoint. Raises `Problem`."""
    return _signer(_head()).sign_bytes(message)


def checkpoint() -> Checkpoint | None:
    """Sign the present size and root if the log has grown; return the latest checkpoint, None for an empty log.

    Raises `Problem` (`log-inconsistent`) rather than sign a log whose beginning is no longer the one last signed.
    """
    with transaction.atomic():
        head = _locked()
        last = Checkpoint.objects.order_by("-size").first()
        if head.size == (last.size if last else 0):
            return last
        return _checkpoint(head, last)


def _checkpoint(head: Log, last: Checkpoint | None) -> Checkpoint:
    tree = Tree()
    if last and tree.root(last.size) != bytes(last.root):
        raise Problem("log-inconsistent", f"日志前 {last.size} 条与已签名的检查点不符，拒绝签署。", size=last.size)
    stated = Head(head.origin, head.size, tree.root(head.size))
    note = _signer(head).sign(str(stated))
    return Checkpoint.objects.create(size=stated.size, root=stated.root, note=note, created_at=clock.now())


def rotate() -> Checkpoint:
    """Hand over to a new signing key: the old one signs for it in an entry of the log, then it is gone.

    Returns the checkpoint over that entry, signed by both keys, so that whoever knows either one can go on.
    Raises `Problem` as `checkpoint` does.
    """
    with transaction.atomic():
        checkpoint()
        old, seed = _signer(_locked()), secrets.new_key()
        new = notes.Signer(old.verifier.name, seed)
        note = old.sign(f"{_HANDOVER}\n{old.verifier}\n{new.verifier}\n{clock.now_ms()}\n")
        index = append([Entry(handover_hash(note), KEY_KIND, 0)])
        Handover.objects.create(leaf_index=index, note=note, created_at=clock.now())
        sealed = secrets.seal(secrets.site_key(), seed, context=_SEED_CONTEXT)
        Log.objects.filter(id=1).update(verifier=str(new.verifier), signing_seed=sealed)
        signed = checkpoint()
        assert signed is not None
        signed.note += old.sign(str(read_head(signed.note))).rpartition("\n\n")[2]
        signed.save(update_fields=["note"])
    return signed


def handover_hash(note: str) -> bytes:
    """Return the leaf hash of a handover."""
    return merkle.leaf_hash(rfc8785.dumps({"note": note, "type": KEY_KIND, "v": 1}))


class Epoch(NamedTuple):
    """A key, and the size from which on it signs checkpoints."""

    start: int
    verifier: notes.Verifier


def keys() -> list[Epoch]:
    """Return the keys of the log in their order, each vouched for by the one before.

    Raises `notes.BadNote` where a stored handover is none, or does not lead to the present key.
    """
    epochs: list[Epoch] = []
    for handover in Handover.objects.order_by("leaf_index"):
        old, new = read_handover(handover.note)
        if epochs and epochs[-1].verifier != old:
            raise notes.BadNote("密钥交接记录前后不接。")
        epochs += [] if epochs else [Epoch(0, old)]
        epochs.append(Epoch(handover.leaf_index + 1, new))
    present = verifier()
    if epochs and epochs[-1].verifier != present:
        raise notes.BadNote("密钥交接记录没有通向现在的公钥。")
    return epochs or [Epoch(0, present)]


def key_at(epochs: Sequence[Epoch], of_size: int) -> notes.Verifier:
    """Return the key that signs checkpoints of this size."""
    return next(epoch.verifier for epoch in reversed(epochs) if epoch.start <= of_size)


def read_handover(note: str) -> tuple[notes.Verifier, notes.Verifier]:
    """Return old and new key of a handover that the old one signed. Raises `notes.BadNote`."""
    header, old_text, new_text, *_rest = [*note.split("\n"), "", ""]
    if header != _HANDOVER:
        raise notes.BadNote("这不是密钥交接记录。")
    old = notes.parse_verifier(old_text)
    old.verify(note)
    return old, notes.parse_verifier(new_text)


def read_checkpoint(note: str, verifier: notes.Verifier) -> Head:
    """Return what a signed checkpoint says. Raises `notes.BadNote` where it is none or `verifier` did not sign it."""
    verifier.verify(note)
    return read_head(note)


def read_head(note: str) -> Head:
    """Return what a checkpoint says, whoever signed it. Raises `notes.BadNote` where it is none."""
    name, count, root_text, *_extensions = [*notes.divide(note)[0].split("\n"), "", ""]
    if not count.isdecimal() or not root_text:
        raise notes.BadNote("这不是检查点。")
    return Head(name, int(count), notes.decode_base64(root_text))


class Tree:
    """A view of the stored tree that remembers what it has read: use one for many proofs, then let it go."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[int, int], list[bytes]] = {}
        self._subtrees: dict[tuple[int, int], bytes] = {}

    def root(self, of_size: int) -> bytes:
        """Return the root of the first `of_size` leaves."""
        return self._span(0, of_size) if of_size else merkle.EMPTY

    def inclusion_proof(self, index: int, of_size: int) -> list[bytes]:
        """Return the siblings from the leaf up. Raises `Problem` (`log-range`)."""
        if not 0 <= index < of_size:
            raise _out_of_range(index, of_size)
        proof: list[bytes] = []
        start, stop = 0, of_size
        while stop - start > 1:
            middle = start + merkle.split(stop - start)
            if index < middle:
                proof.append(self._span(middle, stop))
                stop = middle
            else:
                proof.append(self._span(start, middle))
                start = middle
        return proof[::-1]

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """Return the proof of RFC 6962, 2.1.2. Raises `Problem` (`log-range`)."""
        if not 0 <= old <= new:
            raise _out_of_range(old, new)
        if old in (0, new):
            return []
        proof: list[bytes] = []
        start, stop = 0, new
        while stop != old:
            middle = start + merkle.split(stop - start)
            if old <= middle:
                proof.append(self._span(middle, stop))
                stop = middle
            else:
                proof.append(self._span(start, middle))
                start = middle
        return (proof if start == 0 else [*proof, self._span(start, stop)])[::-1]

    def _span(self, start: int, stop: int) -> bytes:
        """Return the root of the leaves from `start` to before `stop`; `start` is a multiple of the width's power."""
        width = stop - start
        if width & (width - 1) == 0:
            return self._complete(width.bit_length() - 1, start)
        middle = start + merkle.split(width)
        return merkle.node_hash(self._span(start, middle), self._span(middle, stop))

    def _complete(self, height: int, start: int) -> bytes:
        known = self._subtrees.get((height, start))
        if known is None:
            known = self._subtrees[height, start] = merkle.root_hash(self._parts(height, start))
        return known

    def _parts(self, height: int, start: int) -> list[bytes]:
        """Return the stored hashes next below a complete subtree. Raises `Problem` where some are missing."""
        level = height & -_TILE_BITS
        first, width = start >> level, 1 << height - level
        hashes = self._tile(level, first >> _TILE_BITS)[first % _TILE : first % _TILE + width]
        if len(hashes) != width:
            raise Problem("log-incomplete", f"日志缺少第 {start} 条起的记录。", index=start)
        return hashes

    def _tile(self, level: int, place: int) -> list[bytes]:
        if (level, place) not in self._tiles:
            self._tiles[level, place] = _stored(level, place * _TILE, (place + 1) * _TILE)
        return self._tiles[level, place]


def _stored(level: int, start: int, stop: int) -> list[bytes]:
    """Read the hashes of the stored subtrees of a level from `start` to before `stop`."""
    base = node_id(level, 0)
    with connection.cursor() as cursor:
        cursor.execute(_READ_NODES if level else _READ_LEAVES, (base + start, base + stop))
        return [bytes(row[0]) for row in cursor.fetchall()]


def _completed(first: int, hashes: list[bytes]) -> list[tuple[int, bytes]]:
    """Return the nodes that leaves appended at `first` complete, on every level."""
    nodes: list[tuple[int, bytes]] = []
    level = 0
    while (first + len(hashes)) // _TILE > first // _TILE:
        begin, end = first // _TILE, (first + len(hashes)) // _TILE
        known = _stored(level, begin * _TILE, first) + hashes
        level += _TILE_BITS
        hashes = [merkle.root_hash(known[i * _TILE : (i + 1) * _TILE]) for i in range(end - begin)]
        nodes += [(node_id(level, begin + i), value) for i, value in enumerate(hashes)]
        first = begin
    return nodes


def _insert(table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows the quickest way each database has: `executemany` on SQLite, COPY on PostgreSQL."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks = ", ".join(["%s"] * len(columns.split(",")))
            cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', rows)  # noqa: S608
            return
        with cast("Any", cursor).copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)


def _head() -> Log:
    """Return the head of the log, begun on first use with a random origin and a signing key."""
    return Log.objects.filter(id=1).first() or _begin()


def _locked() -> Log:
    """Return the head for the rest of the transaction: nobody else appends until it ends."""
    return Log.objects.select_for_update().filter(id=1).first() or (_begin() and _locked())


def _begin() -> Log:
    seed = secrets.new_key()
    name = f"huidang/{os.urandom(16).hex()}"
    sealed = secrets.seal(secrets.site_key(), seed, context=_SEED_CONTEXT)
    begun = {"origin": name, "verifier": str(notes.Signer(name, seed).verifier), "signing_seed": sealed}
    return Log.objects.get_or_create(id=1, defaults={**begun, "created_at": clock.now()})[0]


def _signer(head: Log) -> notes.Signer:
    """Return the signing key. Raises `Problem` where the head names another key than the sealed one."""
    seed = secrets.unseal(secrets.site_key(), bytes(head.signing_seed), context=_SEED_CONTEXT)
    signer = notes.Signer(head.origin, seed)
    if str(signer.verifier) != head.verifier:
        raise Problem("log-key-wrong", "日志的公钥与封存的签名密钥不符。", verifier=head.verifier)
    return signer


def _out_of_range(first: int, second: int) -> Problem:
    return Problem("log-range", f"日志中没有这样的范围：{first}，{second}。", first=first, second=second)
