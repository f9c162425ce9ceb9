"""ChatLab v0.0.2, the neutral exchange format: JSONL by `_type` lines, and one JSON document.

After the public standard (ChatLab/ChatLab, docs/cn/standard/chatlab-format.md): a header with `meta`, members, then
messages with times in seconds. A chat belongs to the platform that `meta.platform` names, not to ChatLab.

Our own exports (`exports.jsonl`) say under `huidang` in the same line what the standard has no field for; where that
stands, it is believed before the standard's approximation of it.
"""

from contextlib import closing, suppress
from typing import Any, Literal, cast

import msgspec

from huidang.kernel.problems import Problem
from huidang.records.drafts import (
    ConversationDraft,
    Draft,
    Fact,
    MediaDraft,
    ParticipantDraft,
    RawMessage,
    SourceDraft,
)
from huidang.sources.files.cutting import document_items, line_items
from huidang.sources.files.documents import walk
from huidang.sources.files.exports import FileExport
from huidang.sources.files.moments import from_epoch
from huidang.sources.files.outline import Outline
from huidang.sources.files.reading import Reading
from huidang.sources.files.spill import forget
from huidang.sources.files.values import decode, read_object, words
from huidang.sources.source import ImportOptions

# The message types of the standard as our kinds, and the finer name where several share a kind.
_KINDS = {0: "text", 1: "image", 2: "voice", 3: "video", 4: "file", 5: "sticker", 7: "link", 8: "location"} | {
    20: "redpacket", 21: "redpacket", 22: "system", 23: "call", 24: "link", 25: "text", 26: "forward", 27: "card",
    80: "system", 81: "system", 99: "other",
}  # fmt: skip
_FINER = {21: "transfer", 22: "poke", 24: "share", 27: "contact", 81: "recall"}
_MEDIA = frozenset({"image", "voice", "video", "file", "sticker"})
_RECALL = 81
_NO_DETAILS: dict[str, Any] = {}

Id = str | int | None


def _text(value: Id) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


class OwnMedia(msgspec.Struct, rename="camel"):
    """A file of a message, as our own exports state it; `path` finds it in the archive."""

    kind: Literal["image", "voice", "video", "file", "sticker"]
    name: str = ""
    mime: str = ""
    size: int | None = None
    seconds: int | None = None
    missing: str = ""
    path: str = ""


class Own(msgspec.Struct, rename="camel"):
    """What our own exports add to a message."""

    entry: Literal["message", "edit", "recall", "delete"] = "message"
    kind: str = "text"
    precision: Literal["us", "ms", "s", "min", "day"] = "s"
    zone: str = ""
    role: Literal["", "agent", "customer", "robot", "system"] = ""
    thread: str = ""
    details: Any = None
    as_of: int | float | None = None
    text: str = ""
    media: list[OwnMedia] = []


class OwnAccount(msgspec.Struct):
    """What our own exports add to a member."""

    role: Literal["", "agent", "customer", "robot", "system"] = ""
    ground: str = ""


class OwnSource(msgspec.Struct):
    """The source of a chat, as our own exports state it."""

    workspace: str = ""
    account: str = ""
    name: str = ""


class OwnHead(msgspec.Struct):
    """What our own exports add to the header."""

    source: OwnSource
    conversation: str
    kind: Literal["", "group", "direct"] = ""


class Head(msgspec.Struct, rename="camel"):
    """What the file says about itself."""

    version: str = ""
    exported_at: int | float | None = None


class Meta(msgspec.Struct, rename="camel"):
    """The chat that the file holds."""

    name: str = ""
    platform: str = ""
    type: str = ""
    group_id: Id = None
    owner_id: Id = None


class Member(msgspec.Struct, rename="camel"):
    """A participant."""

    platform_id: Id = None
    account_name: str | None = None
    group_nickname: str | None = None
    huidang: OwnAccount | None = None


class Line(msgspec.Struct, rename="camel"):
    """A message, or any line of the JSONL form, told apart by `_type`."""

    tag: str = msgspec.field(default="message", name="_type")
    sender: Id = None
    account_name: str | None = None
    group_nickname: str | None = None
    timestamp: int | float | None = None
    type: int | None = None
    content: str | None = None
    platform_message_id: Id = None
    reply_to_message_id: Id = None
    huidang: Own | None = None


