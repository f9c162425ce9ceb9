"""What the DingTalk Workspace CLI writes: histories (`--format json`) and events (`dws event consume -f ndjson`).

A history is one document with `messages` and a ledger (`count`, `complete`); searches group messages by conversation.
An event is a line: the raw frame (`eventKey`, `payload.body`) or the flattened form (`type`, `message_id`).
"""

from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any, Literal

from huidang.kernel.problems import Problem
from huidang.records.drafts import ConversationDraft, Draft, Fact, ParticipantDraft, RawMessage, SourceDraft
from huidang.sources.dingtalk import fields
from huidang.sources.files.cutting import document_items, line_items
from huidang.sources.files.documents import walk
from huidang.sources.files.exports import FileExport
from huidang.sources.files.outline import Outline
from huidang.sources.files.reading import Reading
from huidang.sources.files.spill import forget
from huidang.sources.files.values import child, count, objects, read_object, words

_WRAPPERS = frozenset({"result", "data"})
_LISTS = ("messages", "list", "items", "records", "conversationMessagesList", "data", "result", "")
_LEDGER = ("count", "complete", "hasMore")
# Events that are no part of a conversation: receipts, and approvals, which have their own source.
_PASSED_OVER = ("user_im_message_read", "user_oa_")
_RECALL, _REACTION, _GROUP = "user_im_message_recall", "user_im_message_reaction", "user_im_group_"
_GROUP_WORDS = {
    "updated": "群信息已更新", "member_added": "成员入群", "member_exited": "成员退群", "disbanded": "群已解散",
}  # fmt: skip
# Message types of the histories as our kinds; every other type keeps its name in the details.
_KINDS = {
    "text": "text", "markdown": "text", "richtext": "text", "picture": "image", "image": "image", "audio": "voice",
    "voice": "voice", "video": "video", "file": "file", "link": "link", "location": "location",
    "interactivecard": "card", "actioncard": "card", "action_card": "card", "oa": "card", "call": "call",
    "redpacket": "redpacket", "forward": "forward", "chatrecord": "forward", "system": "system", "sticker": "sticker",
}  # fmt: skip


def is_history(shape: Outline) -> bool:
    """Return whether a JSON document is a history of `dws`."""
    if str(shape.document.get("contractVersion", "")).startswith("im.message-list"):
        return True
    first = shape.first(*_LISTS)
    return _is_message(first) or any(map(_is_message, objects(first.get("messages"))))


def _is_message(first: dict[str, Any]) -> bool:
    placed = bool(words(first, *fields.CONVERSATION) or words(first, *fields.MESSAGE_ID[:4]))
    return placed and bool(words(first, *fields.CREATED)) and "ts" not in first and "action" not in first


def is_events(shape: Outline) -> bool:
    """Return whether the lines are events of `dws`, or messages of a history one a line."""
    line = shape.line
    if words(line, "eventKey", "type").startswith(("user_im_", "user_oa_")):
        return True
    return "msgtype" not in line and "messages" not in line and _is_message(line)


def open_history(reading: Reading, name: str) -> FileExport:
    """Open a history. Its own count and `complete` are declared only where it makes them."""
    ledger = _ledger(reading, name)
    export = _export(reading, name, "dingtalk-dws-json")
    export.cut = document_items(name, dict.fromkeys(_LISTS, ""), _WRAPPERS)
    export.declared = count(ledger, "count")
    if isinstance(ledger.get("complete"), bool):
        export.complete = ledger["complete"] and ledger.get("hasMore") is not True
    return export


def _ledger(reading: Reading, name: str) -> dict[str, Any]:
    """Return what a history says about itself, as far as the file goes: damage shows again when it is read."""
    found: dict[str, Any] = {}
    with closing(reading.text(name)) as stream, suppress(Problem):
        for value in walk(stream, spill=forget, into=_WRAPPERS):
            if value.key in _LEDGER and not value.why:
                found |= _scalar(value.key, value.data)
    return found


def _scalar(key: str, data: bytes) -> dict[str, Any]:
    try:
        return read_object(b'{"%s":%s}' % (key.encode(), data))
    except Problem:
        return {}


def open_events(reading: Reading, name: str) -> FileExport:
    """Open events, or messages one a line."""
    export = _export(reading, name, "dingtalk-dws-ndjson")
    export.cut = line_items(name)
    return export


