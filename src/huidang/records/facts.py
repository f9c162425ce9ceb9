"""The facts beside a transcript: who takes part and on what ground, when, and where it stands in the log."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.ledger import Checkpoint
from huidang.people.readers import Reader
from huidang.records import masking
from huidang.records.listing import get_conversation
from huidang.records.models import Message, Participant
from huidang.records.shown import Sender

NEWEST = 5000
"""Who wrote is read from this many of the newest messages."""

_TIME_BITS = 20


@dataclass(frozen=True, slots=True)
class About:
    """Facts of one conversation. Leaves are places in the log; `sealed_size` is how much of it was last signed."""

    participants: tuple[Sender, ...]
    first_at: datetime | None
    last_at: datetime | None
    first_leaf: int | None
    last_leaf: int | None
    sealed_size: int = 0
    sealed_at: datetime | None = None

    @property
    def is_sealed(self) -> bool:
        """Say whether the last signed checkpoint covers all that is here."""
        return self.last_leaf is not None and self.last_leaf < self.sealed_size


def about(conversation_id: int, reader: Reader) -> About:
    """Return the facts of a conversation. Raises `Absent`, alike for missing and forbidden."""
    get_conversation(reader, conversation_id)
    rows = Message.objects.readable_by(reader, Can.READ).filter(conversation_id=conversation_id)
    ends = rows.aggregate(Min("pk"), Max("pk"), Min("leaf_index"), Max("leaf_index"))
    newest = rows.order_by("-pk").values("sender_id")[:NEWEST]
    checkpoint = Checkpoint.objects.order_by("-size").first()
    return About(
        _participants({row["sender_id"] for row in newest}),
        _moment(ends["pk__min"]),
        _moment(ends["pk__max"]),
        ends["leaf_index__min"],
        ends["leaf_index__max"],
        checkpoint.size if checkpoint else 0,
        checkpoint.created_at if checkpoint else None,
    )


def _participants(ids: set[int | None]) -> tuple[Sender, ...]:
    rows = Participant.objects.filter(pk__in={pk for pk in ids if pk}).order_by("pk")
    return tuple(sorted((_sender(row) for row in rows), key=lambda sender: _ORDER.get(sender.role, len(_ORDER))))


_ORDER = {"customer": 0, "agent": 1, "robot": 2, "": 3}


def _sender(row: Participant) -> Sender:
    role, ground = (row.role_corrected, "correction") if row.role_corrected else (row.role, row.role_ground)
    return Sender(str(row.pk), masking.masked(row.name), role, ground)


def _moment(message_id: int | None) -> datetime | None:
    return clock.at_ms(message_id >> _TIME_BITS) if message_id else None