class Header(msgspec.Struct):
    """The first line of the JSONL form, and the outer keys of the JSON form."""

    chatlab: Head
    meta: Meta
    huidang: OwnHead | None = None


_LINE = msgspec.json.Decoder(Line)
_MEMBER = msgspec.json.Decoder(Member)
_HEADER = msgspec.json.Decoder(Header)
_HEAD = msgspec.json.Decoder(Head)
_META = msgspec.json.Decoder(Meta)


class ChatLabParser(msgspec.Struct, frozen=True):
    """Parses the items of one ChatLab file. `files` are the members beside it, where media may lie."""

    conversation: ConversationDraft
    agents: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def parse(self, item: RawMessage) -> list[Fact]:
        """See `Parser`."""
        if item.about == "header":
            return [self.conversation]
        if item.about == "member":
            return self._member(decode(_MEMBER, item.data))
        line = decode(_LINE, item.data)
        if line.tag == "message":
            return self._message(line)
        if line.tag == "member":
            return self._member(decode(_MEMBER, item.data))
        if line.tag == "header":
            return [self.conversation]
        raise Problem("line-type-unknown", f"未知的 _type：“{line.tag}”。", type=line.tag)

    def _member(self, member: Member) -> list[Fact]:
        name = member.group_nickname or member.account_name or ""
        identity = _text(member.platform_id)
        if not identity:
            raise Problem("no-sender", "成员没有 platformId。")
        agent = name in self.agents or member.account_name in self.agents
        if member.huidang and not agent:
            return [ParticipantDraft(identity, name, member.huidang.role, member.huidang.ground)]
        return [ParticipantDraft(identity, name, "agent" if agent else "", "--agent" if agent else "")]

    def _message(self, line: Line) -> list[Fact]:
        if line.timestamp is None:
            raise Problem("no-time", "消息没有 timestamp。")
        if line.huidang:
            return [self._own(line, line.huidang)]
        sent_ms, precision, _ = from_epoch(line.timestamp)
        number = line.type or 0
        kind = _KINDS.get(number, "other")
        name = line.group_nickname or line.account_name or ""
        sender = _text(line.sender)
        draft = Draft(
            conversation=self.conversation.id,
            sent_ms=sent_ms,
            id=_text(line.platform_message_id),
            entry="recall" if number == _RECALL and line.reply_to_message_id else "message",
            target=_text(line.reply_to_message_id) if number == _RECALL else "",
            kind=kind,
            sender=sender,
            sender_name=name,
            role="system" if kind == "system" else "",
            text=line.content or "",
            precision=precision,
            reply_to="" if number == _RECALL else _text(line.reply_to_message_id),
            media=(self._media(kind, line.content or ""),) if kind in _MEDIA else (),
            details=_details(number),
        )
        if self.agents and sender and (name in self.agents or line.account_name in self.agents):
            return [ParticipantDraft(sender, name, "agent", "--agent"), draft]
        return [draft]

    def _own(self, line: Line, own: Own) -> Draft:
        """Read a message of our own exports: every field stands as it was stored."""
        target = _text(line.reply_to_message_id)
        is_message = own.entry == "message"
        return Draft(
            conversation=self.conversation.id,
            sent_ms=from_epoch(line.timestamp or 0)[0],
            id=_text(line.platform_message_id),
            entry=own.entry,
            target="" if is_message else target,
            kind=own.kind,
            sender=_text(line.sender),
            sender_name=line.account_name or "",
            role=own.role,
            text=own.text,
            precision=own.precision,
            zone=own.zone,
            reply_to=target if is_message else "",
            thread=own.thread,
            as_of_ms=None if own.as_of is None else from_epoch(own.as_of)[0],
            media=tuple(self._own_media(each) for each in own.media),
            details=own.details if isinstance(own.details, dict) else {},
        )

    def _own_media(self, stated: OwnMedia) -> MediaDraft:
        held = stated.path in self.files
        return MediaDraft(
            kind=stated.kind,
            name=stated.name,
            mime=stated.mime,
            size=stated.size,
            ref=stated.path if held else "",
            missing="" if held else stated.missing or "not-in-export",
            seconds=stated.seconds,
        )

    def _media(self, kind: str, content: str) -> MediaDraft:
        path = content.strip().removeprefix("./")
        held = path in self.files
        return MediaDraft(
            kind=cast("Literal['image']", kind),
            name=path.rpartition("/")[2] if held else "",
            ref=path if held else "",
            missing="" if held else "not-in-export",
        )


