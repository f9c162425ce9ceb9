"""Writes the new entries of a batch: ids, raw bytes, leaves, rows, keys, attachments."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from django.conf import settings

from huidang.kernel import blobs, bulk, clock, ledger, merkle
from huidang.records import leaves
from huidang.records.models import Attachment, Message, MessageKey, RawBatch
from huidang.records.sifting import Incoming
from huidang.records.threads import Thread

_RUNNING_BITS = 20
_RUNNING = (1 << _RUNNING_BITS) - 1
_MESSAGES = Message._meta.db_table
_MESSAGE_COLUMNS = (
    "id", "conversation_id", "key", "entry", "target_key", "kind", "sender_id", "sender_name", "role", "sent_at",
    "precision", "zone", "text", "reply_to", "thread", "as_of_at", "details", "received_at", "leaf_index",
    "raw_batch_id", "raw_offset", "raw_size",
)  # fmt: skip
_DISK = ThreadPoolExecutor(1, "raw")
"""Waits for the disk while the rows are written; the transaction waits for both."""

_ATTACHMENT_COLUMNS = (
    "conversation_id", "message_id", "position", "kind", "name", "mime", "size", "seconds", "ref", "sha256", "missing",
    "leaf_index",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rows refer to: conversations by row id, accounts by stored id, blobs by the reference in the export."""

    threads: Mapping[int, Thread]
    accounts: Mapping[str, int]
    media: Mapping[str, str]
    custody: dict[str, Any]


def allocate(times: Sequence[int]) -> list[int]:
    """Return a free id for each sending time (ms since 1970), in the order given within one millisecond."""
    free = _free(sorted(set(times)))
    return [_next(free, sent_ms) for sent_ms in times]


def _next(free: dict[int, int], sent_ms: int) -> int:
    """Take the next id of a millisecond, or of one after it where more than a million stand in it."""
    while True:
        if sent_ms not in free:
            free |= _free([sent_ms])
        running = free[sent_ms]
        if running <= _RUNNING:
            free[sent_ms] = running + 1
            return sent_ms << _RUNNING_BITS | running
        sent_ms += 1


def _free(times: Sequence[int]) -> dict[int, int]:
    lows = [sent_ms << _RUNNING_BITS for sent_ms in times]
    wanted, parameters = bulk.table_of(low=("bigint", lows), high=("bigint", [low | _RUNNING for low in lows]))
    rows = bulk.select(
        f'SELECT low, (SELECT max(id) FROM "{_MESSAGES}" WHERE id >= low AND id <= high) FROM {wanted} wanted',  # noqa: S608
        parameters,
    )
    return {low >> _RUNNING_BITS: 0 if last is None else (last & _RUNNING) + 1 for low, last in rows}


def write(new: Sequence[Incoming], around: Surroundings) -> tuple[list[int], range]:
    """Store the entries with raw bytes, leaves, keys and attachments; return their ids and places in the log."""
    ids = allocate([each.entry.facts.sent_ms for each in new])
    pairs = list(zip(ids, new, strict=True))
    files = [file for row, each in pairs if each.entry.media for file in _files(row, each, around)]
    first = ledger.append(
        _entries(pairs)
        + [ledger.Entry(file.leaf, leaves.FILE_KIND, file.row[1], file.data) for file in files if file.leaf]
    )
    raw = b"".join([each.entry.sealed.raw for each in new])
    stored = _DISK.submit(blobs.put, raw)
    batch = _note_raw(raw, around.custody)
    bulk.insert(_MESSAGES, _MESSAGE_COLUMNS, _message_rows(ids, new, around, first, batch))
    wrapped = [(row, around.threads[each.place[0]].wrap(each.entry.sealed.secret)) for row, each in pairs]
    bulk.insert(MessageKey._meta.db_table, ("message_id", "wrapped"), wrapped)
    attachments = _attachment_rows(files, first + len(new))
    bulk.insert(Attachment._meta.db_table, _ATTACHMENT_COLUMNS, attachments)
    stored.result()
    return ids, range(first, first + len(new))


def _entries(pairs: Sequence[tuple[int, Incoming]]) -> list[ledger.Entry | tuple[bytes, str, int]]:
    if settings.HOUSE.sm3:
        return [ledger.Entry(each.entry.sealed.leaf, leaves.ENTRY_KIND, row, _data(each)) for row, each in pairs]
    return [(each.entry.sealed.leaf, leaves.ENTRY_KIND, row) for row, each in pairs]


def _data(each: Incoming) -> bytes:
    """Return an entry's leaf once more, for a second log; whoever parsed it computed the hash alone."""
    sealed = each.entry.sealed
    return leaves.leaf_bytes(each.entry.facts, leaves.open_raw(sealed.raw, sealed.secret), sealed.secret)


def _note_raw(content: bytes, custody: dict[str, Any]) -> int:
    digest = hashlib.sha256(content).hexdigest()
    return RawBatch.objects.create(sha256=digest, size=len(content), origin=custody, stored_at=clock.now()).pk


def _message_rows(
    ids: Sequence[int], new: Sequence[Incoming], around: Surroundings, leaf: int, batch: int
) -> Iterator[tuple[Any, ...]]:
    offset, received_ms, received_at = 0, -1, ""
    for place, (row, each) in enumerate(zip(ids, new, strict=True)):
        facts, size = each.entry.facts, len(each.entry.sealed.raw)
        sent_at = bulk.moment(facts.sent_ms)
        if facts.received_ms != received_ms:
            received_ms, received_at = facts.received_ms, bulk.moment(facts.received_ms)
        yield (
            row, each.place[0], each.place[1], facts.entry, facts.target, facts.kind,
            around.accounts[facts.sender] if facts.sender else None, facts.sender_name, facts.role, sent_at,
            facts.precision, facts.zone, facts.text, facts.reply, facts.thread,
            sent_at if facts.as_of_ms == facts.sent_ms else bulk.moment(facts.as_of_ms),
            msgspec.json.encode(facts.details).decode() if facts.details else None,
            received_at, leaf + place, batch, offset, size,
        )  # fmt: skip
        offset += size


class _File(NamedTuple):
    """The row of an attachment but for its place in the log, and the leaf it gets where its bytes are here."""

    row: tuple[Any, ...]
    leaf: bytes
    data: bytes


def _files(row: int, each: Incoming, around: Surroundings) -> Iterator[_File]:
    sealed = each.entry.sealed
    for position, media in enumerate(each.entry.media):
        sha256 = around.media.get(media.ref, "")
        missing = "" if sha256 else (media.missing or "not-in-export")[:40]
        data = leaves.file_leaf_bytes(sealed.leaf, position, sha256, sealed.secret) if sha256 else b""
        yield _File((
            each.place[0], row, position, media.kind, media.name, media.mime[:100], media.size, media.seconds,
            media.ref, sha256, missing,
        ), merkle.leaf_hash(data) if data else b"", data)  # fmt: skip


def _attachment_rows(files: Sequence[_File], next_leaf: int) -> Iterator[tuple[Any, ...]]:
    for file in files:
        yield (*file.row, next_leaf if file.leaf else None)
        next_leaf += bool(file.leaf)
