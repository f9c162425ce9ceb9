"""The audit: who did what, when, from where and why. Entries are added, never changed or removed one by one.

Each entry is a leaf of kind `audit` in the log, written in the same transaction, so that one that was altered or
taken out is found by whoever holds an earlier checkpoint. The leaf is the canonical JSON (RFC 8785) of
`{"commitment": C, "type": "audit", "v": 1}` with C = SHA-256(0x02 ‖ salt ‖ canonical JSON of the entry), in hex: it
tells nothing by itself, and an entry's row can be erased without touching the log. Rows older than the house keeps
them are pruned (`people.pruning`); their leaves stay, and an entry says how far the pruning went.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import rfc8785
from django.db import transaction

from huidang.kernel import clock, ledger, merkle
from huidang.kernel.ledger import Checkpoint
from huidang.people.models import Entry, User
from huidang.people.readers import Reader

SYSTEM = "system"
KIND = "audit"
PRUNED = "audit-pruned"
FLOOR = timedelta(days=183)
"""Entries are kept at least so long, whatever is set: six months for network logs (Cybersecurity Law of China)."""

_SALT_BYTES = 16
_BATCH = 500  # rows of one query, within SQLite's limit of variables
_ADDRESS: ContextVar[str] = ContextVar("address", default="")


@contextmanager
def asked_from(address: str) -> Iterator[None]:
    """Let every entry of the block say from where it was asked, unless it states another address itself."""
    token = _ADDRESS.set(address)
    try:
        yield
    finally:
        _ADDRESS.reset(token)


def note(
    what: str, *, by: "User | Reader | None", address: str = "", about: str = "", why: str = "", **facts: Any
) -> Entry:
    """Add an entry. `what` is a stable word (`sign-in`, `reveal`), `about` names its object, `facts` are JSON values.

    It belongs to the caller's transaction: what is undone was never noted, what is done always is.
    """
    entry = draft(what, by=by, address=address, about=about, why=why, **facts)
    append([entry])
    return entry


def draft(
    what: str,
    *,
    by: "User | Reader | None",
    address: str = "",
    about: str = "",
    why: str = "",
    at: datetime | None = None,
    **facts: Any,
) -> Entry:
    """Return an entry that is not stored yet, of this moment or of `at`, asked from the address of the moment."""
    if isinstance(by, Reader) and by.token_id is not None:
        facts["token"] = by.token_id
    return Entry(
        at=at or clock.at_ms(clock.now_ms()),
        user_id=by.user_id if isinstance(by, Reader) else by.pk if by else None,
        name=(by.name if isinstance(by, Reader) else by.username) if by else SYSTEM,
        what=what,
        about=about,
        address=address or _ADDRESS.get(),
        why=why,
        facts=facts,
    )


def append(entries: Sequence[Entry]) -> None:
    """Store drafts with their leaves, in the caller's transaction or one of its own."""
    for entry in entries:
        entry.salt = secrets.token_bytes(_SALT_BYTES)
    with transaction.atomic():
        Entry.objects.bulk_create(entries)
        ledger.append([_leaf(entry) for entry in entries])


def leaf_hash(entry: Entry) -> bytes:
    """Return the hash that the log holds for an entry as it stands now; a changed entry has another."""
    return merkle.leaf_hash(leaf_bytes(entry))


def leaf_bytes(entry: Entry) -> bytes:
    """Return the leaf of an entry as it stands now."""
    opened = opening(entry)
    salt, stated = bytes.fromhex(opened["salt"]), opened["entry"]
    commitment = hashlib.sha256(b"\x02" + salt + rfc8785.dumps(stated)).hexdigest()
    return rfc8785.dumps({"commitment": commitment, "type": KIND, "v": 1})


def _leaf(entry: Entry) -> ledger.Entry:
    data = leaf_bytes(entry)
    return ledger.Entry(merkle.leaf_hash(data), KIND, entry.pk, data)


def opening(entry: Entry) -> dict[str, Any]:
    """Return what opens the leaf of an entry to whoever may read it: the entry as it was committed to, and its salt."""
    stated = {
        "about": entry.about,
        "address": entry.address,
        "at": int(entry.at.timestamp() * 1000),
        "facts": entry.facts,
        "name": entry.name,
        "user": entry.user_id,
        "what": entry.what,
        "why": entry.why,
    }
    return {"entry": stated, "salt": bytes(entry.salt).hex()}


def altered() -> list[int]:
    """Return the ids of entries that are not what the log holds for them, or are gone, for `huidang verify`.

    An entry that was pruned is not missing; one that is missing beyond what was pruned is.
    """
    seen: set[int] = set()
    changed: set[int] = set()
    pruned = pruned_size()
    leaves = ledger.Leaf.objects.filter(kind=KIND).values_list("subject_id", "hash", "index").iterator()
    while batch := {pk: (bytes(leaf), index) for pk, leaf, index in islice(leaves, _BATCH)}:
        entries = Entry.objects.in_bulk(batch)
        missing = {pk for pk, (_leaf, index) in batch.items() if pk not in entries and index >= pruned}
        changed |= missing | {pk for pk, entry in entries.items() if leaf_hash(entry) != batch[pk][0]}
        seen |= batch.keys()
    slipped_in = set(Entry.objects.values_list("pk", flat=True)) - seen
    return sorted(changed | slipped_in)


def pruned_size() -> int:
    """Return the size of the log below which entries were pruned, 0 where none were.

    Pruning is believed only where its own entry stands in the log, and where a checkpoint of that size was signed
    longer before it than entries must be kept.
    """
    for entry in Entry.objects.filter(what=PRUNED).order_by("-pk"):
        leaf = ledger.Leaf.objects.filter(kind=KIND, subject_id=entry.pk).first()
        if leaf is None or bytes(leaf.hash) != leaf_hash(entry):
            continue
        size = int(entry.facts.get("size", 0))
        if Checkpoint.objects.filter(size=size, created_at__lte=entry.at - FLOOR).exists():
            return size
    return 0
