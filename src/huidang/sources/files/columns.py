"""Which column of a table holds what: header synonyms in Chinese and English, and a person's own mapping.

The synonyms are those of exports that people have for DingTalk, WeCom, WeChat and ticket systems.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

# Our field -> the headers it goes by, normalised (`normal`), the more certain ones first.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "time": (
        "发送时间", "消息时间", "聊天时间", "时间", "发言时间", "创建时间", "会话时间", "发送日期时间", "日期时间",
        "记录时间", "senttime", "sendtime",
        "sentat", "createtime", "createdat", "datetime", "timestamp", "time", "strtime", "msgtime", "ts",
    ),
    "date": ("日期", "发送日期", "消息日期", "聊天日期", "date", "day"),
    "sender": (
        "发送人", "发送者", "发言人", "发件人", "发送方", "昵称", "发送人昵称", "发送人名称", "发送人姓名", "姓名",
        "用户昵称", "群昵称", "sender", "sendername",
        "from", "fromname", "nickname", "nick", "author", "username", "name", "senderdisplayname",
    ),
    "sender_id": (
        "发送人id", "发送者id", "发送人账号", "发送人工号", "工号", "账号", "用户id", "员工id", "senderid",
        "userid", "fromid", "fromuser",
        "senderusername", "senderuserid", "wxid",
    ),
    "conversation": (
        "会话", "会话名称", "会话名", "群名", "群聊", "群名称", "群聊名称", "聊天对象", "对话", "客户群",
        "conversation", "conversationname", "chat",
        "chatname", "group", "groupname", "room", "roomname", "channel", "talkername",
    ),
    "conversation_id": (
        "会话id", "群id", "群聊id", "对话id", "会话编号", "conversationid", "chatid", "groupid", "roomid",
        "channelid", "talkerid", "talker",
    ),
    "text": (
        "消息内容", "内容", "聊天内容", "文本", "消息", "正文", "发言内容", "文本内容", "消息文本", "content",
        "message", "text", "msg", "body",
        "strcontent", "messagecontent",
    ),
    "type": ("消息类型", "类型", "内容类型", "messagetype", "msgtype", "type", "contenttype"),
    "attachment": ("附件", "附件名", "附件名称", "文件", "文件名", "图片", "附件链接", "attachment", "attachments",
    "file", "filename"),
    "message_id": ("消息id", "消息编号", "消息序号", "messageid", "msgid", "localid", "id"),
    "reply_to": ("回复消息id", "引用消息id", "回复", "replyto", "replytoid", "replytomessageid", "parentid"),
    "role": ("角色", "身份", "发送人角色", "发送方类型", "发送人类型", "发送者类型", "role", "senderrole",
    "sendertype"),
    "is_self": ("是否本人", "是否自己", "是否本人发送", "issend", "issender", "isself", "fromme", "isfromme"),
}  # fmt: skip
REQUIRED = ("time", "text")
_NOISE = re.compile(r"[\s_\-:：()（）\[\]【】*#./]+")
_FIELDS = {name: field for field, names in reversed(SYNONYMS.items()) for name in names}
_RANKS = {name: rank for names in SYNONYMS.values() for rank, name in enumerate(names)}


def normal(header: str) -> str:
    """Return a header without case, width, spaces and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", header).lower())


def guess(headers: Sequence[str]) -> dict[str, int]:
    """Return field -> column for the headers that are known; of two for one field the more certain name wins."""
    found: dict[str, tuple[int, int]] = {}
    for column, header in enumerate(headers):
        name = normal(header)
        field = _FIELDS.get(name)
        if field is not None and (field not in found or _RANKS[name] < found[field][0]):
            found[field] = (_RANKS[name], column)
    return {field: column for field, (_rank, column) in found.items()}


def mapped(headers: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Return field -> column as guessed, where a person did not choose a header for the field.

    A choice that begins with `=` is no header but the value itself, for all rows; see `constants`.
    """
    places = {normal(header): column for column, header in reversed(list(enumerate(headers)))}
    mapping = {field: column for field, column in guess(headers).items() if field not in chosen}
    taken = {field: places[normal(header)] for field, header in chosen.items() if normal(header) in places}
    return {field: column for field, column in mapping.items() if column not in taken.values()} | taken


def constants(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the fields for which a person stated a value instead of a header (`=华东售后群`)."""
    return {field: header[1:] for field, header in chosen.items() if header.startswith("=")}


def missing(mapping: Mapping[str, int]) -> list[str]:
    """Return the required fields that no column fills; a date does for a time, an attachment for a text."""
    stands_for = {"time": "date", "text": "attachment"}
    return [field for field in REQUIRED if field not in mapping and stands_for[field] not in mapping]


def header_row(rows: Sequence[Sequence[str]], chosen: Mapping[str, str]) -> int | None:
    """Return which of the first rows is the header: the one with most known names; titles may stand above it."""
    scores = [len(mapped(row, chosen)) for row in rows]
    best = max(scores, default=0)
    needed = 1 if chosen else 2
    return scores.index(best) if best >= needed else None
