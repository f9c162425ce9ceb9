"""The text inside files: every format, and what a hostile file costs is its own reading."""

import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pylopdf_fonts_zh_cn
import pytest
import typst
import xlsxwriter
from reportlab.pdfgen.canvas import Canvas

from huidang.kernel import blobs
from huidang.records import extractor, filetexts

FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def pdf(*pages: str) -> bytes:
    template = '#set text(font: "Noto Sans SC")\n' + "\n#pagebreak()\n".join(pages)
    return typst.compile(template.encode(), font_paths=[str(FONTS)], ignore_system_fonts=True)


def word(*paragraphs: str) -> bytes:
    paper, out = docx.Document(), io.BytesIO()
    for each in paragraphs:
        paper.add_paragraph(each)
    paper.add_table(1, 1).cell(0, 0).text = "表里的话"
    paper.save(out)
    return out.getvalue()


def table(*rows: tuple[object, ...]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("报价")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return out.getvalue()


def replaced(content: bytes, name: str, by: bytes) -> bytes:
    """Return a ZIP with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, by if each == name else old.read(each))
    return out.getvalue()


def encrypted() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt="geheim")
    canvas.drawString(100, 100, "secret")
    canvas.save()
    return out.getvalue()


def read(content: bytes, suffix: str) -> tuple[str, list[tuple[filetexts.Place, str]]]:
    return filetexts.read(blobs.put(content), suffix)


def test_pdf_with_its_pages() -> None:
    reason, pages = read(pdf("保修条款", "退费须知"), ".pdf")
    assert (reason, [place for place, _ in pages]) == ("", [1, 2])
    assert "保修条款" in pages[0][1]
    assert "退费须知" in pages[1][1]


def test_word_with_its_tables() -> None:
    assert read(word("第一段", "第二段"), ".docx") == ("", [(None, "第一段\n第二段\n表里的话")])


def test_sheets_by_name() -> None:
    assert read(table(("型号", "价格"), ("A1", 13812345678)), ".xlsx") == ("", [("报价", "型号 价格\nA1 13812345678")])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_every_usual_encoding(encoding: str) -> None:
    assert read("退费说明\n第二行".encode(encoding), ".txt") == ("", [(None, "退费说明\n第二行")])


def test_html_without_its_scripts() -> None:
    reason, pages = read("<p>退费<b>说明</b></p><script>var 秘密</script>".encode(), ".html")
    assert reason == ""
    assert "退费" in pages[0][1]
    assert "秘密" not in pages[0][1]


@pytest.mark.parametrize(
    ("make", "suffix", "reason"),
    [
        (lambda: pdf("保修")[:500], ".pdf", "broken"),
        ("不是".encode, ".pdf", "broken"),
        (encrypted, ".pdf", "encrypted"),
        (lambda: b"\xd0\xcf\x11\xe0" + bytes(2000), ".docx", "encrypted"),
        (lambda: word("话")[:400], ".docx", "broken"),
        (lambda: replaced(word("话"), "word/document.xml", bytes(extractor.MOST_UNPACKED)), ".docx", "large"),
        (lambda: replaced(word("话"), "word/document.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;'), ".docx", "broken"),
    ],
    ids=["cut pdf", "no pdf", "sealed pdf", "sealed docx", "cut docx", "bomb docx", "entities"],
)
def test_what_cannot_be_read_says_why(make: Callable[[], bytes], suffix: str, reason: str) -> None:
    assert read(make(), suffix) == (reason, [])


def test_an_endless_sheet_gives_its_beginning() -> None:
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>开头</t></is></c></row>'
    far = first + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    reason, pages = read(replaced(table(("a",)), "xl/worksheets/sheet1.xml", SHEET.format(far).encode()), ".xlsx")
    assert (reason, pages) == ("long", [("报价", "开头")])


def test_a_long_text_is_cut() -> None:
    reason, pages = read(("退费" * 50 + "\n").encode() * 5000, ".txt")
    assert reason == "long"
    assert sum(len(text) for _place, text in pages) <= extractor.MOST_SIGNS


def test_one_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("extractor", 60)

    monkeypatch.setattr(subprocess, "run", stuck)
    assert read(b"text", ".txt") == ("time", [])


def test_what_a_hostile_file_writes_is_not_believed() -> None:
    assert filetexts._checked(b"nonsense") == ("broken", [])
    assert filetexts._checked(b'{"reason": "", "pages": [[1, "a\\u0000b"], [2, ""]]}') == ("", [(1, "a b")])
