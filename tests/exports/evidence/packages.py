"""A small archive with everything an evidence package can meet, and packages of it."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from huidang import records
from huidang.exports.document import Document, Line, Section
from huidang.exports.evidence import write
from huidang.kernel import ledger, witnesses
from huidang.kernel.access import Can
from huidang.people import NOWHERE, Reader
from huidang.people.readers import local_operator
from huidang.records import Origin, Profile, Shown, append
from huidang.records.drafts import Draft, MediaDraft, ParticipantDraft, SourceDraft
from huidang.records.models import Conversation, Message
from tests.witness import witnessing

AT = 1_732_000_000_000
MOBILE, RESIDENT = "13812345678", "11010519491231002X"
PICTURE = b"\x89PNG a picture of the receipt"
SOURCE = SourceDraft("wecom", "wangshan", name="企业微信")


def fill(count: int = 12) -> Conversation:
    """Append a conversation: numbers to hide, an edit, a recall, a file that is here and one that is not."""
    origin = Origin(
        source=SOURCE,
        custody={"format": "wecom", "file": f"张三 {MOBILE}.jsonl", "host": "archive-1"},
        open_media=lambda ref: io.BytesIO(PICTURE) if ref == "files/1" else None,
    )
    image = (MediaDraft("image", name="小票.png", ref="files/1"), MediaDraft("file", name="合同.pdf", ref="files/9"))
    say = [_draft(number) for number in range(count)]
    say[3] = Draft("room", AT + 180_000, id="m3", sender="u1", sender_name="周敏", kind="image", media=image)
    people = (ParticipantDraft("u0", name="王女士", role="customer"), ParticipantDraft("u1", name="周敏", role="agent"))
    append([*people, *say], origin)
    edit = Draft("room", AT + 900_000, entry="edit", target="m1", text="改成明天上午送货", sender="u1")
    append([edit, Draft("room", AT + 910_000, entry="recall", target="m5")], origin)
    found: Conversation = Conversation.objects.unguarded("the stage is ours").get(platform_id="room")
    return found


def _draft(number: int) -> Draft:
    name, role = (("王女士", "customer"), ("周敏", "agent"))[number % 2]
    text = _SAID.get(number, f"第 {number} 条")
    sender = f"u{number % 2}"
    return Draft("room", AT + number * 60_000, id=f"m{number}", sender=sender, sender_name=name, role=role, text=text)


_SAID = {
    0: f"您好，我的手机号是{MOBILE}，身份证{RESIDENT}",
    1: "今天下午送货",
    5: "内部价 3,999，别外传",
    7: "👨\u200d👩\u200d👧 𠮷 \u202e RTL",
}


def seen(conversation: Conversation, reader: Reader, profile: Profile) -> list[Shown]:
    """Return the messages of a conversation as a file of this profile shows them."""
    lifted = {Profile.NONE: (), Profile.INSIDE: (Can.UNMASK,), Profile.OUTSIDE: (Can.UNMASK, Can.RECALLED)}[profile]
    eyes = replace(reader, reaches=MappingProxyType({**reader.reaches, **dict.fromkeys(lifted, NOWHERE)}))
    rows = Message.objects.unguarded("the stage is ours").filter(conversation=conversation, entry="message")
    return records.view_many(list(rows.order_by("pk")), eyes, profile=profile)


def document_of(
    conversation: Conversation, profile: Profile = Profile.NONE, shown: Sequence[Shown] | None = None, **more: Any
) -> Document:
    """Return a document of a whole conversation, as the local operator sees it."""
    reader = local_operator()
    messages = shown if shown is not None else seen(conversation, reader, profile)
    lines = [Line(number, message) for number, message in enumerate(messages, 1)]

    def media(message: Shown, enclosure: str) -> Path | None:
        named = next(each for each in message.attachments if each.id == enclosure)
        if named.withheld or named.missing:
            return None
        return records.open_enclosure(int(message.conversation), int(message.id), int(enclosure), reader).path

    stated: dict[str, Any] = {
        "title": "王女士 退款投诉", "conversations": 1, "messages": len(lines), "made_by": "fawu", "why": "消协投诉",
        "query": "会话 1", "profile": profile, "receipt": "HD-AAAAA-BBBBB", "watermark": ("望山家电",),
        "zone": "Asia/Shanghai", "language": "zh-hans", "made_at": datetime.now(UTC).replace(microsecond=0),
    }  # fmt: skip
    listed = records.get_conversation(reader, conversation.pk)
    return Document(sections=[Section(listed, lines)], media=media, reader=reader, **(stated | more))


def package(folder: Path, conversation: Conversation, profile: Profile = Profile.NONE, **more: Any) -> Path:
    """Write a package and return the ZIP."""
    folder.mkdir(parents=True, exist_ok=True)
    (path,) = write(document_of(conversation, profile, **more), folder / "package.zip", progress=lambda _done: None)
    return path


def witnessed_package(folder: Path, conversation: Conversation, profile: Profile) -> Path:
    """Write a package whose checkpoint a witness cosigned."""
    with witnessing(folder / "witness", str(ledger.verifier())) as running:
        witnesses.add_witness(name="律所", url=running.url, verifier=running.verifier)
        return package(folder, conversation, profile)


def files_of(path: Path) -> dict[str, bytes]:
    """Return the files of a package."""
    with zipfile.ZipFile(path) as held:
        return {name: held.read(name) for name in held.namelist()}
