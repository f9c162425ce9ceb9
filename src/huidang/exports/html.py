"""HTML: one file that needs nothing else and runs nothing, to read in any browser and to print, in light and dark.

Pictures, sounds and files stand in it as data. A policy in the file forbids scripts and every request.
"""

import base64
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import override

from huidang.exports import watermark
from huidang.exports.document import Document, Progress, Section
from huidang.exports.fonts import legible
from huidang.exports.pictures import Album
from huidang.exports.wording import File, Piece, Teller, Told, about_conversation, facts_of

LARGEST_FILE = 25 << 20
_STYLE = Path(__file__).parent / "paper.css"
_CHUNK = 3 * 256 * 1024
_PLAYED = {
    "audio": {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/x-wav", "audio/webm", "audio/aac"},
    "video": {"video/mp4", "video/webm", "video/ogg"},
}
_MARKS = {"h": "mark", "m": 'span class="mask"', "s": 'span class="sensitive"'}


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the page. Raises what `progress` raises."""
    with override(document.language), tempfile.TemporaryDirectory(dir=path.parent, prefix=".paper-") as name:
        folder = Path(name)
        page = _Page(document, folder, progress)
        with (folder / "body").open("w+", encoding="utf-8") as body, path.open("w", encoding="utf-8") as file:
            page.write_sections(body)
            file.write(page.head())
            body.seek(0)
            shutil.copyfileobj(body, file)
            file.write("</main></body></html>\n")
    return [path]


class _Page:
    """One page on its way into a file: the sections first, since the contents above them are known only then."""

    def __init__(self, document: Document, folder: Path, progress: Progress) -> None:
        self.document, self.folder, self.progress = document, folder, progress
        self.album = Album(folder)
        self.titles: list[str] = []

    def head(self) -> str:
        """Return everything before the first section."""
        document = self.document
        style = _style(document, self.folder)
        allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; media-src data:"
        facts = "".join(
            f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts_of(document, legible)
        )
        title = escape(legible(document.title))
        return (
            f'<!doctype html>\n<html lang="{"en" if document.language.startswith("en") else "zh-CN"}"><head>'
            f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
            f'content="light dark"><meta name="referrer" content="no-referrer">'
            f"<title>{title} · {escape(document.receipt)}</title>"
            f"<style>{style}</style></head>\n<body><main><h1>{title}</h1><dl>{facts}</dl>{self._contents()}\n"
        )

    def _contents(self) -> str:
        if len(self.titles) < 2:  # noqa: PLR2004
            return ""
        items = "".join(f'<li><a href="#c{at}">{title}</a></li>' for at, title in enumerate(self.titles, 1))
        return f"<nav><h2>{_('目录')}</h2><ol>{items}</ol></nav>"

    def write_sections(self, file: IO[str]) -> None:
        """Write the conversations, message by message."""
        for section in self.document.sections:
            self._begin(file, section)
            teller = Teller(self.document.zone, legible)
            for line in section.lines:
                for piece in self._message(teller.tell(line)):
                    file.write(piece)
                if line.number % 200 == 0:
                    self.progress(line.number)
            file.write("</section>\n")

    def _begin(self, file: IO[str], section: Section) -> None:
        title = escape(legible(section.conversation.title) or _("未命名会话"))
        self.titles.append(title)
        about = escape(about_conversation(section.conversation, legible))
        file.write(f'<section id="c{len(self.titles)}"><h2>{title}</h2><p class="about">{about}</p>\n')

    def _message(self, told: Told) -> Iterator[str]:
        if told.day:
            yield f'<h3 class="day">{escape(told.day)}</h3>\n'
        place = f'<a href="#m{told.number}">#{told.number}</a>'
        when = f'<time datetime="{told.message.sent_at.isoformat()}">{escape(told.time)}</time>'
        if told.message.kind == "system" or told.message.side == "system":
            words = escape(told.instead) + _spelled(told.pieces)
            yield f'<p class="sys" id="m{told.number}">{when} {place} {words}</p>\n'
            return
        who = "" if told.more else f"<b>{escape(told.name)}</b> {escape(told.role)} · "
        side = {"ours": " us", "robot": " us bot"}.get(told.message.side, "")
        more, hit = " more" if told.more else "", " hit" if told.hit else ""
        yield f'<article class="msg{side}{more}{hit}" id="m{told.number}"><p class="who">{who}{when} · {place}</p>'
        yield from self._content(told)
        yield "</article>\n"

    def _content(self, told: Told) -> Iterator[str]:
        if told.withdrawn:
            yield f'<p class="gone">{escape(told.withdrawn)}</p>'
        spoken = told.message.kind == "voice"
        files = (piece for file in told.files for piece in self._file(told, file))
        if spoken:
            yield from files
        if bubble := _bubble(told, spoken=spoken):
            yield f'<div class="bubble">{bubble}</div>'
        yield from files
        if told.note:
            yield f'<p class="note">{_("批注")}{_("：")}{escape(told.note)}</p>'

    def _file(self, told: Told, file: File) -> Iterator[str]:
        source = self.document.media(told.message, file.enclosure.id) if file.held else None
        pictured = source is not None and file.enclosure.kind in {"image", "sticker"}
        picture = self.album.take(source) if source and pictured else None
        about = f"{file.about} · {_('图片损坏，无法显示')}" if pictured and not picture else file.about
        name = f"<span>{escape(file.name)}</span><small>{escape(about)}</small>"
        if source is None:
            yield f'<p class="file none">{name}</p>'
        elif picture:
            yield f'<figure><img width="{picture.width}" height="{picture.height}" alt="{escape(file.name)}" src="'
            yield from _data(picture.path, "image/jpeg")
            yield f'"><figcaption>{name}</figcaption></figure>'
        elif source.stat().st_size > LARGEST_FILE:
            yield f'<p class="file none">{name}<small>{_("文件过大，未附")}</small></p>'
        else:
            yield from _player(source, file.enclosure.mime, name, escape(file.name))


def _player(source: Path, stated: str, name: str, called: str) -> Iterator[str]:
    """Yield a sound or a film that can be played, or a file that can be saved."""
    mime = stated.partition(";")[0].strip().lower()
    tag = next((tag for tag, known in _PLAYED.items() if mime in known), "")
    yield f'<p class="file">{name}'
    yield f'<{tag} controls preload="none" src="' if tag else f'<a download="{called}" href="'
    yield from _data(source, mime if tag else "application/octet-stream")
    yield f'"></{tag}></p>' if tag else f'">{_("保存")}</a></p>'


def _data(path: Path, mime: str) -> Iterator[str]:
    """Yield a file as a `data:` address, piece by piece."""
    yield f"data:{mime};base64,"
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield base64.b64encode(chunk).decode()


def _bubble(told: Told, *, spoken: bool) -> str:
    words = []
    if told.quote:
        who, text = told.quote
        words.append(f"<blockquote>{escape(who + _('：') if who else '')}{escape(text)}</blockquote>")
    if told.instead:
        words.append(f'<span class="instead">{escape(told.instead)}</span>')
    if told.pieces:
        label = f"<small>{_('转写')}</small> " if spoken else ""
        words.append(f'{label}<span class="text">{_spelled(told.pieces)}</span>')
    if told.edited:
        earlier = "".join(f"<li>{escape(at)} {_spelled(pieces)}</li>" for at, pieces in told.versions)
        words.append(f'<div class="edited">{escape(told.edited)}{f"<ul>{earlier}</ul>" if earlier else ""}</div>')
    return "".join(words)


def _spelled(pieces: tuple[Piece, ...]) -> str:
    return "".join(_marked(escape(piece.text), _MARKS.get(piece.mark, "")) for piece in pieces)


def _marked(text: str, tag: str) -> str:
    return f"<{tag}>{text}</{tag.partition(' ')[0]}>" if tag else text


def _style(document: Document, folder: Path) -> str:
    """Return the style sheet, with the watermark in it."""
    drawn = watermark.draw(document.watermark, folder / "watermark.png", width=595, height=842)
    mark = "".join(_data(drawn, "image/png"))
    return f"{_STYLE.read_text('utf-8')}body::after{{background-image:url({mark})}}"
