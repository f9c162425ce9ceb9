"""What shall leave: conversations, chosen messages, an excerpt, or everything that a query finds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huidang.kernel.problems import Problem

_MOMENT = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """One of: `conversations`, `messages` (ids), an `excerpt`, a `query`; perhaps from one moment to before another."""

    conversations: tuple[int, ...] = ()
    messages: tuple[int, ...] = ()
    excerpt: int | None = None
    query: str | None = None
    since_at: datetime | None = None
    until_at: datetime | None = None

    def __post_init__(self) -> None:
        stated = [self.conversations, self.messages, self.excerpt is not None, self.query is not None]
        if sum(map(bool, stated)) != 1:
            raise Problem("selection-unclear", "说明导出什么：会话、消息、摘录，或一条查询，只选一样。")

    def as_json(self) -> dict[str, Any]:
        """Return the selection in JSON types, without what was not stated."""
        stated = {
            "conversations": list(self.conversations),
            "messages": [str(each) for each in self.messages],
            "since_at": self.since_at.isoformat() if self.since_at else None,
            "until_at": self.until_at.isoformat() if self.until_at else None,
        }
        known = {name: value for name, value in stated.items() if value}
        one = {"excerpt": self.excerpt, "query": self.query}
        return known | {name: value for name, value in one.items() if value is not None}

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> Self:
        """Return what `as_json` wrote down."""
        since, until = stated.get("since_at"), stated.get("until_at")
        return cls(
            conversations=tuple(stated.get("conversations", ())),
            messages=tuple(map(int, stated.get("messages", ()))),
            excerpt=stated.get("excerpt"),
            query=stated.get("query"),
            since_at=datetime.fromisoformat(since) if since else None,
            until_at=datetime.fromisoformat(until) if until else None,
        )


def read_since(text: str, zone: str) -> datetime | None:
    """Return the moment that `2023-08-20` or `2023-08-20 14:30` begins; None for an empty text. Raises `Problem`."""
    return _read(text, zone)[0] if text.strip() else None


def read_until(text: str, zone: str) -> datetime | None:
    """Return the moment after the stated day, minute or second, which thus belongs to the stretch."""
    return _read(text, zone)[1] if text.strip() else None


def _read(text: str, zone: str) -> tuple[datetime, datetime]:
    match = _MOMENT.fullmatch(text.strip().replace("/", "-"))
    if match is None:
        raise _unreadable(text)
    try:
        day = date(*map(int, match[1].split("-")))
        start = datetime.combine(day, time(int(match[2] or 0), int(match[3] or 0), int(match[4] or 0)), ZoneInfo(zone))
        length = timedelta(seconds=1) if match[4] else timedelta(minutes=1)
        return start, start + length if match[2] else datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    except (ValueError, OverflowError) as problem:
        raise _unreadable(text) from problem


def _unreadable(text: str) -> Problem:
    return Problem("time-unreadable", _("看不懂时间「%s」，写作 2023-08-20 14:30。") % text)
