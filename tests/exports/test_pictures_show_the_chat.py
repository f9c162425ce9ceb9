"""Pictures of a chat carry the watermark everywhere, are cut between messages, and refuse what is too long for them."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image, ImageChops

from huidang.exports import pages, png, setting
from huidang.exports.document import Document
from huidang.kernel.problems import Problem
from tests.exports import papers
from tests.exports.test_hostile_content_prints_as_text import HOSTILE


def drawn(document: Document, folder: Path, name: str = "a") -> list[Path]:
    return png.write(document, folder / f"{name}.png", progress=papers.quiet)


def test_a_short_chat_is_one_picture(tmp_path: Path) -> None:
    (path,) = drawn(papers.everything(tmp_path), tmp_path)
    with Image.open(path) as picture:
        assert picture.width == 780
        assert 1500 < picture.height < 4000


def test_a_long_chat_is_cut_between_messages(tmp_path: Path) -> None:
    chat = papers.document([papers.said(f"第 {number} 句，请稍候。", minutes=number) for number in range(400)])
    paths = drawn(chat, tmp_path)
    assert [path.name for path in paths] == [f"a-{number}.png" for number in range(1, len(paths) + 1)]
    heights = [Image.open(path).height for path in paths]
    assert len(paths) > 2
    assert max(heights) < 2.5 * png.TALLEST


def test_the_watermark_lies_over_every_part(tmp_path: Path) -> None:
    chat = [papers.said(f"{number}", minutes=number * 10) for number in range(60)]
    (marked,) = drawn(papers.document(chat), tmp_path, "marked")
    (other,) = drawn(papers.document(chat, watermark=("别的公司",)), tmp_path, "other")
    with Image.open(marked) as one, Image.open(other) as two:
        bands = range(0, min(one.height, two.height) - 600, 600)
        for top in bands:
            box = (0, top, 780, top + 600)
            assert ImageChops.difference(one.crop(box).convert("L"), two.crop(box).convert("L")).getbbox()


def test_hostile_content_is_drawn(tmp_path: Path) -> None:
    for path in drawn(papers.document([papers.said(text[:20_000]) for text in HOSTILE]), tmp_path):
        with Image.open(path) as picture:
            assert picture.height < 3 * png.TALLEST


def test_pages_are_pictures_in_a_bundle(tmp_path: Path) -> None:
    (path,) = pages.write(papers.everything(tmp_path), tmp_path / "a.zip", progress=papers.quiet)
    with ZipFile(path) as bundle:
        assert bundle.namelist() == ["0001.png", "0002.png"]
        with Image.open(BytesIO(bundle.read("0001.png"))) as picture:
            assert (picture.width, picture.height) == (992, 1403)


def test_many_long_pictures_are_one_bundle_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "LINES_AT_ONCE", 30)
    monkeypatch.setattr(png, "MOST_FILES", 2)
    monkeypatch.setattr(png, "TALLEST", 700.0)
    chat = papers.document([papers.said(f"第 {number} 句，请稍候。", minutes=number) for number in range(70)])
    (path,) = drawn(chat, tmp_path)
    assert path.name == "a.zip"
    with ZipFile(path) as bundle:
        names = bundle.namelist()
        assert names == [f"{number:04d}.png" for number in range(1, len(names) + 1)]
        assert len(names) > 3
        with Image.open(BytesIO(bundle.read(names[-1]))) as picture:
            assert picture.width == 780


def test_pages_of_several_volumes_are_counted_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting, "LINES_AT_ONCE", 20)
    chat = papers.document([papers.said(f"第 {number} 句", minutes=number) for number in range(50)])
    (path,) = pages.write(chat, tmp_path / "a.zip", progress=papers.quiet)
    with ZipFile(path) as bundle:
        names = bundle.namelist()
    assert names == [f"{number:04d}.png" for number in range(1, len(names) + 1)]
    assert len(names) >= 3


@pytest.mark.parametrize(("writer", "code"), [(png, "picture-long"), (pages, "pages-many")])
def test_what_is_too_long_for_pictures_is_refused(writer: object, code: str, tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        writer.write(papers.document([], messages=20_001), tmp_path / "a", progress=papers.quiet)  # type: ignore[attr-defined]
    assert refused.value.code == code
