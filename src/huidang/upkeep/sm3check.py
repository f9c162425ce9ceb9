"""Verifies the second log: its leaves are the first log's over the same bytes, and lead to its signed checkpoints."""

from collections.abc import Iterator, Sequence
from typing import Any

from huidang.kernel import ledger, merkle, sm3log
from huidang.kernel.ledger import Handover, Leaf
from huidang.kernel.problems import Problem
from huidang.kernel.sm3log import Sm3Beginning, Sm3Checkpoint, Sm3Leaf, Sm3Log, Sm3Node
from huidang.people import audit
from huidang.people.models import Entry
from huidang.records import leaves
from huidang.records.erasing import leaf_of
from huidang.records.erasures import erasures_of
from huidang.records.models import Attachment, Erasure, Message
from huidang.records.stored import FIELDS, Keys, RawBytes, Row, facts_of, media_of, wrapped_keys
from huidang.upkeep.findings import Findings
from huidang.upkeep.treecheck import TILE, Grown

_REASON = "the verification compares every row with the log"
_NAME = "国密日志"


def check(findings: Findings) -> None:
    """Verify the second log, where one was ever kept."""
    head = Sm3Log.objects.filter(id=1).first()
    if head is not None:
        _Sm3Check(findings, head).run()


class _Sm3Check:
    """Goes through the leaves once, a tile at a time."""

    def __init__(self, findings: Findings, head: Sm3Log) -> None:
        self._findings, self._head = findings, head
        self._grown = Grown(findings, Sm3Node, merkle.sm3, _NAME)
        self._written = _Written()
        self._next_of = -1
        self._checkpoints = Sm3Checkpoint.objects.order_by("size").iterator()
        self._next = next(self._checkpoints, None)

    def run(self) -> None:
        """Look at everything."""
        for start in range(0, self._head.size, TILE):
            rows = list(Sm3Leaf.objects.filter(index__gte=start, index__lt=start + TILE).order_by("index"))
            self._leaves(start, rows)
            self._signed(start, [bytes(row.hash) for row in rows])
            if len(rows) == TILE:
                self._grown.take(start // TILE, [bytes(row.hash) for row in rows])
        if self._next is not None:
            self._add("sm3-shortened", f"已签名的检查点有 {self._next.size} 条，{_NAME}只剩 {self._head.size} 条。")
        if Sm3Leaf.objects.filter(index__gte=self._head.size).exists() or self._next_of not in (-1, self._head.follows):
            self._add("sm3-out-of-step", f"{_NAME}的末尾与第一份日志不一致。")
        self._written.close()

    def _leaves(self, start: int, rows: Sequence[Sm3Leaf]) -> None:
        """Compare leaves with the bytes they are over, and see that none of the first log's is left out."""
        if [row.index for row in rows] != list(range(start, min(start + TILE, self._head.size))):
            self._add("sm3-leaf-missing", f"{_NAME}第 {start} 条起缺少记录。")
        expected = self._written.of(rows)
        for row in rows:
            data = expected.get(row.index)
            if data is not None and sm3log.leaf_hash(data) != bytes(row.hash):
                self._add("sm3-leaf-changed", f"{_NAME}第 {row.index} 条与记录不符。")
            self._step(row, data)
            self._findings.checked["sm3 leaves"] += 1

    def _step(self, row: Sm3Leaf, data: bytes | None) -> None:
        if row.of is None:
            self._begin(row, data)
        elif row.of != self._next_of:
            self._add("sm3-out-of-step", f"{_NAME}第 {row.index} 条与第一份日志的次序不一致。")
        else:
            self._next_of += 1

    def _begin(self, row: Sm3Leaf, data: bytes | None) -> None:
        """Check that a beginning states the root that the first log had at that size."""
        said = Sm3Beginning.objects.filter(index=row.index).first()
        places = Sm3Leaf.objects.filter(index__gt=row.index, of__isnull=False).order_by("index")
        size = places.values_list("of", flat=True).first() or 0
        try:
            honest = sm3log.beginning_bytes(ledger.origin(), size, ledger.root(size))
        except Problem:
            honest = b""
        if said is None or said.text.encode() != honest or data is None:
            self._add("sm3-beginning-changed", f"{_NAME}第 {row.index} 条所写的起点与第一份日志不符。")
        self._next_of = size

    def _signed(self, start: int, hashes: list[bytes]) -> None:
        while self._next and self._next.size <= start + len(hashes):
            self._compare(self._next, self._grown.root(hashes[: self._next.size - start]))
            self._next = next(self._checkpoints, None)

    def _compare(self, signed: Sm3Checkpoint, root: bytes) -> None:
        self._findings.checked["sm3 checkpoints"] += 1
        try:
            verifier = sm3log.proven_verifier()
            assert verifier is not None
            stated = ledger.read_checkpoint(signed.note, verifier)
        except Problem as problem:
            self._add("sm3-checkpoint-unsigned", f"{_NAME}检查点 {signed.size} 的签名无效：{problem}")
            return
        if stated != ledger.Head(verifier.name, signed.size, bytes(signed.root)) or stated.root != root:
            self._add("sm3-root-changed", f"{_NAME}前 {signed.size} 条与已签名的检查点不符。")

    def _add(self, code: str, text: str) -> None:
        self._findings.add(code, text)


class _Written:
    """Writes the leaves of stored rows once more; what is erased, pruned or lost is left to the first log's check."""

    def __init__(self) -> None:
        self._keys, self._raw = Keys(), RawBytes()

    def close(self) -> None:
        """Release the file of raw bytes."""
        self._raw.close()

    def of(self, rows: Sequence[Sm3Leaf]) -> dict[int, bytes]:
        """Return by place in the second log the bytes that its leaves are over, as far as they can be written."""
        begun = dict(Sm3Beginning.objects.filter(index__in=[row.index for row in rows]).values_list("index", "text"))
        places = {row.of: row.index for row in rows if row.of is not None}
        found = {index: text.encode() for index, text in begun.items()}
        for write in (self._entries, self._files, self._erasures, self._notes):
            found |= {places[of]: data for of, data in write(list(places)) if of in places}
        return found

    def _entries(self, of: list[int]) -> Iterator[tuple[int, bytes]]:
        rows = [Row(*row) for row in _messages().filter(leaf_index__in=of).values_list(*FIELDS)]
        ids = [row.id for row in rows]
        wrapped, media, erased = wrapped_keys(ids), media_of(ids), erasures_of(ids)
        for row in rows:
            if row.id not in erased:
                try:
                    secret = self._keys.open(row.conversation_id, wrapped.get(row.id))
                    raw = leaves.open_raw(self._raw.read(row.batch, row.raw_offset, row.raw_size), secret)
                except Problem:
                    continue
                yield row.leaf_index, leaves.leaf_bytes(facts_of(row, media.get(row.id, [])), raw, secret)

    def _files(self, of: list[int]) -> Iterator[tuple[int, bytes]]:
        rows = list(Attachment.objects.unguarded(_REASON).filter(leaf_index__in=of).exclude(sha256=""))
        places = dict(_messages().filter(pk__in=[row.message_id for row in rows]).values_list("pk", "leaf_index"))
        hashes = dict(Leaf.objects.filter(index__in=places.values()).values_list("index", "hash"))
        wrapped = wrapped_keys(places)
        for row in rows:
            try:
                secret = self._keys.open(row.conversation_id, wrapped.get(row.message_id))
            except Problem:
                continue
            entry = bytes(hashes.get(places.get(row.message_id, -1), b""))
            yield row.leaf_index or 0, leaves.file_leaf_bytes(entry, row.position, row.sha256, secret)

    def _erasures(self, of: list[int]) -> Iterator[tuple[int, bytes]]:
        for row in Erasure.objects.unguarded(_REASON).filter(leaf_index__in=of):
            yield row.leaf_index, leaf_of(row)

    def _notes(self, of: list[int]) -> Iterator[tuple[int, bytes]]:
        """Write what the audit and the handovers of the signing key say."""
        said = Leaf.objects.filter(index__in=of, kind=audit.KIND).values_list("index", "subject_id")
        entries = Entry.objects.in_bulk([subject for _index, subject in said])
        yield from ((index, audit.leaf_bytes(entries[subject])) for index, subject in said if subject in entries)
        for row in Handover.objects.filter(leaf_index__in=of):
            yield row.leaf_index, ledger.handover_bytes(row.note)


def _messages() -> Any:
    return Message.objects.unguarded(_REASON)
