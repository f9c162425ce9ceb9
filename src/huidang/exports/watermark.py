"""The watermark: lines tiled aslant over a page, as a picture, so that the text below is found and copied as ever."""

from math import ceil
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from huidang.exports.fonts import printable, upright

_INK = (38, 50, 70)
_ALPHA = 30  # of 255: seen on paper, on screens and on copies, and never in the way of reading
_ANGLE = 28
_DOTS_PER_POINT = 1.6
_MOST_SIGNS = 60


def draw(
    lines: tuple[str, ...], path: Path, *, width: float, height: float, size: float = 13, alpha: int = _ALPHA
) -> Path:
    """Write a transparent PNG of a page (points) with the lines tiled over all of it, and return its path.

    Long lines are cut, since the whole purpose stands on the page of facts as well.
    """
    tile = _tile([_cut(printable(line)) for line in lines if line.strip()], size * _DOTS_PER_POINT, alpha)
    page = Image.new("RGBA", (ceil(width * _DOTS_PER_POINT), ceil(height * _DOTS_PER_POINT)), (*_INK, 0))
    for row in range(ceil(page.height / tile.height) + 1):
        shift = (row % 2) * tile.width // 2
        for column in range(-1, ceil(page.width / tile.width) + 1):
            page.alpha_composite(tile, *_clipped(page, tile, column * tile.width + shift, row * tile.height))
    page.quantize(32, method=Image.Quantize.FASTOCTREE).save(path, "PNG")
    return path


def _cut(line: str) -> str:
    plain = " ".join(line.split())
    return plain if len(plain) <= _MOST_SIGNS else plain[: _MOST_SIGNS - 1] + "…"


def _tile(lines: list[str], size: float, alpha: int) -> Image.Image:
    """Return one tile: the lines over each other, aslant, with air around."""
    face = ImageFont.truetype(str(upright()), round(size))
    boxes = [face.getbbox(line) for line in lines] or [(0, 0, 1, 1)]
    leading = round(size * 1.5)
    wide, tall = ceil(max(box[2] for box in boxes)), leading * max(len(lines), 1)
    flat = Image.new("RGBA", (wide, tall), (*_INK, 0))
    pen = ImageDraw.Draw(flat)
    for at, line in enumerate(lines):
        pen.text((wide / 2, at * leading), line, font=face, fill=(*_INK, alpha), anchor="ma")
    aslant = flat.rotate(_ANGLE, expand=True, resample=Image.Resampling.BICUBIC)
    margin = round(size * 2.5)
    tile = Image.new("RGBA", (aslant.width + margin, aslant.height + margin // 2), (*_INK, 0))
    tile.paste(aslant, (margin // 2, margin // 4))
    return tile


def _clipped(page: Image.Image, tile: Image.Image, x: int, y: int) -> tuple[tuple[int, int], tuple[int, int, int, int]]:
    """Return where a tile goes and which part of it, as far as it lies on the page."""
    left, top = max(-x, 0), max(-y, 0)
    right = max(min(tile.width, page.width - x), left)
    bottom = max(min(tile.height, page.height - y), top)
    return (min(max(x, 0), page.width), min(max(y, 0), page.height)), (left, top, right, bottom)
