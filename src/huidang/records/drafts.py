"""What a source hands to the records: facts about conversations, participants and messages, not yet stored.

Plain values without a database, so that parsing runs in other processes. Times are milliseconds since 1970, UTC.
Ids are the platform's own strings. `""` means "not stated".
"""

from typing import Any, Literal

import msgspec

Role = Literal["", "agent", "customer", "robot", "system"]
Entry = Literal["message", "edit", "recall", "delete"]
Precision = Literal["us", "ms", "s", "min", "day"]


class SourceDraft(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Platform + workspace or corp + account: never the file or the route (`house.md` 8)."""

    platform: str  # "slack", "dingtalk", "wecom", "wechat", "table", …
    workspace: str = ""
    account: str = ""
    name: str = ""


class ConversationDraft(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="c"):
    """The lasting thread on a platform."""

    id: str
    title: str = ""
    kind: Literal["", "group", "direct"] = ""
    members: tuple[str, ...] = ()


class ParticipantDraft(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="p"):
    """An account on a platform. `role` only with its `ground` ("is_bot", "external-id", "isSend", …), never guessed."""

    id: str
    name: str = ""
    role: Role = ""
    ground: str = ""
    union_id: str = ""


class MediaDraft(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file that belongs to a message. `ref` finds its bytes in the export; without it `missing` says why."""

    kind: Literal["image", "voice", "video", "file", "sticker"]
    name: str = ""
    mime: str = ""
    size: int | None = None
    ref: str = ""
    missing: str = ""  # "not-in-export", "platform-deleted", "hidden-by-limit", "needs-token", …
    seconds: int | None = None


class Draft(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="m"):
    """One entry of a conversation: a message, or an edit, recall or deletion that points back by `target`.

    `id` may be empty: the appender then keys the entry by content and occurrence. `as_of_ms` is when this text
    was true (edit time, else export time); the text with the latest one is shown.
    """

    conversation: str
    sent_ms: int
    id: str = ""
    entry: Entry = "message"
    target: str = ""
    kind: str = "text"  # text image voice video file link card location sticker call redpacket forward system other
    sender: str = ""
    sender_name: str = ""
    role: Role = ""
    text: str = ""
    precision: Precision = "s"
    zone: str = ""  # IANA name where the source stated wall-clock time only
    reply_to: str = ""
    thread: str = ""
    as_of_ms: int | None = None
    media: tuple[MediaDraft, ...] = ()
    details: dict[str, Any] = {}  # JSON for what only this kind has: link, card, duration, reactions, forwarded items


Fact = Draft | ConversationDraft | ParticipantDraft


class RawMessage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The platform's bytes of one item, with the place they stood in (`line 17`, `general/2024-01-02.json[5]`).

    `about` carries what the place implies and the bytes do not state (the conversation of a Slack folder).
    """

    place: str
    data: bytes
    about: str = ""


class Broken(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An item that could not even be cut out or read: goes to quarantine with its reason.

    `data` holds the bytes up to the item limit; longer ones lie in the blob named by `blob` (SHA-256, hex).
    """

    place: str
    code: str
    text: str
    data: bytes = b""
    blob: str = ""
