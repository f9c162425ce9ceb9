"""A workbook: one row a message, one row a conversation, and a sheet of facts with the receipt.

Whatever people wrote is stored as a string, never as a formula or a link. What exceeds a cell goes on in the next row,
hits and highlights are marked, moments are real dates in the reader's zone.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _

from huidang.exports import words
from huidang.exports.document import Document, Line, Progress, Section
from huidang.records import Part, Shown
from huidang.records.words import kind_name, platform_name, role_name

LONGEST_CELL = 32_767
"""Characters of a cell, by Excel's limits; it counts halves of surrogate pairs."""

LAST_ROW = 1_048_575
_UNWRITABLE = re.compile("[\ufffe\uffff\ud800-\udfff]")
_DAY_SECONDS = 86_400
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_BOOK = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the workbook. Raises what `progress` raises."""
    with xlsxwriter.Workbook(path, _BOOK) as book:
        book.set_properties({"title": document.title[:255], "comments": document.receipt, "author": document.made_by})
        messages, conversations = _Messages(book, document), _Conversations(book, document)
        for section in document.sections:
            conversations.begin(section)
            for line in section.lines:
                messages.add(section, line)
                conversations.count(line.message)
                progress(line.number)
            conversations.end()
        messages.close()
        conversations.close()
        _write_facts(book, document)
    return [path]


class _Table:
    """A sheet that grows row by row, with a header that stays and filters over all of it."""

    def __init__(self, book: Any, document: Document, name: str, columns: Sequence[tuple[str, int]]) -> None:
        self.book, self.document = book, document
        self.offset = _offset(document.zone)
        self.formats = {
            "head": book.add_format({"bold": True, "bg_color": "#EEF2F7", "bottom": 1, "valign": "top"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left", "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "hit": book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FFF3C4"}),
            "mark": book.add_format({"bold": True, "font_color": "#B45309"}),
            "marked": book.add_format({"text_wrap": True, "valign": "top", "bold": True, "font_color": "#B45309"}),
        }
        self.name, self.columns, self.part = name, columns, 0
        self.open()

    def open(self) -> None:
        """Begin a sheet, the first or the one after a full one."""
        self.part += 1
        self.sheet = self.book.add_worksheet(f"{self.name} {self.part}" if self.part > 1 else self.name)
        self.row = 0
        for number, (title, width) in enumerate(self.columns):
            self.sheet.set_column(number, number, width)
            self.sheet.write_string(0, number, title, self.formats["head"])
        self.sheet.freeze_panes(1, 0)
        self.sheet.repeat_rows(0)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer(f"&L{self.document.receipt}&R&P / &N")

    def close(self) -> None:
        """Put the filters over what was written."""
        self.sheet.autofilter(0, 0, max(self.row, 1), len(self.columns) - 1)

    def step(self) -> int:
        """Return the next row, in a further sheet where this one is full."""
        if self.row == LAST_ROW:
            self.close()
            self.open()
        self.row += 1
        return self.row

    def moment(self, row: int, column: int, at: datetime, precision: str = "s") -> None:
        """Write a moment as a date that can be sorted and counted with."""
        local = (at - _EPOCH) + self.offset(at)
        self.sheet.write_number(
            row, column, local.total_seconds() / _DAY_SECONDS, self.formats["day" if precision == "day" else "time"]
        )

    def string(self, row: int, column: int, text: str, form: str = "text") -> None:
        """Write a short text."""
        if text:
            self.parts(row, column, [(text[:LONGEST_CELL], False)], form)

    def parts(self, row: int, column: int, parts: Sequence[tuple[str, bool]], form: str = "text") -> None:
        """Write a text of pieces, the ones that are hits standing out."""
        text, hit = parts[0]
        if len(parts) == 1 and not text.startswith("<r>"):
            self.sheet.write_string(row, column, text, self.formats["marked" if hit else form])
            return
        rich: list[Any] = []
        for piece, is_hit in parts if len(parts) > 1 else _disguised(text, hit=hit):
            rich += [self.formats["mark"], piece] if is_hit else [piece]
        self.sheet.write_rich_string(row, column, *rich, self.formats[form])


class _Messages(_Table):
    """One row a message."""

    def __init__(self, book: Any, document: Document) -> None:
        columns = (
            (_("序号"), 7), (_("时间"), 19), (_("会话"), 22), (_("发送人"), 14), (_("身份"), 8), (_("类型"), 8),
            (_("内容"), 70), (_("引用"), 30), (_("附件"), 26), (_("状态"), 18), (_("批注"), 24), (_("消息编号"), 21),
        )  # fmt: skip
        super().__init__(book, document, _("消息"), columns)

    def add(self, section: Section, line: Line) -> None:
        """Write a message, and what of its text does not fit into its cell in rows below."""
        shown, row = line.message, self.step()
        form = "hit" if line.hit else "text"
        self.sheet.write_number(row, 0, line.number)
        self.moment(row, 1, shown.sent_at, shown.precision)
        self.sheet.write_string(row, 2, _writable(section.conversation.title or section.conversation.id)[:300])
        self.sheet.write_string(row, 3, _writable(shown.sender.name or shown.sender.id))
        self.sheet.write_string(row, 4, role_name(shown.sender.role))
        self.sheet.write_string(row, 5, kind_name(shown.kind))
        cells = list(_cells(shown.parts))
        if cells:
            self.parts(row, 6, cells[0], form)
        self.string(row, 7, _quoted(shown))
        self.string(row, 8, "\n".join(words.enclosure_line(each) for each in shown.attachments))
        self.string(row, 9, words.standing(shown, self.document.zone))
        self.string(row, 10, _writable(line.note))
        self.sheet.write_string(row, 11, shown.id)
        for rest in cells[1:]:
            self._continue(line, rest, form)

    def _continue(self, line: Line, cell: Sequence[tuple[str, bool]], form: str) -> None:
        row = self.step()
        self.sheet.write_number(row, 0, line.number)
        self.parts(row, 6, cell, form)
        self.string(row, 9, _("接上一行"))
        self.sheet.write_string(row, 11, line.message.id)


class _Conversations(_Table):
    """One row a conversation."""

    def __init__(self, book: Any, document: Document) -> None:
        columns = (
            (_("会话"), 30), (_("平台"), 12), (_("来源"), 20), (_("部门"), 20), (_("导出条数"), 10),
            (_("最早"), 19), (_("最晚"), 19), (_("会话编号"), 12),
        )  # fmt: skip
        super().__init__(book, document, _("会话"), columns)

    def begin(self, section: Section) -> None:
        """Begin to count a conversation."""
        self.section, self.number = section, 0
        self.first: datetime | None = None
        self.last: datetime | None = None

    def count(self, shown: Shown) -> None:
        """Count a message."""
        self.number += 1
        self.first = self.first or shown.sent_at
        self.last = shown.sent_at

    def end(self) -> None:
        """Write the row."""
        conversation, row = self.section.conversation, self.step()
        self.string(row, 0, _writable(conversation.title))
        self.string(row, 1, platform_name(conversation.platform))
        self.string(row, 2, _writable(conversation.source_name))
        self.string(row, 3, _writable(conversation.department_name))
        self.sheet.write_number(row, 4, self.number)
        for column, at in ((5, self.first), (6, self.last)):
            if at:
                self.moment(row, column, at)
        self.sheet.write_string(row, 7, conversation.id)


def _write_facts(book: Any, document: Document) -> None:
    sheet = book.add_worksheet(_("说明"))
    head, text = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 80)
    for row, (name, value) in enumerate(words.facts_of(document)):
        sheet.write_string(row, 0, name, head)
        sheet.write_string(row, 1, _writable(value)[:LONGEST_CELL], text)


def _cells(parts: Sequence[Part]) -> Iterator[list[tuple[str, bool]]]:
    """Cut a text into what fits into one cell each, pieces of the same kind joined."""
    cell: list[tuple[str, bool]] = []
    left = LONGEST_CELL
    for part in parts:
        text = _writable(part.text)
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


def _disguised(text: str, *, hit: bool) -> list[tuple[str, bool]]:
    """Cut a text that begins like the library's own mark-up, so that it is written as the text it is."""
    return [(text[:1], hit), (text[1:2], hit), (text[2:], hit)]


def _quoted(shown: Shown) -> str:
    if shown.quote is None:
        return ""
    if not shown.quote.id:
        return _("（原消息不在档案里）")
    return _writable(f"{shown.quote.sender}: {shown.quote.text or kind_name(shown.quote.kind)}")


def _writable(text: str) -> str:
    """Return a text with the code points that XML cannot hold named in it; Excel's own escapes take the others."""
    return _UNWRITABLE.sub(lambda sign: f"[U+{ord(sign[0]):04X}]", text)


def _offset(zone: str) -> Any:
    """Return what is added to a UTC moment to show it in a zone; most zones of chats never shift."""
    place = ZoneInfo(zone)
    none = timedelta(0)
    return lambda at: at.astimezone(place).utcoffset() or none
