"""From a document to what the press sets: data as JSON and pictures in a folder, in pieces of a bearable size.

Texts go in as data and never as markup. A run without any place to break is cut into bits that may wrap.
"""

import re
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from huidang.exports.document import Document, Progress
from huidang.exports.fonts import families, folders, printable
from huidang.exports.pictures import Album
from huidang.exports.press import Press
from huidang.exports.wording import File, Piece, Teller, Told, about_conversation
from huidang.records import Listed

TEMPLATES = Path(__file__).parent / "typst"
LINES_AT_ONCE = 5000
PICTURE_BYTES_AT_ONCE = 64 << 20
_BIT = 24
_UNBROKEN = re.compile(
    "[^\\s\u2000-\u206f\u2e80-\ua4cf\uac00-\ud7ff\uf900-\uffef\u2190-\u2bff\U0001f000-\U0001faff\U00020000-\U0003ffff]{32,}"
)
_WIDEST, _HIGHEST = 200.0, 230.0  # points of a picture in a message

Typed = str | list[dict[str, Any]]


@dataclass(slots=True)
class Volume:
    """A piece of a document that is set at once: sections as the templates read them."""

    sections: list[dict[str, Any]] = field(default_factory=list)
    lines: int = 0


def volumes_of(
    document: Document,
    album: Album,
    *,
    progress: Progress,
    at_once: int | None = None,
    whole: bool = False,
    exact: bool = False,
) -> Iterator[Volume]:
    """Yield the document in volumes: at most so many messages, fewer with many pictures; or as one `whole`.

    A volume is whole when it is yielded, so that the next can be read while it is set.
    """
    most = at_once or LINES_AT_ONCE
    volume, number, pictures = Volume(), 0, album.bytes
    for section in document.sections:
        teller = Teller(document.zone, printable, exact=exact)
        opened = _open(volume, section.conversation)
        for line in section.lines:
            full = volume.lines >= most or album.bytes - pictures > PICTURE_BYTES_AT_ONCE
            if full and not whole:
                yield volume
                volume, pictures = Volume(), album.bytes
                opened = _open(volume, section.conversation, continued=True)
            opened.append(typed(teller.tell(line), document, album))
            volume.lines += 1
            number += 1
            if number % 200 == 0:
                progress(number)
    yield volume


def _open(volume: Volume, conversation: Listed, *, continued: bool = False) -> list[dict[str, Any]]:
    title = printable(conversation.title) or _("未命名会话")
    lines: list[dict[str, Any]] = []
    volume.sections.append(
        {
            "title": _("%s（续）") % title if continued else title,
            "about": about_conversation(conversation, printable),
            "lines": lines,
        }
    )
    return lines


def typed(told: Told, document: Document, album: Album) -> dict[str, Any]:
    """Return a message as the templates read it."""
    line: dict[str, Any] = {
        "number": told.number,
        "day": told.day,
        "more": told.more,
        "side": told.message.side if told.message.kind != "system" else "system",
        "name": bits(told.name),
        "role": told.role,
        "time": told.time,
        "spoken": told.message.kind == "voice",
        "text": _pieces(told.pieces),
        "instead": bits(told.instead),
        "withdrawn": told.withdrawn,
        "edited": told.edited,
        "versions": [{"at": at, "text": _pieces(pieces)} for at, pieces in told.versions],
        "files": [_file(told, each, document, album) for each in told.files],
        "hit": told.hit,
        "note": bits(told.note),
    }
    if told.quote:
        line["quote"] = {"who": bits(told.quote[0]), "text": bits(told.quote[1]), "colon": _("：")}
    return line


def _file(told: Told, file: File, document: Document, album: Album) -> dict[str, Any]:
    line: dict[str, Any] = {"name": bits(file.name), "about": file.about, "held": file.held}
    if not (file.held and file.enclosure.kind in {"image", "sticker"}):
        return line
    source = document.media(told.message, file.enclosure.id)
    if source is None:
        return line | {"held": False}
    picture = album.take(source)
    if picture is None:
        return line | {"held": False, "about": f"{file.about} · {_('图片损坏，无法显示')}"}
    width = min(_WIDEST, picture.width * 0.75, _HIGHEST * picture.width / picture.height)
    return line | {"picture": picture.path.name, "width": round(width, 1)}


