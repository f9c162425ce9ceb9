"""A run commits with its effects or not at all; a lost lease commits nothing; failures are seen and retried."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from huidang.kernel import clock, jobs
from huidang.kernel.jobs import Run, Stopping
from huidang.kernel.models import Change, Job
from huidang.kernel.problems import Problem
from huidang.kernel.worker import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Handle = Callable[..., None]


def effect(name: str) -> None:
    Change.objects.create(topic=name, at=clock.now())


def effects() -> list[str]:
    return list(Change.objects.order_by("id").values_list("topic", flat=True))


def fail(_run: Run) -> None:
    raise Problem("away", "对方没有应答。")


def test_effects_of_a_failed_commit_are_rolled_back(handle: Handle) -> None:
    def half(run: Run) -> None:
        with run.commit():
            effect("half")
            raise ValueError("in the middle")

    handle("half", half)
    jobs.enqueue("half")
    Worker().work_off()
    assert effects() == []
    assert "in the middle" in Job.objects.get().error


def test_frozen_worker_that_wakes_doubles_nothing(handle: Handle) -> None:
    asleep = []

    def sleep_through_the_lease(run: Run) -> None:
        if not asleep:
            asleep.append(run)
            with clock.frozen(clock.now() + timedelta(seconds=61)):
                Worker().work_off()
        with run.commit():
            effect("paid")

    handle("pay", sleep_through_the_lease, lease_seconds=60)
    jobs.enqueue("pay", key="invoice 7")
    Worker().work_off()
    assert effects() == ["paid"]
    assert jobs.waiting() == 0


def test_interrupted_run_resumes_from_saved_progress(handle: Handle) -> None:
    def count(run: Run) -> None:
        for n in range(run.progress.get("n", 0), 4):
            run.progress["n"] = n + 1
            with run.commit(last=n == 3):
                effect(str(n))
            if n == 1 and len(effects()) == 2:
                raise RuntimeError("killed")

    handle("count", count)
    with clock.frozen(NOON):
        jobs.enqueue("count")
        Worker().work_off()
    with clock.frozen(NOON + timedelta(hours=1)):
        Worker().work_off()
    assert effects() == ["0", "1", "2", "3"]


def test_heartbeat_keeps_the_lease_and_saves_progress(handle: Handle) -> None:
    def beat(run: Run) -> None:
        with clock.frozen(NOON + timedelta(seconds=50)):
            run.heartbeat(progress={"share": 0.5})
        with clock.frozen(NOON + timedelta(seconds=100)):
            assert not Worker().work_one()
            assert Job.objects.get().progress == {"share": 0.5}

    handle("beat", beat, lease_seconds=60)
    with clock.frozen(NOON):
        jobs.enqueue("beat")
        assert Worker().work_off() == 1
    assert jobs.waiting() == 0


def test_stopping_worker_gives_the_job_back_at_once(handle: Handle) -> None:
    handle("long", lambda run: run.heartbeat(progress={"n": 3}))
    jobs.enqueue("long")
    worker = Worker()
    worker._stop.set()
    worker.work_one()
    job = Job.objects.get()
    assert (job.leased_until, job.attempts, job.progress) == (None, 0, {"n": 3})


def test_failed_job_waits_longer_each_time_then_shows_its_error(handle: Handle) -> None:
    handle("call", fail, attempts=3)
    at = NOON
    with clock.frozen(at):
        jobs.enqueue("call", key="a")
    for _ in range(3):
        with clock.frozen(at):
            assert Worker().work_off() == 1
            at += timedelta(hours=1)
    with clock.frozen(at):
        assert Worker().work_off() == 0
    assert [job.error for job in jobs.failures()] == ["对方没有应答。"]


def test_delay_grows_and_is_bounded() -> None:
    delays = [jobs.delay_before(attempt).total_seconds() for attempt in (1, 4, 30)]
    assert 2 <= delays[0] <= 4
    assert 16 <= delays[1] <= 32
    assert 1800 <= delays[2] <= 3600


def test_asking_again_does_not_hurry_a_retry(handle: Handle) -> None:
    handle("call", fail)
    with clock.frozen(NOON):
        jobs.enqueue("call", key="a")
        Worker().work_off()
        jobs.enqueue("call", key="a")
        assert Worker().work_off() == 0


def test_failed_job_is_retried_by_hand_or_by_a_new_ask(handle: Handle) -> None:
    handle("call", fail, attempts=1)
    jobs.enqueue("call", key="a", n=1)
    Worker().work_off()
    handle("call", lambda run: effect(f"called {run.args['n']}"))
    jobs.retry(jobs.failures().get())
    Worker().work_off()
    assert effects() == ["called 1"]


def test_job_that_kills_its_worker_is_given_up(handle: Handle) -> None:
    def vanish(_run: Run) -> None:
        raise KeyboardInterrupt

    handle("crash", vanish, attempts=2, lease_seconds=60)
    jobs.enqueue("crash")
    at = clock.now()
    for _ in range(2):
        at += timedelta(seconds=61)
        with clock.frozen(at), pytest.raises(KeyboardInterrupt):
            Worker().work_one()
    with clock.frozen(at + timedelta(seconds=61)):
        assert Worker().work_off() == 1
        assert jobs.failures().count() == 1


def test_ask_during_the_last_failing_attempt_is_not_lost(handle: Handle) -> None:
    def ask_and_fail(run: Run) -> None:
        jobs.enqueue("call", key="a")
        fail(run)

    handle("call", ask_and_fail, attempts=1)
    jobs.enqueue("call", key="a")
    Worker().work_off()
    assert jobs.waiting() == 1


def test_fresh_ask_does_not_resume_from_old_progress(handle: Handle) -> None:
    def stop(run: Run) -> None:
        run.heartbeat(progress={"n": 9})
        raise Stopping

    handle("index", stop)
    jobs.enqueue("index", key="a")
    Worker().work_one()
    jobs.enqueue("index", key="a")
    assert Job.objects.get().progress == {}
