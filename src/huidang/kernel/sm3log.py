"""The second log, where HUIDANG_SM3 asks for it: the same leaves in a tree of SM3, with a name and a key of its own.

It begins, or goes on after it was switched off, with a leaf that states the first log's name, size and root, so that
what is older is bound by that root; after it comes one leaf for each leaf of the first log, over the same bytes.
Checkpoints are signed with Ed25519 as the first log's are, in the same moments.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

import rfc8785
from django.db import models

from huidang.kernel import clock, merkle, notes, secrets
from huidang.kernel.forest import Stored, Tree
from huidang.kernel.problems import Problem
from huidang.kernel.rowid import RowId

_SEED_CONTEXT = b"second log signing key"
SUFFIX = "/sm3"
"""What follows the first log's name in the name of the second."""


class Sm3Log(models.Model):
    """The head of the second log, one row. `follows` is the size of the first log that its end stands for."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    verifier = models.CharField(max_length=200)
    signing_seed = models.BinaryField()
    size = models.BigIntegerField(default=0)
    follows = models.BigIntegerField(default=-1)


class Sm3Leaf(models.Model):
    """One leaf: its place, its SM3, and the place in the first log of the leaf over the same bytes; None begins."""

    index = RowId()
    hash = models.BinaryField()
    of = models.BigIntegerField(null=True, unique=True)


class Sm3Node(models.Model):
    """The root of a complete subtree, as `ledger.Node`."""

    id = RowId()
    hash = models.BinaryField()


class Sm3Beginning(models.Model):
    """What a leaf that begins says: canonical JSON."""

    index = RowId()
    text = models.TextField()


class Sm3Checkpoint(models.Model):
    """The root at one size, signed, and the size of the first log's checkpoint of the same moment."""

    size = RowId()
    root = models.BinaryField()
    note = models.TextField()
    follows = models.BigIntegerField(unique=True)
    created_at = models.DateTimeField()


STORED = Stored(Sm3Leaf._meta.db_table, Sm3Node._meta.db_table, merkle.sm3)


def append(first: int, data: Sequence[bytes], *, beginning: Callable[[], Any]) -> None:
    """Append leaves over these bytes, which the first log has from `first` on, in the caller's transaction.

    `beginning` returns origin, size and root of the first log so far, and is asked where the two are out of step.
    """
    stated = beginning() if _follows() != first else None
    head = _head(stated.origin if stated else "")
    rows: list[tuple[int, bytes, int | None]] = []
    if stated is not None:
        text = beginning_bytes(stated.origin, stated.size, stated.root)
        Sm3Beginning.objects.create(index=head.size, text=text.decode())
        rows.append((head.size, leaf_hash(text), None))
    start = head.size + len(rows)
    rows += [(start + at, leaf_hash(each), first + at) for at, each in enumerate(data)]
    STORED.append('"index", hash, of', rows)
    Sm3Log.objects.filter(id=1).update(size=head.size + len(rows), follows=first + len(data))


def checkpoint(follows: int) -> Sm3Checkpoint | None:
    """Sign the second log beside the first one's checkpoint of size `follows`; None where it does not stand there."""
    head = Sm3Log.objects.filter(id=1).first()
    if head is None or head.follows != follows:
        return None
    root = Tree(STORED).root(head.size)
    signer = _signer(head)
    note = signer.sign(f"{signer.verifier.name}\n{head.size}\n{b64encode(root).decode()}\n")
    facts = {"root": root, "note": note, "follows": follows, "created_at": clock.now()}
    return Sm3Checkpoint.objects.update_or_create(size=head.size, defaults=facts)[0]


def beginning_bytes(origin: str, size: int, root: bytes) -> bytes:
    """Return the leaf that binds the second log to the first `size` leaves of the first one."""
    return rfc8785.dumps({"log": origin, "root": root.hex(), "size": size, "type": "beginning", "v": 1})


def leaf_hash(data: bytes) -> bytes:
    """Return the SM3 of a leaf that holds `data`."""
    return merkle.leaf_hash(data, merkle.sm3)


def verifier() -> notes.Verifier | None:
    """Return the public key of the second log, None where it was never kept."""
    head = Sm3Log.objects.filter(id=1).first()
    return notes.parse_verifier(head.verifier) if head else None


def proven_verifier() -> notes.Verifier | None:
    """Return the public key as the sealed signing key gives it. Raises `Problem` where the stored one is another."""
    head = Sm3Log.objects.filter(id=1).first()
    return _signer(head).verifier if head else None


def _follows() -> int:
    return Sm3Log.objects.filter(id=1).values_list("follows", flat=True).first() or -1


def _head(origin: str) -> Sm3Log:
    """Return the head, begun on first use. The first log's head is locked by the caller, and with it this one."""
    head = Sm3Log.objects.filter(id=1).first()
    if head is None:
        seed = secrets.new_key()
        sealed = secrets.seal(secrets.site_key(), seed, context=_SEED_CONTEXT)
        verifier = str(notes.Signer(f"{origin}{SUFFIX}", seed).verifier)
        head = Sm3Log.objects.create(id=1, verifier=verifier, signing_seed=sealed)
    return head


def _signer(head: Sm3Log) -> notes.Signer:
    seed = secrets.unseal(secrets.site_key(), bytes(head.signing_seed), context=_SEED_CONTEXT)
    signer = notes.Signer(notes.parse_verifier(head.verifier).name, seed)
    if str(signer.verifier) != head.verifier:
        raise Problem("log-key-wrong", "第二份日志的公钥与封存的签名密钥不符。", verifier=head.verifier)
    return signer