def _pieces(pieces: tuple[Piece, ...]) -> Typed:
    if not pieces:
        return ""
    if len(pieces) == 1 and not pieces[0].mark:
        return bits(pieces[0].text)
    return [each for piece in pieces for each in _marked(piece)]


def _marked(piece: Piece) -> list[dict[str, Any]]:
    cut = bits(piece.text)
    return [{"t": cut, "m": piece.mark}] if isinstance(cut, str) else [each | {"m": piece.mark} for each in cut]


def bits(text: str) -> Typed:
    """Return a text as it is, or cut into pieces of which the unbroken ones may wrap."""
    if len(text) < 32 or not _UNBROKEN.search(text):  # noqa: PLR2004
        return text
    cut: list[dict[str, Any]] = []
    end = 0
    for run in _UNBROKEN.finditer(text):
        if run.start() > end:
            cut.append({"t": text[end : run.start()], "m": ""})
        cut.append({"t": _slices(run[0]), "m": ""})
        end = run.end()
    return [*cut, {"t": text[end:], "m": ""}] if end < len(text) else cut


def _slices(run: str) -> list[str]:
    """Cut a run every so many signs, never before a mark that belongs to the sign before it."""
    found, start = [], 0
    while start < len(run):
        end = start + _BIT
        while end < len(run) and (unicodedata.combining(run[end]) or unicodedata.category(run[end])[0] == "M"):
            end += 1
        found.append(run[start:end])
        start = end
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a paper is set: the template and its fonts, and what comes out."""

    template: str
    kind: str = "pdf"
    ppi: int = 144
    serif: bool = False
    counted: bool = False
    """One of several volumes: laid out first, printed with the numbers of `number_pages` later."""


def press(folder: Path, form: Form, name: str, content: dict[str, Any], document: Document) -> Press:
    """Begin to set a paper as `name` in the folder, where its pictures and its watermark lie, on a press of its own."""
    lay_ready(folder, form, name, content, document)
    machine = Press(folder, folders())
    machine.begin(job_of(form, name))
    return machine


def lay_ready(folder: Path, form: Form, name: str, content: dict[str, Any], document: Document) -> None:
    """Write into the folder what a press reads to set a paper."""
    for template in ("parts.typ", "bubbles.typ", form.template):
        if not (folder / template).exists():
            shutil.copy(TEMPLATES / template, folder / template)
    (folder / f"{name}.json").write_bytes(msgspec.json.encode(_common(document, serif=form.serif) | content))
    if form.counted:
        number_pages(folder, name, before=0, pages=0)


def job_of(form: Form, name: str) -> dict[str, Any]:
    """Return the order for a paper that lies ready."""
    return {
        "template": form.template,
        "data": f"{name}.json",
        "output": name,
        "format": form.kind,
        "ppi": form.ppi,
        "counted": form.counted,
    }


def number_pages(folder: Path, name: str, *, before: int, pages: int, volume: str = "") -> None:
    """Say what the pages of a counted paper print, beside its text: how many pages come before, and are in all."""
    (folder / numbers_of(name)).write_bytes(msgspec.json.encode({"before": before, "pages": pages, "volume": volume}))


def numbers_of(name: str) -> str:
    """Return the file in which the numbers of a counted paper stand."""
    return f"{name}.numbers.json"


def _common(document: Document, *, serif: bool) -> dict[str, Any]:
    english = document.language.startswith("en")
    return {
        "title": printable(document.title),
        "author": printable(document.made_by),
        "fonts": families(serif=serif, latin=english),
        "language": "en" if english else "zh",
        "region": "gb" if english else "cn",
        "watermark": printable(" ".join(document.watermark)),
        "receipt": document.receipt,
    }
