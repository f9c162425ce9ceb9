"""The letters that papers are set in: they come with the set-up, and what none of them has is named, never dropped.

Noto Sans CJK (variable, every weight), Noto Serif SC for papers that go to a court, Noto Emoji, and Noto Sans for the
other scripts, all under the SIL Open Font License. The fonts of the machine are never looked at.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from struct import unpack_from

from fontTools.ttLib import TTFont

_SANS = ("Noto Sans CJK SC",)
_SERIF = ("Noto Serif SC", "Noto Sans CJK SC")
_OTHERS = (
    "Noto Emoji",
    "Noto Sans",
    "Noto Sans Symbols",
    "Noto Sans Arabic",
    "Noto Sans Armenian",
    "Noto Sans Bengali",
    "Noto Sans Devanagari",
    "Noto Sans Ethiopic",
    "Noto Sans Georgian",
    "Noto Sans Gujarati",
    "Noto Sans Gurmukhi",
    "Noto Sans Hebrew",
    "Noto Sans Kannada",
    "Noto Sans Khmer",
    "Noto Sans Lao",
    "Noto Sans Malayalam",
    "Noto Sans Myanmar",
    "Noto Sans Oriya",
    "Noto Sans Sinhala",
    "Noto Sans Tamil",
    "Noto Sans Telugu",
    "Noto Sans Thai",
)

# What joins signs into one: kept where it does that, and named elsewhere. Flags of regions are spelled with tags.
_EMOJI = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_JOINING = (
    f"\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])"
    f"|(?<=[\u0600-\u109f])[\u200c\u200d]|(?<=[{_EMOJI}0-9#*©®])[\ufe0e\ufe0f]"
)
# What a reader cannot see or what moves other signs: controls, marks of direction, zero width, fillers, tags; and
# marks beyond the fourth on one letter, which would cover the lines around.
_HIDING = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_UNSEEN = f"[{_HIDING}]|(?<=[\u0300-\u036f]{{4}})[\u0300-\u036f]"
_GATE = re.compile(f"[{_HIDING}\u0300-\u036f\u2028\u2029]")
_SCAN = re.compile(f"({_JOINING})|({_UNSEEN})")
_LINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def families(*, serif: bool = False, latin: bool = False) -> list[str]:
    """Return the names of the fonts in the order in which they are asked for a sign; `latin` sets quotes narrow."""
    first = ("Noto Sans",) if latin and not serif else ()
    return [*first, *(_SERIF if serif else _SANS), *_OTHERS]


def folders() -> list[Path]:
    """Return the folders that hold them."""
    packages = ("manimgx_fonts_cjk", "manimgx_fonts", "pylopdf_fonts_zh_cn")
    return [Path(str(files(name))) for name in packages]


def upright() -> Path:
    """Return one plain font file for drawing with Pillow: Chinese and Latin."""
    return folders()[2] / "NotoSansSC-Regular.otf"


@lru_cache(maxsize=1)
def coverage() -> frozenset[int]:
    """Return the code points that at least one of the fonts has a sign for."""
    found: set[int] = {ord("\t"), ord("\n")}
    for path in (path for folder in folders() for path in folder.iterdir() if path.suffix in {".ttf", ".ttc", ".otf"}):
        if "Serif" not in path.name:
            found.update(*_code_points(TTFont(path, lazy=True, fontNumber=0).reader["cmap"]))
    return frozenset(found)


def _code_points(table: bytes) -> Iterator[range]:
    """Yield what a font's `cmap` table covers: its groups in format 12, else the segments of format 4.

    Read by hand, since fontTools names all 65,535 glyphs of a CJK font first, which takes seconds.
    """
    (count,) = unpack_from(">H", table, 2)
    places = [unpack_from(">I", table, 8 + 8 * each)[0] for each in range(count)]
    formats = {unpack_from(">H", table, place)[0]: place for place in places}
    if (place := formats.get(12)) is not None:
        (groups,) = unpack_from(">I", table, place + 12)
        pairs = (unpack_from(">II", table, place + 16 + 12 * each) for each in range(groups))
    else:
        place = formats[4]
        segments = unpack_from(">H", table, place + 6)[0] // 2
        ends, starts = place + 14, place + 16 + 2 * segments
        pairs = (
            (unpack_from(">H", table, starts + 2 * each)[0], unpack_from(">H", table, ends + 2 * each)[0])
            for each in range(segments - 1)
        )
    return (range(first, last + 1) for first, last in pairs)


def legible(text: str) -> str:
    """Return a text in which nothing hides: what cannot be seen, or turns what can, stands as `[U+202E]`."""
    if not _GATE.search(text):
        return text
    return _SCAN.sub(_named, _LINES.sub("\n", text))


def printable(text: str) -> str:
    """Return a legible text in which signs that no font has stand as `[U+2A6A5]`."""
    if text.isascii() and text.isprintable():
        return text
    known = coverage()
    text = legible(text)
    if all(ord(sign) in known for sign in set(text)):
        return text
    return "".join(sign if ord(sign) in known or _joins(sign) else code_point(sign) for sign in text)


def code_point(sign: str) -> str:
    """Return how a sign is named that cannot be shown."""
    return f"[U+{ord(sign):04X}]"


def _named(found: "re.Match[str]") -> str:
    kept: str | None = found[1]
    return kept if kept is not None else code_point(found[0])


def _joins(sign: str) -> bool:
    return sign in "\u200c\u200d\ufe0e\ufe0f" or "\U000e0020" <= sign <= "\U000e007f"
