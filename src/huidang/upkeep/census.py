"""Counts of what the archive holds, inside a reader's reach."""

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from huidang.kernel.access import Can
from huidang.people.readers import Reader
from huidang.records.models import Conversation, Message


@dataclass(frozen=True, slots=True)
class Census:
    """Conversations and messages in all, messages by platform, by department (`""`: the intake) and by day (UTC)."""

    conversations: int
    messages: int
    platforms: dict[str, int]
    departments: dict[str, int]
    days: dict[str, int]


def take_census(reader: Reader, *, days: int = 14) -> Census:
    """Count what a reader reaches; `days` limits the table by day to the last days that have messages."""
    mine = Conversation.objects.readable_by(reader, Can.READ)
    totals = mine.aggregate(conversations=Count("pk"), messages=Sum("message_count"))
    return Census(
        conversations=totals["conversations"],
        messages=totals["messages"] or 0,
        platforms=_sums(mine, "source__platform"),
        departments=_sums(mine, "department__name"),
        days=_days(reader, days),
    )


def _sums(mine: "object", field: str) -> dict[str, int]:
    rows = mine.values_list(field).annotate(Sum("message_count")).order_by("-message_count__sum")  # type: ignore[attr-defined]
    return {name or "": total or 0 for name, total in rows}


def _days(reader: Reader, days: int) -> dict[str, int]:
    mine = Message.objects.readable_by(reader, Can.READ)
    counted = mine.annotate(day=TruncDate("sent_at")).values_list("day").annotate(Count("pk"))
    return {day.isoformat(): count for day, count in counted.order_by("-day")[:days]}
