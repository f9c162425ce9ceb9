"""Whatever people write is printed as text: markup, formulas, controls, endless lines, torn pictures."""

import random
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from shutil import which

import openpyxl
import pytest
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

from huidang.exports.document import Document
from huidang.exports.fonts import legible, printable
from huidang.exports.pictures import Album
from huidang.records import Part
from huidang.records.shown import Enclosure, Sender
from tests.exports import papers
from tests.exports.test_a_pdf_gives_its_text_back import squeezed, text_of
from tests.exports.test_word_and_web_files_keep_every_text import text_of_word

HOSTILE = (
    '#panic("x") #import "@preview/a:1.0.0" *strong* $x^2$ <a> @ref `raw` // comment /* */ \\u{1F600} #sys.version',
    "<script>alert(1)</script><img src=x onerror=alert(1)> &amp; ]]> <!-- --> </w:t></w:r> \"' {{ x }} {% y %}",
    '=cmd|"/c calc"!A1 +1+1 -2 @SUM(A1) \t=1+1',
    "\x00\x01\x07\x1b[31m\x7f\x85\ufffe\uffff",
    "付款\u202e8888\u202c元 \u2066a\u2069 \u200e\u200f",
    "看不见\u200b的\u200d字\ufeff\u2060\U000e0041",
    "z" + "\u0301" * 40,
    "A" * 100_000,
    "中文字" * 10_000,
    "😀" * 10_000,
    "👨‍👩‍👧‍👦🏳️‍🌈1️⃣🇨🇳",
    "𠮷𪚥\U0002a6a5\ue000\U000f0000",
    "مرحبا שלום ไทย हिन्दी 한국어 ελληνικά",
    "\r\n\r\n\n\n行\u2028行\u2029行",
)

INSIDE = ("-x", "0", "-y", "58", "-W", "595", "-H", "728")
"""A page without its head and foot, which stand between the pieces of a long message."""


def as_excel_keeps_it(text: str) -> str:
    """Return a text as it comes back out of a workbook: what XML cannot hold is escaped or named."""
    named = re.sub("[\ufffe\uffff]", lambda sign: f"[U+{ord(sign[0]):04X}]", text)
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\r]", lambda sign: f"_x{ord(sign[0]):04X}_", named)


def of_pdf(path: Path) -> str:
    return text_of(path, *INSIDE)


def of_html(path: Path) -> str:
    body = LexborHTMLParser(path.read_text("utf-8")).body
    assert body is not None
    return squeezed(body.text())


def of_docx(path: Path) -> str:
    return squeezed(text_of_word(path))


def of_xlsx(path: Path) -> str:
    cells = [cell for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    return squeezed("".join(str(cell.value or "") for cell in cells if cell.column_letter == "G"))


READERS: dict[str, tuple[Callable[[Path], str], Callable[[str], str]]] = {
    "html": (of_html, legible),
    "docx": (of_docx, legible),
}
if which("pdftotext"):
    READERS["pdf"] = (of_pdf, printable)


def written(document: Document, format_name: str, folder: Path) -> Path:
    write = import_module(f"huidang.exports.{format_name}").write
    (path,) = write(document, folder / f"x.{format_name}", progress=papers.quiet)
    return Path(path)


@pytest.mark.parametrize("name", READERS)
def test_every_message_is_text(name: str, tmp_path: Path) -> None:
    read, clean = READERS[name]
    printed = read(written(papers.document([papers.said(text) for text in HOSTILE]), name, tmp_path))
    # poppler puts letters of right-to-left scripts in an order of its own
    wanted = [text for text in HOSTILE if name != "pdf" or not text.startswith("مرحبا")]
    assert [text[:20] for text in wanted if squeezed(clean(text)) not in printed] == []


def test_a_workbook_keeps_every_message_as_a_string(tmp_path: Path) -> None:
    read = of_xlsx(written(papers.document([papers.said(text) for text in HOSTILE]), "xlsx", tmp_path))
    assert [text[:20] for text in HOSTILE if squeezed(as_excel_keeps_it(text)) not in read] == []


@pytest.mark.parametrize("name", READERS)
def test_every_other_place_is_text_too(name: str, tmp_path: Path) -> None:
    read, _ = READERS[name]
    bad = '#x <b>"]\u202e'
    file = Enclosure("1", "file", bad, bad, 1, None, "", withheld=True)
    message = papers.said("", Sender("1", bad, "customer", ""), attachments=(file,), parts=(Part(bad, hit=True),))
    document = papers.document([message], title=bad, why=bad, made_by=bad, query=bad, note=bad, watermark=(bad, bad))
    assert squeezed('#x <b>"][U+202E]') in read(written(document, name, tmp_path))


@pytest.mark.parametrize("name", READERS)
def test_torn_and_huge_pictures_are_named(name: str, tmp_path: Path) -> None:
    torn = papers.picture(tmp_path / "torn.jpg")
    torn.write_bytes(torn.read_bytes()[:200])
    huge = tmp_path / "huge.png"
    Image.new("1", (20_000, 20_000)).save(huge)
    file = Enclosure("1", "image", "坏图一.jpg", "image/jpeg", 1, None, "", withheld=False)
    other = Enclosure("2", "image", "巨图二.png", "image/png", 1, None, "", withheld=False)
    media = {"1": torn, "2": huge}
    document = papers.document([papers.said("图", attachments=(file, other))], media=media)
    printed = READERS[name][0](written(document, name, tmp_path))
    assert "坏图一.jpg" in printed
    assert printed.count("图片损坏，无法显示") == 2


def test_random_text_is_always_legible() -> None:
    chance = random.Random(7)
    for _ in range(300):
        text = "".join(chr(chance.choice((chance.randrange(0x3000), chance.randrange(0x110000)))) for _ in range(200))
        shown = printable(text)
        assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
        assert printable(shown) == shown


def test_a_picture_is_written_anew(tmp_path: Path) -> None:
    source = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", (3000, 2000), "red").save(source, exif=exif)
    picture = Album(tmp_path).take(source)
    assert picture is not None
    assert (picture.width, picture.height) == (1400, 933)
    assert b"secret" not in picture.path.read_bytes()
