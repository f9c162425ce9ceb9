"""Tables as sheets of rows: a text file with delimiters is one sheet, an XLSX workbook has several.

Rows are streamed. The bytes of a row are its exact line or lines in a text file, and the canonical JSON of its cells
in a workbook, whose own bytes are spread over shared strings.
"""

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO, Any, cast
from xml.etree.ElementTree import ParseError

import msgspec

from huidang.kernel.problems import Problem
from huidang.records.drafts import Broken, RawMessage
from huidang.sources.files.containers import open_zip
from huidang.sources.files.limits import HEAD, ITEM_LIMIT, MEBIBYTE
from huidang.sources.files.lines import cut_lines
from huidang.sources.files.reading import Item, Reading

WORKBOOK = ("xl/workbook.xml", "[Content_Types].xml")
"""What a ZIP holds that is a workbook."""

_DELIMITERS = ",\t;|，"
_SAMPLE_ROWS = 30
_OPEN_ROW_LINES = 2_000
# Shared strings are held in memory while a workbook is read.
_SHARED_STRINGS = 192 * MEBIBYTE
_SPOOLED = 8 * MEBIBYTE
_BROKEN_WORKBOOK = (
    zipfile.BadZipFile, KeyError, ValueError, ParseError, OSError, EOFError, TypeError, AttributeError, IndexError,
)  # fmt: skip
_CELLS = msgspec.json.Decoder(list[Any])


@dataclass(frozen=True, slots=True)
class Row:
    """A row that could be cut: its place and bytes."""

    place: str
    data: bytes


def delimiter_of(head: bytes) -> str:
    """Return the delimiter that gives the first lines the most columns of one number, or "" where none does."""
    lines = [line for line in head.decode("utf-8", "replace").splitlines() if line.strip()][:_SAMPLE_ROWS]
    if len(head) >= HEAD and len(lines) > 1:
        lines.pop()
    scores = {delimiter: _columns(lines, delimiter) for delimiter in _DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 1 else ""


def _columns(lines: list[str], delimiter: str) -> float:
    counts = [len(row) for row in _parsed("\n".join(lines), delimiter) if row]
    if not counts:
        return 0
    usual = max(set(counts), key=lambda number: (counts.count(number), number))
    return usual * counts.count(usual) / len(counts) if usual > 1 else 0


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def text_cells(data: bytes, delimiter: str) -> list[str]:
    """Return the cells of a row of a text file. Raises `Problem`."""
    csv.field_size_limit(ITEM_LIMIT * 2)
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=delimiter))
    except UnicodeDecodeError as error:
        raise Problem("bad-encoding", "这一行含有无法解码的字节。", byte=error.start) from error
    except csv.Error as error:
        raise Problem("bad-row", f"这一行不是有效的表格行：{error}") from error
    return [cell.replace("\0", "\ufffd") for cell in rows[0]] if rows else []


def book_cells(data: bytes) -> list[Any]:
    """Return the cells of a row of a workbook."""
    return _CELLS.decode(data)


def open_row(delimiter: str) -> re.Pattern[bytes]:
    """Return the pattern of a line that ends inside a quoted cell."""
    mark = re.escape(delimiter.encode())
    cell = rb'(?:"(?:[^"]|"")*+"(?:(?!%b).)*+|(?!")(?:(?!%b).)*+)%b' % (mark, mark, mark)
    return re.compile(rb'(?:%b)*+"(?:[^"]|"")*+\Z' % cell, re.DOTALL)


def text_rows(reading: Reading, name: str, delimiter: str) -> Iterator[Item]:
    """Yield the rows of a text file; a cell in quotes may go over several lines."""
    stream = reading.text(name)
    try:
        yield from _joined(cut_lines(stream, spill=reading.spill, verbatim=True), open_row(delimiter))
    finally:
        stream.close()


def _joined(lines: Iterator[Item], unfinished: re.Pattern[bytes]) -> Iterator[Item]:
    held: list[RawMessage] = []
    for line in lines:
        quoted = isinstance(line, RawMessage) and b'"' in line.data
        if isinstance(line, Broken):
            yield from _given_up(held)
            yield line
        elif not held and not quoted:
            yield line
        else:
            held.append(line)
            yield from _finished(held, unfinished, quoted=quoted)
    yield from _given_up(held)


def _finished(held: list[RawMessage], unfinished: re.Pattern[bytes], *, quoted: bool) -> Iterator[Item]:
    """Yield the held lines as one row once its last quote is closed; give up where that takes too long."""
    if quoted and not unfinished.match(data := b"\n".join(line.data for line in held)):
        yield RawMessage(held[0].place, data)
        held.clear()
    elif len(held) >= _OPEN_ROW_LINES or sum(len(line.data) for line in held) > ITEM_LIMIT:
        yield from _given_up(held)


def _given_up(held: list[RawMessage]) -> Iterator[Item]:
    """Call the line with the unclosed quote broken and let the lines behind it stand for themselves."""
    if held:
        yield Broken(held[0].place, "unclosed-quote", "这一行的引号没有闭合。", held[0].data)
        yield from held[1:]
    held.clear()


def is_workbook(stream: IO[bytes]) -> bool:
    """Return whether a ZIP is an XLSX workbook, by what it holds."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return set(archive.namelist()).issuperset(WORKBOOK)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def spooled(stream: IO[bytes]) -> IO[bytes]:
    """Return a copy of a stream that can be sought in; small ones stay in memory."""
    copy = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115 -- the caller closes it
    while chunk := stream.read(MEBIBYTE):
        copy.write(chunk)
    copy.seek(0)
    return cast("IO[bytes]", copy)


class Workbook:
    """An XLSX workbook, read row by row."""

    def __init__(self, stream: IO[bytes]) -> None:
        import openpyxl  # noqa: PLC0415  (8 MB that most imports need not carry)

        self._stream = stream
        _refuse_bombs(stream)
        try:
            self._book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        except _BROKEN_WORKBOOK as error:
            raise Problem("workbook-broken", "工作簿已损坏，无法打开。") from error

    def sheets(self) -> list[str]:
        """Return the titles of its sheets."""
        return [str(sheet.title) for sheet in self._book.worksheets]

    def rows(self, sheet: str) -> Iterator[Row]:
        """Yield the rows of a sheet that are not blank. Raises `Problem` where the sheet is damaged."""
        try:
            for number, cells in enumerate(self._book[sheet].iter_rows(values_only=True), start=1):
                if any(cell not in (None, "") for cell in cells):
                    yield Row(f"{sheet}!{number}", msgspec.json.encode([_cell(cell) for cell in cells]))
        except _BROKEN_WORKBOOK as error:
            raise Problem("workbook-broken", f"工作表“{sheet}”已损坏，读到一半停止。") from error

    def close(self) -> None:
        """Release the file."""
        self._book.close()
        self._stream.close()


def _refuse_bombs(stream: IO[bytes]) -> None:
    archive = open_zip("", stream)
    if archive.refused:
        raise archive.refused[0].problem
    shared = "xl/sharedStrings.xml"
    if shared in archive.names() and archive.size(shared) > _SHARED_STRINGS:
        raise Problem("workbook-too-large", "工作簿的文字过多，请另存为 CSV 再导入。", size=archive.size(shared))
    stream.seek(0)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return value if isinstance(value, int | float | bool | None) else str(value)
