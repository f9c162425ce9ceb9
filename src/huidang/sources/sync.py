"""The one loop that reads files: items are cut here, parsed in workers, appended here, in the order of the file.

Everything is bounded: the chunks on the way, the facts of a transaction, what the appender remembers. A kill at any
moment leaves whole transactions; running the same command again goes over the file and adds what is missing.
"""

import platform as machine
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from huidang.kernel import blobs, bulk, clock
from huidang.kernel.problems import Problem
from huidang.people.models import Department
from huidang.records import Appended, Appender, Origin
from huidang.records.drafts import Broken, RawMessage
from huidang.records.prepared import ReadyFact, arrive
from huidang.sources import quarantine
from huidang.sources.files import spill
from huidang.sources.formats import Opened, open_exports
from huidang.sources.hands import Hands
from huidang.sources.models import Import
from huidang.sources.parsing import Chunk, Script, Yield
from huidang.sources.source import Export, ImportOptions

CHUNK_ITEMS = 1000
CHUNK_BYTES = 1 << 20
LARGE_BYTES = 4 << 20
"""A file of more than this surely wants workers, even where it is no ZIP."""

TRANSACTION_SECONDS = 0.15
"""What a transaction should take; 200 ms is the limit for whoever waits for the writer."""

_FEWEST, _MOST = 200, 6000
_SHOWN_SECONDS = 0.5
_TOLD = 5

Progress = Callable[[float, "Summary"], None]
"""Told the share of all files that was read, 0 to 1, and the counts so far."""


@dataclass(slots=True)
class Summary:
    """What came of an import: messages (edits and recalls included) by their fate, and the files that were refused."""

    read: int = 0
    new: int = 0
    known: int = 0
    quarantined: int = 0
    seconds: float = 0.0
    conversations: set[int] = field(default_factory=set)
    broken: list[Broken] = field(default_factory=list)  # the first of what is quarantined
    refused: list[Problem] = field(default_factory=list)

    def add(self, done: Appended) -> None:
        """Count a transaction."""
        self.read += done.read
        self.new += done.new
        self.known += done.known
        self.conversations.update(done.touched)

    def put_aside(self, items: Sequence[Broken]) -> None:
        """Count what went to quarantine, and keep the first few to be told."""
        self.quarantined += len(items)
        self.broken += items[: _TOLD - len(self.broken)]

    def as_json(self) -> dict[str, Any]:
        """Return the result of the command `ingest`."""
        return {
            "conversations": len(self.conversations),
            "messages": {
                "read": self.read + self.quarantined,
                "new": self.new,
                "known": self.known,
                "quarantined": self.quarantined,
            },
            "seconds": round(self.seconds, 3),
        }


