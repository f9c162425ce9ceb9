"""The append-only log: an RFC 6962 Merkle tree in the database, with signed checkpoints (C2SP tlog-checkpoint).

How it is stored says `kernel.forest`. What a leaf means is its owner's business: the log keeps its hash, a kind and
the id of the row it speaks for.
"""

import os
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import rfc8785
from django.conf import settings
from django.db import connection, models, transaction

from huidang.kernel import clock, forest, merkle, notes, secrets, sm3log
from huidang.kernel.forest import Stored, node_id
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
    "node_id",
    "rotate",
    "size",
    "verify_consistency",
    "verify_inclusion",
]

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


_STORED = Stored(Leaf._meta.db_table, Node._meta.db_table)


class Handover(models.Model):
    """The signing key gave over to a new one: `note` is the old key's signed word, and a leaf of the log."""

    leaf_index = RowId()
    note = models.TextField()
    created_at = models.DateTimeField()


class Entry(NamedTuple):
    """A leaf to append; `data` is what its hash is over, wanted where a second log is kept (`kernel.sm3log`)."""

    hash: bytes
    kind: str
    subject_id: int
    data: bytes = b""


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
    rows = [(at, entry[0], entry[1], entry[2]) for at, entry in enumerate(entries, first)]
    if settings.HOUSE.sm3:
        _follow(first, [Entry(*entry) for entry in entries])
    _STORED.append('"index", hash, kind, subject_id', rows)
    Log.objects.filter(id=1).update(size=first + len(entries))
    return first


def _follow(first: int, entries: Sequence[Entry]) -> None:
    """Append the same leaves to the second log, which begins with what the first one holds so far."""
    if not all(entry.data for entry in entries):
        raise RuntimeError("a second log is kept: what a leaf's hash is over has to be given with it")
    sm3log.append(first, [entry.data for entry in entries], beginning=lambda: Head(origin(), first, root(first)))


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
    if settings.HOUSE.sm3:
        sm3log.checkpoint(head.size)
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
        index = append([Entry(handover_hash(note), KEY_KIND, 0, handover_bytes(note))])
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
    return merkle.leaf_hash(handover_bytes(note))


def handover_bytes(note: str) -> bytes:
    """Return the leaf of a handover."""
    return rfc8785.dumps({"note": note, "type": KEY_KIND, "v": 1})


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


class Tree(forest.Tree):
    """A view of the log's tree that remembers what it has read: use one for many proofs, then let it go."""

    def __init__(self) -> None:
        super().__init__(_STORED)


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
