"""Times as exports write them, turned into milliseconds UTC without inventing precision."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from huidang.kernel.problems import Problem
from huidang.records.drafts import Precision

# 1990-01-01 to 2100-01-01: chats are not older, and a time beyond is a unit mistaken for another.
EARLIEST_MS = 631_152_000_000
LATEST_MS = 4_102_444_800_000
# As seconds this is the year 5138, as milliseconds March 1973: no chat is on the wrong side.
_MILLISECONDS_FROM = 100_000_000_000
_LARGEST = 10**15
# Excel counts days from here (its day 60, 1900-02-29, never was, which this epoch allows for). Within the bounds
# of a chat a serial lies between 32,874 and 73,051.
_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_SERIALS = (32_874, 73_051)

_AFTERNOON = {"下午", "傍晚", "晚上", "PM", "pm", "P.M.", "p.m."}
_NOON_OR_MORNING = {"上午", "早上", "凌晨", "中午", "AM", "am", "A.M.", "a.m."}
_HALF = "|".join(re.escape(half) for half in (*_AFTERNOON, *_NOON_OR_MORNING))
_WRITTEN = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<mo>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
    r"(?:\s*[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?)?"
    rf"(?:[\sT,，]*(?P<half>{_HALF})?\s*(?P<h>\d{{1,2}})\s*[:：时点]\s*(?P<mi>\d{{1,2}})\s*分?"
    r"(?:\s*[:：]?\s*(?P<s>\d{1,2})\s*秒?(?:[.,](?P<f>\d{1,9}))?)?"
    rf"\s*(?P<after>{_HALF})?)?"
    r"\s*(?P<zone>Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT)?"
)
# The spelling that nearly every export uses, read without taking it apart.
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.ASCII)
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d\d)(?P<mo>\d\d)(?P<d>\d\d)(?:[ T_-]?(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)?)?")
_NUMBER = re.compile(r"\d{9,16}(?:\.\d{1,6})?")
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?")


class Moment(NamedTuple):
    """A time: milliseconds since 1970 UTC, how exact the source stated it, the zone it was read in ("" = stated)."""

    ms: int
    precision: Precision
    zone: str = ""


def checked(milliseconds: int) -> int:
    """Return the moment. Raises `Problem` where no chat can have been."""
    if EARLIEST_MS <= milliseconds <= LATEST_MS:
        return milliseconds
    raise _out_of_range(milliseconds)


def _out_of_range(value: float) -> Problem:
    return Problem("time-out-of-range", f"时间 {str(value)[:40]} 不在合理范围内。")


def from_epoch(value: float) -> Moment:
    """Return the moment of a count of seconds or milliseconds since 1970, whole or with a fraction.

    Raises `Problem` where it is no moment of a chat.
    """
    if not -_LARGEST < value < _LARGEST:
        raise _out_of_range(value)
    if abs(value) >= _MILLISECONDS_FROM:
        return Moment(checked(int(value)), "ms")
    if isinstance(value, int) or value.is_integer():
        return Moment(checked(int(value) * 1000), "s")
    return Moment(checked(round(value * 1000)), "ms")


def from_serial(days: float) -> Moment | None:
    """Return the wall-clock moment (as if UTC) of an Excel serial, or None where the number is none."""
    if not _SERIALS[0] <= days <= _SERIALS[1]:
        return None
    whole = float(days).is_integer()
    moment = _EXCEL_EPOCH + timedelta(seconds=round(days * 86_400))
    return Moment(int(moment.timestamp()) * 1000, "day" if whole else "s")


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo:
    """Return a time zone. Raises `Problem("zone-unknown")`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Problem("zone-unknown", f"没有这个时区：{name}", zone=name) from error


def in_zone(moment: datetime, precision: Precision, zone: str) -> Moment:
    """Return the moment of a date and time; one without its own zone is read in `zone`. Raises `Problem`."""
    named = ""
    if moment.tzinfo is None:
        moment, named = moment.replace(tzinfo=zone_named(zone)), zone
    whole = int(moment.replace(microsecond=0).timestamp())
    return Moment(checked(whole * 1000 + moment.microsecond // 1000), precision, named)


def from_text(text: str, zone: str) -> Moment:
    """Return the moment of a time in any usual Chinese, ISO or numeric spelling, wall-clock time read in `zone`.

    Raises `Problem("time-unreadable")`, also for `3/4/2026`, where day and month cannot be told apart.
    """
    text = text.strip()
    if _PLAIN.fullmatch(text):
        with suppress(ValueError):
            return in_zone(datetime.fromisoformat(text), "s", zone)
    match = _WRITTEN.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        if _NUMBER.fullmatch(text):
            return from_epoch(float(text) if "." in text else int(text))
        raise _unreadable(text)
    try:
        return _assembled(match.groupdict(), zone)
    except (ValueError, OverflowError) as error:
        raise _unreadable(text) from error


def _unreadable(text: str) -> Problem:
    return Problem("time-unreadable", f"认不出时间“{text[:60]}”。", time=text[:200])


def _assembled(part: dict[str, str | None], zone: str) -> Moment:
    hour = _hour(int(part["h"] or 0), part.get("half") or part.get("after") or "")
    fraction = part.get("f") or ""
    moment = datetime(
        int(part["y"] or 0),
        int(part["mo"] or 0),
        int(part["d"] or 0),
        hour,
        int(part["mi"] or 0),
        int(part["s"] or 0),
        int(fraction[:6].ljust(6, "0")) if fraction else 0,
        tzinfo=_offset(part.get("zone")),
    )
    return in_zone(moment, _precision(part, fraction), zone)


def _precision(part: dict[str, str | None], fraction: str) -> Precision:
    if fraction:
        return "ms" if len(fraction) <= len("123") else "us"
    if part["s"]:
        return "s"
    return "min" if part["h"] else "day"


def _hour(hour: int, half: str) -> int:
    noon = 12
    if half in _AFTERNOON and hour < noon:
        return hour + noon
    return 0 if half in {"凌晨", "上午", "AM", "am", "A.M.", "a.m."} and hour == noon else hour


def _offset(written: str | None) -> tzinfo | None:
    if not written:
        return None
    match = _OFFSET.fullmatch(written)
    if match is None:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(offset if match[1] == "+" else -offset)
