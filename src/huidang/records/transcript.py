"""A conversation read in order: pages around, before or after a message, the cases in them, the days of a month."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import models

from huidang.kernel import clock
from huidang.kernel.problems import Problem
from huidang.people.readers import Reader
from huidang.records.lens import view_many
from huidang.records.listing import get_conversation, readable
from huidang.records.masking import Profile
from huidang.records.models import Case, Message
from huidang.records.shown import CaseSpan, Day, Page

_TIME_BITS = 20  # a message id is its sending time in milliseconds, shifted by this


def thread(
    conversation_id: int,
    reader: Reader,
    *,
    around: int | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
    profile: Profile = Profile.INSIDE,
) -> Page:
    """Return a piece of a transcript: about `limit` messages around, before or after a message id, else the newest.

    The message `around` need not exist: any id stands for its moment. Raises `Absent` where the conversation does
    not exist or lies outside the reader's reach.
    """
    conversation = get_conversation(reader, conversation_id)
    rows = _messages(reader, conversation_id)
    if around is not None:
        earlier, more_before = _earlier(rows, around, limit // 2)
        later, more_after = _later(rows, around - 1, limit - limit // 2)
    elif after is not None:
        earlier, more_before = [], rows.filter(pk__lte=after).exists()
        later, more_after = _later(rows, after, limit)
    else:
        earlier, more_before = _earlier(rows, before, limit)
        later, more_after = [], before is not None and rows.filter(pk__gte=before).exists()
    messages = [*earlier, *later]
    shown = view_many(messages, reader, profile=profile)
    return Page(conversation, tuple(shown), _cases(reader, conversation_id, messages), more_before, more_after)


def days(conversation_id: int, reader: Reader, month: str) -> list[Day]:
    """Return the days of a month (`2024-01`, in the reader's zone) on which something was written, with its first id.

    Raises `Absent`, or `Problem` month-unreadable.
    """
    zone = ZoneInfo(reader.zone)
    first, last = _bounds(month, zone)
    get_conversation(reader, conversation_id)
    ids = (
        _messages(reader, conversation_id)
        .filter(pk__gte=first, pk__lt=last)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    found: dict[str, list[int]] = {}
    for pk in ids.iterator():
        found.setdefault(f"{clock.at_ms(pk >> _TIME_BITS).astimezone(zone):%Y-%m-%d}", [pk, 0])[1] += 1
    return [Day(date, str(pk), count) for date, (pk, count) in found.items()]


def _messages(reader: Reader, conversation_id: int) -> "models.QuerySet[Message]":
    rows: models.QuerySet[Message] = readable(Message, reader).filter(conversation_id=conversation_id, entry="message")
    return rows


def _earlier(rows: "models.QuerySet[Message]", before: int | None, limit: int) -> tuple[list[Message], bool]:
    older = rows.filter(pk__lt=before) if before is not None else rows
    found = list(older.order_by("-pk")[: limit + 1])
    return found[:limit][::-1], len(found) > limit


def _later(rows: "models.QuerySet[Message]", after: int, limit: int) -> tuple[list[Message], bool]:
    found = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
    return found[:limit], len(found) > limit


def _cases(reader: Reader, conversation_id: int, messages: Sequence[Message]) -> tuple[CaseSpan, ...]:
    if not messages:
        return ()
    rows = readable(Case, reader).filter(
        conversation_id=conversation_id,
        first_message_id__lte=messages[-1].pk,
        last_message_id__gte=messages[0].pk,
    )
    return tuple(
        CaseSpan(
            str(row.pk),
            str(row.first_message_id),
            str(row.last_message_id),
            row.message_count,
            row.opened_at,
            row.ground,
        )
        for row in rows.order_by("first_message_id")
    )


def _bounds(month: str, zone: ZoneInfo) -> tuple[int, int]:
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        return _id_at(first), _id_at(following)
    except (ValueError, OverflowError) as problem:
        raise Problem("month-unreadable", "月份应写作 2024-01。", month=month) from problem


def _id_at(moment: datetime) -> int:
    return int(moment.timestamp() * 1000) << _TIME_BITS