def _export(reading: Reading, name: str, form: str) -> FileExport:
    return FileExport(
        format=form,
        name=name,
        source=SourceDraft("dingtalk", workspace=reading.options.workspace),
        parser=DwsParser(reading.options.agents),
        reading=reading,
        cut=line_items(name),
    )


class DwsParser:
    """Parses messages and events; states each conversation and participant the first time it meets them."""

    def __init__(self, agents: frozenset[str] = frozenset()) -> None:
        self._agents = agents
        self._met: set[tuple[str, str]] = set()

    def __reduce__(self) -> tuple[type["DwsParser"], tuple[frozenset[str]]]:
        return type(self), (self._agents,)

    def parse(self, item: RawMessage) -> list[Fact]:
        """See `Parser`."""
        holder = read_object(item.data)
        event = words(holder, "eventKey", "event_key") or words(holder, "type")
        if event.startswith(("user_im_", "user_oa_")):
            return [*self._event(event, holder)]
        if isinstance(holder.get("messages"), list):
            return [*self._grouped(holder)]
        return [*self._message(holder)]

    def _grouped(self, group: dict[str, Any]) -> Iterator[Fact]:
        """Yield the facts of a search result: a conversation with its messages."""
        conversation = words(group, *fields.CONVERSATION)
        direct = group.get("singleChat")
        kind: Literal["", "group", "direct"] = "direct" if direct is True else "group" if direct is False else ""
        if conversation:
            yield ConversationDraft(conversation, words(group, "title", "name"), kind)
        for message in objects(group["messages"]):
            yield from self._message({"openConversationId": conversation, **message})

    def _event(self, event: str, frame: dict[str, Any]) -> Iterator[Fact]:
        if event.startswith(_PASSED_OVER):
            return
        body = child(child(frame, "payload"), "body") or child(frame, "body") or frame
        if not any(body.get(key) for key in fields.CREATED):
            body = {**body, "createTime": _frame_time(frame)}
        if event.startswith(_RECALL):
            yield from self._recall(frame, body)
        elif event.startswith(_REACTION):
            yield from self._reaction(frame, body)
        elif event.startswith(_GROUP):
            yield from self._changed(event, frame, body)
        else:
            yield from self._message(body)

    def _message(self, message: dict[str, Any]) -> Iterator[Fact]:
        conversation = _conversation(message)
        yield from self._people(message)
        text = fields.text_of(message)
        moment = fields.moment(message, *fields.CREATED)
        media = tuple(fields.media_in(text))
        quoted = child(message, *fields.QUOTED)
        kind, details = _kind(message, media[0].kind if media and text.startswith("[") else "text")
        yield Draft(
            conversation=conversation,
            sent_ms=moment.ms,
            id=words(message, *fields.MESSAGE_ID),
            kind=kind,
            sender=fields.sender_id(message),
            sender_name=fields.sender_name(message),
            role=fields.stated_role(message),
            text=text,
            precision=moment.precision,
            zone=moment.zone,
            reply_to=words(quoted, *fields.MESSAGE_ID),
            thread=words(message, *fields.THREAD),
            as_of_ms=_updated_ms(message, moment.ms),
            media=media,
            details=details | _context(message, quoted),
        )

    def _people(self, message: dict[str, Any]) -> Iterator[ParticipantDraft]:
        account, name = fields.sender_id(message), fields.sender_name(message)
        if not account or (account, name) in self._met:
            return
        self._met.add((account, name))
        if fields.stated_role(message) == "robot":
            yield ParticipantDraft(account, name, "robot", "senderType")
        elif name in self._agents or account in self._agents:
            yield ParticipantDraft(account, name, "agent", "--agent")
        else:
            yield ParticipantDraft(account, name)

    def _recall(self, frame: dict[str, Any], body: dict[str, Any]) -> Iterator[Draft]:
        moment = fields.moment(body, "msgRecallTime", "msg_recall_time", *fields.CREATED)
        target = words(body, *fields.MESSAGE_ID)
        if not target:
            raise Problem("no-target", "撤回事件没有消息 ID。")
        yield Draft(
            conversation=_conversation(body),
            sent_ms=moment.ms,
            id=words(frame, "eventId", "event_id") or f"{target}:recall",
            entry="recall",
            target=target,
            kind="system",
            sender=words(body, "recallerOpenDingTalkId", "recaller_open_dingtalk_id"),
            sender_name=words(body, "recaller"),
            precision=moment.precision,
            zone=moment.zone,
        )

    def _reaction(self, frame: dict[str, Any], body: dict[str, Any]) -> Iterator[Draft]:
        moment = fields.moment(body, "operateTime", "operate_time", *fields.CREATED)
        target = words(body, "openSourceMessageId", "open_source_message_id", *fields.MESSAGE_ID)
        name = words(body, "emotionText", "emotion_text", "emotionName", "emotion_name")
        operation = words(body, "operateType", "operate_type")
        person = words(body, "oper", "operator") or fields.sender_name(body)
        yield Draft(
            conversation=_conversation(body),
            sent_ms=moment.ms,
            id=words(frame, "eventId", "event_id"),
            kind="system",
            sender=words(body, "operOpenDingTalkId", "oper_open_dingtalk_id"),
            sender_name=person,
            text=f"{person} {'取消了回应' if operation in {'delete', 'remove', 'cancel'} else '回应了'} {name}",
            precision=moment.precision,
            zone=moment.zone,
            reply_to=target,
            details={"type": "reaction", "target": target, "name": name, "operation": operation},
        )

    def _changed(self, event: str, frame: dict[str, Any], body: dict[str, Any]) -> Iterator[Fact]:
        moment = fields.moment(body, "operateTime", "event_time", *fields.CREATED)
        conversation = _conversation(body)
        title = words(body, "title", "groupName", "group_name")
        if title:
            yield ConversationDraft(conversation, title, "group")
        change = event.removeprefix(_GROUP)
        yield Draft(
            conversation=conversation,
            sent_ms=moment.ms,
            id=words(frame, "eventId", "event_id"),
            kind="system",
            sender_name=words(body, "oper", "operator"),
            text=" ".join(filter(None, (_GROUP_WORDS.get(change, change), title))),
            precision=moment.precision,
            zone=moment.zone,
            details={"type": change, "body": body},
        )


