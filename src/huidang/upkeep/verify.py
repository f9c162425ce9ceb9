"""Verifies the whole archive: log, entries, raw bytes and files, in constant memory.

What it cannot see alone: that the end of the log was cut off together with its checkpoints and rows. Whoever holds an
earlier checkpoint, or witnesses them, sees that too.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from huidang.kernel import blobs, ledger
from huidang.kernel.jobs import Run
from huidang.kernel.ledger import Leaf
from huidang.kernel.problems import Problem
from huidang.people import audit, searches
from huidang.people.models import Entry
from huidang.records.models import Attachment, RawBatch
from huidang.upkeep import sm3check
from huidang.upkeep.entrycheck import EntryCheck, LeafRow
from huidang.upkeep.findings import Findings
from huidang.upkeep.treecheck import TILE, TreeCheck

_TOLD = 20
_CHUNK = 4 * TILE  # leaves at a time
_REASON = "the verification reads every stored file"


def verify_archive(progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Verify everything and return `{"ok", "checked": {what: count}, "problems": [{"code", "text", …}]}`.

    `progress` is told (leaves done, leaves in all). Raises `Problem` where the site key is missing or wrong: without
    it nothing can be opened. Entries appended meanwhile are left to the next run.
    """
    findings = Findings()
    size = ledger.size()
    tree, entries = TreeCheck(findings, size), EntryCheck(findings)
    for start in range(0, size, _CHUNK):
        stop = min(start + _CHUNK, size)
        stored = _leaves(findings, start, stop)
        for tile in range(0, stop - start, TILE):
            tree.take(start + tile, [leaf.hash for leaf in stored[tile : tile + TILE]])
        entries.take(stored)
        if progress:
            progress(stop, size)
    tree.end(size)
    entries.end()
    _check_audit(findings)
    _check_blobs(findings)
    sm3check.check(findings)
    return findings.report()


def verify_in_background(run: Run | None) -> None:
    """Verify everything and note the result in the audit, where pages read it: the job `verify`."""
    report = verify_archive(progress=(lambda done, _of: run.heartbeat(progress={"done": done})) if run else None)
    named = [problem["text"] for problem in report["problems"][:_TOLD]]
    audit.note("verified", by=None, ok=report["ok"], problems=len(report["problems"]), named=named)


def _leaves(findings: Findings, start: int, stop: int) -> list[LeafRow]:
    """Return the leaves from `start` to before `stop`; a missing one is named and stands as an empty one."""
    rows = Leaf.objects.filter(index__gte=start, index__lt=stop).values_list("index", "hash", "kind", "subject_id")
    stored = {row[0]: LeafRow(row[0], bytes(row[1]), row[2], row[3]) for row in rows}
    for index in range(start, stop):
        if index not in stored:
            findings.add("leaf-missing", f"日志第 {index} 条不见了。", leaf=index)
            stored[index] = LeafRow(index, bytes(32), "", 0)
    return [stored[index] for index in range(start, stop)]


def _check_audit(findings: Findings) -> None:
    """Compare every entry of the audit with its leaf."""
    if entries := Entry.objects.count():
        findings.checked["audit entries"] += entries
    for pk in audit.altered():
        findings.add("audit-changed", f"审计记录 {pk} 被改动、删除或事后加入。", entry=pk)
    for pk in searches.altered():
        findings.add("search-changed", f"审计记录 {pk} 的检索词被改动过。", entry=pk)


def _check_blobs(findings: Findings) -> None:
    """Hash every stored blob: the batches of raw bytes, and the files of messages."""
    for sha256, size in RawBatch.objects.values_list("sha256", "size").iterator():
        _check_blob(findings, sha256, size)
        findings.checked["raw batches"] += 1
    files = Attachment.objects.unguarded(_REASON).exclude(sha256="").order_by("sha256").values_list("sha256", flat=True)
    for sha256 in files.distinct().iterator():
        _check_blob(findings, sha256, None)
        findings.checked["blobs"] += 1


def _check_blob(findings: Findings, sha256: str, size: int | None) -> None:
    try:
        digest, length = hashlib.sha256(), 0
        for piece in _pieces(sha256):
            digest.update(piece)
            length += len(piece)
    except (Problem, ValueError):
        findings.add("blob-missing", f"文件 {sha256} 不见了。", blob=sha256)
        return
    if digest.hexdigest() != sha256 or size not in (None, length):
        findings.add("blob-changed", f"文件 {sha256} 的内容被改动过。", blob=sha256)


def _pieces(sha256: str) -> Iterator[bytes]:
    with blobs.open(sha256) as file:
        while piece := file.read(blobs.CHUNK_BYTES):
            yield piece
