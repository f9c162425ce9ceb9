"""Word files and web pages hold every text, in styles that can be edited and without anything that runs."""

import re
import subprocess
from pathlib import Path
from shutil import which

import docx as word
import pytest
from selectolax.lexbor import LexborHTMLParser

from huidang.exports import docx, html
from tests.exports import papers
from tests.exports.test_a_pdf_gives_its_text_back import BESIDE, squeezed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    docx.write(papers.everything(folder), folder / "a.docx", progress=papers.quiet)
    html.write(papers.everything(folder), folder / "a.html", progress=papers.quiet)
    return folder


def missing_from(read: str, folder: Path) -> list[str]:
    """Return the texts of the document that are not in what was read."""
    sections = papers.everything(folder).sections
    wanted = [line.message.text for section in sections for line in section.lines]
    return [text for text in (*wanted, *BESIDE) if squeezed(text) not in squeezed(read)]


def text_of_word(path: Path) -> str:
    return "\n".join(each.text for each in word.Document(str(path)).paragraphs)


def test_a_word_file_has_the_texts_in_named_styles(folder: Path) -> None:
    assert missing_from(text_of_word(folder / "a.docx"), folder) == []
    paragraphs = word.Document(str(folder / "a.docx")).paragraphs
    headings = [(each.style.name, each.text) for each in paragraphs if each.style.name.startswith("Heading")]
    assert headings[:2] == [("Heading 1", "王女士售后群1"), ("Heading 2", "2024 年 11 月 18 日 星期一")]
    (hit,) = [run.text for each in paragraphs for run in each.runs if run.style.name == "Hit"]
    assert hit == "三天内"


def test_a_word_file_carries_pictures_receipt_and_watermark(folder: Path) -> None:
    file = word.Document(str(folder / "a.docx"))
    assert len(file.inline_shapes) == 1
    header = file.sections[0].header
    assert "R-2024-000017" in header.paragraphs[0].text
    assert 'behindDoc="1"' in header.paragraphs[0]._p.xml


@pytest.mark.skipif(which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_word_file_and_keeps_the_text(folder: Path, tmp_path: Path) -> None:
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}",
        "--headless",
        "--convert-to",
        "txt:Text (encoded):UTF8",
    ]
    subprocess.run([*command, "--outdir", str(tmp_path), str(folder / "a.docx")], check=True, capture_output=True)
    assert missing_from((tmp_path / "a.txt").read_text("utf-8-sig"), folder) == []


def test_a_web_page_has_the_texts_and_needs_nothing_else(folder: Path) -> None:
    source = (folder / "a.html").read_text("utf-8")
    tree = LexborHTMLParser(source)
    assert tree.body is not None
    assert missing_from(tree.body.text(), folder) == []
    assert tree.css("script, link, iframe, object, embed, [style], [onclick], [onerror]") == []
    assert {node.attributes["src"][:5] for node in tree.css("[src]")} == {"data:"}  # type: ignore[index]
    assert {node.attributes["href"][:1] for node in tree.css("a:not([download])")} == {"#"}  # type: ignore[index]


def test_a_web_page_forbids_what_it_does_not_need(folder: Path) -> None:
    source = (folder / "a.html").read_text("utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', source)
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; img-src data:; media-src data:", policy)


def test_both_speak_english(tmp_path: Path) -> None:
    docx.write(papers.document([papers.said("Hi")], language="en"), tmp_path / "e.docx", progress=papers.quiet)
    html.write(papers.document([papers.said("Hi")], language="en"), tmp_path / "e.html", progress=papers.quiet)
    assert "Monday, 18 November 2024" in text_of_word(tmp_path / "e.docx")
    assert "Monday, 18 November 2024" in (tmp_path / "e.html").read_text("utf-8")
