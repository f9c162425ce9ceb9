"""ChatLab v0.0.2 lines, read in again without loss: one file a conversation, in a ZIP where there are more or media.

After the public standard (ChatLab/ChatLab, docs/cn/standard/chatlab-format.md). What the standard has no field for
stands under `huidang` in the same line, where other programs pass over it. A masked file says so in its header and
names an account of its own, so that a copy never mixes with the record it was made from.
"""

from collections.abc import Iterator
from datetime import datetime
from io import BufferedWriter
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from huidang.exports.document import Document, Line, Progress, Section
from huidang.records import Profile, Shown
from huidang.records.shown import Enclosure, Sender

TYPES = {"text": 0, "image": 1, "voice": 2, "video": 3, "file": 4, "sticker": 5, "link": 7, "location": 8} | {
    "redpacket": 20, "call": 23, "forward": 26, "card": 27, "system": 80, "other": 99,
}  # fmt: skip
"""Our kinds in the numbers of the standard."""

_MEDIA = frozenset({"image", "voice", "video", "file", "sticker"})
_encode = msgspec.json.Encoder().encode


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write lines to `path`, or a ZIP beside it where there are several conversations or any media.

    Raises what `progress` raises.
    """
    if document.conversations == 1:
        media = _Media(document)
        with path.open("wb") as file:
            for section in document.sections:
                _write_section(document, section, file, media, progress)
        if not media.files:
            return [path]
        zipped = path.with_suffix(".zip")
        with ZipFile(zipped, "w", ZIP_DEFLATED) as archive:
            archive.write(path, path.name)
            media.store(archive)
        path.unlink()
        return [zipped]
    return [_write_many(document, path, progress)]


def _write_many(document: Document, path: Path, progress: Progress) -> Path:
    zipped, draft, media = path.with_suffix(".zip"), path.with_suffix(".part"), _Media(document)
    with ZipFile(zipped, "w", ZIP_DEFLATED) as archive:
        for section in document.sections:
            with draft.open("wb") as file:
                _write_section(document, section, file, media, progress)
            archive.write(draft, f"{section.conversation.id}.jsonl")
        media.store(archive)
    draft.unlink(missing_ok=True)
    return zipped


class _Media:
    """The files of messages on their way into the archive, each under a name of its own."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.files: dict[str, Path] = {}

    def name(self, message: Shown, enclosure: Enclosure) -> str:
        """Return the name under which a file will lie, empty where there is none to give."""
        held = self._document.media(message, enclosure.id)
        if held is None:
            return ""
        name = f"media/{enclosure.id}{Path(enclosure.name).suffix[:10]}"
        self.files[name] = held
        return name

    def store(self, archive: ZipFile) -> None:
        """Put the files into the archive."""
        for name, path in self.files.items():
            archive.write(path, name)


def _write_section(
    document: Document, section: Section, file: BufferedWriter, media: _Media, progress: Progress
) -> None:
    file.write(_encode(_header(document, section)) + b"\n")
    members: set[str] = set()
    for line in section.lines:
        sender = line.message.sender
        if sender.id and sender.id not in members:
            members.add(sender.id)
            file.write(_encode(_member(sender)) + b"\n")
        items = _items(line, media, masked=document.profile is not Profile.NONE)
        file.writelines(_encode(item) + b"\n" for item in items)
        progress(line.number)


def _header(document: Document, section: Section) -> dict[str, Any]:
    origin = section.provenance
    assert origin is not None, "the format is keyed"
    own = {
        "source": {"workspace": origin.workspace, "account": origin.account, "name": origin.source_name},
        "conversation": origin.key or f"huidang:{section.conversation.id}",
        "kind": origin.kind,
        "receipt": document.receipt,
        "mask": str(document.profile),
        "rules": document.rules,
        "query": document.query,
        "why": document.why,
        "note": document.note,
        "madeBy": document.made_by,
    }
    meta = {
        "name": origin.title,
        "platform": origin.platform,
        "type": {"direct": "private"}.get(origin.kind, "group"),
        "groupId": own["conversation"],
        "ownerId": origin.account,
    }
    made = int(document.made_at.timestamp())
    chatlab = {"version": "0.0.2", "exportedAt": made, "generator": "huidang", "description": document.title}
    return {"_type": "header", "chatlab": chatlab, "meta": meta, "huidang": own}


