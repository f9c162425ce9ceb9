"""Writes what was said as the platforms would: WeCom archive messages, `dws` history and events, Slack messages.

Each platform's own parser reads it back, so the demo is an import like any other. Files come as a connector would
have fetched them: their bytes under a reference of ours.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import IO, Any, Final, Literal, Protocol

import msgspec

from huidang.records.drafts import (
    ConversationDraft,
    Draft,
    Fact,
    MediaDraft,
    ParticipantDraft,
    RawMessage,
    Role,
    SourceDraft,
)
from huidang.sources import Parser
from huidang.sources.dingtalk.dws import DwsParser
from huidang.sources.slack.messages import SlackParser
from huidang.sources.wecom.archive import WeComParser
from huidang.upkeep.demo import media
from huidang.upkeep.demo.talk import Account, Spoken, Thread

PICTURES_A_SCENE: Final = 12  # drawn once each and sent again and again, as screenshots are
RECALL_SECONDS: Final = (4, 90)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One item of a platform: its bytes, and what they mean once read."""

    raw: bytes
    facts: tuple[Fact, ...]


class Platform(Protocol):
    """One platform's way of writing."""

    source: SourceDraft

    def conversation_id(self, thread: Thread) -> str:
        """Return the platform's id of a thread."""

    def account_id(self, account: Account) -> str:
        """Return the platform's id of an account."""

    def write(self, said: Spoken) -> Iterator[Json]:
        """Yield the items of one act: a recall and an edit make two."""


def stamp(said: Spoken, plus_seconds: float = 0) -> int:
    """Return the time of an act in milliseconds since 1970; each act has a millisecond of its own."""
    return int((said.at + timedelta(seconds=plus_seconds)).timestamp() * 1000) + said.number % 1000


def later(said: Spoken) -> float:
    """Return after how many seconds an act is taken back or corrected."""
    low, high = RECALL_SECONDS
    return low + said.number * 7 % (high - low)


class WeCom:
    """Decrypted messages of the conversation archive."""

    source = SourceDraft("wecom", "ww-wangshan-demo", "", "望山家电 · 企业微信")

    def conversation_id(self, thread: Thread) -> str:
        """Return the room, or the two parties of a direct chat in order."""
        if thread.group:
            return f"wrWS{thread.number:06d}"
        return "|".join(sorted(self.account_id(thread.cast[letter]) for letter in "客服"))

    def account_id(self, account: Account) -> str:
        """Return a user id, or an external one."""
        if account.role == "customer":
            return f"wmWS{sum(ord(sign) << 3 * place for place, sign in enumerate(account.who)):010d}"
        return "wbWS-ROBOT" if account.role == "robot" else account.who

    def write(self, said: Spoken) -> Iterator[Json]:
        """See `Platform`. WeCom knows no edits: what was wrong is recalled and sent again."""
        old, _, new = said.text.partition("=>")
        first = self._message(said, 0, 0, *self._body(said, old))
        yield first
        if said.act in {"recall", "edit"}:
            yield self._message(said, 1, later(said), "revoke", {"pre_msgid": first["msgid"]})
        if said.act == "edit":
            yield self._message(said, 2, later(said) + 9, "text", {"content": new})

    def _message(self, said: Spoken, part: int, plus_seconds: float, kind: str, body: Json) -> Json:
        speaker, thread = self.account_id(said.speaker), said.thread
        others = {self.account_id(one) for one in thread.cast.values()} if thread.group else set()
        others |= {self.account_id(thread.cast[letter]) for letter in "客服"}
        return {
            "msgid": f"{said.number:012d}{part}_external",
            "action": "recall" if kind == "revoke" else "send",
            "from": speaker,
            "tolist": sorted(others - {speaker}),
            "roomid": self.conversation_id(thread) if thread.group else "",
            "msgtime": stamp(said, plus_seconds),
            "msgtype": kind,
            kind: body,
        }

    def _body(self, said: Spoken, text: str) -> tuple[str, Json]:
        size = {"md5sum": f"{said.number:032x}", "filesize": 20_000 + said.number}
        file = f"demo-{said.number}"
        title, _, about = text.partition("|")
        bodies: dict[str, tuple[str, Json]] = {
            "image": ("image", {**size, "sdkfileid": file}),
            "voice": ("voice", {"voice_size": 40_000, "play_length": seconds(text), "sdkfileid": file}),
            "file": ("file", {"filename": text, "fileext": text.rpartition(".")[2], **size, "sdkfileid": file}),
            "card": ("link", {"title": title, "description": about, "link_url": "https://wangshan.example/go"}),
            "location": ("location", {"longitude": 120.05, "latitude": 30.28, "title": "位置", "address": text}),
            "sticker": ("emotion", {"type": 2, "width": 120, "height": 120, **size, "sdkfileid": file}),
        }
        return bodies.get(said.act, ("text", {"content": text}))


