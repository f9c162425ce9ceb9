"""XLSX: every text whole and as text, dates as dates, hits marked, nothing hidden in any part of the file."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from lxml import etree
from openpyxl.cell.rich_text import CellRichText

from huidang.exports.selection import Selection
from huidang.kernel import clock
from huidang.records import Profile
from tests import cast
from tests.cast import CARD, MOBILE, RESIDENT, Company
from tests.exports.conftest import Make, of

pytestmark = pytest.mark.django_db

NINE = datetime(2024, 11, 18, 9)  # noqa: DTZ001  (a workbook knows no zones)

HOSTILE = [
    '=HYPERLINK("http://evil.example","点我")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1,2)",
    "<r><t>injected</t></r>",
    "</t></is></c><c><f>1+1</f></c>",
    "_x0041_ 与 _x000d_",
    "]]> &amp; <b>&lt;",
    "\x01\x08\x0b\x1f 控制字符",
    "\ufffe\uffff 不是字符",
    "\u202e右到左 \u200b零宽 \u2066",
    " 前后空格 \n第二行\t制表 ",
    "👩‍👩‍👧𪚥" * 200,
    "http://example.com/?a=1",
    "0012345",
]


def sheets(path: Path) -> Any:
    return openpyxl.load_workbook(path, rich_text=True)


def texts(path: Path) -> list[str]:
    """Return the texts of the messages as Excel reads them (ECMA-376, 22.9.2.19), continued cells joined."""
    with ZipFile(path) as archive:
        sheet = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    found: dict[str, str] = {}
    for row in sheet.iter("{*}row"):
        cells = {str(cell.get("r"))[0]: "".join(cell.itertext()) for cell in row}
        raw = re.sub("_x([0-9A-F]{4})_", lambda escape: chr(int(escape[1], 16)), cells.get("G", ""))
        found[cells["A"]] = found.get(cells["A"], "") + raw
    return list(found.values())[1:]


def test_hostile_texts_are_texts(company: Company, make: Make) -> None:
    place = company.conversations["售后"]
    for number, text in enumerate(HOSTILE):
        cast.write(place, text, minutes=5 + number)
    _, [path] = make(of(company, "售后"), "xlsx")
    expected = [text.replace("\ufffe\uffff", "[U+FFFE][U+FFFF]") for text in HOSTILE]
    assert texts(path)[2:] == expected
    cells = [cell for row in sheets(path)["消息"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    with ZipFile(path) as archive:
        assert not [
            name for name in archive.namelist() if b"<f>" in archive.read(name) or b"hyperlink" in archive.read(name)
        ]


@pytest.mark.parametrize("sign", ["长", "👍"])
def test_a_long_text_goes_on_in_the_next_row(company: Company, make: Make, sign: str) -> None:
    cast.write(company.conversations["售后"], sign * 100_000, minutes=5)
    _, [path] = make(of(company, "售后"), "xlsx")
    assert texts(path)[2] == sign * 100_000
    cells = [row[6] for row in sheets(path)["消息"].iter_rows(min_row=2, values_only=True)]
    assert max(len(str(cell).encode("utf-16-le")) // 2 for cell in cells) <= 32_767


def test_dates_filters_header_and_receipt(company: Company, make: Make) -> None:
    with clock.frozen(now := clock.now().replace(microsecond=0)):
        export, [path] = make(of(company, "售后"), "xlsx")
    book = sheets(path)
    assert book.properties.created.replace(tzinfo=UTC) == now
    sheet = book["消息"]
    assert sheet["B2"].value == NINE
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:L3")
    facts = {row[0]: row[1] for row in book["说明"].iter_rows(values_only=True)}
    assert (facts["回执编号"], facts["事由"], facts["导出人"]) == (export.receipt, "测试", "root")
    [row] = book["会话"].iter_rows(min_row=2, values_only=True)
    assert row[:2] == ("售后群", "钉钉")
    assert row[4:7] == (2, NINE, NINE + timedelta(minutes=2))


def test_hits_of_a_search_stand_out(company: Company, make: Make, told: None) -> None:
    _, [path] = make(Selection(query="退款 dept:售后组"), "xlsx")
    cell = sheets(path)["消息"]["G2"].value
    assert isinstance(cell, CellRichText)
    assert [str(piece) for piece in cell] == ["我要", "退款"]


@pytest.mark.parametrize("profile", [Profile.INSIDE, Profile.OUTSIDE])
def test_a_masked_workbook_holds_no_hidden_digit(company: Company, make: Make, profile: Profile) -> None:
    place = company.conversations["售后"]
    message = cast.write(place, f"{MOBILE}，{RESIDENT}", sender=f"王 {MOBILE}", minutes=5, reply_to="msg-0")
    cast.attach(message, name=f"{CARD}.jpg")
    _, [path] = make(of(company, "售后"), "xlsx", profile=profile)
    with ZipFile(path) as archive:
        everything = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert not [digits for digits in (MOBILE, RESIDENT, CARD, "19491231") if digits in everything]
    assert "138****5678" in everything
