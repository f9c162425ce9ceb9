"""A PDF prints every message so that its text can be copied and found, in one file or in volumes counted through."""

import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pypdfium2
import pytest

from huidang.exports import edition, pdf, setting
from huidang.exports.press import Press, Stuck
from tests.exports import papers

pytestmark = pytest.mark.skipif(which("pdftotext") is None, reason="poppler is not installed")


BESIDE = {
    "批注：此处承诺了时限",
    "王女士：冰箱门上有一道划痕",
    "改为明天上午",
    "语音·0:18",
    "图片损坏",
    "已撤回2024-11-18",
}


def text_of(path: Path, *options: str) -> str:
    """Return the text of a PDF as poppler reads it, without white space."""
    read = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, check=True)
    return re.sub(r"\s", "", read.stdout.decode())


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def bookmarks(path: Path) -> list[tuple[int, str]]:
    with pypdfium2.PdfDocument(path) as paper:
        return [(each.level, each.get_title()) for each in paper.get_toc()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    (path,) = pdf.write(papers.everything(folder), folder / "会话.pdf", progress=papers.quiet)
    return path


def test_every_text_comes_back(whole: Path, tmp_path: Path) -> None:
    printed = text_of(whole)
    for section in papers.everything(tmp_path).sections:
        for line in section.lines:
            assert squeezed(line.message.text) in printed
    for more in (
        "批注：此处承诺了时限",
        "王女士：冰箱门上有一道划痕",
        "改为明天上午",
        "语音·0:18",
        "图片损坏",
        "已撤回2024-11-18",
    ):
        assert more in printed


def test_the_watermark_stays_out_of_the_text(whole: Path) -> None:
    assert text_of(whole).count("客诉处理专用") == 3, "among the facts, and in the foot of two pages"


def test_conversations_and_days_are_bookmarks(whole: Path) -> None:
    days = ["2024 年 11 月 18 日 星期一", "2024 年 11 月 19 日 星期二"]
    assert bookmarks(whole) == [(0, "王女士售后群1"), (1, days[0]), (0, "王女士售后群2"), (1, days[1])]


@pytest.mark.skipif(which("qpdf") is None, reason="qpdf is not installed")
def test_the_file_is_sound_and_says_that_it_is_for_archives(whole: Path) -> None:
    subprocess.run(["qpdf", "--check", str(whole)], check=True, capture_output=True)
    plain = subprocess.run(["qpdf", "--qdf", str(whole), "-"], check=True, capture_output=True).stdout
    assert b"<pdfaid:part>2</pdfaid:part>" in plain
    assert b"/StructTreeRoot" in plain


def test_volumes_count_their_pages_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting, "LINES_AT_ONCE", 40)
    monkeypatch.setattr(edition, "HELD", 2)
    messages = [papers.said(f"第{number}句", minutes=number) for number in range(150)]
    written = pdf.write(papers.document(messages), tmp_path / "长.pdf", progress=papers.quiet)
    assert [path.name for path in written] == [f"长-{number}.pdf" for number in (1, 2, 3, 4)]
    texts = [text_of(path) for path in written]
    assert all(f"第{number}句" in texts[number // 40] for number in range(150))
    numbered = [found for text in texts for found in re.findall(r"第(\d+)页，共(\d+)页", text)]
    total = len(numbered)
    assert numbered == [(str(page), str(total)) for page in range(1, total + 1)]
    assert [f"第{number}册" in text for number, text in enumerate(texts, 1)] == [True] * 4


def test_one_file_counts_its_own_pages(whole: Path) -> None:
    text = text_of(whole)
    pages = re.findall(r"第(\d+)页，共(\d+)页", text)
    assert pages == [(str(page), str(len(pages))) for page in range(1, len(pages) + 1)]
    assert "册" not in text


def test_english_readers_get_english_words(tmp_path: Path) -> None:
    (path,) = pdf.write(
        papers.document([papers.said("Hello")], language="en"), tmp_path / "en.pdf", progress=papers.quiet
    )
    assert "Monday,18November2024" in text_of(path)


def test_whoever_gives_up_stops_the_press(tmp_path: Path) -> None:
    class GaveUp(Exception):
        pass

    def refuse(_written: int) -> None:
        raise GaveUp

    messages = [papers.said("嗯", minutes=number) for number in range(300)]
    with pytest.raises(GaveUp):
        pdf.write(papers.document(messages), tmp_path / "nie.pdf", progress=refuse)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_set_is_said(tmp_path: Path) -> None:
    (tmp_path / "wrong.typ").write_text("#nothing")
    job = {"template": "wrong.typ", "data": "", "output": "x.pdf", "format": "pdf", "ppi": 1, "counted": False}
    with Press(tmp_path, []) as machine:
        machine.begin(job)
        with pytest.raises(Stuck, match="unknown variable"):
            machine.answer(tick=lambda: None)


def test_an_answer_that_is_no_number_gives_the_press_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", which("echo"))
    with Press(tmp_path, []) as machine, pytest.raises(Stuck, match=r"press\.py"):
        machine.answer(tick=lambda: None)
