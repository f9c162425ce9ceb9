"""Schedules need no leader: whoever comes first enqueues, everybody else sees it done."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from huidang.kernel import clock, jobs
from huidang.kernel.models import Schedule
from huidang.kernel.worker import Worker, prepare_schedules

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def runs(handle: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    runs: list[datetime] = []
    handle("tick", lambda _run: runs.append(clock.now()))
    monkeypatch.setattr(jobs, "SCHEDULES", {"tick": jobs.Every("tick", seconds=60)})
    return runs


def pass_by(at: datetime) -> None:
    with clock.frozen(at):
        worker = Worker(kinds=["tick"])
        worker._enqueue_scheduled()
        worker.work_off()


def test_once_a_period_whoever_passes_by(runs: list[datetime]) -> None:
    with clock.frozen(NOON):
        prepare_schedules()
    for seconds in (0, 0, 1, 59, 60, 61, 119, 600):
        pass_by(NOON + timedelta(seconds=seconds))
    assert [(at - NOON).total_seconds() for at in runs] == [0, 60, 600]


def test_worker_that_read_the_same_row_late_enqueues_nothing(runs: list[datetime]) -> None:
    with clock.frozen(NOON):
        prepare_schedules()
        row = Schedule.objects.get()
        Worker()._enqueue_once(row)
        Worker().work_off()
        Worker()._enqueue_once(row)
        assert Worker().work_off() == 0


def test_shortened_period_holds_at_once(runs: list[datetime]) -> None:
    Schedule.objects.create(kind="tick", next_due_at=NOON + timedelta(days=1))
    with clock.frozen(NOON):
        prepare_schedules()
    assert Schedule.objects.get().next_due_at == NOON + timedelta(seconds=60)


@pytest.mark.django_db(transaction=True)
def test_worker_shows_that_it_lives_while_it_runs(runs: list[datetime]) -> None:
    stop = threading.Event()
    seen = []

    class OneRound(Worker):
        def work_one(self) -> bool:
            seen.append(jobs.is_worked())
            stop.set()
            return super().work_one()

    assert not jobs.is_worked()
    OneRound().run(stop)
    assert seen == [True]
    assert not jobs.is_worked()


@pytest.mark.django_db(transaction=True)
def test_worker_outlives_a_database_that_is_away(runs: list[datetime], caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()

    class Interrupted(Worker):
        def work_one(self) -> bool:
            if not caplog.records:
                raise OperationalError("the server closed the connection")
            stop.set()
            return super().work_one()

    Interrupted(kinds=["tick"]).run(stop)
    assert len(runs) == 1
