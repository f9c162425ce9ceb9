"""Messages as plain rows for who reads them by the thousand: what the lens asks of a message, without its instance."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from huidang.kernel import bulk


class Plain(NamedTuple):
    """A stored message under the names that the model gives to its columns."""

    pk: int
    conversation_id: int
    key: str
    kind: str
    sender_id: int | None
    sender_name: str
    role: str
    sent_at: datetime
    precision: str
    zone: str
    text: str
    reply_to: str
    thread: str
    details: Any


def read(messages: Any) -> Iterator[Plain]:
    """Yield the rows of a guarded query of messages; one instance less for each takes a third of the time."""
    for row in bulk.plain(messages, *Plain._fields):
        sent_at, details = row[7], row[13]
        moment = sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)
        yield Plain._make((*row[:7], moment, *row[8:13], details and msgspec.json.decode(details)))
