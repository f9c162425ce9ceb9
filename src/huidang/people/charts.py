"""Charts of the company as files: departments read from CSV or XLSX, checked line by line before anything is made."""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from xml.etree.ElementTree import ParseError

import openpyxl
from django.db import transaction
from django.utils.translation import gettext as _

from huidang.kernel.problems import Problem
from huidang.people import audit, departments
from huidang.people.models import Department
from huidang.people.readers import Reader
from huidang.people.rights import require_manager

LARGEST = 1024**2
MOST_ROWS = 5000
DEEPEST = 12
LONGEST_CELL = 2000
_UNPACKED = 64 * 1024**2  # a workbook holds its shared strings in memory
_MOST_COLUMNS = 50
_WORKBOOK = b"PK\x03\x04"
_BROKEN_WORKBOOK = (
    zipfile.BadZipFile, KeyError, ValueError, ParseError, OSError, EOFError, TypeError, AttributeError, IndexError,
)  # fmt: skip
_PATH = ("部门路径", "部门", "path", "department")
_NAME = ("名称", "部门名称", "name")
_ABOVE = ("上级", "上级部门", "parent", "above")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: its number, the path it means, and whether that is new, or what is wrong with it."""

    number: int
    path: str
    is_new: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """What an import would do."""

    lines: tuple[Line, ...]

    @property
    def problems(self) -> tuple[Line, ...]:
        """Return the lines that cannot be read."""
        return tuple(line for line in self.lines if line.problem)

    @property
    def new(self) -> tuple[Line, ...]:
        """Return the lines that would make a department."""
        return tuple(line for line in self.lines if line.is_new and not line.problem)

    @property
    def text(self) -> str:
        """Return the paths that would be made as a chart of their own, for the confirmation of what was looked at."""
        out = io.StringIO()
        csv.writer(out).writerows([(_PATH[0],), *((line.path,) for line in self.new)])
        return out.getvalue()


def read(content: bytes) -> Chart:
    """Read a chart: a column of paths (`部门`: 客服中心/售后组), or names with what is above them (`名称`, `上级`).

    UTF-8 and GB 18030 are read, divided by commas, semicolons or tabs, and the first sheet of a workbook. Raises
    `Problem` chart-too-large, chart-encoding, chart-empty, chart-columns, chart-too-long or chart-unreadable.
    """
    if len(content) > LARGEST:
        raise Problem("chart-too-large", "文件最大 1 MB。")
    rows = _of_workbook(content) if content.startswith(_WORKBOOK) else _of_text(_decoded(content))
    filled = list(islice((row for row in rows if any(cell.strip() for cell in row[1])), MOST_ROWS + 1))
    if not filled:
        raise Problem("chart-empty", "文件是空的。")
    if len(filled) > MOST_ROWS:
        raise Problem("chart-too-long", "一次最多导入 5,000 行。")
    if any(len(cell) > LONGEST_CELL for _number, row in filled for cell in row):
        raise _unreadable()
    column, above = _columns(filled[0][1])
    return Chart(tuple(_lines(filled[1:], column, above)))


def apply(by: Reader, chart: Chart) -> int:
    """Make the departments of a chart that are missing, all or none, and return how many.

    Raises `Problem` chart-wrong where a line cannot be read.
    """
    require_manager(by)
    if chart.problems:
        raise Problem("chart-wrong", _("第 %(line)s 行：%(problem)s") % vars_of(chart.problems[0]))
    with transaction.atomic():
        before = Department.objects.count()
        for line in chart.new:
            departments.ensure(line.path)
        made = Department.objects.count() - before
        audit.note("departments-imported", by=by, lines=len(chart.lines), made=made)
    return made


def vars_of(line: Line) -> dict[str, object]:
    """Return a line's number and problem for a sentence."""
    return {"line": line.number, "problem": line.problem}


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Problem("chart-encoding", "无法识别文字编码，请存成 UTF-8 再试。")


def _of_text(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    divider = max(",;\t", key=first.count)
    try:
        yield from enumerate(csv.reader(io.StringIO(text), delimiter=divider), start=1)
    except csv.Error as problem:
        raise _unreadable() from problem


def _of_workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > _UNPACKED:
                raise Problem("chart-too-large", "文件最大 1 MB。")
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS), start=1):
            yield number, ["" if cell is None else str(cell) for cell in row]
    except _BROKEN_WORKBOOK as problem:
        raise _unreadable() from problem


def _unreadable() -> Problem:
    return Problem("chart-unreadable", "读不懂这个文件，请存成 CSV 或 XLSX 再试。")


def _columns(heading: list[str]) -> tuple[int, int | None]:
    """Return the column of the path or name, and the one of what is above it."""
    names = [cell.strip().lower() for cell in heading]
    for known in (_PATH, _NAME):
        column = next((names.index(name) for name in known if name in names), None)
        if column is not None:
            return column, next((names.index(name) for name in _ABOVE if name in names), None)
    raise Problem("chart-columns", "第一行要有列名：「部门」（客服中心/售后组），或「名称」和「上级」。")


def _lines(rows: list[tuple[int, list[str]]], column: int, above: int | None) -> Iterator[Line]:
    known = {tuple(path.split("/")) for path in departments.paths().values()}
    above_of = {_cell(row, column): _cell(row, above) for _number, row in rows} if above is not None else None
    twice = {name for name, count in Counter(_cell(row, column) for _number, row in rows).items() if count > 1}
    for number, row in rows:
        name = _cell(row, column)
        if above_of is not None and name in twice:
            yield Line(number, name, problem=_("名称在文件里出现了两次，请改用部门路径"))
            continue
        pieces, problem = _placed(name, above_of, known)
        problem = problem or _wrong(pieces)
        yield Line(number, "/".join(pieces) or name, not problem and tuple(pieces) not in known, problem)
        known.update(tuple(pieces[:length]) for length in range(1, len(pieces) + 1) if not problem)


def _placed(name: str, above_of: Mapping[str, str] | None, known: set[tuple[str, ...]]) -> tuple[list[str], str]:
    """Return the path of a line. Where only the name above is stated, follow it through the file, then the house."""
    pieces = _pieces(name)
    at = above_of.get(name, "") if above_of else ""
    seen = {name}
    while at:
        if at in seen:
            return pieces, _("上级绕回了自己：%s") % at
        seen.add(at)
        if above_of and at in above_of and "/" not in at:
            pieces, at = [at, *pieces], above_of[at]
            continue
        found = [path for path in known if list(path[-len(_pieces(at)) :]) == _pieces(at)]
        if len(found) != 1:
            return pieces, (_("没有上级部门「%s」") if not found else _("有几个部门叫「%s」，请写出完整路径")) % at
        return [*found[0], *pieces], ""
    return pieces, ""


def _cell(row: list[str], column: int | None) -> str:
    return "/".join(_pieces(row[column])) if column is not None and column < len(row) else ""


def _pieces(cell: str) -> list[str]:
    return [" ".join(piece.split()) for piece in cell.split("/") if piece.strip()]


def _wrong(pieces: list[str]) -> str:
    if not pieces:
        return _("没有部门名称")
    if len(pieces) > DEEPEST:
        return _("层级超过 12 层")
    return _("名称超过 100 个字") if any(len(piece) > departments.LONGEST_NAME for piece in pieces) else ""
