"""The audit: who did what, when, from where and why. Entries are added, never changed or removed one by one.

Each entry is a leaf of kind `audit` in the log, written in the same transaction, so that one that was altered or
taken out is found by whoever holds an earlier checkpoint. The leaf is the canonical JSON (RFC 8785) of
`{"commitment": C, "type": "audit", "v": 1}` with C = SHA-256(0x02 ‖ salt ‖ canonical JSON of the entry), in hex: it
tells nothing by itself, and an entry's row can be erased without touching the log.
"""

import hashlib
import secrets
from itertools import islice
from typing import Any

import rfc8785
from django.db import transaction

from huidang.kernel import clock, ledger, merkle
from huidang.people.models import Entry, User
from huidang.people.readers import Reader

SYSTEM = "system"
KIND = "audit"
_SALT_BYTES = 16
_BATCH = 500  # rows of one query, within SQLite's limit of variables


def note(
    what: str, *, by: "User | Reader | None", address: str = "", about: str = "", why: str = "", **facts: Any
) -> Entry:
    """Add an entry. `what` is a stable word (`sign-in`, `reveal`), `about` names its object, `facts` are JSON values.

    It belongs to the caller's transaction: what is undone was never noted, what is done always is.
    """
    user_id = by.user_id if isinstance(by, Reader) else by.pk if by else None
    name = (by.name if isinstance(by, Reader) else by.username) if by else SYSTEM
    if isinstance(by, Reader) and by.token_id is not None:
        facts["token"] = by.token_id
    with transaction.atomic():
        entry = Entry.objects.create(
            at=clock.at_ms(clock.now_ms()),
            user_id=user_id,
            name=name,
            what=what,
            about=about,
            address=address,
            why=why,
            facts=facts,
            salt=secrets.token_bytes(_SALT_BYTES),
        )
        ledger.append([ledger.Entry(leaf_hash(entry), KIND, entry.pk)])
    return entry


def leaf_hash(entry: Entry) -> bytes:
    """Return the hash that the log holds for an entry as it stands now; a changed entry has another."""
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
    commitment = hashlib.sha256(b"\x02" + bytes(entry.salt) + rfc8785.dumps(stated)).hexdigest()
    return merkle.leaf_hash(rfc8785.dumps({"commitment": commitment, "type": KIND, "v": 1}))


def altered() -> list[int]:
    """Return the ids of entries that are not what the log holds for them, or are gone, for `huidang verify`."""
    seen: set[int] = set()
    changed: set[int] = set()
    leaves = ledger.Leaf.objects.filter(kind=KIND).values_list("subject_id", "hash").iterator()
    while batch := dict(islice(leaves, _BATCH)):
        entries = Entry.objects.in_bulk(batch)
        changed |= {pk for pk, leaf in batch.items() if pk not in entries or leaf_hash(entries[pk]) != bytes(leaf)}
        seen |= batch.keys()
    slipped_in = set(Entry.objects.values_list("pk", flat=True)) - seen
    return sorted(changed | slipped_in)
