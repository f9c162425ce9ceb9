"""The only clock of the house: everything that asks for the time asks here, so that tests can answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_frozen: list[datetime] = []


def now() -> datetime:
    """Return the present moment in UTC."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


def now_ms() -> int:
    """Return the present moment in milliseconds since 1970, UTC."""
    return int(now().timestamp() * 1000) if _frozen else time.time_ns() // 1_000_000


def at_ms(milliseconds: int) -> datetime:
    """Return the UTC moment of a count of milliseconds since 1970, exact to the millisecond."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC) + timedelta(milliseconds=milliseconds % 1000)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` inside the block, for tests and the seeded demo."""
    _frozen.append(moment)
    try:
        yield
    finally:
        _frozen.pop()
