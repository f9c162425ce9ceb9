"""The lease queue on the ORM: work enqueued in the caller's transaction, coalesced by key, leased, resumed.

A worker (`kernel.worker`) claims a due job by raising its `token` and setting `leased_until`. The handler's database
effects and the job's completion commit in one transaction that first proves the token, so that a worker that was
frozen beyond its lease cannot double an effect when it wakes. What is done outside the database must be idempotent.
Leases are judged by `kernel.clock`; machines whose clocks differ lose time by it, never correctness.
"""

import secrets
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from huidang.kernel import clock
from huidang.kernel.models import Job, WorkerLife
from huidang.kernel.problems import Problem

ALIVE_SECONDS = 30
FIRST_DELAY_SECONDS = 2
LONGEST_DELAY_SECONDS = 3600


class LeaseLost(RuntimeError):
    """Another worker has the job by now; nothing of this run may be committed."""


class Stopping(RuntimeError):
    """The worker is asked to stop; the job goes back to the queue with the progress it saved."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What runs a kind of job, how often it may be tried, and how long it may stay silent."""

    function: Callable[["Run"], None]
    attempts: int = 8
    lease_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Every:
    """A schedule: a kind of job that is enqueued once in every period."""

    kind: str
    seconds: int


HANDLERS: dict[str, Handler] = {}
SCHEDULES: dict[str, Every] = {}


def connect(handlers: Mapping[str, Handler], schedules: Sequence[Every] = ()) -> None:
    """Make kinds of jobs and schedules known; `wiring` calls this once at start-up."""
    HANDLERS.update(handlers)
    SCHEDULES.update({schedule.kind: schedule for schedule in schedules})


def enqueue(kind: str, /, *, key: str = "", due_at: datetime | None = None, **args: Any) -> None:
    """Ask for a job in the caller's transaction. Raises LookupError where nothing handles `kind`.

    With a `key` (kind and key together name the work) a waiting job is not doubled, the earlier `due_at` stands and
    the newest `args` (JSON types) win; a job that is running is run once more afterwards; a failed one gets another
    chance. Asking does not shorten the delay of a job that waits for a retry.
    """
    if kind not in HANDLERS:
        raise LookupError(f"no handler is connected for jobs of kind {kind!r}")
    key = key or secrets.token_hex(16)
    due_at = due_at or clock.now()
    with transaction.atomic():
        while not (_ask_again(kind, key, due_at, args) or _insert(kind, key, due_at, args)):
            pass  # the job was finished between the two


def _insert(kind: str, key: str, due_at: datetime, args: dict[str, Any]) -> bool:
    job = Job(kind=kind, key=key, args=args, due_at=due_at, enqueued_at=clock.now())
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _ask_again(kind: str, key: str, due_at: datetime, args: dict[str, Any]) -> bool:
    job = Job.objects.select_for_update().filter(kind=kind, key=key).first()
    if job is None:
        return False
    job.args = args
    if job.leased_until is not None:
        job.again_at = min(job.again_at or due_at, due_at)
    else:
        _freshen(job, due_at)
    job.save()
    return True


def _freshen(job: Job, due_at: datetime) -> None:
    """Let a waiting or failed job begin anew: what was asked now may lie before the progress it had made."""
    job.progress = {}
    if job.failed_at is not None:
        job.failed_at, job.attempts, job.due_at = None, 0, due_at
    elif job.attempts == 0:
        job.due_at = min(job.due_at, due_at)


