"""How often something may be done: counted in the database, so that every process knows.

A limit holds for windows of fixed length. A process draws a share of what is left in a window and spends it from
memory, so that a limit of hundreds costs a write now and then, not one a request. Shares that a process drew and did
not spend are lost with the window: the limit is never exceeded, and may be met early by the shares in flight.
"""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import models, transaction

from huidang.kernel import clock
from huidang.kernel.problems import TooOften

_REMEMBERED = 10_000


class Tally(models.Model):
    """What was drawn by one `key` in the window that ends at `ends_at`."""

    key = models.CharField(max_length=100)
    ends_at = models.DateTimeField(db_index=True)
    drawn = models.IntegerField(default=0)

    class Meta:
        """One row a key and window."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "ends_at"], name="one_tally")]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in every window of `seconds`; a process draws `share` of them at once."""

    name: str
    most: int
    seconds: int
    share: int = 1


@dataclass(slots=True)
class _Purse:
    ends_at: datetime
    left: int


_TURN = threading.Lock()
_PURSES: dict[str, _Purse] = {}


def spend(limit: Limit, who: str) -> None:
    """Count one for `who` (an id, or a keyed hash of an address). Raises `TooOften` with `retry_seconds`."""
    key, ends_at = f"{limit.name}:{who}", _end_of_window(limit)
    if _take(key, ends_at):
        return
    drawn = _draw(limit, key, ends_at)
    if not drawn:
        seconds = max(1, int((ends_at - clock.now()).total_seconds()) + 1)
        raise TooOften("too-often", "请求过于频繁，请稍后再试。", retry_seconds=seconds)
    _keep(key, ends_at, drawn - 1)


def forget_old(_run: object) -> None:
    """Delete the tallies of past windows: the job `forget-tallies`."""
    Tally.objects.filter(ends_at__lt=clock.now()).delete()


def forget_shares() -> None:
    """Give up what this process has drawn, for tests."""
    with _TURN:
        _PURSES.clear()


def _end_of_window(limit: Limit) -> datetime:
    window = clock.now_ms() // 1000 // limit.seconds
    return clock.at_ms((window + 1) * limit.seconds * 1000)


def _take(key: str, ends_at: datetime) -> bool:
    with _TURN:
        purse = _PURSES.get(key)
        if purse is None or purse.ends_at != ends_at or not purse.left:
            return False
        purse.left -= 1
        return True


def _keep(key: str, ends_at: datetime, count: int) -> None:
    with _TURN:
        if len(_PURSES) >= _REMEMBERED:
            _PURSES.clear()
        held = _PURSES.get(key)
        left = held.left if held is not None and held.ends_at == ends_at else 0
        _PURSES[key] = _Purse(ends_at, left + count)


def _draw(limit: Limit, key: str, ends_at: datetime) -> int:
    """Take a share from the stored tally and return how much it was, 0 where the window is spent."""
    with transaction.atomic():
        Tally.objects.get_or_create(key=key, ends_at=ends_at)
        row = Tally.objects.select_for_update().get(key=key, ends_at=ends_at)
        share = min(limit.share, limit.most - row.drawn)
        if share > 0:
            Tally.objects.filter(pk=row.pk).update(drawn=row.drawn + share)
    return max(share, 0)