def _conversation(message: dict[str, Any]) -> str:
    conversation = words(message, *fields.CONVERSATION)
    if not conversation:
        raise Problem("no-conversation", "消息没有会话 ID。")
    return conversation


def _frame_time(frame: dict[str, Any]) -> Any:
    """Return when the event happened, for bodies without a time of their own."""
    inner = child(frame, "payload").get("event_time")
    return frame.get("occurredAtMs") or inner or frame.get("event_time") or frame.get("timestamp")


def _kind(message: dict[str, Any], fallback: str) -> tuple[str, dict[str, Any]]:
    general = words(message, "type")  # in an event this is the event's name
    stated = words(message, *fields.KIND) or ("" if general.startswith("user_im_") else general)
    if any(message.get(key) for key in fields.FORWARDED):
        return "forward", {}
    if not stated:
        return fallback, {}
    kind = _KINDS.get(stated.lower())
    if kind == "text" and fallback != "text":
        return fallback, {}
    return (kind, {}) if kind else (fallback if fallback != "text" else "other", {"type": stated})


def _updated_ms(message: dict[str, Any], sent_ms: int) -> int | None:
    """Return when the text was edited; gateways echo the time of creation for messages that never were."""
    updated = fields.moment_or_none(message, *fields.UPDATED)
    return updated.ms if updated and updated.ms != sent_ms else None


def _context(message: dict[str, Any], quoted: dict[str, Any]) -> dict[str, Any]:
    """Return what stands around a message: the quoted one, forwarded ones, reactions."""
    forwarded = [_excerpt(one) for key in fields.FORWARDED for one in objects(message.get(key))]
    found = {
        "quoted": _excerpt(quoted) if quoted else None,
        "items": forwarded,
        "reactions": fields.reactions(message),
    }
    return {key: value for key, value in found.items() if value}


def _excerpt(message: dict[str, Any]) -> dict[str, Any]:
    stated = fields.moment_or_none(message, *fields.CREATED)
    return {
        "id": words(message, *fields.MESSAGE_ID),
        "sender": fields.sender_name(message),
        "text": fields.text_of(message),
        "sent_at": stated.ms if stated else None,
    }
