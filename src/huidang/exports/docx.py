"""Word: a document of real styles that can be edited, with pictures, headings for navigation and page numbers.

python-docx makes the shell (styles, header, footer, watermark); the text is streamed into it, since building it element
by element takes time that grows with the square of the messages.
"""

import re
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import override

from huidang.exports import watermark
from huidang.exports.document import Document, Progress
from huidang.exports.docxshell import BODY, make_shell
from huidang.exports.fonts import legible
from huidang.exports.pictures import Album, Picture
from huidang.exports.wording import File, Piece, Teller, Told, about_conversation, facts_of

_EMU = 12_700  # a point
_WIDEST, _HIGHEST = 220.0, 260.0
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MARKS = {"h": "Hit", "m": "Masked", "s": "Sensitive"}
_JPEG = '<Default Extension="jpg" ContentType="image/jpeg"/>'
_BREAKS = re.compile("([\n\t])")


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the document. Raises what `progress` raises."""
    with override(document.language), tempfile.TemporaryDirectory(dir=path.parent, prefix=".paper-") as name:
        folder = Path(name)
        mark = watermark.draw(document.watermark, folder / "watermark.png", width=595, height=842)
        shell = make_shell(document, mark, folder / "shell.docx")
        text = _Text(document, folder, progress)
        with (folder / "body").open("w+", encoding="utf-8") as body:
            text.write_sections(body)
            body.seek(0)
            _fill(shell, path, text, body)
    return [path]


def _fill(shell: Path, path: Path, text: "_Text", body: IO[str]) -> None:
    """Copy the shell, with the text where the shell marks its place, and with the pictures."""
    with ZipFile(shell) as empty, ZipFile(path, "w", ZIP_DEFLATED, compresslevel=4) as full:
        for item in empty.infolist():
            content = empty.read(item)
            if item.filename == "word/document.xml":
                head, tail = content.decode().split(BODY)
                with full.open(item.filename, "w", force_zip64=True) as file:
                    file.write((head + text.front()).encode())
                    for chunk in iter(lambda: body.read(1 << 18), ""):
                        file.write(chunk.encode())
                    file.write(tail.encode())
            elif item.filename == "word/_rels/document.xml.rels":
                full.writestr(item.filename, content.decode().replace("</Relationships>", text.relations()))
            elif item.filename == "[Content_Types].xml":
                full.writestr(item.filename, content.decode().replace("<Default ", f"{_JPEG}<Default ", 1))
            else:
                full.writestr(item.filename, content)
        for picture in text.pictures:
            full.write(picture.path, f"word/media/{picture.path.name}")


class _Text:
    """The text on its way into the file: the sections first, since the contents before them are known only then."""

    def __init__(self, document: Document, folder: Path, progress: Progress) -> None:
        self.document, self.progress = document, progress
        self.album = Album(folder)
        self.pictures: dict[Picture, str] = {}
        self.drawn = 0
        self.titles: list[str] = []

    def front(self) -> str:
        """Return title, facts and contents."""
        title = _paragraph("Title", _run(legible(self.document.title)))
        facts = "".join(
            _paragraph("Fact", f"{_run(name)}<w:r><w:tab/></w:r>{_run(value)}")
            for name, value in facts_of(self.document, legible)
        )
        if len(self.titles) < 2:  # noqa: PLR2004
            return title + facts
        items = "".join(
            _paragraph("Contents", f'<w:hyperlink w:anchor="c{at}">{_run(name)}</w:hyperlink>')
            for at, name in enumerate(self.titles, 1)
        )
        return title + facts + _paragraph("ContentsHeading", _run(_("目录"))) + items

    def relations(self) -> str:
        """Return the relations of the pictures, and the end of their list."""
        kind = f"{_RELATION}/image"
        rows = (
            f'<Relationship Id="{name}" Type="{kind}" Target="media/{picture.path.name}"/>'
            for picture, name in self.pictures.items()
        )
        return "".join(rows) + "</Relationships>"

    def write_sections(self, file: IO[str]) -> None:
        """Write the conversations, message by message."""
        for at, section in enumerate(self.document.sections, 1):
            title = legible(section.conversation.title) or _("未命名会话")
            self.titles.append(title)
            anchor = f'<w:bookmarkStart w:id="{at}" w:name="c{at}"/>{_run(title)}<w:bookmarkEnd w:id="{at}"/>'
            file.write(_paragraph("Heading1", anchor))
            file.write(_paragraph("State", _run(about_conversation(section.conversation, legible))))
            teller = Teller(self.document.zone, legible)
            for line in section.lines:
                file.writelines(self._message(teller.tell(line)))
                if line.number % 200 == 0:
                    self.progress(line.number)

    def _message(self, told: Told) -> Iterator[str]:
        if told.day:
            yield _paragraph("Heading2", _run(told.day))
        when = f"{told.time} · #{told.number}"
        if told.message.kind == "system" or told.message.side == "system":
            yield _paragraph("SystemLine", _run(f"{when}　{told.instead}") + _spelled(told.pieces))
            return
        ours = told.message.side in {"ours", "robot"}
        who = "" if told.more else _run(told.name, "Sender") + _run(f" {told.role} · " if told.role else " · ")
        yield _paragraph("MessageHeadOurs" if ours else "MessageHead", who + _run(when))
        if told.withdrawn:
            yield _paragraph("State", _run(told.withdrawn))
        yield from self._content(told, "MessageOurs" if ours else "MessageTheirs")
        if told.note:
            yield _paragraph("Note", _run(_("批注") + _("：") + told.note))

    def _content(self, told: Told, style: str) -> Iterator[str]:
        if told.quote:
            who, text = told.quote
            yield _paragraph("Quoted", _run(who + _("：") + text if who else text))
        label = _run(f"{_('转写')}　", "Aside") if told.message.kind == "voice" and told.pieces else ""
        files = [self._file(told, file, style) for file in told.files]
        if label:
            yield from files
        if told.pieces or told.instead:
            yield _paragraph("Highlighted" if told.hit else style, label + _run(told.instead) + _spelled(told.pieces))
        if not label:
            yield from files
        if told.edited:
            yield _paragraph("State", _run(told.edited))
        for at, pieces in told.versions:
            yield _paragraph("State", _run(f"{at}　") + _spelled(pieces))

    def _file(self, told: Told, file: File, style: str) -> str:
        pictured = file.held and file.enclosure.kind in {"image", "sticker"}
        source = self.document.media(told.message, file.enclosure.id) if pictured else None
        picture = self.album.take(source) if source else None
        damaged = f" · {_('图片损坏，无法显示')}" if source and not picture else ""
        named = _paragraph("Attached", _run(file.name) + _run(f"　{file.about}{damaged}", "Aside"))
        return _paragraph(style, self._drawing(picture, file.name)) + named if picture else named

    def _drawing(self, picture: Picture, name: str) -> str:
        relation = self.pictures.setdefault(picture, f"picture{len(self.pictures) + 1}")
        self.drawn += 1
        scale = min(_WIDEST / picture.width, _HIGHEST / picture.height, 0.75) * _EMU
        size = f'cx="{round(picture.width * scale)}" cy="{round(picture.height * scale)}"'
        called = escape(name)
        about = f'id="{self.drawn}" name="{called}" descr="{called}"'
        return (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/><wp:docPr {about}/>'
            '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
            '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
            f"<pic:nvPicPr><pic:cNvPr {about}/><pic:cNvPicPr/></pic:nvPicPr>"
            f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
            f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
            "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )


def _paragraph(style: str, runs: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p>'


def _spelled(pieces: tuple[Piece, ...]) -> str:
    return "".join(_run(piece.text, _MARKS.get(piece.mark, "")) for piece in pieces)


def _run(text: str, style: str = "") -> str:
    """Return a run of text; breaks and tabs are elements of their own."""
    if not text:
        return ""
    looks = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    if "\n" not in text and "\t" not in text:
        return f'<w:r>{looks}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    signs = {"\n": "<w:br/>", "\t": "<w:tab/>", "": ""}
    inner = (
        signs[bit] if bit in signs else f'<w:t xml:space="preserve">{escape(bit)}</w:t>' for bit in _BREAKS.split(text)
    )
    return f"<w:r>{looks}{''.join(inner)}</w:r>"
