"""One Slack message, user or conversation of an export, turned into facts.

After the export format as Slack writes it since 2014: legacy messages carry `file`, `upload` and `comment`, modern
ones `files`, `blocks` and `client_msg_id`; `ts` is the id within the conversation and the time in microseconds.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from huidang.kernel.problems import Problem
from huidang.records.drafts import ConversationDraft, Draft, Fact, MediaDraft, ParticipantDraft, RawMessage, Role
from huidang.sources.files.moments import checked
from huidang.sources.files.values import decode, objects, words
from huidang.sources.slack.mrkdwn import plain

# Subtypes that a person or robot wrote; every other subtype is something that happened to the conversation.
_WRITTEN = frozenset({
    "bot_message", "me_message", "thread_broadcast", "file_share", "file_comment", "file_mention", "message_replied",
    "document_mention", "assistant_app_thread", "reply_broadcast",
})  # fmt: skip
# A person adds or removes a robot; `bot_id` names the robot, not the writer.
_ABOUT_ROBOTS = frozenset({"bot_add", "bot_remove", "bot_enable", "bot_disable"})
_CALLS = frozenset({"huddle_thread", "sh_room_created"})
_NO_DETAILS: dict[str, Any] = {}
_DEEPEST_BLOCK = 12


class Named(msgspec.Struct):
    """The parts of a profile that name somebody."""

    display_name: str | None = None
    real_name: str | None = None
    name: str | None = None


class User(msgspec.Struct):
    """An entry of users.json."""

    id: str
    team_id: str | None = None
    name: str | None = None
    real_name: str | None = None
    is_bot: bool | None = None
    profile: Named | None = None

    def shown(self) -> str:
        """Return the name that Slack shows."""
        profile = self.profile or Named()
        return profile.display_name or profile.real_name or self.real_name or self.name or self.id

    def names(self) -> set[str]:
        """Return every name a person may know this user by."""
        profile = self.profile or Named()
        found = {self.id, self.name, self.real_name, profile.display_name, profile.real_name}
        return {name for name in found if name}


class Channel(msgspec.Struct):
    """An entry of channels.json, groups.json, dms.json or mpims.json."""

    id: str
    name: str | None = None
    members: list[str] | None = None


class Message(msgspec.Struct):
    """A message of a day file; what is not named here stays in the raw bytes."""

    ts: str | None = None
    subtype: str | None = None
    text: str | None = None
    user: str | None = None
    username: str | None = None
    bot_id: str | None = None
    thread_ts: str | None = None
    deleted_ts: str | None = None
    edited: Any = None
    files: Any = None
    file: Any = None
    comment: Any = None
    message: Any = None
    attachments: Any = None
    blocks: Any = None
    reactions: Any = None
    user_profile: Named | None = None
    bot_profile: Named | None = None
    room: Any = None


_USER = msgspec.json.Decoder(User)
_CHANNEL = msgspec.json.Decoder(Channel)
_MESSAGE = msgspec.json.Decoder(Message)


def read_user(data: bytes) -> User:
    """Return an entry of users.json. Raises `Problem`."""
    return decode(_USER, data)


def read_channel(data: bytes) -> Channel:
    """Return an entry of a list of conversations. Raises `Problem`."""
    return decode(_CHANNEL, data)


def moment(ts: str | None) -> int:
    """Return the milliseconds of a `ts` ("1736478514.897649"), cut, not rounded. Raises `Problem`."""
    seconds, _, fraction = (ts or "").partition(".")
    if not (seconds.isdecimal() and (fraction.isdecimal() or not fraction)):
        raise Problem("no-time", f"消息的 ts 不是时间：“{ts}”。", ts=ts)
    return checked(int(seconds[:16]) * 1000 + int(fraction[:3].ljust(3, "0") if fraction else 0))


class SlackParser(msgspec.Struct, frozen=True):
    """Parses the items of one export; knows the names of its users and channels and where its files lie."""

    names: dict[str, str]
    files: dict[str, str]  # file id -> member of the export
    agents: frozenset[str] = frozenset()

    def parse(self, item: RawMessage) -> list[Fact]:
        """See `Parser`. `about` is the conversation's id, or "@user", "@group", "@direct" for the lists."""
        if not item.about.startswith("@"):
            return self._message(decode(_MESSAGE, item.data), item.about)
        if item.about == "@user":
            return [self._user(read_user(item.data))]
        return [self._conversation(read_channel(item.data), direct=item.about == "@direct")]

    def _user(self, user: User) -> ParticipantDraft:
        role, ground = self._role(user)
        return ParticipantDraft(user.id, user.shown(), role, ground)

    def _role(self, user: User) -> tuple[Role, str]:
        if user.is_bot:
            return "robot", "is_bot"
        if user.id == "USLACKBOT":
            return "robot", "slackbot"
        return ("agent", "--agent") if user.names() & self.agents else ("", "")

    def _conversation(self, channel: Channel, *, direct: bool) -> ConversationDraft:
        members = tuple(channel.members or ())
        people = "、".join(self.names.get(member, member) for member in members)
        named = channel.name if channel.name and not channel.name.startswith("mpdm-") else ""
        kind: Literal["group", "direct"] = "direct" if direct else "group"
        return ConversationDraft(channel.id, named or people or channel.name or channel.id, kind, members)

    def _message(self, message: Message, conversation: str) -> list[Fact]:
        if message.subtype == "tombstone":
            return [self._deleted(message, conversation, target=message.ts or "")]
        if message.subtype == "message_deleted":
            return [self._deleted(message, conversation, target=message.deleted_ts or "")]
        if message.subtype == "message_changed":
            return [self._changed(message, conversation)]
        return [self._written(message, conversation)]

    def _deleted(self, message: Message, conversation: str, *, target: str) -> Draft:
        """Say that a message is gone: a tombstone stands where it had replies, and states no time of deletion."""
        return Draft(
            conversation=conversation,
            sent_ms=moment(message.ts),
            id=f"{message.ts}:{message.subtype}",
            entry="delete",
            target=target,
            precision="us",
            thread=message.thread_ts or "",
            details={"subtype": message.subtype, "deleted_at": "unstated"},
        )

    def _changed(self, message: Message, conversation: str) -> Draft:
        inner = message.message if isinstance(message.message, dict) else {}
        return Draft(
            conversation=conversation,
            sent_ms=moment(message.ts),
            id=message.ts or "",
            entry="edit",
            target=words(inner, "ts"),
            sender=words(inner, "user", "bot_id"),
            sender_name=self.names.get(words(inner, "user"), ""),
            text=plain(words(inner, "text"), self.names),
            precision="us",
        )

    def _written(self, message: Message, conversation: str) -> Draft:
        sender = message.user or message.bot_id or words(_comment(message), "user")
        media = tuple(self._media(message)) if message.files or message.file else ()
        text = self._text(message)
        reply = message.thread_ts if message.thread_ts and message.thread_ts != message.ts else ""
        return Draft(
            conversation=conversation,
            sent_ms=moment(message.ts),
            id=message.ts or "",
            kind=_kind(message, media, text),
            sender=sender,
            sender_name=self._sender_name(message, sender),
            role="robot" if _is_by_robot(message) else "",
            text=text,
            precision="us",
            reply_to=reply,
            thread=message.thread_ts or "",
            as_of_ms=_edited_ms(message),
            media=media,
            details=self._details(message),
        )

    def _sender_name(self, message: Message, sender: str) -> str:
        known = self.names.get(sender, "")
        if message.username and (message.subtype == "bot_message" or not known):
            return message.username
        if known:
            return known
        profile = message.user_profile or message.bot_profile or Named()
        return profile.display_name or profile.real_name or profile.name or ""

    def _text(self, message: Message) -> str:
        if message.text and not message.attachments:
            return plain(message.text, self.names)
        text = message.text or words(_comment(message), "comment")
        if not text and message.blocks:
            text = " ".join(_block_texts(message.blocks, 0))
        cards = "\n".join(_attachment_texts(message.attachments)) if message.attachments else ""
        return plain("\n".join(part for part in (text, cards) if part), self.names)

    def _media(self, message: Message) -> Iterator[MediaDraft]:
        shared = [message.file] if isinstance(message.file, dict) and not message.files else message.files
        for file in objects(shared):
            yield self._file(file)

    def _file(self, file: dict[str, Any]) -> MediaDraft:
        ref = self.files.get(words(file, "id"), "")
        size = file.get("size")
        mime = words(file, "mimetype")
        return MediaDraft(
            kind=_media_kind(mime, file),
            name=words(file, "name", "title"),
            mime=mime,
            size=size if isinstance(size, int) else None,
            ref=ref,
            missing="" if ref else _missing(file),
            seconds=_seconds(file.get("duration_ms")),
        )

    def _details(self, message: Message) -> dict[str, Any]:
        if not (message.subtype or message.reactions or message.edited):
            return _NO_DETAILS
        details: dict[str, Any] = {"subtype": message.subtype} if message.subtype else {}
        if message.reactions:
            details["reactions"] = [self._reaction(part) for part in objects(message.reactions)]
        if isinstance(message.edited, dict):
            details["edited"] = {"by": words(message.edited, "user"), "ts": words(message.edited, "ts")}
        return details

    def _reaction(self, reaction: dict[str, Any]) -> dict[str, Any]:
        users = reaction.get("users")
        people = [user for user in users if isinstance(user, str)] if isinstance(users, list) else []
        return {"name": words(reaction, "name"), "by": people, "count": reaction.get("count", len(people))}