class Run:
    """One leased run of a job, handed to its handler.

    `args` are those of `enqueue`. `progress` is a dictionary of JSON types that the handler may change; it is saved
    by `commit(last=False)` and `heartbeat()` and is what an interrupted job finds when it is run again.
    """

    def __init__(self, job: Job, handler: Handler, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
        self.kind: str = job.kind
        self.key: str = job.key
        self.args: dict[str, Any] = job.args
        self.progress: dict[str, Any] = job.progress
        self.finished = False
        self._job_id, self._token, self._attempts = job.pk, job.token, job.attempts
        self._handler = handler
        self._is_stopping = is_stopping

    def work(self) -> None:
        """Run the handler, and complete the job where the handler did not do so itself."""
        if self._attempts > self._handler.attempts:
            raise Problem("job-died", "处理进程多次意外中断，任务已停止重试。", kind=self.kind, key=self.key)
        self._handler.function(self)
        if not self.finished:
            with self.commit():
                pass

    @contextmanager
    def commit(self, *, last: bool = True) -> Iterator[None]:
        """Open the transaction in which effects and the job's completion (`last`) or progress commit together.

        Raises `LeaseLost` before the block is entered where another worker has taken the job over.
        """
        with transaction.atomic(durable=True):
            job = self._locked()
            yield
            if last:
                _finish(job)
            else:
                self._save_progress(job)
        self.finished = last

    def heartbeat(self, *, progress: dict[str, Any] | None = None) -> None:
        """Keep the lease for another period and save progress. Raises `LeaseLost`, or `Stopping` at shutdown."""
        if progress is not None:
            self.progress = progress
        with transaction.atomic(durable=True):
            self._save_progress(self._locked())
        if self._is_stopping():
            raise Stopping

    def release(self) -> None:
        """Give the job back at once, with the progress it saved; the attempt does not count."""
        with transaction.atomic(durable=True):
            job = self._locked()
            job.attempts = max(0, job.attempts - 1)
            _wait_until(job, clock.now())

    def fail(self, error: str) -> None:
        """Retry later, or show the job as failed where its attempts are spent."""
        with transaction.atomic(durable=True):
            job = self._locked()
            job.error = error
            if self._attempts < self._handler.attempts:
                _wait_until(job, clock.now() + delay_before(self._attempts))
            elif job.again_at is not None:
                job.attempts = 0
                _wait_until(job, clock.now() + delay_before(self._attempts))
            else:
                job.failed_at, job.leased_until = clock.now(), None
                job.save()

    def _locked(self) -> Job:
        """Lock the row, so that nobody can claim it before this transaction ends, and prove the token."""
        job = Job.objects.select_for_update().filter(pk=self._job_id, token=self._token).first()
        if job is None or job.leased_until is None:
            raise LeaseLost(f"{self.kind} {self.key}")
        return job

    def _save_progress(self, job: Job) -> None:
        if job.progress != self.progress:
            job.progress, job.attempts = self.progress, 1
            self._attempts = 1
        job.leased_until = clock.now() + timedelta(seconds=self._handler.lease_seconds)
        job.save()


def _finish(job: Job) -> None:
    if job.again_at is None:
        job.delete()
        return
    job.attempts, job.error = 0, ""
    _wait_until(job, job.again_at)


def _wait_until(job: Job, due_at: datetime) -> None:
    if job.again_at is not None:
        job.progress = {}
    job.due_at, job.again_at, job.leased_until = due_at, None, None
    job.save()


def delay_before(attempt: int) -> timedelta:
    """Return the pause after the n-th failed attempt: doubling from two seconds to an hour, half to full of it."""
    longest = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2**attempt)
    return timedelta(seconds=SystemRandom().uniform(longest / 2, longest))


def describe(problem: BaseException) -> str:
    """Return what a person needs to see of a failure: the text of a `Problem`, else the end of the traceback."""
    if isinstance(problem, Problem):
        return problem.text
    return "".join(traceback.format_exception(problem))[-4000:]


def failures() -> QuerySet[Job]:
    """Return the jobs that were given up, newest first."""
    return Job.objects.filter(failed_at__isnull=False).order_by("-failed_at")


def retry(job: Job) -> None:
    """Give a failed job another chance, now."""
    enqueue(job.kind, key=job.key, **job.args)


def is_worked() -> bool:
    """Say whether a worker lives: one was seen of late, or holds a lease."""
    now = clock.now()
    seen = WorkerLife.objects.filter(seen_at__gt=now - timedelta(seconds=ALIVE_SECONDS))
    return seen.exists() or Job.objects.filter(leased_until__gt=now).exists()


def waiting(kinds: Sequence[str] = ()) -> int:
    """Return how many jobs (of these kinds) wait, run or will be retried."""
    jobs = Job.objects.filter(failed_at__isnull=True)
    return (jobs.filter(kind__in=kinds) if kinds else jobs).count()
