"""Verifies the records against the log: every leaf has its row and computes again from it, every row has its leaf."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Window
from django.db.models.functions import Lag

from huidang.kernel import merkle
from huidang.kernel.ledger import Leaf
from huidang.kernel.problems import Problem
from huidang.records import leaves
from huidang.records.erasing import leaf_of
from huidang.records.erasures import erasures_of
from huidang.records.models import Attachment, Erasure, Message
from huidang.records.stored import (
    FIELDS,
    KeyLost,
    Keys,
    MediaFact,
    RawBytes,
    Row,
    facts_of,
    media_of,
    ms_of,
    wrapped_keys,
)
from huidang.upkeep.findings import Findings

_REASON = "the verification compares every row with the log"
_RUNNING_BITS = 20


class LeafRow(NamedTuple):
    """A stored leaf."""

    place: int
    hash: bytes
    kind: str
    subject_id: int


class FileRow(NamedTuple):
    """A stored attachment that has a leaf."""

    leaf_index: int
    message_id: int
    conversation_id: int
    position: int
    sha256: str


class EntryCheck:
    """Takes the leaves of the log in order and looks at the rows they speak for."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._keys = Keys()
        self._raw = RawBytes()

    def take(self, stored: Sequence[LeafRow]) -> None:
        """Verify the rows of leaves that follow each other."""
        entries = {leaf.place: leaf for leaf in stored if leaf.kind == leaves.ENTRY_KIND}
        files = {leaf.place: leaf for leaf in stored if leaf.kind == leaves.FILE_KIND}
        erasures = {leaf.place: leaf for leaf in stored if leaf.kind == leaves.ERASURE_KIND}
        span = (stored[0].place, stored[-1].place)
        self._take_erasures(erasures)
        if entries:
            self._take_entries(
                entries, [Row(*row) for row in _messages().filter(leaf_index__range=span).values_list(*FIELDS)]
            )
        if files:
            self._take_files(files, span)

    def end(self) -> None:
        """Look for rows that no leaf speaks for, and for messages that stand in another order than the log's."""
        for row in _messages().filter(~_leaf_of("id", leaves.ENTRY_KIND)).values_list("id", flat=True).iterator():
            self._findings.add("entry-unlogged", f"消息 {row} 不在日志中：它是事后加入的。", message=str(row))
        added = _attachments().exclude(sha256="").filter(~_leaf_of("message_id", leaves.FILE_KIND))
        for row, position in added.values_list("message_id", "position").iterator():
            self._findings.add("file-unlogged", f"消息 {row} 的第 {position + 1} 个附件不在日志中。", message=str(row))
        for row in _misplaced():
            self._findings.add("entry-misplaced", f"消息 {row} 的次序或编号被改动过。", message=str(row))
        self._raw.close()

    def _take_entries(self, expected: dict[int, LeafRow], rows: list[Row]) -> None:
        ids = [row.id for row in rows]
        wrapped = wrapped_keys(ids)
        media = media_of(ids)
        erased = erasures_of(ids)
        for row in sorted(rows, key=lambda row: row.raw_offset):
            leaf = expected.get(row.leaf_index)
            if leaf and leaf.subject_id == row.id:
                del expected[row.leaf_index]
                if row.id in erased:
                    self._erased(row, leaf.hash, erased[row.id], wrapped.get(row.id))
                else:
                    self._entry(row, leaf.hash, media.get(row.id, []), wrapped.get(row.id))
        for leaf in expected.values():
            text = f"日志第 {leaf.place} 条所指的消息 {leaf.subject_id} 不见了。"
            self._findings.add("entry-missing", text, leaf=leaf.place, message=str(leaf.subject_id))

    def _erased(self, row: Row, leaf: bytes, erasure: Erasure, wrapped: bytes | None) -> None:
        """Compare an erasure with its own leaf and with the entry's, and look that nothing is left."""
        self._findings.checked["erased"] += 1
        said = Leaf.objects.filter(index=erasure.leaf_index, kind=leaves.ERASURE_KIND, subject_id=row.id).first()
        honest = merkle.leaf_hash(leaf_of(erasure)) == (bytes(said.hash) if said else b"")
        if not honest or bytes(erasure.entry_leaf) != leaf:
            text = f"消息 {row.id} 的删除记录与日志不符。"
            self._findings.add("erasure-changed", text, message=str(row.id), leaf=erasure.leaf_index)
        if wrapped is not None or row.text or row.details:
            text = f"消息 {row.id} 已依法删除，内容或密钥却又出现了。"
            self._findings.add("erasure-undone", text, message=str(row.id))

    def _take_erasures(self, expected: dict[int, LeafRow]) -> None:
        """Name the erasures in the log whose row is gone."""
        known = Erasure.objects.unguarded(_REASON).filter(leaf_index__in=expected).values_list("leaf_index", flat=True)
        for place in sorted(expected.keys() - set(known)):
            self._findings.add("erasure-missing", f"日志第 {place} 条的删除记录不见了。", leaf=place)

    def _entry(self, row: Row, leaf: bytes, media: list[MediaFact], wrapped: bytes | None) -> None:
        self._findings.checked["entries"] += 1
        try:
            secret = self._keys.open(row.conversation_id, wrapped)
            raw = leaves.open_raw(self._raw.read(row.batch, row.raw_offset, row.raw_size), secret)
        except KeyLost as problem:
            self._findings.add("key-lost", f"消息 {row.id} 的密钥{problem}。", message=str(row.id))
        except Problem as problem:
            text = f"消息 {row.id} 的原始数据无法解开：{problem}"
            self._findings.add("raw-changed", text, message=str(row.id), blob=row.batch)
        else:
            if leaves.leaf_hash(facts_of(row, media), raw, secret) != leaf:
                text = f"消息 {row.id} 与日志不符：内容、时间、发送者或附件被改动过。"
                self._findings.add("entry-changed", text, message=str(row.id), leaf=row.leaf_index)

    def _take_files(self, expected: dict[int, LeafRow], span: tuple[int, int]) -> None:
        rows = [FileRow(*row) for row in _attachments().filter(leaf_index__range=span).values_list(*FileRow._fields)]
        ids = {row.message_id for row in rows}
        wrapped = wrapped_keys(ids)
        entries = _entry_leaves(ids)
        for row in rows:
            leaf = expected.get(row.leaf_index)
            if leaf and leaf.subject_id == row.message_id:
                del expected[row.leaf_index]
                self._file(row, leaf.hash, entries.get(row.message_id, b""), wrapped.get(row.message_id))
        for leaf in expected.values():
            text = f"日志第 {leaf.place} 条所指的附件（消息 {leaf.subject_id}）不见了。"
            self._findings.add("file-missing", text, leaf=leaf.place, message=str(leaf.subject_id))

    def _file(self, row: FileRow, leaf: bytes, entry_leaf: bytes, wrapped: bytes | None) -> None:
        self._findings.checked["files"] += 1
        try:
            secret = self._keys.open(row.conversation_id, wrapped)
        except KeyLost:
            return  # named with its message
        if leaves.file_leaf_hash(entry_leaf, row.position, row.sha256, secret) != leaf:
            text = f"消息 {row.message_id} 的第 {row.position + 1} 个附件与日志不符。"
            self._findings.add("file-changed", text, message=str(row.message_id), leaf=row.leaf_index)