def ingest(
    paths: Sequence[Path | IO[bytes]],
    options: ImportOptions | None = None,
    *,
    workers: int | None = None,
    department: Department | None = None,
    imported: Import | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Read files, folders and ZIPs into the records. Safe to repeat: what is known is counted, not added.

    New conversations come to `department`. `workers` is the number of parsing processes (default: the processors).
    `imported` is the row of an upload that waits to be filled. A path that cannot be read is refused with its reason
    and the others go on; raises that `Problem` where nothing at all could be read.
    """
    began = time.monotonic()
    summary = Summary()
    with bulk.rare_collection(), Hands(workers) as hands:
        if any(map(_is_large, paths)):
            hands.warm()
        for number, path in enumerate(paths):
            show = _part_of(progress, number, len(paths))
            try:
                _read_path(path, options or ImportOptions(), _Way(hands, department, imported, show, summary))
            except Problem as problem:
                summary.refused.append(problem)
    summary.seconds = time.monotonic() - began
    if len(summary.refused) >= len(paths) and not summary.read:
        raise summary.refused[0]
    return summary


def _is_large(path: Path | IO[bytes]) -> bool:
    if isinstance(path, Path):
        return path.is_file() and path.stat().st_size > LARGE_BYTES
    return path.seek(0, 2) > LARGE_BYTES


@dataclass(frozen=True, slots=True)
class _Way:
    """What the files of one command share."""

    hands: Hands
    department: Department | None
    imported: Import | None
    progress: Progress
    summary: Summary


def _part_of(progress: Progress | None, number: int, of: int) -> Progress:
    def show(share: float, summary: Summary) -> None:
        if progress is not None:
            progress((number + share) / of, summary)

    return show


def _read_path(path: Path | IO[bytes], options: ImportOptions, way: _Way) -> None:
    opened = open_exports(path, options, spill.into(blobs.put_stream))
    for number, export in enumerate(opened.exports):
        row = _begin(export, way) if number or way.imported is None else _fill(way.imported, export, way)
        try:
            _read_export(export, row, way)
        except BaseException as problem:
            _finish(row, Import.FAILED, str(problem))
            raise
        finally:
            export.close()
        if not number:
            _keep_refused(opened, export, row, way)
        _finish(row, Import.DONE)


def _keep_refused(opened: Opened, export: Export, row: Import, way: _Way) -> None:
    """Members that are no export stand in quarantine too, so that nobody believes they were read."""
    items = [Broken(each.name, each.problem.code, each.problem.text) for each in opened.refused]
    quarantine.keep(((item, "") for item in items), source=export.source, imported_id=row.pk)
    row.quarantined += len(items)
    way.summary.put_aside(items)


def _begin(export: Export, way: _Way) -> Import:
    return _fill(Import(created_at=clock.now(), department=way.department), export, way)


def _fill(row: Import, export: Export, _way: _Way) -> Import:
    row.name = row.name or export.name[:300]
    row.format, row.declared = export.format, export.declared
    row.exported_at = _moment(export.exported_ms)
    row.state, row.error = Import.RUNNING, ""
    row.read = row.new = row.known = row.quarantined = 0
    row.save()
    return row


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else clock.at_ms(ms)


def _finish(row: Import, state: str, error: str = "") -> None:
    row.state, row.error, row.finished_at = state, error, clock.now()
    row.progress = 1.0 if state == Import.DONE else row.progress
    row.save()


def _read_export(export: Export, row: Import, way: _Way) -> None:
    arrival = arrive(export.source, export.exported_ms)
    origin = Origin(
        source=export.source,
        custody={"format": export.format, "file": export.name, "import": row.pk, "host": machine.node()},
        exported_ms=export.exported_ms,
        department_id=way.department.pk if way.department else None,
        open_media=export.open_media,
    )
    found: set[int] = set()
    with Appender(origin) as appender:
        loop = _Loop(appender, export, row, way, found)
        for result in way.hands.read(_chunks(export.items()), Script(export.parser, arrival)):
            loop.take(result)
        loop.flush()
    row.conversations, row.source_id = len(found), appender.source_id


class _Loop:
    """Gathers what the workers give into transactions of a steady length."""

    def __init__(self, appender: Appender, export: Export, row: Import, way: _Way, found: set[int]) -> None:
        self._appender, self._export, self._row, self._way, self._found = appender, export, row, way, found
        self._facts: list[ReadyFact] = []
        self._size = _FEWEST * 5
        self._shown_at = 0.0

    def take(self, result: Yield) -> None:
        """Put broken items into quarantine and append what has gathered."""
        self._facts.extend(result.facts)
        if result.broken:
            items = zip(result.broken, result.abouts, strict=True)
            quarantine.keep(items, source=self._export.source, imported_id=self._row.pk)
            self._row.quarantined += len(result.broken)
            self._way.summary.put_aside(result.broken)
        while len(self._facts) >= self._size:
            self._append(self._size)
        self._show()

    def flush(self) -> None:
        """Append the rest."""
        while self._facts:
            self._append(self._size)

    def _append(self, size: int) -> None:
        facts, self._facts = self._facts[:size], self._facts[size:]
        began = time.monotonic()
        done = self._appender.append(facts)
        pace = len(facts) / max(time.monotonic() - began, 1e-6)
        self._size = int(min(max(pace * TRANSACTION_SECONDS, _FEWEST), _MOST, self._size * 2))
        self._way.summary.add(done)
        self._found.update(done.touched)
        self._row.read += done.read
        self._row.new += done.new
        self._row.known += done.known

    def _show(self) -> None:
        if time.monotonic() - self._shown_at < _SHOWN_SECONDS:
            return
        self._shown_at = time.monotonic()
        self._row.progress = self._export.progress()
        self._row.save(update_fields=["progress", "read", "new", "known", "quarantined"])
        self._way.progress(self._row.progress, self._way.summary)


def _chunks(items: Iterable[RawMessage | Broken]) -> Iterator[Chunk]:
    """Gather items so that a chunk is small enough to hold several, and large enough to be worth sending."""
    good: list[RawMessage] = []
    broken: list[Broken] = []
    size = 0
    for item in items:
        if isinstance(item, RawMessage):
            good.append(item)
        else:
            broken.append(item)
        size += len(item.data)
        if size > CHUNK_BYTES or len(good) + len(broken) >= CHUNK_ITEMS:
            yield Chunk(good, broken)
            good, broken, size = [], [], 0
    if good or broken:
        yield Chunk(good, broken)
