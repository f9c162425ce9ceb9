"""Under which names DingTalk's tools and gateways write one and the same thing, and how to read it.

The names are those that DingTalk's own client accepts (dingtalk-workspace-cli, Apache-2.0, chatmsg), and the
flattened ones of its event stream.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from huidang.kernel.problems import Problem
from huidang.records.drafts import MediaDraft, Role
from huidang.sources.files.moments import Moment, from_epoch, from_text
from huidang.sources.files.values import child, count, objects, read_object, words

# Wall-clock times of DingTalk are those of Beijing, wherever the reader is.
ZONE = "Asia/Shanghai"

MESSAGE_ID = ("openMessageId", "openMsgId", "messageId", "message_id", "msgId", "msg_id", "id")
CONVERSATION = (
    "openConversationId", "openconversation_id", "open_conversation_id", "conversationId", "conversation_id",
    "chatId", "chat_id",
)  # fmt: skip
THREAD = ("openConvThreadId", "openConversationThreadId", "threadId", "thread_id", "topicId", "topic_id")
SENDER_ID = (
    "senderOpenDingTalkId", "senderOpenDingtalkId", "sender_open_dingtalk_id", "senderUserId", "senderId", "sender_id",
    "senderStaffId", "openDingTalkId", "userId",
)  # fmt: skip
SENDER_NAME = ("sender", "senderName", "sender_name", "senderNick", "nick", "senderStaffName", "userName", "name")
KIND = ("msgType", "messageType", "message_type", "msgtype")
CREATED = ("createTime", "create_time", "sendTime", "gmtCreate", "createAt", "timestamp", "time")
UPDATED = ("updateTime", "update_time", "modifiedTime", "gmtModified", "editTime")
QUOTED = ("quotedMessage", "quoted_message", "replyMessage", "quoted", "replyToMessage")
FORWARDED = ("forwardMessages", "forward_messages", "forwardedMessages", "forwarded")
REACTIONS = ("emotionReplyList", "reactionList", "reactions")
SENDER_TYPE = ("senderType", "sender_type", "fromType", "from_type")
_PERSON = ("sender", "from", "senderUser")
_TEXT = ("text", "content", "msgContent", "message", "msg", "body", "plainText")
_INNER_TEXT = ("text", "content", "richText", "title", "value")

# What a picture looks like in the text: the label, "(mediaId=…)"; a file: the label, its name, "fileId: …".
_MEDIA = re.compile(
    r"\[(?P<label>[^\]\n]{1,20})\]\s*(?P<name>[^\n()]{0,120}?)\s*\(?"
    r"(?P<key>media[_-]?id|file[_-]?id)\s*[:=]\s*[\"']?(?P<id>[^\"'\s)\]}>,]+)",
    re.IGNORECASE,
)
_LABELS = (("图片", "image"), ("语音", "voice"), ("视频", "video"), ("文件", "file"), ("表情", "sticker"))
_ROBOTS = frozenset({"robot", "bot", "app"})


def moment(holder: Mapping[str, Any], *keys: str) -> Moment:
    """Return the first time under the keys: milliseconds, or wall-clock time of Beijing. Raises `Problem`."""
    found = moment_or_none(holder, *keys)
    if found is None:
        raise Problem("no-time", f"消息没有时间（{keys[0]}）。")
    return found


def moment_or_none(holder: Mapping[str, Any], *keys: str) -> Moment | None:
    """Return the first time under the keys, or None. Raises `Problem` where there is one that cannot be read."""
    for key in keys:
        value = holder.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return from_epoch(value)
        if isinstance(value, str) and value.strip():
            return from_text(value, ZONE)
    return None


def sender_id(message: Mapping[str, Any]) -> str:
    """Return the stable id of the sender."""
    nested = child(message, *_PERSON)
    return words(nested, "openDingTalkId", "openDingtalkId", "userId", "senderId", "id") or words(message, *SENDER_ID)


def sender_name(message: Mapping[str, Any]) -> str:
    """Return the name of the sender; forwarded entries carry the word "null" for none."""
    nested = child(message, *_PERSON)
    name = words(nested, "name", "nick", "userName", "staffName", "displayName", "senderName")
    found = name or next((value for key in SENDER_NAME if (value := words(message, key)) not in {"", "null"}), "")
    return "" if found == "null" else found


def stated_role(message: Mapping[str, Any]) -> Role:
    """Return the role that the platform states with a message: robots and the system, nobody else."""
    stated = words(child(message, *_PERSON), "senderType", "type", "entityType") or words(message, *SENDER_TYPE)
    if stated.lower() in _ROBOTS:
        return "robot"
    return "system" if stated.lower() == "system" else ""


def text_of(message: Mapping[str, Any]) -> str:
    """Return the words of a message, wherever its variant keeps them: text, nested content, card leaves."""
    for key in _TEXT:
        value = message.get(key)
        if isinstance(value, str) and value:
            return _unwrapped(value)
        if isinstance(value, dict) and (
            inner := "".join(_leaves(value.get("cardContent"))) or words(value, *_INNER_TEXT)
        ):
            return inner
    return "".join(_leaves(message.get("cardContent")))


def _unwrapped(text: str) -> str:
    """Return the words of rich content that arrives as JSON in the text; ordinary text stays as it is."""
    if not (text.startswith("{") and text.endswith("}")):
        return text
    try:
        return words(read_object(text), *_INNER_TEXT) or text
    except Problem:
        return text


def _leaves(value: Any, depth: int = 0) -> Iterator[str]:
    deepest = 20
    for part in objects(value):
        if isinstance(part.get("value"), str):
            yield part["value"]
        if depth < deepest:
            yield from _leaves(part.get("children"), depth + 1)


def media_in(text: str) -> list[MediaDraft]:
    """Return the files that a text mentions by `mediaId` or `fileId`; their bytes are fetched with a login only."""
    if "[" not in text:
        return []
    return [
        MediaDraft(kind=_labelled(found), name=found["name"].strip(), missing="needs-token")
        for found in _MEDIA.finditer(text)
    ]


def _labelled(found: re.Match[str]) -> Any:
    by_key = "file" if found["key"].lower().startswith("file") else "image"
    return next((kind for label, kind in _LABELS if label in found["label"]), by_key)


def reactions(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the reactions of a message: name, people and count."""
    listed: Any = next((value for key in REACTIONS if (value := message.get(key))), [])
    if isinstance(listed, dict):
        listed = listed.get("details") or listed.get("counts")
    return [_reaction(one) for one in objects(listed)]


def _reaction(one: dict[str, Any]) -> dict[str, Any]:
    users: list[Any] = next(
        (one[key] for key in ("replyUsers", "users", "operators") if isinstance(one.get(key), list)), []
    )
    people = [words(user, "name", "nick", "userId") if isinstance(user, dict) else str(user) for user in users]
    name = words(one, "emoji", "emojiName", "reactionType", "emotionName", "text")
    return {"name": name, "by": people, "count": count(one, "count", "replyCount", "reactionCount") or len(people)}
