"""Decrypted messages of WeCom's conversation archive (developer.work.weixin.qq.com, path 91774), one JSON a line.

The envelope is the same for all types: msgid, action, from, tolist, roomid, msgtime, msgtype; the body stands under
the key of its type, with three exceptions. The file states no corp; a person may (`ImportOptions.workspace`).
"""

import re
from collections.abc import Iterator
from typing import Any

from huidang.kernel.problems import Problem
from huidang.records.drafts import (
    ConversationDraft,
    Draft,
    Fact,
    ParticipantDraft,
    RawMessage,
    Role,
    SourceDraft,
)
from huidang.sources.files.cutting import document_items, line_items
from huidang.sources.files.exports import FileExport
from huidang.sources.files.moments import Moment, from_epoch
from huidang.sources.files.outline import Outline
from huidang.sources.files.reading import Reading
from huidang.sources.files.values import child, count, read_object, words
from huidang.sources.wecom.bodies import Body, read_body

# External contacts begin with wm or wo, robots with wb; what follows is the vendor's code, never a lower-case word, so
# that a colleague called "wong" is not taken for a customer.
_EXTERNAL = re.compile(r"w[mo](?:[A-Z0-9_-].*|.{26,})")
_ROBOT = re.compile(r"wb(?:[A-Z0-9_-].*|.{26,})")
# The body's key where it is not the name of the type.
_BODY_KEYS = {"docmsg": "doc", "markdown": "info", "news": "info"}
_ACTIONS = frozenset({"send", "recall", "switch"})


def role_of(account: str) -> tuple[Role, str]:
    """Return the role that the form of a WeCom id states, and the ground for it."""
    if _EXTERNAL.fullmatch(account):
        return "customer", "external-id"
    if _ROBOT.fullmatch(account):
        return "robot", "robot-id"
    return ("agent", "userid") if account else ("", "")


def is_archive(shape: Outline) -> bool:
    """Return whether lines, or the elements of a list, are messages of the archive."""
    first = shape.line or shape.first("")
    return "msgid" in first and first.get("action") in _ACTIONS


def open_archive(reading: Reading, name: str) -> FileExport:
    """Open a member of decrypted messages."""
    listed = reading.head(name, 16).lstrip().startswith(b"[")
    return FileExport(
        format="wecom-archive",
        name=name,
        source=SourceDraft("wecom", workspace=reading.options.workspace),
        parser=WeComParser(reading.options.agents),
        reading=reading,
        cut=document_items(name, {"": ""}) if listed else line_items(name),
    )


class WeComParser:
    """Parses decrypted messages; states each conversation and participant the first time it meets them."""

    def __init__(self, agents: frozenset[str] = frozenset()) -> None:
        self._agents = agents
        self._met: set[str] = set()

    def __reduce__(self) -> tuple[type["WeComParser"], tuple[frozenset[str]]]:
        return type(self), (self._agents,)

    def parse(self, item: RawMessage) -> list[Fact]:
        """See `Parser`."""
        message = read_object(item.data)
        if not words(message, "msgid"):
            raise Problem("no-id", "消息没有 msgid。")
        if message.get("action") == "switch":
            return [*self._switch(message)]
        conversation = self._conversation(message)
        facts: list[Fact] = [*self._people(message), *self._first(conversation)]
        return [*facts, self._draft(message, conversation.id)]

    def _first(self, conversation: ConversationDraft) -> Iterator[ConversationDraft]:
        if conversation.id not in self._met:
            self._met.add(conversation.id)
            yield conversation

    def _people(self, message: dict[str, Any]) -> Iterator[ParticipantDraft]:
        for account in (words(message, "from"), *_receivers(message)):
            if account and f"@{account}" not in self._met:
                self._met.add(f"@{account}")
                yield ParticipantDraft(account, "", *self._role(account))

    def _role(self, account: str) -> tuple[Role, str]:
        return ("agent", "--agent") if account in self._agents else role_of(account)

    def _conversation(self, message: dict[str, Any]) -> ConversationDraft:
        """Identify the chat: the room, else the two parties, which the platform gives no id of their own."""
        people = tuple(dict.fromkeys(filter(None, (words(message, "from"), *_receivers(message)))))
        room = words(message, "roomid")
        if room:
            return ConversationDraft(room, "", "group", people)
        pair = tuple(sorted(people))
        return ConversationDraft("|".join(pair), "、".join(pair), "direct", pair)

    def _draft(self, message: dict[str, Any], conversation: str) -> Draft:
        kind = words(message, "msgtype")
        inner = child(message, _BODY_KEYS.get(kind, kind), kind, "info")
        moment = _moment(message, "msgtime")
        if kind == "revoke" or message.get("action") == "recall":
            return self._recall(message, conversation, moment, words(inner, "pre_msgid"))
        return _written(message, conversation, moment, read_body(kind, inner))

    def _recall(self, message: dict[str, Any], conversation: str, moment: Moment, target: str) -> Draft:
        if not target:
            raise Problem("no-target", "撤回消息没有 pre_msgid。")
        sender = words(message, "from")
        return Draft(
            conversation=conversation,
            sent_ms=moment.ms,
            id=words(message, "msgid"),
            entry="recall",
            target=target,
            kind="system",
            sender=sender,
            role=role_of(sender)[0],
            precision=moment.precision,
        )

    def _switch(self, message: dict[str, Any]) -> Iterator[Fact]:
        """State that a person changed into another corp: the archive of that person pauses here."""
        user = words(message, "user")
        yield from self._people({"from": user})
        conversation = ConversationDraft(f"switch|{user}", f"{user} 切换企业记录", "", (user,))
        yield from self._first(conversation)
        moment = _moment(message, "time", "msgtime")
        body = Body("system", f"{user} 切换了企业", details={"type": "switch"})
        yield _written({**message, "from": user}, conversation.id, moment, body)


def _written(message: dict[str, Any], conversation: str, moment: Moment, body: Body) -> Draft:
    sender = words(message, "from")
    return Draft(
        conversation=conversation,
        sent_ms=moment.ms,
        id=words(message, "msgid"),
        kind=body.kind,
        sender=sender,
        role=role_of(sender)[0],
        text=body.text,
        precision=moment.precision,
        media=tuple(body.media),
        details=_linked(message, body.details),
    )


def _linked(message: dict[str, Any], details: dict[str, Any]) -> dict[str, Any]:
    """Add the ids that tie the parts of one call together."""
    ids = {key: value for key in ("voiceid", "voipid") if (value := words(message, key))}
    return {**details, **ids} if ids else details


def _receivers(message: dict[str, Any]) -> list[str]:
    receivers = message.get("tolist")
    return [one for one in receivers if isinstance(one, str)] if isinstance(receivers, list) else []


def _moment(message: dict[str, Any], *keys: str) -> Moment:
    milliseconds = count(message, *keys)
    if milliseconds is None:
        raise Problem("no-time", f"消息没有 {keys[0]}。")
    return from_epoch(milliseconds)
