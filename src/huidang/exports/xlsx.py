"""A workbook: one row a message, one row a conversation, and a sheet of facts with the receipt.

Whatever people wrote is stored as a string, never as a formula or a link. What exceeds a cell goes on in the next row,
hits and highlights are marked, moments are real dates in the reader's zone.

XlsxWriter makes the book; the rows of messages are written straight into their sheet's XML (ECMA-376, 18.3.1), which
is several times as fast. A sample row in the book tells under which numbers its formats are known.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache, partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _

from huidang.exports import words
from huidang.exports.document import Document, Line, Progress, Section
from huidang.records import Part, Shown
from huidang.records.words import kind_name, platform_name, role_name

LONGEST_CELL = 32_767
"""Characters of a cell, by Excel's limits; it counts halves of surrogate pairs."""

MOST_ROWS = 1_048_575
"""Rows of a sheet below its header."""

_DAY_SECONDS = 86_400
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_BOOK = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_|[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
_UNWRITABLE = re.compile("[\ufffe\uffff\ud800-\udfff]")
_SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARK = '<rPr><b/><color rgb="FFB45309"/><sz val="11"/><rFont val="Calibri"/></rPr>'
_DIMENSION = re.compile('(?<=<dimension ref=")[^"]*')
_SAMPLE = re.compile(r'<row r="2".*?</row>', re.DOTALL)
_T = '<t xml:space="preserve">'

Pieces = list[tuple[str, bool]]
"""A text cut into what is marked and what is not."""


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the workbook. Raises what `progress` raises."""
    shell, drafts = path.with_suffix(".shell"), path.with_suffix(".rows")
    with drafts.open("w", encoding="utf-8") as file:
        rows, tallies = _Rows(document, file, _styles(document)), []
        for section in document.sections:
            tallies.append(tally := _Tally(section))
            for line in section.lines:
                rows.add(section, line)
                tally.count(line.message)
                progress(line.number)
    _write_shell(shell, document, rows.number, tallies)
    _assemble(shell, drafts, path, rows.number)
    for left in (shell, drafts):
        left.unlink()
    return [path]


@dataclass(slots=True)
class _Tally:
    """What is counted of one conversation."""

    section: Section
    number: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def count(self, shown: Shown) -> None:
        """Count a message."""
        self.number += 1
        self.first = self.first or shown.sent_at
        self.last = shown.sent_at


class _Rows:
    """The rows of the messages as XML, each on a line of its own: no text holds a bare line feed there."""

    def __init__(self, document: Document, file: IO[str], styles: Mapping[str, str]) -> None:
        self._document, self._file, self._styles = document, file, styles
        self._plain, self._serial = styles["text"], _serial(document.zone)
        self._role, self._kind = cache(role_name), cache(kind_name)
        self._few = lru_cache(maxsize=4096)(_inline)
        self.number = 0

    def add(self, section: Section, line: Line) -> None:
        """Write a message, and what of its text does not fit into its cell in rows below."""
        pieces = list(_cells(line.message.parts)) or [[]]
        row = self._begin(line)
        self._file.write("".join(self._cells(row, section, line, pieces[0])))
        for rest in pieces[1:]:
            row = self._begin(line)
            self._file.write(self._rich(row, rest, hit=line.hit) + self._text("J", row, _("接上一行")))
            self._file.write(self._text("L", row, line.message.id) + "</row>\n")

    def _begin(self, line: Line) -> int:
        """Begin the next row; its number begins anew with every sheet."""
        row = self.number % MOST_ROWS + 2
        self.number += 1
        self._file.write(f'<row r="{row}"><c r="A{row}" s="{self._plain}"><v>{line.number}</v></c>')
        return row

    def _cells(self, row: int, section: Section, line: Line, text: Pieces) -> Iterator[str]:
        shown = line.message
        style = self._styles["day" if shown.precision == "day" else "time"]
        yield f'<c r="B{row}" s="{style}"><v>{self._serial(shown.sent_at)!r}</v></c>'
        title = (section.conversation.title or section.conversation.id)[:300]
        role, kind = self._role(shown.sender.role), self._kind(shown.kind)
        for column, few in zip("CDEF", (title, shown.sender.name or shown.sender.id, role, kind), strict=True):
            yield self._text(column, row, few, self._few)
        yield self._rich(row, text, hit=line.hit)
        if shown.quote:
            yield self._text("H", row, _quoted(shown))
        if shown.attachments:
            yield self._text("I", row, "\n".join(words.enclosure_line(each) for each in shown.attachments))
        if state := words.standing(shown, self._document.zone):
            yield self._text("J", row, state)
        yield self._text("K", row, line.note)
        yield self._text("L", row, shown.id) + "</row>\n"

    def _text(self, column: str, row: int, text: str, inline: "Callable[[str], str] | None" = None) -> str:
        """Return the cell of a text, or nothing."""
        return f'<c r="{column}{row}" s="{self._plain}"{(inline or _inline)(text)}</c>' if text else ""

    def _rich(self, row: int, pieces: Pieces, *, hit: bool) -> str:
        """Return the cell of a message's text, its marked pieces standing out."""
        cell = f'<c r="G{row}" s="{self._styles["hit" if hit else "text"]}"'
        if any(marked for _text, marked in pieces):
            runs = (f"<r>{_MARK if marked else ''}{_T}{_xml(text)}</t></r>" for text, marked in pieces)
            return f'{cell} t="inlineStr"><is>{"".join(runs)}</is></c>'
        return cell + _inline("".join(text for text, _marked in pieces)) + "</c>" if pieces else ""


def _inline(text: str) -> str:
    """Return a string as the rest of a cell's tag and its content."""
    return f' t="inlineStr"><is>{_T}{_xml(text[:LONGEST_CELL])}</t></is>'


def _xml(text: str) -> str:
    """Return a text as it stands in the sheet; what XML cannot hold is escaped as Excel does, or named."""
    return _ESCAPED.sub(_escape, text).replace("\n", "&#10;")


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    if sign in _SIGNS:
        return _SIGNS[sign]
    if len(sign) > 1:
        return f"_x005F{sign}"
    return f"_x{ord(sign):04X}_" if sign < " " else f"[U+{ord(sign):04X}]"


def _styles(document: Document) -> dict[str, str]:
    """Return the numbers under which the book knows its formats."""
    probe = BytesIO()
    _write_shell(probe, document, 0, [])
    with ZipFile(probe) as book:
        sample = _SAMPLE.search(book.read("xl/worksheets/sheet1.xml").decode())
    assert sample
    return dict(zip(_FORMATS, re.findall(r' s="(\d+)"', sample[0]), strict=True))


_TOP: dict[str, Any] = {"valign": "top"}
_FORMATS: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True} | _TOP,
    "hit": {"text_wrap": True, "bg_color": "#FFF3C4"} | _TOP,
    "time": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"} | _TOP,
    "day": {"num_format": "yyyy-mm-dd", "align": "left"} | _TOP,
    "head": {"bold": True, "bg_color": "#EEF2F7", "bottom": 1} | _TOP,
}


