"""Where the hits stand in what a reader sees, and the piece of text around the first of them.

Terms are looked for in the shown text, after masks: a mark can never tell what a mask hides. Places are found in the
folded text and led back to the original (`tokens.Folded`).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from huidang.records.shown import Part
from huidang.search.query import Term
from huidang.search.tokens import Folded, fold, runs

BEFORE = 24
LENGTH = 120
"""Characters of a snippet before the first hit, and altogether."""

Range = tuple[int, int]


def find_hits(text: str, terms: Sequence[Term]) -> list[Range]:
    """Return where the terms stand in a text: half-open ranges in order, those that touch made one."""
    patterns = [_pattern(wanted) for term in terms if (wanted := runs(term.text))]
    if not patterns:
        return []
    folded = Folded.of(text)
    found = sorted(
        folded.original(match.start(1), match.end(1)) for each in patterns for match in each.finditer(folded.text)
    )
    return _merged(found)


def stand_in(text: str, terms: Sequence[Term]) -> bool:
    """Say whether one of the terms stands in a text; faster than to ask where."""
    folded = fold(text)
    return any(_pattern(wanted).search(folded) for term in terms if (wanted := runs(term.text)))


def mark(parts: Sequence[Part], terms: Sequence[Term]) -> tuple[Part, ...]:
    """Return all of a text with the places of the terms marked."""
    hits = find_hits("".join(part.text for part in parts), terms)
    pieces = cut(parts, [edge for each in hits for edge in each])
    return tuple(replace(piece, hit=_within(place, hits)) for piece, place in pieces)


def cut(parts: Sequence[Part], edges: Sequence[int]) -> list[tuple[Part, int]]:
    """Cut parts at places of the whole text; return each piece with its place."""
    pieces, place = [], 0
    for part in parts:
        inner = sorted({0, len(part.text), *(edge - place for edge in edges if 0 < edge - place < len(part.text))})
        pieces += [(replace(part, text=part.text[first:last]), place + first) for first, last in pairwise(inner)]
        place += len(part.text)
    return pieces


def snippet(parts: Sequence[Part], hits: Sequence[Range]) -> tuple[Part, ...]:
    """Return the parts around the first hit, with the hits marked; what was cut off is an ellipsis."""
    total = sum(len(part.text) for part in parts)
    begin = max(0, hits[0][0] - BEFORE) if hits and hits[0][1] > LENGTH else 0
    end = min(total, begin + LENGTH)
    pieces = [piece for piece, start in cut(parts, [begin, end, *(edge for each in hits for edge in each)])
              if begin <= start < end for piece in [replace(piece, hit=_within(start, hits))]]  # fmt: skip
    return (*([Part("…")] if begin else []), *pieces, *([Part("…")] if end < total else []))


def _within(place: int, hits: Sequence[Range]) -> bool:
    return any(start <= place < end for start, end in hits)


def _pattern(wanted: tuple[str, ...]) -> re.Pattern[str]:
    """Match a term wherever it begins, overlapping itself too."""
    return re.compile("(?=(" + " +".join(map(re.escape, wanted)) + "))")


def _merged(found: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
