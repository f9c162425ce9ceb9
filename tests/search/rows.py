"""Rows as the appender leaves them, written straight into the tables."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import transaction

from huidang.kernel import clock, ledger
from huidang.people.models import Department
from huidang.records.models import Conversation, Message, Participant, RawBatch, Source, State

_NUMBERS = count(1)
BEGIN_MS = 1_700_000_000_000


def conversation(platform: str = "slack", department: Department | None = None, **fields: Any) -> Conversation:
    """Store a conversation on a platform."""
    source, _ = Source.objects.get_or_create(platform=platform, defaults={"created_at": clock.now()})
    return Conversation.objects.unguarded("test").create(
        source=source, platform_id=str(next(_NUMBERS)), department=department, key=b"", created_at=clock.now(), **fields
    )


def participant(name: str, platform: str = "slack") -> Participant:
    """Store somebody who writes."""
    source, _ = Source.objects.get_or_create(platform=platform, defaults={"created_at": clock.now()})
    return Participant.objects.create(source=source, platform_id=str(next(_NUMBERS)), name=name)


def append(to: Conversation, *texts: str, entry: str = "message", target: str = "", **fields: Any) -> list[Message]:
    """Store entries a minute apart, with their leaves, in one transaction."""
    with transaction.atomic():
        messages = [_message(to, text, entry, target, fields) for text in texts]
        first = ledger.append([(bytes(32), "message", each.pk) for each in messages])
        for place, each in enumerate(messages):
            each.leaf_index = first + place
        Message.objects.unguarded("test").bulk_create(messages)
    return messages


def edit(message: Message, text: str) -> Message:
    """Store an edit and what follows from it."""
    (entry,) = append(message.conversation, text, entry="edit", target=message.key)
    restate(message, text_entry_id=entry.pk, edits=1)
    return entry


def recall(message: Message) -> None:
    """Store a recall and what follows from it."""
    (entry,) = append(message.conversation, "", entry="recall", target=message.key)
    restate(message, recall_entry_id=entry.pk, recalled_at=clock.now())


def restate(message: Message, **fields: Any) -> None:
    """Store what entries made of a message."""
    states = State.objects.unguarded("test").filter(pk=message.pk)
    if states.exists():
        states.update(**fields)
    else:
        State.objects.unguarded("test").create(message_id=message.pk, conversation=message.conversation, **fields)


def _message(to: Conversation, text: str, entry: str, target: str, fields: dict[str, Any]) -> Message:
    number = next(_NUMBERS)
    sent_ms = BEGIN_MS + number * 60_000
    at = clock.at_ms(sent_ms)
    return Message(
        **{
            "id": sent_ms << 20,
            "conversation": to,
            "key": f"k{number}",
            "entry": entry,
            "target_key": target,
            "kind": "text",
            "sent_at": at,
            "precision": "s",
            "text": text,
            "as_of_at": at,
            "received_at": at + timedelta(seconds=1),
            "leaf_index": -1,
            "raw_batch": _batch(),
            "raw_offset": 0,
            "raw_size": 0,
            **fields,
        }
    )


def _batch() -> RawBatch:
    batch = RawBatch.objects.first()
    return batch or RawBatch.objects.create(sha256="", size=0, origin={}, stored_at=clock.now())


def ids(messages: Sequence[Message]) -> list[int]:
    """Return the ids, newest first."""
    return sorted((each.pk for each in messages), reverse=True)
