"""The one writer of the index: it follows the log, and whoever holds the lock file is it.

The log is the change feed: leaves from the mark on become documents in order. `Stale` rows name what must be read
again although the log did not grow. A process that was elected stays the writer while it lives, so that merges of the
engine go on beside the writing; others wait for the mark. Everything here may be killed at any moment.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from django.db import DatabaseError, connection

from huidang.kernel import clock, jobs, ledger
from huidang.kernel.events import Event
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Problem
from huidang.records import maskrules
from huidang.search import documents, generations, labels
from huidang.search.engines.tantivy import TantivyIndex
from huidang.search.generations import Generation, Mark
from huidang.search.models import Stale
from huidang.settings import HOUSE

BATCH = 5000
"""Leaves that are read and indexed together."""

COMMIT_SECONDS = 2.0
"""While there is a backlog, what was indexed becomes visible at least this often."""

FOLLOW_SECONDS = 0.2
GATHER_SECONDS = 0.6
"""Whoever follows commits no oftener, since each commit makes a part of the index that has to be merged later."""

RELABEL_AFTER_SECONDS = 3
_STALE_AT_ONCE = 200

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Told how many leaves are done, and of how many."""


class Lock:
    """A lock file, held by at most one process. It lies beside the index, which may be deleted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def hold(self) -> bool:
        """Take the lock if it is free; say whether this process holds it."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                return False
            self._file = file
        return True

    def release(self) -> None:
        """Let another process be the writer."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Build:
    """A generation being written: the engine, and the mark up to which it is committed."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.engine = TantivyIndex(generation.engine)
        self.mark = generation.mark() or Mark()
        self.applied = self.mark.applied
        self._unseen_from = self.applied if self.engine.stamp() == self.mark.stamp else ledger.size()
        self._committed_at = time.monotonic()
        self._holds = False  # documents that are not committed

    def advance(self, size: int) -> None:
        """Index the next leaves, up to `size` of the log; commit when it is time."""
        end = min(self.applied + BATCH, size)
        made = documents.of_log(self.applied, end)
        self.engine.put(made.new, new=self.applied >= self._unseen_from)
        self.engine.put(made.changed)
        self._holds = self._holds or bool(made.new or made.changed)
        self.applied = end
        self.settle(after=COMMIT_SECONDS)

    def settle(self, *, after: float = 0) -> None:
        """Commit what is left, unless the last commit is less than `after` seconds old.

        Leaves that make no document, those of the audit, count as applied at once.
        """
        if self._holds and time.monotonic() - self._committed_at >= after:
            self.commit()
        elif not self._holds and self.mark.applied < self.applied:
            self._move_mark(self.mark.stamp)

    def commit(self) -> None:
        """Make what was put visible, then move the mark."""
        self._move_mark(self.engine.commit())
        self._committed_at, self._holds = time.monotonic(), False

    def _move_mark(self, stamp: int) -> None:
        self.mark = replace(self.mark, applied=self.applied, stamp=stamp)
        self.generation.write_mark(self.mark)

    def refresh(self, stale: list[Stale]) -> None:
        """Index again what the rows name."""
        self.engine.put(documents.of_messages(row.message_id for row in stale if row.message_id))
        for conversation in {row.conversation_id for row in stale if row.conversation_id}:
            for some in documents.of_conversation(conversation):
                self.engine.put(some)

    def is_intact(self) -> bool:
        """Say whether the files are still what was written."""
        return self.generation.mark() == self.mark


class Indexer:
    """The writer, or a candidate for it. One a process; its methods may be called from any thread."""

    def __init__(self) -> None:
        self._turn = threading.RLock()
        self._lock = Lock(HOUSE.data / "index.lock")
        self._live: Build | None = None

    def drain(self, *, gather: float = 0) -> bool:
        """Index everything the log has; False where another process is the writer.

        What was indexed can be found, unless the last commit is less than `gather` seconds old: then after the next,
        or when the log has stopped to grow.
        """
        with self._turn:
            if not self._lock.hold():
                return False
            try:
                self._bring_up_to_date(self._build(), gather=gather)
            except BaseException:
                self._close_live()  # what was put but not committed is put again
                raise
            return True

    def rebuild(self, *, progress: Progress | None = None) -> bool:
        """Build anew beside the live index, which goes on following the log, and swap. False as in `drain`."""
        with self._turn:
            if not self._lock.hold():
                return False
            live, fresh = self._build(), Build(generations.create())
            try:
                self._fill(fresh, live, progress)
            except BaseException:
                fresh.generation.remove()
                self._close_live()
                raise
            self._close_live()
            generations.adopt(fresh.generation)
            self._live = fresh
            return True

    def _fill(self, fresh: Build, live: Build, progress: Progress | None) -> None:
        while fresh.applied < (size := ledger.size()):
            fresh.advance(size)
            self._bring_up_to_date(live)
            if progress is not None:
                progress(fresh.applied, size)
        fresh.commit()

    def close(self) -> None:
        """Wait for merges and give the lock to others."""
        with self._turn:
            self._close_live()
            self._lock.release()

    def _bring_up_to_date(self, build: Build, *, gather: float = 0) -> None:
        before = build.applied
        while build.applied < (size := ledger.size()):
            build.advance(size)
        build.settle(after=gather if build.applied > before else min(gather, GATHER_SECONDS))
        while stale := list(Stale.objects.order_by("pk")[:_STALE_AT_ONCE]):
            build.refresh(stale)
            build.commit()
            Stale.objects.filter(pk__in=[row.pk for row in stale]).delete()

    def _build(self) -> Build:
        """Return the live build; begin anew where its files are gone, foreign or of another version."""
        if self._live is not None and self._live.is_intact():
            return self._live
        self._close_live()
        found = generations.current()
        mark = found.mark() if found else None
        if found is None or mark is None or not mark.fits() or mark.applied > ledger.size():
            found = generations.create()
            generations.adopt(found)
        self._live = Build(found)
        return self._live

    def _close_live(self) -> None:
        if self._live is not None:
            live, self._live = self._live, None
            with suppress(ValueError, OSError):  # the files may be gone
                live.engine.close()


