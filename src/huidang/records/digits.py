"""Digits as people write them: full-width, circled, Chinese, spread out with spaces, dots and hyphens.

Nothing is rewritten before it is searched: the classes below match the original text, and only a found run is
folded, one code point to one, so every offset refers to what was written.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_HAN = dict(zip("零〇○一二三四五六七八九壹贰叁肆伍陆柒捌玖貳參陸幺弌弍弎", "0001234567891234567892361123", strict=True))
_BMP = (range(0x80, 0x3400), range(0xA000, 0x10000))
_OTHER = {chr(code): str(digit) for span in _BMP for code in span if (digit := unicodedata.digit(chr(code), -1)) >= 0}
_BOLD = {chr(code): str((code - 0x1D7CE) % 10) for code in range(0x1D7CE, 0x1D800)}  # mathematical digits

_FOLD = str.maketrans(_OTHER | _BOLD | {"x": "X", "ｘ": "X", "Ｘ": "X", "×": "X"})
_FOLD_HAN = _FOLD | str.maketrans(_HAN)
# Whitespace, hyphens and dashes, dots, commas, brackets; marks without width; the emoji key cap.
_WIDTHLESS = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\ufe0f\u20e3"
_BETWEEN = "\\s\\-‐‑‒–—―−﹣－.．·•・。_＿/／\\\\|｜*＊~～,，、()（）" + _WIDTHLESS
# One range outside the basic plane, not a list of signs: a second would make every search three times as slow.
_ARABIC = "0-9" + "".join(sorted(_OTHER)) + "\U0001d7ce-\U0001d7ff"
_ANY = _ARABIC + "".join(_HAN)


DIGIT, DIGIT_OR_SEPARATOR = _ANY, _BETWEEN + _ANY
"""Bodies of character classes, for whoever looks for digits before they are folded."""

_SIGNS = frozenset(_BETWEEN) - {"s"}


def is_separator(sign: str) -> bool:
    """Say whether a sign only spreads a number out, so that a mask may leave it."""
    return sign in _SIGNS or sign.isspace()


def _run(digit: str) -> "re.Pattern[str]":
    return re.compile(
        f"{digit}(?:[{_BETWEEN}]{{0,3}}+{digit}){{9,}}+(?:[{_BETWEEN}]{{0,3}}+[xXｘＸ×](?![A-Za-z0-9]))?+"
    )


_RUN = _run(f"[{_ARABIC}]")
_RUN_HAN = _run(f"[{_ANY}]")
_HAS_HAN = re.compile(f"[{''.join(_HAN)}]")
_GROUP = re.compile("[0-9]+X?|X")
_NO_WIDTH = dict.fromkeys(map(ord, _WIDTHLESS))
_ALIKE = str.maketrans(
    dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | dict.fromkeys("．·•・。", ".")
    | dict.fromkeys("，、", ",")
    | {"／": "/", "＿": "_"}
)


_NARROW = str.maketrans({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20})
_PLAIN = str.maketrans(_OTHER | _BOLD)
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ－．＿＃\U0001d7ce-\U0001d7ff" + "".join(sorted(_OTHER)) + "]")


def fold(text: str) -> str:
    """Return a text in narrow signs and plain digits, one code point for one."""
    return text.translate(_PLAIN).translate(_NARROW) if _WIDE.search(text) else text


class Group(NamedTuple):
    """Digits that touch each other: folded to ASCII, where they start in the text, and what stands before them."""

    digits: str
    start: int
    before: str  # separator to the previous group, normalised; "" for the first

    @property
    def end(self) -> int:
        """Return the offset behind the last digit."""
        return self.start + len(self.digits)


def arabic_runs(text: str) -> Iterator[list[Group]]:
    """Yield each run of ten or more digits as its groups; Chinese numerals end a run."""
    for match in _RUN.finditer(text):
        yield list(_groups(match[0].translate(_FOLD), match.start()))


def han_runs(text: str) -> Iterator[list[Group]]:
    """Yield each run of ten or more digits of which at least one is a Chinese numeral."""
    if not _HAS_HAN.search(text):
        return
    for match in _RUN_HAN.finditer(text):
        if _HAS_HAN.search(match[0]):
            yield list(_groups(match[0].translate(_FOLD_HAN), match.start()))


def _groups(folded: str, offset: int) -> Iterator[Group]:
    end = 0
    for match in _GROUP.finditer(folded):
        yield Group(match[0], offset + match.start(), _separator(folded[end : match.start()]) if end else "")
        end = match.end()


def _separator(between: str) -> str:
    """Return what separates two groups without width and variant: " - " and "–" are "-", a line break is " "."""
    return between.translate(_NO_WIDTH).translate(_ALIKE).strip() or (" " if between else "")
