"""Callbacks that a DingTalk robot received (open.dingtalk.com, receive-message), one JSON a line.

A line is the body of the callback, or the frame of stream mode whose `data` holds it as JSON in a string.
"""

from collections.abc import Iterator
from typing import Any, Literal

from huidang.kernel.problems import Problem
from huidang.records.drafts import ConversationDraft, Draft, Fact, MediaDraft, ParticipantDraft, RawMessage, SourceDraft
from huidang.sources.dingtalk import fields
from huidang.sources.files.cutting import line_items
from huidang.sources.files.exports import FileExport
from huidang.sources.files.outline import Outline
from huidang.sources.files.reading import Reading
from huidang.sources.files.values import child, count, objects, read_object, words

_MEDIA: dict[str, tuple[Literal["image", "voice", "video", "file"], str]] = {
    "picture": ("image", ""),
    "audio": ("voice", "recognition"),
    "video": ("video", ""),
    "file": ("file", "fileName"),
}
_DIRECT = "1"


def unwrapped(line: dict[str, Any]) -> dict[str, Any]:
    """Return the callback in a line, taken out of its stream frame where it has one."""
    data = line.get("data")
    if "headers" in line and isinstance(data, str):
        return read_object(data)
    return line


def is_callbacks(shape: Outline) -> bool:
    """Return whether the lines are robot callbacks."""
    try:
        first = unwrapped(shape.line)
    except Problem:
        return False
    return {"msgtype", "conversationId", "msgId"} <= first.keys()


def open_callbacks(reading: Reading, name: str) -> FileExport:
    """Open a member of callbacks. They state the corp of the robot."""
    shape = _first_line(reading, name)
    corp = words(shape, "chatbotCorpId") or reading.options.workspace
    return FileExport(
        format="dingtalk-robot",
        name=name,
        source=SourceDraft("dingtalk", workspace=corp),
        parser=RobotParser(corp, reading.options.agents),
        reading=reading,
        cut=line_items(name),
    )


def _first_line(reading: Reading, name: str) -> dict[str, Any]:
    for line in reading.head(name).splitlines():
        try:
            return unwrapped(read_object(line))
        except Problem:
            continue
    return {}


class RobotParser:
    """Parses the callbacks of one corp; states each conversation and participant the first time it meets them."""

    def __init__(self, corp: str = "", agents: frozenset[str] = frozenset()) -> None:
        self._corp = corp
        self._agents = agents
        self._met: set[tuple[str, str]] = set()

    def __reduce__(self) -> tuple[type["RobotParser"], tuple[str, frozenset[str]]]:
        return type(self), (self._corp, self._agents)

    def parse(self, item: RawMessage) -> list[Fact]:
        """See `Parser`."""
        message = unwrapped(read_object(item.data))
        corp = words(message, "chatbotCorpId")
        if corp and corp != self._corp:
            raise Problem("other-workspace", f"这一条属于另一个企业（{corp}），请分开导入。", workspace=corp)
        conversation = words(message, "conversationId")
        if not conversation:
            raise Problem("no-conversation", "回调没有 conversationId。")
        return [*self._around(message, conversation), _draft(message, conversation)]

    def _around(self, message: dict[str, Any], conversation: str) -> Iterator[Fact]:
        title, name = words(message, "conversationTitle"), words(message, "senderNick")
        if self._new(conversation, title):
            direct = words(message, "conversationType") == _DIRECT
            yield ConversationDraft(conversation, title or name, "direct" if direct else "group")
        account = _sender(message)
        if account and self._new(account, name):
            agent = bool({name, account, words(message, "senderStaffId")} & self._agents)
            union = words(message, "senderUnionId")
            yield ParticipantDraft(account, name, "agent" if agent else "", "--agent" if agent else "", union)

    def _new(self, key: str, name: str) -> bool:
        known = (key, name) in self._met
        self._met.add((key, name))
        return not known


def _sender(message: dict[str, Any]) -> str:
    """Return the staff id, which is the same everywhere; external people have the encrypted id only."""
    return words(message, "senderStaffId", "senderId")


def _draft(message: dict[str, Any], conversation: str) -> Draft:
    moment = fields.moment(message, "createAt", "createTime")
    kind, text, media, details = _content(message)
    return Draft(
        conversation=conversation,
        sent_ms=moment.ms,
        id=words(message, "msgId"),
        kind=kind,
        sender=_sender(message),
        sender_name=words(message, "senderNick"),
        text=text,
        precision=moment.precision,
        zone=moment.zone,
        media=media,
        details=details | _mentions(message),
    )


_Content = tuple[str, str, tuple[MediaDraft, ...], dict[str, Any]]


def _content(message: dict[str, Any]) -> _Content:
    kind = words(message, "msgtype")
    content = child(message, "content")
    if kind == "text":
        return "text", words(child(message, "text"), "content").strip(), (), {}
    if kind in _MEDIA:
        return _one_file(kind, content)
    if kind == "richText":
        return _rich(content)
    text = words(content, "text", "title", "content") or words(child(message, kind), "text", "title", "content")
    return "other", text, (), {"type": kind, "body": content or message.get(kind)}


def _one_file(kind: str, content: dict[str, Any]) -> _Content:
    ours, text_key = _MEDIA[kind]
    text = words(content, text_key) if text_key else ""
    length = count(content, "duration")
    held = MediaDraft(
        kind=ours,
        name=words(content, "fileName"),
        missing="needs-token" if words(content, "downloadCode") else "not-in-export",
        seconds=length // 1000 if length is not None else None,
    )
    return ours, text, (held,), {}


def _rich(content: dict[str, Any]) -> _Content:
    parts = list(objects(content.get("richText")))
    text = "".join(words(part, "text") for part in parts)
    pictures = tuple(MediaDraft("image", missing="needs-token") for part in parts if words(part, "downloadCode"))
    return ("text" if text or not pictures else "image"), text, pictures, {}


def _mentions(message: dict[str, Any]) -> dict[str, Any]:
    named = [words(one, "staffId", "dingtalkId") for one in objects(message.get("atUsers"))]
    return {"mentions": named} if named else {}