def _details(number: int) -> dict[str, Any]:
    if number in _FINER:
        return {"type": _FINER[number]}
    return _NO_DETAILS if number in _KINDS else {"type": number}


def _conversation(meta: Meta, members: list[str]) -> ConversationDraft:
    """Identify the chat: by group id, else by the other party of a private chat, else by its name."""
    group = _text(meta.group_id)
    owner = _text(meta.owner_id)
    others = [member for member in members if member != owner]
    if not group and meta.type == "private" and owner and len(others) == 1:
        group = others[0]
    kind: Literal["", "group", "direct"] = "group" if meta.type == "group" else ""
    return ConversationDraft(
        id=group or f"{meta.type}:{meta.name}",
        title=meta.name,
        kind="direct" if meta.type == "private" else kind,
        members=tuple(members),
    )


def _source(meta: Meta, options: ImportOptions) -> SourceDraft:
    platform = meta.platform.strip().lower() or "chatlab"
    return SourceDraft(platform, workspace=options.workspace, account=_text(meta.owner_id))


def _conversation_of(header: Header, members: list[str]) -> ConversationDraft:
    if header.huidang is None:
        return _conversation(header.meta, members)
    own = header.huidang
    return ConversationDraft(id=own.conversation, title=header.meta.name, kind=own.kind)


def _source_of(header: Header, options: ImportOptions) -> SourceDraft:
    if header.huidang is None:
        return _source(header.meta, options)
    own = header.huidang.source
    return SourceDraft(header.meta.platform, workspace=own.workspace, account=own.account, name=own.name)


def is_lines(shape: Outline) -> bool:
    """Return whether the first object of a file of lines is a ChatLab header."""
    return shape.line.get("_type") == "header"


def is_document(shape: Outline) -> bool:
    """Return whether a JSON document is a ChatLab file."""
    return bool(shape.first("chatlab")) and ("meta" in shape.document or "messages" in shape.document)


def open_lines(reading: Reading, name: str) -> FileExport:
    """Open a ChatLab JSONL member. Raises `Problem` where its header cannot be read."""
    lines = [line for line in reading.head(name).splitlines() if line.lstrip().startswith(b"{")]
    headers = [line for line in lines if _tag(line) == "header"]
    members = [_identity(line) for line in lines if _tag(line) == "member"]
    export = _export(reading, name, decode(_HEADER, headers[0]), members)
    export.format, export.cut = "chatlab-jsonl", line_items(name)
    return export


def open_document(reading: Reading, name: str) -> FileExport:
    """Open a ChatLab JSON member; `meta` may stand before or after the messages. Raises `Problem`."""
    found: dict[str, bytes] = {}
    members: list[str] = []
    with closing(reading.text(name)) as stream, suppress(Problem):
        for value in walk(stream, spill=forget):
            if value.key == "members":
                members.append(_identity(value.data))
            elif value.key in {"chatlab", "meta"}:
                found[value.key] = value.data
            elif value.key == "messages" and len(found) == len(Header.__struct_fields__):
                break
    header = Header(decode(_HEAD, found.get("chatlab", b"{}")), decode(_META, found.get("meta", b"{}")))
    return _export(reading, name, header, members)


def _tag(data: bytes) -> str:
    try:
        return words(read_object(data), "_type")
    except Problem:
        return ""


def _identity(data: bytes) -> str:
    try:
        return words(read_object(data), "platformId")
    except Problem:
        return ""


def _export(reading: Reading, name: str, header: Header, members: list[str]) -> FileExport:
    files = reading.container.names()
    parser = ChatLabParser(
        conversation=_conversation_of(header, [member for member in members if member]),
        agents=reading.options.agents,
        files=frozenset(files) if len(files) > 1 else frozenset(),
    )
    exported = header.chatlab.exported_at
    return FileExport(
        format="chatlab-json",
        name=name,
        source=_source_of(header, reading.options),
        parser=parser,
        reading=reading,
        cut=document_items(name, {"meta": "header", "members": "member", "messages": ""}),
        exported_ms=from_epoch(exported)[0] if exported else None,
    )
