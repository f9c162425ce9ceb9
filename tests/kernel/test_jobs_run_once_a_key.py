"""Enqueue is part of the caller's transaction, coalesces by key, and never loses an ask."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from huidang.kernel import clock, jobs
from huidang.kernel.jobs import Run
from huidang.kernel.models import Job
from huidang.kernel.worker import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Handle = Callable[..., None]


class Log:
    """A handler that remembers the args it ran with."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []

    def __call__(self, run: Run) -> None:
        self.runs.append(run.args)


@pytest.fixture
def log(handle: Handle) -> Log:
    log = Log()
    handle("note", log)
    return log


def test_job_runs_and_is_gone(log: Log) -> None:
    jobs.enqueue("note", word="hello")
    assert Worker().work_off() == 1
    assert log.runs == [{"word": "hello"}]
    assert jobs.waiting() == 0


def test_rolled_back_enqueue_leaves_nothing(log: Log) -> None:
    with transaction.atomic():
        jobs.enqueue("note")
        transaction.set_rollback(True)
    assert Worker().work_off() == 0


def test_waiting_jobs_of_one_key_are_one_and_the_newest_args_win(log: Log) -> None:
    jobs.enqueue("note", key="a", n=1)
    jobs.enqueue("note", key="a", n=2)
    jobs.enqueue("note", key="b", n=3)
    Worker().work_off()
    assert log.runs == [{"n": 2}, {"n": 3}]


def test_jobs_without_key_are_not_coalesced(log: Log) -> None:
    jobs.enqueue("note")
    jobs.enqueue("note")
    assert Worker().work_off() == 2


def test_earlier_due_time_stands(log: Log) -> None:
    with clock.frozen(NOON):
        jobs.enqueue("note", key="a", due_at=NOON + timedelta(minutes=1))
        jobs.enqueue("note", key="a", due_at=NOON + timedelta(minutes=9))
        assert Worker().work_off() == 0
    with clock.frozen(NOON + timedelta(minutes=2)):
        assert Worker().work_off() == 1


def test_key_asked_for_while_it_runs_is_run_again(handle: Handle) -> None:
    seen = []

    def run_and_ask(run: Run) -> None:
        if not seen:
            jobs.enqueue("ask", key="a", n=2)
        seen.append(run.args["n"])

    handle("ask", run_and_ask)
    jobs.enqueue("ask", key="a", n=1)
    Worker().work_off()
    assert seen == [1, 2]


def test_running_key_is_not_claimed_by_another_worker(handle: Handle) -> None:
    inner = []
    handle("slow", lambda _run: inner.append(Worker().work_one()))
    jobs.enqueue("slow", key="a")
    Worker().work_off()
    assert inner == [False]


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(LookupError, match="misspelt"):
        jobs.enqueue("misspelt")


def test_worker_leaves_other_kinds_alone(log: Log, handle: Handle) -> None:
    handle("other", log)
    jobs.enqueue("other", n=1)
    assert Worker(kinds=["note"]).work_off() == 0
    assert Job.objects.filter(kind="other").exists()