class DingTalk:
    """Messages as `dws chat message list` writes them, and its event for a recall."""

    source = SourceDraft("dingtalk", "ding-wangshan-demo", "archive", "望山家电 · 钉钉")

    def conversation_id(self, thread: Thread) -> str:
        """Return an open conversation id."""
        return f"cidWS{thread.number:06d}=="

    def account_id(self, account: Account) -> str:
        """Return an open id."""
        return f"$:LWCP_v1:${account.who}"

    def write(self, said: Spoken) -> Iterator[Json]:
        """See `Platform`. DingTalk's histories show no edits: what was wrong is recalled and sent again."""
        old, _, new = said.text.partition("=>")
        yield self._message(said, 0, 0, self._words(said, old))
        if said.act in {"recall", "edit"}:
            yield self._recall(said)
        if said.act == "edit":
            yield self._message(said, 1, later(said) + 9, new)

    def _message(self, said: Spoken, part: int, plus_seconds: float, text: str) -> Json:
        message: Json = {
            "messageId": f"msgWS{said.number:010d}{part}==",
            "conversationId": self.conversation_id(said.thread),
            "sender": said.speaker.name,
            "senderId": self.account_id(said.speaker),
            "senderType": "robot" if said.speaker.role == "robot" else "user",
            "messageType": {"image": "picture", "voice": "audio", "file": "file"}.get(said.act, "text"),
            "text": text,
            "createTime": stamp(said, plus_seconds),
        }
        if said.act == "reply" and said.answers:
            message["quotedMessage"] = {"messageId": f"msgWS{said.answers:010d}0=="}
        return message

    def _words(self, said: Spoken, text: str) -> str:
        labels = {
            "image": "[图片消息](mediaId=@demo{0})",
            "voice": "[语音消息](mediaId=@demo{0})",
            "file": "[文件]{1}(fileId=demo{0})",
            "location": "[位置]{1}",
            "card": "[卡片]{1}",
            "sticker": "[赞]",
        }
        return labels.get(said.act, "{1}").format(said.number, text)

    def _recall(self, said: Spoken) -> Json:
        body = {
            "msgRecallTime": stamp(said, later(said)),
            "openConversationId": self.conversation_id(said.thread),
            "openMessageId": f"msgWS{said.number:010d}0==",
            "recaller": said.speaker.name,
            "recallerOpenDingTalkId": self.account_id(said.speaker),
        }
        frame = {"eventId": f"evt{said.number}", "eventKey": "user_im_message_recall_group"}
        return {**frame, "occurredAtMs": stamp(said, later(said)), "payload": {"body": body}}


class Slack:
    """Messages as the Events API delivers them, edits and deletions with their originals."""

    source = SourceDraft("slack", "T0WANGSHAN", "", "Wangshan · Slack")

    def __init__(self) -> None:
        self._begun: dict[int, str] = {}

    def conversation_id(self, thread: Thread) -> str:
        """Return a channel id."""
        return f"C0WS{thread.number:06d}"

    def account_id(self, account: Account) -> str:
        """Return a member id."""
        letter = "B" if account.role == "robot" else "U"
        name = account.who.partition(":")[2] or account.who
        return f"{letter}0{name}".upper().replace(" ", "")

    def write(self, said: Spoken) -> Iterator[Json]:
        """See `Platform`."""
        old, _, new = said.text.partition("=>")
        message = self._message(said, old)
        yield message
        if said.act == "edit":
            edited = {**message, "text": new, "edited": {"user": message["user"], "ts": self._ts(said, later(said))}}
            yield {
                "type": "message",
                "subtype": "message_changed",
                "message": edited,
                "ts": self._ts(said, later(said)),
            }
        if said.act == "recall":
            gone = {"subtype": "message_deleted", "deleted_ts": message["ts"], "previous_message": message}
            yield {"type": "message", **gone, "ts": self._ts(said, later(said))}

    def _ts(self, said: Spoken, plus_seconds: float = 0) -> str:
        milliseconds = stamp(said, plus_seconds)
        return f"{milliseconds // 1000}.{milliseconds % 1000:03d}{said.number % 1000:03d}"

    def _message(self, said: Spoken, text: str) -> Json:
        message: Json = {"type": "message", "user": self.account_id(said.speaker), "text": text, "ts": self._ts(said)}
        self._begun.setdefault(said.begins, message["ts"])
        if said.speaker.role == "robot":
            message |= {"subtype": "bot_message", "bot_id": message.pop("user"), "username": "Wangshan Bot"}
        if said.act == "reply":
            message["thread_ts"] = self._begun[said.begins]
        if said.act in {"image", "file"}:
            name = "photo.jpg" if said.act == "image" else text
            message |= {"text": "", "files": [{"id": f"F{said.number}", "name": name, "mode": "hosted"}]}
        return message


