"""Tables handed out as files: rows of texts as CSV or as a workbook. No text becomes a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from xlsxwriter import Workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_CELL = 32_767
"""Characters that a cell of a workbook holds."""


def as_csv(name: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """Return rows as UTF-8 CSV, with the mark by which spreadsheets know it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return _file(f"{name}.csv", "text/csv; charset=utf-8", out.getvalue().encode("utf-8-sig"))


def as_xlsx(name: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """Return rows as a workbook with a frozen heading; every cell is text, in constant memory while it is written."""
    out = io.BytesIO()
    with Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for at, row in enumerate(chain([heading], rows)):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell[:_LONGEST_CELL])
        sheet.autofilter(0, 0, at, len(heading) - 1)
    return _file(f"{name}.xlsx", _XLSX, out.getvalue())


def _harmless(cell: str) -> str:
    """Put a mark before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _file(name: str, media_type: str, content: bytes) -> HttpResponse:
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(content, content_type=media_type, headers=headers)
