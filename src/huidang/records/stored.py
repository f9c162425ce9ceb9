"""An entry as it is stored, put together again: its row, its facts, its secret, its raw bytes.

For those who prove or verify what is stored; whoever shows it to people goes through the lens.
"""

from collections import OrderedDict
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import IO, Any, NamedTuple

from huidang.kernel import blobs, secrets
from huidang.kernel.problems import Problem
from huidang.records.leaves import Facts
from huidang.records.models import Attachment, Conversation, MessageKey
from huidang.records.threads import CONVERSATION_KEY, MESSAGE_KEY

_REASON = "what belongs to entries that were chosen by a reader, or to all of them for a verification"
_REMEMBERED = 10_000
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
MediaFact = tuple[str, str, str, int | None]
"""Kind, name, reference and seconds of an attachment, as the leaf commits to them."""


class Row(NamedTuple):
    """A stored message with what its facts refer to; in the order of `FIELDS`."""

    id: int
    leaf_index: int
    conversation_id: int
    platform: str
    workspace: str
    account: str
    conversation: str
    key: str
    entry: str
    target: str
    kind: str
    sender: str | None
    sender_name: str
    role: str
    reply: str
    thread: str
    sent_at: Any
    precision: str
    zone: str
    received_at: Any
    as_of_at: Any
    text: str
    details: dict[str, Any] | None
    batch: str
    raw_offset: int
    raw_size: int


FIELDS = (
    "id", "leaf_index", "conversation_id", "conversation__source__platform", "conversation__source__workspace",
    "conversation__source__account", "conversation__platform_id", "key", "entry", "target_key", "kind",
    "sender__platform_id", "sender_name", "role", "reply_to", "thread", "sent_at", "precision", "zone", "received_at",
    "as_of_at", "text", "details", "raw_batch__sha256", "raw_offset", "raw_size",
)  # fmt: skip


class KeyLost(Problem):
    """A key that wraps or is wrapped is missing or does not open."""


class Keys:
    """Opens the secrets of messages; remembers the keys of conversations used last."""

    def __init__(self) -> None:
        self._site = secrets.Sealer(secrets.site_key())
        self._sealers: OrderedDict[int, secrets.Sealer] = OrderedDict()

    def open(self, conversation_id: int, wrapped: bytes | None) -> bytes:
        """Return a message's secret. Raises `KeyLost`."""
        if wrapped is None:
            raise KeyLost("key-lost", "不见了")
        try:
            return self._sealer(conversation_id).unseal(bytes(wrapped), context=MESSAGE_KEY)
        except secrets.Unopened as problem:
            raise KeyLost("key-lost", "无法解开") from problem

    def _sealer(self, conversation_id: int) -> secrets.Sealer:
        if conversation_id not in self._sealers:
            conversations = Conversation.objects.unguarded(_REASON)
            (wrapped,) = conversations.filter(pk=conversation_id).values_list("key", flat=True)
            key = self._site.unseal(bytes(wrapped), context=CONVERSATION_KEY)
            self._sealers[conversation_id] = secrets.Sealer(key)
            if len(self._sealers) > _REMEMBERED:
                self._sealers.popitem(last=False)
        return self._sealers[conversation_id]


class RawBytes:
    """Reads pieces of blobs, keeping the one used last open."""

    def __init__(self) -> None:
        self._name = ""
        self._file: IO[bytes] | None = None

    def read(self, sha256: str, offset: int, size: int) -> bytes:
        """Return a piece of a blob. Raises `Problem` where the blob is missing."""
        if self._file is None or self._name != sha256:
            self.close()
            self._file, self._name = blobs.open(sha256), sha256
        self._file.seek(offset)
        return self._file.read(size)

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.close()
        self._file = None


def wrapped_keys(ids: Collection[int]) -> dict[int, bytes]:
    """Return the wrapped secret of each message that still has one."""
    rows = MessageKey.objects.filter(message_id__in=ids).values_list("message_id", "wrapped")
    return {row: bytes(key) for row, key in rows}


def media_of(ids: Collection[int]) -> dict[int, list[MediaFact]]:
    """Return what each message names as attachments, in their order."""
    media: dict[int, list[MediaFact]] = {}
    rows = Attachment.objects.unguarded(_REASON).filter(message_id__in=ids).order_by("message_id", "position")
    for row, kind, name, ref, seconds in rows.values_list("message_id", "kind", "name", "ref", "seconds"):
        media.setdefault(row, []).append((kind, name, ref, seconds))
    return media


def ms_of(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return (moment - _BEGIN) // _MILLISECOND


def facts_of(row: Row, media: list[MediaFact]) -> Facts:
    """Return the facts of a stored message as they were committed to."""
    return Facts(
        source=(row.platform, row.workspace, row.account),
        conversation=row.conversation,
        id=row.key.rpartition(":")[0] if row.key.startswith("#") else row.key,
        entry=row.entry,
        target=row.target,
        kind=row.kind,
        sender=row.sender or "",
        sender_name=row.sender_name,
        role=row.role,
        reply=row.reply,
        thread=row.thread,
        sent_ms=ms_of(row.sent_at),
        precision=row.precision,
        zone=row.zone,
        received_ms=ms_of(row.received_at),
        as_of_ms=ms_of(row.as_of_at),
        text=row.text,
        details=row.details or {},
        media=media,
    )