def _comment(message: Message) -> dict[str, Any]:
    return message.comment if isinstance(message.comment, dict) else {}


def _is_by_robot(message: Message) -> bool:
    return message.subtype == "bot_message" or bool(message.bot_id and message.subtype not in _ABOUT_ROBOTS)


def _edited_ms(message: Message) -> int | None:
    return moment(words(message.edited, "ts")) if isinstance(message.edited, dict) else None


def _kind(message: Message, media: tuple[MediaDraft, ...], text: str) -> str:
    if message.subtype in _CALLS:
        return "call"
    if message.subtype and message.subtype not in _WRITTEN:
        return "system"
    if media and (not text or message.subtype == "file_share"):
        return media[0].kind
    return "text"


def _media_kind(mime: str, file: dict[str, Any]) -> Literal["image", "voice", "video", "file"]:
    if file.get("subtype") == "slack_audio" or mime.startswith("audio/"):
        return "voice"
    if mime.startswith("image/"):
        return "image"
    return "video" if mime.startswith("video/") else "file"


def _missing(file: dict[str, Any]) -> str:
    mode = words(file, "mode")
    if mode == "tombstone":
        return "platform-deleted"
    if mode == "hidden_by_limit":
        return "hidden-by-limit"
    if file.get("is_external") is True or mode == "external":
        return "external"
    return "needs-token" if words(file, "url_private", "url_private_download") else "not-in-export"


def _seconds(duration: Any) -> int | None:
    return duration // 1000 if isinstance(duration, int) else None


def _attachment_texts(attachments: Any) -> Iterator[str]:
    """Yield the words of cards that robots and previews attach; `fallback` only where there is nothing else."""
    for card in objects(attachments):
        parts = [words(card, key) for key in ("pretext", "author_name", "title", "text")]
        parts += [f"{words(field, 'title')}: {words(field, 'value')}" for field in objects(card.get("fields"))]
        yield "\n".join(part for part in parts if part) or words(card, "fallback")


def _block_texts(value: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST_BLOCK:
        return
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, dict):
            continue
        for key in ("text", "elements", "fields", "title"):
            inner = part.get(key)
            if isinstance(inner, str):
                yield inner
            elif inner:
                yield from _block_texts(inner, depth + 1)
        if part.get("type") == "user" and isinstance(part.get("user_id"), str):
            yield f"<@{part['user_id']}>"