def seconds(text: str) -> int:
    """Return how long it takes to say a text."""
    return 2 + len(text) // 5


GROUNDS: Final = {"agent": "directory", "customer": "external-id", "robot": "is-bot"}


class Post:
    """Writes acts on their platform, reads them back with its parser, and keeps the files they refer to."""

    def __init__(self, platform: Platform, parser: Parser, seed: int) -> None:
        self.platform = platform
        self.parser = parser
        self.source = platform.source
        self.seed = seed
        self.files: dict[str, bytes] = {}
        self._drawn: dict[str, bytes] = {}
        self._met: set[str] = set()

    def send(self, said: Spoken) -> Iterator[Parcel]:
        """Yield the items of an act, before them whoever and whatever is new on the platform."""
        place = f"demo[{said.number}]"
        about = self.platform.conversation_id(said.thread)
        yield from self._introduce(said.thread, about)
        for item in self.platform.write(said):
            raw = json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
            read = self.parser.parse(RawMessage(place, raw, about))
            yield Parcel(raw, tuple(self._fetched(fact, said) for fact in read if isinstance(fact, Draft)))

    def open(self, ref: str) -> IO[bytes] | None:
        """Open a file that an act refers to."""
        return io.BytesIO(self.files[ref]) if ref in self.files else None

    def _introduce(self, thread: Thread, conversation: str) -> Iterator[Parcel]:
        if conversation in self._met:
            return
        self._met.add(conversation)
        speakers = {self.platform.account_id(one): one for one in thread.cast.values()}
        kind: Literal["group", "direct"] = "group" if thread.group else "direct"
        people = [_participant(who, account) for who, account in speakers.items()]
        yield Parcel(b"", (ConversationDraft(conversation, thread.title, kind, tuple(speakers)), *people))

    def _fetched(self, draft: Draft, said: Spoken) -> Draft:
        if said.act not in {"image", "voice", "file"} or draft.entry != "message":
            return draft
        name, mime, content = self._file(said)
        ref = f"demo-{said.number}-{name}"
        self.files[ref] = content
        kind: Literal["image", "voice", "file"] = "file"
        if said.act != "file":
            kind = "image" if said.act == "image" else "voice"
        held = MediaDraft(kind, name, mime, len(content), ref, "", seconds(said.text) if kind == "voice" else None)
        return msgspec.structs.replace(draft, media=(held,))

    def _file(self, said: Spoken) -> tuple[str, str, bytes]:
        chance = Random(said.number)
        if said.act == "voice":
            length = min(seconds(said.text), 12)
            return (
                "voice.wav",
                "audio/wav",
                self._keep(f"voice{length}", lambda c: media.voice(length, c)),
            )
        if said.act == "file":
            mime = {"pdf": "application/pdf", "csv": "text/csv"}.get(said.text.rpartition(".")[2], "text/plain")
            return (
                said.text,
                mime,
                media.paper(said.text, [f"Wangshan demo document {said.number}", f"{said.at:%Y-%m-%d}"]),
            )
        form = "png" if said.scene in media.PNG_SCENES else "jpg"
        key = f"{said.scene}{chance.randrange(PICTURES_A_SCENE)}"
        content = self._keep(key, lambda c: media.picture(said.scene, WORDS.get(said.scene, "WANGSHAN"), c))
        return f"photo-{said.number}.{form}", "image/png" if form == "png" else "image/jpeg", content

    def _keep(self, key: str, draw: Callable[[Random], bytes]) -> bytes:
        if key not in self._drawn:
            self._drawn[key] = draw(Random(f"{self.seed}{key}"))
        return self._drawn[key]


WORDS: Final = {"error": "E4", "label": "WS 7204 8831", "receipt": "WANGSHAN STORE", "nameplate": "WS-KFR35"}


def _participant(who: str, account: Account) -> ParticipantDraft:
    role: Role = account.role
    return ParticipantDraft(who, account.name, role, GROUNDS[role])


def open_posts(seed: int) -> dict[str, Post]:
    """Return the three platforms, each with its parser, by name."""
    return {
        "wecom": Post(WeCom(), WeComParser(), seed),
        "dingtalk": Post(DingTalk(), DwsParser(), seed),
        "slack": Post(Slack(), SlackParser({}, {}), seed),
    }