def _write_shell(target: Path | BytesIO, document: Document, rows: int, tallies: Sequence[_Tally]) -> None:
    """Write the book with everything but the messages, a sample row in the place of each sheet's."""
    with xlsxwriter.Workbook(target, _BOOK) as book:
        facts = {"title": document.title[:255], "comments": document.receipt, "author": document.made_by}
        book.set_properties(facts | {"created": document.made_at.astimezone(UTC)})
        formats = {name: book.add_format(stated) for name, stated in _FORMATS.items()}
        columns = (
            (_("序号"), 7), (_("时间"), 19), (_("会话"), 22), (_("发送人"), 14), (_("身份"), 8), (_("类型"), 8),
            (_("内容"), 70), (_("引用"), 30), (_("附件"), 26), (_("状态"), 18), (_("批注"), 24), (_("消息编号"), 21),
        )  # fmt: skip
        for part, count in _parts(rows):
            name = f"{_('消息')} {part}" if part > 1 else _("消息")
            sheet = _sheet(book, document, name, columns, formats, rows=count)
            for column, style in enumerate(formats.values()):
                sheet.write_blank(1, column, None, style)
        _write_conversations(book, document, tallies, formats)
        _write_facts(book, document)


def _sheet(
    book: Any,
    document: Document,
    name: str,
    columns: Sequence[tuple[str, int]],
    formats: Mapping[str, Any],
    *,
    rows: int,
) -> Any:
    """Begin a sheet with a header that stays and filters over all of it."""
    sheet = book.add_worksheet(name)
    for number, (title, width) in enumerate(columns):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, title, formats["head"])
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{document.receipt}&R&P / &N")
    sheet.autofilter(0, 0, max(rows, 1), len(columns) - 1)
    return sheet


