"""Times as exports write them, turned into milliseconds UTC without inventing precision."""

from huidang.kernel.problems import Problem
from huidang.records.drafts import Precision

# 1990-01-01 to 2100-01-01: chats are not older, and a time beyond is a unit mistaken for another.
EARLIEST_MS = 631_152_000_000
LATEST_MS = 4_102_444_800_000
# As seconds this is the year 5138, as milliseconds March 1973: no chat is on the wrong side.
_MILLISECONDS_FROM = 100_000_000_000


def checked(milliseconds: int) -> int:
    """Return the moment. Raises `Problem` where no chat can have been."""
    if EARLIEST_MS <= milliseconds <= LATEST_MS:
        return milliseconds
    raise Problem("time-out-of-range", f"时间 {milliseconds} 不在合理范围内。", time=milliseconds)


def from_epoch(value: float) -> tuple[int, Precision]:
    """Return milliseconds and precision of a count of seconds or milliseconds since 1970, whole or with a fraction.

    Raises `Problem` where it is no moment of a chat.
    """
    if value != value or abs(value) > 1e15:  # noqa: PLR0124, PLR2004
        raise Problem("time-out-of-range", f"时间 {value} 不在合理范围内。")
    if abs(value) >= _MILLISECONDS_FROM:
        return checked(int(value)), "ms"
    if isinstance(value, int) or value.is_integer():
        return checked(int(value) * 1000), "s"
    return checked(round(value * 1000)), "ms"
