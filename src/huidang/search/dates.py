"""Dates as people write them in a search: 2026, 2026-09, 2026-W36, 2026-09-05, 昨天, 上周, 近30天, a..b."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月?)?|年?)")
_WEEK = re.compile(r"(\d{4})-?w(\d{1,2})")
_AGE = re.compile(r"(\d{1,4})(?:个)?(d|天|日|w|周|星期|m|月|y|年)")
_LAST = re.compile(r"(?:近|最近|last[-_]?)(.+)")
_DAYS = {"d": 1, "天": 1, "日": 1, "w": 7, "周": 7, "星期": 7, "m": 30, "月": 30, "y": 365, "年": 365}
_NAMED_DAYS = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}
_NAMED_WEEKS = {"本周": 0, "这周": 0, "this-week": 0, "上周": 1, "last-week": 1, "上上周": 2}
_NAMED_MONTHS = {"本月": 0, "这个月": 0, "this-month": 0, "上月": 1, "上个月": 1, "last-month": 1}
_NAMED_YEARS = {"今年": 0, "this-year": 0, "去年": 1, "last-year": 1, "前年": 2}


class Span(NamedTuple):
    """A half-open stretch of time, UTC."""

    start: datetime
    end: datetime


def read_span(text: str, *, now: datetime, zone: str) -> Span | None:
    """Return what a date, a named time or a range `a..b` covers in a zone; None where it is none of these."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    first, dots, last = folded.partition("..")
    today = now.astimezone(ZoneInfo(zone)).date()
    try:
        days = _range(first, last, today) if dots else _days(folded, today)
        return Span(*(_midnight(each, zone) for each in days)) if days else None
    except (ValueError, OverflowError):
        return None


def read_age(text: str) -> timedelta | None:
    """Return an age such as `7d`, `2w`, `3个月`, `1年`; a month counts 30 days. None where it is none."""
    match = _AGE.fullmatch(unicodedata.normalize("NFKC", text).casefold().strip())
    return timedelta(days=int(match[1]) * _DAYS[match[2]]) if match else None


def _range(first: str, last: str, today: date) -> tuple[date, date] | None:
    begin = _days(first, today) if first else (date(1970, 1, 1), today)
    end = _days(last, today) if last else (today, today + _DAY)
    return (begin[0], max(begin[0], end[1])) if begin and end else None


def _days(text: str, today: date) -> tuple[date, date] | None:
    return _named(text, today) or _recent(text, today) or _week(text) or _stated(text)


def _named(text: str, today: date) -> tuple[date, date] | None:
    if text in _NAMED_DAYS:
        day = today - _NAMED_DAYS[text] * _DAY
        return day, day + _DAY
    if text in _NAMED_WEEKS:
        monday = today - timedelta(days=today.weekday() + 7 * _NAMED_WEEKS[text])
        return monday, monday + 7 * _DAY
    if text in _NAMED_MONTHS:
        return _month(*divmod(today.year * 12 + today.month - 1 - _NAMED_MONTHS[text], 12))
    if text in _NAMED_YEARS:
        year = today.year - _NAMED_YEARS[text]
        return date(year, 1, 1), date(year + 1, 1, 1)
    return None


def _recent(text: str, today: date) -> tuple[date, date] | None:
    match = _LAST.fullmatch(text)
    age = read_age(match[1]) if match else None
    return (today + _DAY - age, today + _DAY) if age else None


def _week(text: str) -> tuple[date, date] | None:
    match = _WEEK.fullmatch(text)
    if match is None:
        return None
    monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    return monday, monday + 7 * _DAY


def _stated(text: str) -> tuple[date, date] | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(each) if each else None for each in match.groups())
    assert year is not None
    if month is None:
        return date(year, 1, 1), date(year + 1, 1, 1)
    if day is None:
        return _month(year, month - 1)
    return date(year, month, day), date(year, month, day) + _DAY


def _month(year: int, place: int) -> tuple[date, date]:
    return date(year, place + 1, 1), date(year + (place + 1) // 12, (place + 1) % 12 + 1, 1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
