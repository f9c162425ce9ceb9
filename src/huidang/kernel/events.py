"""What happened, said once: a `Change` row for live pages, and the handlers that `wiring` connected.

A topic is a noun, or a noun and an id (`conversation:42`). It says that something changed, never what: a page that
hears of it asks again, as its reader.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from huidang.kernel import clock
from huidang.kernel.jobs import Run
from huidang.kernel.models import Change

KEPT_SECONDS = 3600
OVERLAP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Event:
    """What a handler is given: the topic, and the facts that `emit` was told."""

    topic: str
    facts: Mapping[str, Any] = field(default_factory=dict)


EventHandler = Callable[[Event], None]
HANDLERS: dict[str, tuple[EventHandler, ...]] = {}


def connect(handlers: Mapping[str, tuple[EventHandler, ...]]) -> None:
    """Make the handlers of each noun known; `wiring` calls this once at start-up."""
    HANDLERS.update(handlers)


def emit(topic: str, /, *, changed: Iterable[str] = (), **facts: Any) -> None:
    """Record in the caller's transaction that `topic`, and the finer topics in `changed`, have changed.

    Calls the handlers connected to the noun of `topic`; they only enqueue jobs. Raises RuntimeError outside a
    transaction, because an event without its cause would be a lie.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"emit({topic!r}) outside a transaction")
    at = clock.now()
    Change.objects.bulk_create([Change(topic=name, at=at) for name in dict.fromkeys([topic, *changed])])
    event = Event(topic, facts)
    for handle in HANDLERS.get(topic.partition(":")[0], ()):
        handle(event)


class Changes:
    """A follower of the changes, for one process: each `read()` returns the topics that changed since the last.

    Rows of transactions that were open for up to a minute may appear behind later ones (PostgreSQL gives ids before
    the commit), so each read looks back a minute and leaves out what it has seen.
    """

    def __init__(self) -> None:
        self._began_at = clock.now()
        self._seen: dict[int, datetime] = {}
        self._seen = dict(self._recent())

    def read(self) -> set[str]:
        """Return the topics that changed since the last read."""
        recent = self._recent()
        fresh = recent.keys() - self._seen.keys()
        self._seen = recent
        return set(Change.objects.filter(pk__in=fresh).values_list("topic", flat=True)) if fresh else set()

    def _recent(self) -> dict[int, datetime]:
        since = max(self._began_at, clock.now()) - timedelta(seconds=OVERLAP_SECONDS)
        return dict(Change.objects.filter(at__gte=since).values_list("pk", "at"))


def prune(_run: Run) -> None:
    """Forget changes older than an hour: the job `prune-changes`."""
    Change.objects.filter(at__lt=clock.now() - timedelta(seconds=KEPT_SECONDS)).delete()
