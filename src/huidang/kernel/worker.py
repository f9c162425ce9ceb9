"""The worker: claims due jobs and runs their handlers, until it is told to stop or nothing is left."""

import logging
import os
import socket
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction
from django.db.models import Model, Q, QuerySet

from huidang.kernel import clock, jobs
from huidang.kernel.models import Job, Schedule, WorkerLife

POLL_SECONDS = 0.2
SIGN_SECONDS = 10

_Row = TypeVar("_Row", bound=Model)

log = logging.getLogger(__name__)


class Worker:
    """Runs the jobs of the connected handlers, or of some kinds only. Any number may run beside each other."""

    def __init__(self, *, kinds: Sequence[str] = ()) -> None:
        self.kinds = tuple(kinds or jobs.HANDLERS)
        self.name = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
        self._stop = threading.Event()
        self._sign_again_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; poll every 200 ms while idle. Survives a database that is away for a while."""
        self._stop = stop
        prepare_schedules()
        while not stop.is_set():
            close_old_connections()
            try:
                self._sign()
                self._enqueue_scheduled()
                busy = self.work_one()
            except (DatabaseError, InterfaceError):
                log.exception("the queue could not be read")
                connection.close()
                busy = False
            if not busy:
                stop.wait(POLL_SECONDS)
        WorkerLife.objects.filter(name=self.name).delete()

    def work_off(self) -> int:
        """Run what is due until nothing is; return the number of runs. Jobs that wait for a retry stay."""
        runs = 0
        while self.work_one():
            runs += 1
        return runs

    def work_one(self) -> bool:
        """Claim and run one job; say whether there was one."""
        if not self._due().exists():  # a plain read: on SQLite idle polling must not take the writer
            return False
        run = self._claim()
        if run is None:  # taken by another, or its row is locked by a transaction that asks again
            return False
        self._execute(run)
        return True

    def _due(self) -> QuerySet[Job]:
        now = clock.now()
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
        due = Job.objects.filter(free, kind__in=self.kinds, failed_at__isnull=True, due_at__lte=now)
        return due.order_by("due_at", "id")

    def _claim(self) -> jobs.Run | None:
        with transaction.atomic():
            job = _lock(self._due()).first()
            if job is None:
                return None
            handler = jobs.HANDLERS[job.kind]
            job.token += 1
            job.attempts += 1
            job.leased_until = clock.now() + timedelta(seconds=handler.lease_seconds)
            job.save()
        return jobs.Run(job, handler, is_stopping=self._stop.is_set)

    def _execute(self, run: jobs.Run) -> None:
        try:
            self._attempt(run)
        except jobs.LeaseLost:
            log.warning("lost the lease of %s %s", run.kind, run.key)

    def _attempt(self, run: jobs.Run) -> None:
        try:
            run.work()
        except jobs.LeaseLost:
            raise
        except jobs.Stopping:
            run.release()
        except Exception as problem:
            log.exception("%s %s failed", run.kind, run.key)
            run.fail(jobs.describe(problem))

    def _sign(self) -> None:
        if time.monotonic() < self._sign_again_at:
            return
        now = clock.now()
        WorkerLife.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
        WorkerLife.objects.update_or_create(
            name=self.name, defaults={"seen_at": now}, create_defaults={"started_at": now, "seen_at": now}
        )
        self._sign_again_at = time.monotonic() + SIGN_SECONDS

    def _enqueue_scheduled(self) -> None:
        due = Schedule.objects.filter(kind__in=jobs.SCHEDULES.keys() & set(self.kinds), next_due_at__lte=clock.now())
        for schedule in due:
            self._enqueue_once(schedule)

    def _enqueue_once(self, schedule: Schedule) -> None:
        """Enqueue, unless another worker moved the schedule on since it was read, or is about to."""
        period = timedelta(seconds=jobs.SCHEDULES[schedule.kind].seconds)
        unmoved = Schedule.objects.filter(kind=schedule.kind, next_due_at=schedule.next_due_at)
        with transaction.atomic():
            if _lock(unmoved).first():
                unmoved.update(next_due_at=clock.now() + period)
                jobs.enqueue(schedule.kind, key="schedule")


def _lock(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Lock the rows and pass over those that others hold, where the database can; SQLite has one writer anyway."""
    return rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)


def prepare_schedules() -> None:
    """Give every connected schedule its row; a new one is due at once, a shortened one within its new period."""
    now = clock.now()
    due_at = dict(Schedule.objects.values_list("kind", "next_due_at"))
    for every in jobs.SCHEDULES.values():
        latest = now + timedelta(seconds=every.seconds)
        if every.kind not in due_at:
            Schedule.objects.bulk_create([Schedule(kind=every.kind, next_due_at=now)], ignore_conflicts=True)
        elif due_at[every.kind] > latest:
            Schedule.objects.filter(kind=every.kind).update(next_due_at=latest)