_OWN = Indexer()


def catch_up(*, seconds: float = 30.0) -> int:
    """Return once the index has everything the log has now: by indexing it here, or by waiting for the writer.

    Raises Problem `index-behind` where the writer takes longer than `seconds`.
    """
    goal, until = ledger.size(), time.monotonic() + seconds
    while not _OWN.drain():
        if (applied := applied_now()) >= goal and not Stale.objects.exists():
            return applied
        if time.monotonic() > until:
            raise Problem("index-behind", f"索引还差 {goal - applied} 条，稍后再试。", behind=goal - applied)
        time.sleep(0.05)
    return applied_now()


def follow(stop: threading.Event, *, patient: bool = False) -> None:
    """Keep the index up to date until `stop` is set, if this process is the writer; else stand by.

    What is appended is found within a second: the log's size is asked for every 200 ms. `patient` is for whoever
    appends much and looks when it is done: fewer and larger commits until then, and less to merge. Survives a database
    or disk that is away for a while.
    """
    gather = COMMIT_SECONDS if patient else GATHER_SECONDS
    while not stop.wait(FOLLOW_SECONDS):
        try:
            _OWN.drain(gather=gather)
        except (DatabaseError, OSError, ValueError):
            log.exception("the index could not follow the log")
            connection.close()
            stop.wait(1)
    _OWN.close()
    connection.close()


def rebuild(*, progress: Progress | None = None) -> None:
    """Build the index anew and swap it in; `progress(done, of)` counts leaves. Raises Problem `index-busy`."""
    if not _OWN.rebuild(progress=progress):
        raise Problem("index-busy", "另一个进程正在写索引。")


def relabel_wanted(_event: Event) -> None:
    """Ask for the job `relabel` in a moment, so that a row of changes is one: the handler of `lexicons` and `masks`."""
    jobs.enqueue("relabel", key="relabel", due_at=clock.now() + timedelta(seconds=RELABEL_AFTER_SECONDS))


def relabel(run: Run) -> None:
    """Build the index anew beside the live one where its labels or masks are older than the rules: the job `relabel`.

    Raises Problem `index-busy` where another process is the writer; the job is tried again.
    """
    if labels_are_current() and masks_are_current():
        return
    rebuild(progress=lambda done, size: run.heartbeat(progress={"done": done, "of": size}))


def labels_are_current() -> bool:
    """Say whether what is labelled in the index was labelled by the present lexicons; without an index, it will be."""
    generation = generations.current()
    mark = generation.mark() if generation else None
    return mark is None or mark.labels == labels.labeller().edition()


def masks_are_current() -> bool:
    """Say whether what the index hides is what the present rules hide; without an index, it will be."""
    generation = generations.current()
    mark = generation.mark() if generation else None
    return mark is None or mark.masks == maskrules.refresh().version


def applied_now() -> int:
    """Return how many leaves of the log can be found."""
    generation = generations.current()
    mark = generation.mark() if generation else None
    return mark.applied if mark else 0


def touch(*, conversations: Iterable[int] = (), messages: Iterable[int] = ()) -> None:
    """Have conversations (moved, given to somebody) or messages (another text stands) indexed again.

    To be called inside the transaction of the change.
    """
    rows = [Stale(conversation_id=each) for each in conversations] + [Stale(message_id=each) for each in messages]
    Stale.objects.bulk_create(rows)


def wanted(_event: Event) -> None:
    """Ask for the job `index`: the handler of the event `records`."""
    jobs.enqueue("index", key="index")


def placed(event: Event) -> None:
    """Have a conversation that was moved or given to somebody indexed again: the handler of `placements`."""
    touch(conversations=[event.facts["conversation"]])
    jobs.enqueue("index", key="index")


def marked(event: Event) -> None:
    """Have a message indexed again in which somebody hid or cleared something: the handler of `marks`."""
    touch(messages=[event.facts["message"]])
    jobs.enqueue("index", key="index")


def changed(event: Event) -> None:
    """Have messages indexed again that were erased, or whose files were read: `erasures` and `file-texts`."""
    touch(messages=event.facts["messages"])
    jobs.enqueue("index", key="index")


def index(_run: Run) -> None:
    """Index what was appended: the job `index`. Whoever is the writer does it; else this waits for them."""
    catch_up()


def rebuild_beside(run: Run) -> None:
    """Build the index anew: the job `rebuild-index`, for those who are not the writer themselves."""
    rebuild(progress=lambda *_: run.heartbeat())
