"""Draws the pictures, sounds and papers that people send: real files, made here, small.

No text but ASCII is drawn, since a machine need not have a Chinese font.
"""

import io
import math
import wave
from collections.abc import Callable
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Draw = ImageDraw.ImageDraw
SIZE: Final = (480, 360)
PNG_SCENES: Final = frozenset({"screen", "receipt"})
VOICE_HZ: Final = 8000
_SILENCE: Final = 128
_PDF_LINES: Final = 60


def picture(scene: str, words: str, chance: Random) -> bytes:
    """Return a JPEG or PNG of a scene (`box`, `leak`, `error`, …) with some ASCII words on it."""
    shade = chance.randrange(-18, 18)
    image = Image.new("RGB", SIZE, tuple(value + shade for value in BACKGROUNDS.get(scene, (214, 210, 202))))
    draw = ImageDraw.Draw(image)
    SCENES.get(scene, _appliance)(draw, words, chance)
    stored = io.BytesIO()
    if scene in PNG_SCENES:
        image.save(stored, "PNG", optimize=True)
    else:
        image.save(stored, "JPEG", quality=78)
    return stored.getvalue()


def voice(seconds: int, chance: Random) -> bytes:
    """Return a WAV (8 kHz, 8 bit, mono) whose tone rises and falls about as speech does."""
    pitch, pace = chance.uniform(110, 230), chance.uniform(2.5, 4.5)
    samples = bytes(
        _SILENCE + round(58 * abs(math.sin(math.pi * pace * t)) * math.sin(math.tau * pitch * t * (1 + t / 90)))
        for t in (step / VOICE_HZ for step in range(seconds * VOICE_HZ))
    )
    stored = io.BytesIO()
    with wave.open(stored, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(VOICE_HZ)
        sound.writeframes(samples)
    return stored.getvalue()


def paper(name: str, words: list[str]) -> bytes:
    """Return a PDF of one page, or plain text where the name says so."""
    if not name.endswith(".pdf"):
        return "\n".join([name, *words, ""]).encode()
    return _pdf(words)


def _pdf(words: list[str]) -> bytes:
    shown = [line.replace("\\", "").replace("(", "[").replace(")", "]") for line in words[:_PDF_LINES]]
    text = "BT /F1 12 Tf 56 780 Td 18 TL " + " ".join(f"({line}) Tj T*" for line in shown) + " ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Font << /F1 5 0 R >> >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(body)
    count = len(parts) + 1
    body += f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer << /Size {count} /Root 1 0 R >>\n"
    return (body + f"startxref\n{start}\n%%EOF\n").encode("ascii", "replace")


def _font(size: int) -> "ImageFont.ImageFont | ImageFont.FreeTypeFont":
    return ImageFont.load_default(size)


def _box(draw: Draw, words: str, chance: Random) -> None:
    left, top = chance.randrange(60, 110), chance.randrange(50, 90)
    draw.rectangle((left, top, left + 290, top + 220), fill=(186, 148, 98), outline=(120, 88, 50), width=4)
    draw.rectangle((left + 125, top, left + 165, top + 220), fill=(206, 176, 132))
    x, y = left + chance.randrange(180, 250), top + chance.randrange(30, 150)
    dent = [(x + chance.randrange(-45, 45), y + chance.randrange(-40, 40)) for _ in range(7)]
    draw.polygon(dent, fill=(62, 44, 28))
    draw.text((left + 16, top + 180), words, fill=(90, 62, 34), font=_font(18))


def _leak(draw: Draw, _words: str, chance: Random) -> None:
    draw.rectangle((140, 30, 330, 240), fill=(238, 240, 242), outline=(150, 156, 162), width=3)
    draw.ellipse((180, 75, 290, 185), fill=(120, 150, 170), outline=(90, 96, 104), width=8)
    for _ in range(9):
        x, y = chance.randrange(90, 360), chance.randrange(250, 320)
        draw.ellipse((x, y, x + chance.randrange(40, 110), y + chance.randrange(12, 30)), fill=(140, 180, 205))


def _error(draw: Draw, words: str, _chance: Random) -> None:
    draw.rounded_rectangle((70, 90, 410, 260), 16, fill=(22, 26, 30), outline=(70, 78, 84), width=4)
    draw.text((150, 120), words[:3] or "E4", fill=(255, 92, 60), font=_font(100))
    for place in range(5):
        draw.ellipse((110 + place * 60, 280, 134 + place * 60, 304), fill=(80, 90, 96))


def _receipt(draw: Draw, words: str, chance: Random) -> None:
    draw.rectangle((110, 14, 370, 346), fill=(252, 252, 250), outline=(200, 200, 196))
    draw.text((130, 30), words, fill=(40, 40, 40), font=_font(17))
    for row in range(9):
        y = 74 + row * 24
        draw.line((130, y, 130 + chance.randrange(70, 150), y), fill=(150, 150, 150), width=6)
        draw.text(
            (290, y - 9), f"{chance.randrange(9, 999)}.{chance.randrange(10, 99)}", fill=(90, 90, 90), font=_font(14)
        )
    draw.text((220, 302), f"TOTAL {chance.randrange(900, 8000)}.00", fill=(180, 40, 40), font=_font(17))


def _label(draw: Draw, words: str, chance: Random) -> None:
    draw.rectangle((60, 60, 420, 300), fill=(250, 250, 250), outline=(30, 30, 30), width=3)
    x = 90
    while x < 380:
        width = chance.choice((2, 3, 5, 7))
        draw.rectangle((x, 90, x + width, 170), fill=(20, 20, 20))
        x += width + chance.choice((3, 4, 6))
    draw.text((90, 190), words, fill=(20, 20, 20), font=_font(26))
    draw.line((90, 250, 380, 250), fill=(160, 160, 160), width=8)


def _screen(draw: Draw, words: str, chance: Random) -> None:
    draw.rounded_rectangle((130, 8, 350, 352), 22, fill=(250, 251, 252), outline=(40, 44, 48), width=5)
    draw.text((150, 26), words, fill=(60, 66, 72), font=_font(15))
    for row in range(7):
        y, mine = 60 + row * 39, chance.random() < 1 / 2
        left = 190 if mine else 146
        right = left + chance.randrange(70, 140)
        draw.rounded_rectangle((left, y, right, y + 26), 9, fill=(126, 190, 176) if mine else (226, 230, 234))


def _dish(draw: Draw, _words: str, chance: Random) -> None:
    draw.ellipse((90, 40, 390, 330), fill=(244, 244, 240), outline=(196, 192, 184), width=6)
    for _ in range(26):
        x, y = 240 + chance.randrange(-90, 90), 185 + chance.randrange(-80, 80)
        size = chance.randrange(18, 46)
        colour = chance.choice(((204, 142, 66), (170, 92, 44), (226, 188, 96), (96, 140, 70)))
        draw.ellipse((x, y, x + size, y + size), fill=colour)


def _nameplate(draw: Draw, words: str, chance: Random) -> None:
    draw.rounded_rectangle((60, 60, 420, 300), 10, fill=(206, 210, 214), outline=(120, 126, 132), width=3)
    rows = ("WANGSHAN", words, "220V~ 50Hz", f"{chance.randrange(40, 2200)} W", f"SN {chance.randrange(10**9, 10**10)}")
    for place, row in enumerate(rows):
        draw.text((86, 78 + place * 42), row, fill=(36, 40, 46), font=_font(24))


def _appliance(draw: Draw, words: str, chance: Random) -> None:
    floor = chance.randrange(250, 290)
    draw.rectangle((0, floor, *SIZE), fill=(168, 142, 112))
    left = chance.randrange(90, 200)
    draw.rounded_rectangle(
        (left, floor - 190, left + 170, floor + 8), 10, fill=(236, 238, 240), outline=(140, 146, 152)
    )
    draw.rectangle((left + 20, floor - 170, left + 150, floor - 140), fill=(60, 66, 74))
    draw.text((left + 26, floor - 166), words[:12], fill=(150, 220, 200), font=_font(16))


BACKGROUNDS: Final = {
    "screen": (188, 200, 208),
    "leak": (198, 192, 180),
    "dish": (176, 140, 106),
    "error": (196, 200, 202),
    "receipt": (224, 224, 220),
}
SCENES: Final[dict[str, Callable[[Draw, str, Random], None]]] = {
    "box": _box,
    "leak": _leak,
    "error": _error,
    "receipt": _receipt,
    "label": _label,
    "screen": _screen,
    "dish": _dish,
    "nameplate": _nameplate,
    "room": _appliance,
}
