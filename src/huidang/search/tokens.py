"""What a text is to the index: folded characters, runs, and overlapping pairs of characters.

`norm_v3`: NFC as a whole, then character by character NFKC, casefold and traditional to simplified; letters, digits,
Han and the marks on them make runs, invisible format characters vanish, everything else divides. A run `退费单`
followed by `12` becomes the tokens `退费 费单 单 单/1`: every pair, then the last character alone, then what stands on
either side of the gap. These two show where a run ends and what comes next, so that a phrase of tokens is exactly a
substring (`reference: docs/reference/search.md`); a pair that stands two places behind another one stands in the same
run, and every second pair of a phrase is enough to find it.

Indexing needs speed and takes `grams`; highlighting needs places in the original and takes `Folded`.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from operator import add

from opencc import OpenCC

NORM = "norm_v3"
"""Stored beside every index. A change of anything in this module that alters tokens needs a new name."""

_GAP = "/"
"""Stands in a token for whatever divides two runs; it divides runs itself, so that no other token holds it."""

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
    joined = _GAP.join(runs) + _GAP
    tokens = [*map(add, joined, joined[1:]), joined[-2:]]
    end = -1
    for run in runs:
        end += len(run)
        tokens[end] = joined[end]
        tokens[end + 1] = joined[end : end + 3]
        end += 1
    return " ".join(tokens)


def phrase(term: tuple[str, ...]) -> list[tuple[int, str]]:
    """Return the tokens, with their places, by which the runs of a term are found; none for a single character.

    Every second pair is enough, and a gap tells the characters on either side of it. A single character is found as
    the beginning of a pair or as a lone one.
    """
    tokens: list[tuple[int, str]] = []
    start, final = 0, len(term) - 1
    for at, run in enumerate(term):
        tokens += _pairs(run, start, known_first=at > 0, known_last=at < final)
        start += len(run) + 1
        if at < final:
            tokens.append((start - 1, f"{run[-1]}{_GAP}{term[at + 1][0]}"))
    return tokens


def _pairs(run: str, start: int, *, known_first: bool, known_last: bool) -> Iterator[tuple[int, str]]:
    """Yield the pairs that hold every character of a run which no gap tells."""
    end = len(run) - known_last
    for place in range(int(known_first), end, 2):
        pair = min(place, len(run) - 2)
        if pair >= 0:
            yield start + pair, run[pair : pair + 2]


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
