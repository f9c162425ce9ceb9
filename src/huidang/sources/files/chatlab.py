"""ChatLab v0.0.2, the neutral exchange format: JSONL by `_type` lines, and one JSON document.

After the public standard (ChatLab/ChatLab, docs/cn/standard/chatlab-format.md): a header with `meta`, members, then
messages with times in seconds. A chat belongs to the platform that `meta.platform` names, not to ChatLab.
"""

from collections.abc import Iterator
from typing import Any, Literal, cast

import msgspec

from huidang.kernel.problems import Problem
from huidang.records.drafts import (
    Broken,
    ConversationDraft,
    Draft,
    Fact,
    MediaDraft,
    ParticipantDraft,
    RawMessage,
    SourceDraft,
)
from huidang.sources.files.documents import walk
from huidang.sources.files.exports import FileExport
from huidang.sources.files.lines import cut_lines
from huidang.sources.files.moments import from_epoch
from huidang.sources.files.reading import Item, Reading
from huidang.sources.files.values import decode
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


class Header(msgspec.Struct):
    """The first line of the JSONL form, and the outer keys of the JSON form."""

    chatlab: Head
    meta: Meta


_LINE = msgspec.json.Decoder(Line)
_MEMBER = msgspec.json.Decoder(Member)
_HEADER = msgspec.json.Decoder(Header)
_TAG = msgspec.json.Decoder(msgspec.defstruct("Tag", [("_type", str | None, None)]))


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
        return [ParticipantDraft(identity, name, "agent" if agent else "", "--agent" if agent else "")]

    def _message(self, line: Line) -> list[Fact]:
        if line.timestamp is None:
            raise Problem("no-time", "消息没有 timestamp。")
        sent_ms, precision = from_epoch(line.timestamp)
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


def _tag(data: bytes) -> str | None:
    try:
        return cast("str | None", decode(_TAG, data)._type)  # type: ignore[attr-defined]  # noqa: SLF001
    except Problem:
        return None


def sniff_lines(head: bytes) -> bool:
    """Return whether the first line that is no comment is a ChatLab header."""
    first = next((line for line in head.splitlines() if line.strip() and not line.startswith(b"#")), b"")
    return b'"_type"' in first and _tag(first) == "header"


def open_lines(reading: Reading, name: str) -> FileExport:
    """Open a ChatLab JSONL member. Raises `Problem` where its header cannot be read."""
    lines = [line for line in reading.head(name).splitlines() if line.strip() and not line.startswith(b"#")]
    header = decode(_HEADER, lines[0])
    members = [_text(decode(_MEMBER, line).platform_id) for line in lines[1:] if _tag(line) == "member"]
    return _export(reading, name, header, members, form="chatlab-jsonl")


def _export(reading: Reading, name: str, header: Header, members: list[str], *, form: str) -> FileExport:
    files = reading.container.names()
    parser = ChatLabParser(
        conversation=_conversation(header.meta, members),
        agents=reading.options.agents,
        files=frozenset(files) if len(files) > 1 else frozenset(),
    )
    exported = header.chatlab.exported_at
    return FileExport(
        format=form,
        name=name,
        source=_source(header.meta, reading.options),
        parser=parser,
        reading=reading,
        cut=lambda opened: _cut(opened, name, form),
        exported_ms=from_epoch(exported)[0] if exported else None,
    )


def _cut(reading: Reading, name: str, form: str) -> Iterator[Item]:
    reading.plan([name])
    stream = reading.text(name)
    try:
        yield from cut_lines(stream, spill=reading.spill) if form == "chatlab-jsonl" else _values(stream, reading)
    finally:
        stream.close()


def _values(stream: Any, reading: Reading) -> Iterator[Item]:
    for value in walk(stream, spill=reading.spill):
        place = f"{value.key}[{value.place}]" if value.place >= 0 else value.key or "end"
        if value.why:
            yield Broken(place, "item-broken", value.why, value.data, value.blob)
        elif value.key == "messages":
            yield RawMessage(place, value.data)
        elif value.key == "members":
            yield RawMessage(place, value.data, "member")
        elif value.key == "meta":
            yield RawMessage(place, value.data, "header")
