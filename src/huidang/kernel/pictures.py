"""Pictures that strangers made, drawn anew: what a page shows was written by us, pixel by pixel, without their bytes.

A picture may lie about its format, carry a script, a place where it was taken, or a few bytes that unfold into
gigabytes. So only four formats are read, by their content; the size is read before the pixels are; nothing but pixels
is kept; and one picture is drawn at a time in a process, which bounds the memory.
"""

import threading
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from huidang.kernel.problems import Problem

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
LARGEST_BYTES = 40 * 1024**2
MOST_PIXELS = 50_000_000
"""About what a telephone takes; decoded they are 200 MB, and a JPEG is decoded at a fraction of that."""

MEDIA_TYPE = "image/webp"
_QUALITY = 80
_TURN = threading.Lock()


def draw_anew(path: Path, *, longest: int) -> bytes:
    """Return a picture as WebP, at most `longest` pixels wide and high; of a moving one its first moment.

    Raises `Problem` picture-unreadable or picture-too-large.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise _too_large()
    with _TURN:
        try:
            return _draw(path, longest)
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as problem:
            raise Problem("picture-unreadable", "这张图片打不开，可以下载原文件。") from problem


def _draw(path: Path, longest: int) -> bytes:
    with Image.open(path, formats=FORMATS) as stated:
        if stated.width * stated.height > MOST_PIXELS:
            raise _too_large()
        stated.draft("RGB", (longest, longest))
        drawn = ImageOps.exif_transpose(stated).convert("RGBA" if stated.has_transparency_data else "RGB")
    drawn.thumbnail((longest, longest))
    clean = Image.new(drawn.mode, drawn.size)
    clean.paste(drawn)
    written = BytesIO()
    clean.save(written, "WEBP", quality=_QUALITY, method=2)
    return written.getvalue()


def _too_large() -> Problem:
    return Problem("picture-too-large", "这张图片太大，不做预览，可以下载原文件。")
