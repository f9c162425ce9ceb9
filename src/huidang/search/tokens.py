"""What a text is to the index: folded characters, runs, and overlapping pairs of characters.

`norm_v4`: NFC as a whole, then character by character NFKC, casefold and traditional to simplified; letters, digits,
Han and the marks on them make runs, invisible format characters vanish, everything else divides. Runs are joined by a
sign for the gap, and every pair of this string is a token: of `退费单/12/` these are `退费 费单 单/ /1 12 2/`. A term
is joined likewise; it stands in a text exactly where its pairs stand at their places, and every second one is enough to
say so. Words and numbers in plain letters stand behind the pairs once more, cut into fours: a pair of digits is in so
many texts that the number of an order would be found slowly by its pairs (`reference: docs/reference/search.md`).

Indexing needs speed and takes `grams`; highlighting needs places in the original and takes `Folded`.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from operator import add

from opencc import OpenCC

NORM = "norm_v4"
"""Stored beside every index. A change of anything in this module that alters tokens needs a new name."""

_GAP = "/"
"""Stands for whatever divides two runs; it divides runs itself, so that no run holds it."""

_PAIR, _FOUR = 2, 4
_plain_words = re.compile("[0-9a-z][0-9a-z/]{2,}[0-9a-z]").findall

BREAK = " ".join(["", *["\x1f"] * _FOUR, ""])
"""Stands between texts that no term may run across: it takes more places than lie between two tokens of a term."""

_KEPT = "LNM"
_JOINING_JAMO = range(0x1160, 0x1200)


class _Folding(dict[int, str]):
    """Maps a code point to what stands for it; worked out on first sight, so that translation stays in C."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", chr(code)).casefold())
        self[code] = mapped = "".join(map(_kept, map(_simplify, folded)))
        return mapped


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    return character if category[0] in _KEPT else " "


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _simplify(character: str) -> str:
    simplified: str = _converter().convert(character) if character >= "\u3400" else character
    return simplified


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return the folded text, with a space for every character that divides."""
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.translate(_FOLDING)


@cache
def _unfolding() -> dict[str, tuple[str, ...]]:
    """Return the characters of the usual blocks that fold to another one, by what they fold to."""
    found: dict[str, list[str]] = {}
    for code in (*range(0xC0, 0x250), *range(0x3400, 0xA000), *range(0xFF01, 0xFF5F)):
        folded = fold(chr(code))
        if len(folded) == 1 and folded not in {chr(code), " "}:
            found.setdefault(folded, []).append(chr(code))
    return {folded: tuple(written) for folded, written in found.items()}


def writings(character: str) -> tuple[str, ...]:
    """Return how a folded character may stand in a text: as it is, traditional, in full width, as a capital."""
    return (character, *_unfolding().get(character, ()))


def runs(text: str) -> tuple[str, ...]:
    """Return the folded runs of a text, in order."""
    return tuple(fold(text).split())


def grams(text: str) -> str:
    """Return the tokens of a text, joined with spaces, as an engine with a whitespace tokenizer indexes them."""
    runs = fold(text).split()
    if not runs:
        return ""
    joined = _GAP.join([*runs, ""])
    pairs = " ".join(map(add, joined, joined[1:]))
    words = _plain_words(joined)
    return " ".join([pairs, BREAK.join(map(_fours, words))]) if words else pairs


def _fours(word: str) -> str:
    return " ".join([word[at : at + _FOUR] for at in range(len(word) - _FOUR + 1)])


def phrase(term: tuple[str, ...]) -> list[tuple[int, str]]:
    """Return the tokens, with their places, by which the runs of a term are found; none for a single character.

    A single character is found as the beginning of a pair.
    """
    joined = _GAP.join(term)
    size = _FOUR if len(joined) >= _FOUR and joined.isascii() else _PAIR
    last = len(joined) - size
    return [(at, joined[at : at + size]) for at in (*range(0, last, size), last)] if last >= 0 else []


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text with the way back: `starts[i]` and `ends[i]` bound what folded character i came from."""

    text: str
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, original: str) -> "Folded":
        """Fold a text and keep the places. `Folded.of(text).text == fold(text)`."""
        pieces, starts, ends = [], [], []
        for start, end in _clusters(original):
            piece = fold(original[start:end])
            pieces.append(piece)
            starts += [start] * len(piece)
            ends += [end] * len(piece)
        return cls("".join(pieces), starts, ends)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where folded characters `start` to `end` stand in the original."""
        return self.starts[start], self.ends[end - 1]


def _clusters(text: str) -> list[tuple[int, int]]:
    """Cut a text where no character composes with the one before it."""
    if unicodedata.is_normalized("NFC", text):
        return [(place, place + 1) for place in range(len(text))]
    cuts = [place for place, character in enumerate(text) if place == 0 or not _composes(character)]
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _composes(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or ord(character) in _JOINING_JAMO
