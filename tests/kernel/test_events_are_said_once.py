"""An event is recorded with its cause, reaches the connected handlers, and tells live pages the topic alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from huidang.kernel import clock, events, jobs
from huidang.kernel.events import Changes, Event
from huidang.kernel.models import Change
from huidang.kernel.worker import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_handlers_of_the_noun_get_topic_and_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Event] = []
    monkeypatch.setitem(events.HANDLERS, "conversation", (heard.append,))
    events.emit("conversation:42", messages=3)
    events.emit("conversations")
    assert heard == [Event("conversation:42", {"messages": 3})]


def test_follower_hears_each_change_once() -> None:
    changes = Changes()
    assert changes.read() == set()
    events.emit("messages", changed=["conversation:1", "conversation:2"])
    events.emit("messages")
    assert changes.read() == {"messages", "conversation:1", "conversation:2"}
    assert changes.read() == set()


def test_follower_hears_nothing_of_before_its_time() -> None:
    events.emit("messages")
    assert Changes().read() == set()


def test_follower_hears_a_slow_transaction_that_commits_behind_a_quick_one() -> None:
    changes = Changes()
    events.emit("quick")
    slow = Change.objects.create(topic="slow", at=clock.now() - timedelta(seconds=20))
    assert slow.pk
    assert changes.read() == {"quick", "slow"}


def test_rolled_back_event_was_never_said() -> None:
    changes = Changes()
    with transaction.atomic():
        events.emit("messages")
        transaction.set_rollback(True)
    assert changes.read() == set()


@pytest.mark.django_db(transaction=True)
def test_event_without_a_transaction_is_a_defect() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        events.emit("messages")


def test_old_changes_are_forgotten_by_schedule() -> None:
    with clock.frozen(NOON):
        events.emit("old")
    with clock.frozen(NOON + timedelta(hours=2)):
        events.emit("new")
        jobs.enqueue("prune-changes")
        Worker().work_off()
    assert list(Change.objects.values_list("topic", flat=True)) == ["new"]