def _write_conversations(book: Any, document: Document, tallies: Sequence[_Tally], formats: Mapping[str, Any]) -> None:
    columns = (
        (_("会话"), 30), (_("平台"), 12), (_("来源"), 20), (_("部门"), 20), (_("导出条数"), 10),
        (_("最早"), 19), (_("最晚"), 19), (_("会话编号"), 12),
    )  # fmt: skip
    sheet, serial = _sheet(book, document, _("会话"), columns, formats, rows=len(tallies)), _serial(document.zone)
    for row, tally in enumerate(tallies, 1):
        listed = tally.section.conversation
        texts = (listed.title, platform_name(listed.platform), listed.source_name, listed.department_name)
        for column, text in enumerate(texts):
            sheet.write_string(row, column, _writable(text))
        sheet.write_number(row, 4, tally.number)
        for column, at in ((5, tally.first), (6, tally.last)):
            if at:
                sheet.write_number(row, column, serial(at), formats["time"])
        sheet.write_string(row, 7, listed.id)


def _write_facts(book: Any, document: Document) -> None:
    sheet = book.add_worksheet(_("说明"))
    head, text = book.add_format({"bold": True} | _TOP), book.add_format({"text_wrap": True} | _TOP)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 80)
    for row, (name, value) in enumerate(words.facts_of(document)):
        sheet.write_string(row, 0, name, head)
        sheet.write_string(row, 1, _writable(value)[:LONGEST_CELL], text)


def _assemble(shell: Path, drafts: Path, path: Path, number: int) -> None:
    """Copy the book, the rows of the messages in the place of the samples."""
    left = {f"xl/worksheets/sheet{part}.xml": rows for part, rows in _parts(number)}
    with ZipFile(shell) as book, ZipFile(path, "w", ZIP_DEFLATED, compresslevel=4) as whole, drafts.open("rb") as rows:
        for name in book.namelist():
            content = book.read(name)
            if name not in left:
                whole.writestr(name, content)
                continue
            before, after = _SAMPLE.split(content.decode(), maxsplit=1)
            before = _DIMENSION.sub(f"A1:L{left[name] + 1}", before)
            with whole.open(name, "w", force_zip64=True) as sheet:
                sheet.write(before.encode())
                for piece in iter(partial(_next_rows, islice(rows, MOST_ROWS)), b""):
                    sheet.write(piece)
                sheet.write(after.encode())


def _next_rows(rows: Iterator[bytes]) -> bytes:
    """Return some rows in one piece: a ZIP is written faster so than row by row."""
    return b"".join(islice(rows, 500))


def _parts(number: int) -> Iterator[tuple[int, int]]:
    """Yield the number of each sheet of messages, and how many rows it has."""
    for part in range(max(1, -(-number // MOST_ROWS))):
        yield part + 1, min(MOST_ROWS, number - part * MOST_ROWS)


def _cells(parts: Sequence[Part]) -> Iterator[list[tuple[str, bool]]]:
    """Cut a text into what fits into one cell each, pieces of the same kind joined."""
    cell: list[tuple[str, bool]] = []
    left = LONGEST_CELL
    for part in parts:
        text = part.text
        while text:
            head, text = _head(text, left)
            _join(cell, head, hit=part.hit)
            left -= _units(head)
            if text:
                yield cell
                cell, left = [], LONGEST_CELL
    if cell:
        yield cell


def _join(cell: list[tuple[str, bool]], text: str, *, hit: bool) -> None:
    if cell and cell[-1][1] == hit:
        cell[-1] = cell[-1][0] + text, hit
    elif text:
        cell.append((text, hit))


def _head(text: str, units: int) -> tuple[str, str]:
    """Cut off what fits into so many of Excel's characters."""
    if _units(text) <= units:
        return text, ""
    end = min(len(text), units)
    while _units(text[:end]) > units:
        end -= (_units(text[:end]) - units + 1) // 2
    return text[:end], text[end:]


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _quoted(shown: Shown) -> str:
    if shown.quote is None:
        return ""
    if not shown.quote.id:
        return _("（原消息不在档案里）")
    return f"{shown.quote.sender}: {shown.quote.text or kind_name(shown.quote.kind)}"


def _writable(text: str) -> str:
    """Return a text for XlsxWriter, with the code points that XML cannot hold named in it."""
    return _UNWRITABLE.sub(lambda sign: f"[U+{ord(sign[0]):04X}]", text)


def _serial(zone: str) -> Callable[[datetime], float]:
    """Return what turns a moment into Excel's count of days, in a zone."""
    place, none = ZoneInfo(zone), timedelta(0)

    def of(at: datetime) -> float:
        local = (at - _EPOCH) + (at.astimezone(place).utcoffset() or none)
        return local.total_seconds() / _DAY_SECONDS

    return of
