"""The lens: what is sensitive in a text, and the text with it hidden.

`find` works on the original code points and `apply` keeps the length, so offsets of masks, highlights and proofs
agree. A mask hides digits and letters and leaves the separators that a person wrote between them.
"""

from collections.abc import Iterable
from enum import StrEnum

from huidang.records.digits import GATE, is_separator
from huidang.records.numbers import find_numbers
from huidang.records.spans import Kind, Span

__all__ = ["Kind", "Profile", "Span", "apply", "find", "masked"]

STAR = "*"


class Profile(StrEnum):
    """How much a mask leaves: nothing hidden, for people of the house, or for everybody else."""

    NONE = "none"
    INSIDE = "inside"
    OUTSIDE = "outside"


_KEPT: dict[Profile, dict[Kind, tuple[int, int]]] = {
    Profile.INSIDE: {Kind.RESIDENT: (6, 4), Kind.MOBILE: (3, 4), Kind.CARD: (0, 4)},
    Profile.OUTSIDE: {Kind.RESIDENT: (1, 1), Kind.MOBILE: (3, 4), Kind.CARD: (0, 4)},
}
"""Signs left at the head and the tail; what is not named is hidden whole."""


def find(text: str) -> tuple[Span, ...]:
    """Return what is sensitive in a text, in order, without overlaps. Most texts end at the gate."""
    if not GATE.search(text):
        return ()
    return tuple(sorted(find_numbers(text)))


def apply(text: str, spans: Iterable[Span], profile: Profile) -> str:
    """Return the text with the spans hidden, code point for code point: `138****5678`."""
    if profile is Profile.NONE:
        return text
    signs = list(text)
    for span in spans:
        head, tail = _KEPT[profile].get(span.kind, (0, 0))
        places = [place for place in range(span.start, span.end) if not is_separator(signs[place])]
        for place in places[head : len(places) - tail]:
            signs[place] = STAR
    return "".join(signs)


def masked(text: str, profile: Profile = Profile.INSIDE) -> str:
    """Return the text with everything sensitive hidden."""
    spans = find(text)
    return apply(text, spans, profile) if spans else text
