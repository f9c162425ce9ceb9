"""Pictures of strangers: only pixels come through, hostile ones are refused before they unfold."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from huidang.kernel import pictures
from huidang.kernel.problems import Problem


def written(path: Path, picture: Image.Image, kind: str, **more: object) -> Path:
    picture.save(path, kind, **more)
    return path


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_each_format_becomes_one(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / "a", Image.new("RGB", (400, 200), "red"), kind)
    drawn = opened(pictures.draw_anew(path, longest=100))
    assert (drawn.format, drawn.size) == ("WEBP", (100, 50))


def test_nothing_but_pixels_is_kept(tmp_path: Path) -> None:
    exif, script = Image.Exif(), b"<script>alert(1)</script>"
    exif[0x010E], exif[0x0112] = "客户家里的照片 <script>", 6
    path = written(tmp_path / "a.jpg", Image.new("RGB", (40, 20)), "JPEG", exif=exif, comment=script)
    with path.open("ab") as file:
        file.write(script)
    data = pictures.draw_anew(path, longest=100)
    assert b"script" not in data
    assert not opened(data).getexif()
    assert opened(data).size == (20, 40), "turned as the camera was held"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>",
        b"\x89PNG\r\n\x1a\n",
        b"BM" + bytes(60),
        b"%PDF-1.7",
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(Problem) as refused:
        pictures.draw_anew(path, longest=100)
    assert refused.value.code == "picture-unreadable"


def test_a_bomb_is_not_unfolded(tmp_path: Path) -> None:
    """A PNG of some kilobytes that states 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    with pytest.raises(Problem) as refused:
        pictures.draw_anew(path, longest=100)
    assert refused.value.code in {"picture-too-large", "picture-unreadable"}


def test_a_file_beyond_the_limit_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.png", Image.new("RGB", (40, 20)), "PNG")
    monkeypatch.setattr(pictures, "LARGEST_BYTES", 10)
    with pytest.raises(Problem, match="太大"):
        pictures.draw_anew(path, longest=100)
