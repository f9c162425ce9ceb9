"""Pictures of messages made fit for paper: decoded, upright, of a sensible size, written anew.

No stranger's bytes pass; writing anew also leaves behind what a picture tells beside what it shows (place, device,
embedded previews).
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

LONGEST_SIDE = 1400
MOST_PIXELS = 80_000_000
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the folder of the paper; width and height in pixels."""

    path: Path
    width: int
    height: int


class Album:
    """The pictures of one paper, each blob decoded once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, Picture | None] = {}
        self.bytes = 0

    def take(self, source: Path) -> Picture | None:
        """Return a picture written anew into the folder, None where the bytes are no picture that can be read."""
        if source not in self._known:
            self._known[source] = self._written(source)
        return self._known[source]

    def _written(self, source: Path) -> Picture | None:
        target = self._folder / f"picture-{len(self._known) + 1}.jpg"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                width, height = _rewrite(source, target)
        except (OSError, ValueError, SyntaxError, ArithmeticError, MemoryError, Image.DecompressionBombError, Warning):
            target.unlink(missing_ok=True)
            return None
        self.bytes += target.stat().st_size
        return Picture(target, width, height)


def _rewrite(source: Path, target: Path) -> tuple[int, int]:
    with Image.open(source, formats=_FORMATS) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        plain = _on_white(upright)
    plain.save(target, "JPEG", quality=82, optimize=True)
    return plain.size


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGB", "L"}:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen)
    return paper