def _member(sender: Sender) -> dict[str, Any]:
    stated = {} if sender.ground == "message" else {"role": sender.role, "ground": sender.ground}
    return {"_type": "member", "platformId": _account(sender), "accountName": sender.name, "huidang": stated}


def _account(sender: Sender) -> str:
    return sender.key or (f"huidang:{sender.id}" if sender.id else "")


def _items(line: Line, media: _Media, *, masked: bool) -> Iterator[dict[str, Any]]:
    """Yield a message as it came first, then the edits, the recall, the deletion that followed."""
    shown = line.message
    withheld = (shown.recalled_at or shown.deleted_at) is not None and not shown.original
    numbered = f"huidang:{shown.id}" if withheld or not shown.key else shown.key
    texts = [*(_text_of(each) for each in shown.versions), shown.text]
    moments = [*(each.as_of_at for each in shown.versions), shown.edited_at]
    further = [("edit", at, text) for text, at in zip(texts[1:], moments[1:], strict=True)]
    further += [("recall", shown.recalled_at, ""), ("delete", shown.deleted_at, "")]
    known = [(entry, at, text) for entry, at, text in further if at]
    key = numbered if known or masked or shown.key else ""  # without a platform's id, the content names the message
    yield _message(line, media, text=texts[0], key=key, as_of=moments[0])
    for entry, at, text in known:
        yield _further(shown, entry, numbered, at, text)


def _text_of(version: Any) -> str:
    return "".join(part.text for part in version.parts)


def _message(line: Line, media: _Media, *, text: str, key: str, as_of: datetime | None) -> dict[str, Any]:
    shown = line.message
    own = {
        "kind": shown.kind,
        "precision": shown.precision,
        "zone": shown.zone,
        "role": shown.sender.role if shown.sender.ground == "message" else "",
        "thread": shown.thread,
        "details": shown.details,
        "asOf": _seconds(as_of) if as_of else None,
        "text": text,
        "media": [_enclosure(shown, each, media) for each in shown.attachments],
        "id": shown.id,
        "number": line.number,
        "highlight": line.hit,
        "note": line.note,
    }
    own = {name: value for name, value in own.items() if value}
    files = own.get("media")
    path = files[0].get("path") if files else ""
    said = {
        "_type": "message",
        "sender": _account(shown.sender),
        "accountName": shown.sender.name,
        "timestamp": _seconds(shown.sent_at),
        "type": TYPES.get(shown.kind, TYPES["other"]),
        "content": path or text if shown.kind in _MEDIA else text,
        "huidang": own,
    }
    said |= {"platformMessageId": key} if key else {}
    quoted = shown.quote and (shown.quote.key or (f"huidang:{shown.quote.id}" if shown.quote.id else ""))
    return said | ({"replyToMessageId": quoted} if quoted else {})


def _further(shown: Shown, entry: str, key: str, at: datetime, text: str) -> dict[str, Any]:
    return {
        "_type": "message",
        "sender": _account(shown.sender),
        "accountName": shown.sender.name,
        "timestamp": _seconds(at),
        "type": 81 if entry == "recall" else TYPES["system"],
        "content": text or None,
        "replyToMessageId": key,
        "huidang": {"entry": entry, "precision": shown.precision} | ({"text": text} if text else {}),
    }


def _enclosure(shown: Shown, enclosure: Enclosure, media: _Media) -> dict[str, Any]:
    stated = {
        "kind": enclosure.kind,
        "name": enclosure.name,
        "mime": enclosure.mime,
        "size": enclosure.size,
        "seconds": enclosure.seconds,
        "missing": "withheld" if enclosure.withheld else enclosure.missing,
        "path": media.name(shown, enclosure),
    }
    return {name: value for name, value in stated.items() if value}


def _seconds(at: datetime) -> float | int:
    """Return a moment in seconds, with a fraction only where it has milliseconds."""
    milliseconds = round(at.timestamp() * 1000)
    return milliseconds / 1000 if milliseconds % 1000 else milliseconds // 1000