def _messages() -> Any:
    return Message.objects.unguarded(_REASON)


def _attachments() -> Any:
    return Attachment.objects.unguarded(_REASON)


def _entry_leaves(ids: set[int]) -> dict[int, bytes]:
    places = dict(_messages().filter(id__in=ids).values_list("id", "leaf_index"))
    hashes = dict(Leaf.objects.filter(index__in=places.values()).values_list("index", "hash"))
    return {row: bytes(hashes.get(place, b"")) for row, place in places.items()}


def _leaf_of(subject: str, kind: str) -> Exists:
    return Exists(Leaf.objects.filter(index=OuterRef("leaf_index"), subject_id=OuterRef(subject), kind=kind))


def _misplaced() -> Iterator[int]:
    """Yield messages whose id does not begin with their time, or that stand before one logged earlier.

    Ids are given in the order of the log within one millisecond. More than 2^20 messages in one overflow into the
    next, which only happens where the last id of their own is taken.
    """
    earlier = Window(Lag("leaf_index"), order_by=F("id").asc())
    before = Window(Lag("id"), order_by=F("id").asc())
    rows = _messages().annotate(earlier=earlier, before=before).order_by("id")
    for row, sent_at, leaf, earlier_leaf, id_before in rows.values_list(
        "id", "sent_at", "leaf_index", "earlier", "before"
    ).iterator():
        moment = row >> _RUNNING_BITS
        same = id_before is not None and id_before >> _RUNNING_BITS == moment
        if (same and earlier_leaf > leaf) or (moment != ms_of(sent_at) and not _overflowed(ms_of(sent_at), moment)):
            yield row


def _overflowed(sent_ms: int, moment: int) -> bool:
    return moment > sent_ms and bool(_messages().filter(id=(sent_ms + 1 << _RUNNING_BITS) - 1).exists())
