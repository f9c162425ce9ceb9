"""The lens: what is sensitive in a text, and the text with it hidden.

`find` works on the original code points and `apply` keeps the length, so offsets of masks, highlights and proofs
agree. A mask hides digits and letters and leaves the separators that a person wrote between them.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import chain

from huidang.records.contacts import PROVINCES, find_contacts
from huidang.records.digits import DIGIT, DIGIT_OR_SEPARATOR, is_separator
from huidang.records.numbers import find_numbers
from huidang.records.spans import Kind, Span

__all__ = ["Kind", "Profile", "Span", "apply", "find", "masked"]

STAR = "*"


class Profile(StrEnum):
    """How much a mask leaves: nothing hidden, for people of the house, or for everybody else."""

    NONE = "none"
    INSIDE = "inside"
    OUTSIDE = "outside"


# A digit and six more digits or separators, or the first two signs of what contacts are known by: one set of first
# signs, then a closer look, is twice as fast as one search for each.
_GATE = re.compile(
    f"[{DIGIT}{PROVINCES}@＠微薇vVwWｖＶｗＷqQｑＱ扣]"
    f"(?:(?<=[{DIGIT}])[{DIGIT_OR_SEPARATOR}]{{6}}|(?<=[{PROVINCES}])[A-Za-zＡ-Ｚａ-ｚ]|(?<=[@＠])|(?<=[微薇vVｖＶ])信"
    "|(?<=[vVwWｖＶｗＷ])(?:[xXｘＸ]|[eEｅＥ][cCiIｃＣｉＩ])|(?<=[qQｑＱ])[qQｑＱ]|(?<=扣)扣)"
)

_EVERYWHERE = {Kind.LANDLINE: (4, 2), Kind.PLATE: (2, 0), Kind.COMPANY: (2, 4), Kind.EMAIL: (1, 0)}
_KEPT: dict[Profile, dict[Kind, tuple[int, int]]] = {
    Profile.INSIDE: {Kind.RESIDENT: (6, 4), Kind.MOBILE: (3, 4), Kind.CARD: (0, 4)} | _EVERYWHERE,
    Profile.OUTSIDE: {Kind.RESIDENT: (1, 1), Kind.MOBILE: (3, 4), Kind.CARD: (0, 4)} | _EVERYWHERE,
}
"""Signs left at the head and the tail; what is not named is hidden whole."""


def find(text: str) -> tuple[Span, ...]:
    """Return what is sensitive in a text, in order, without overlaps. Most texts end at the gate."""
    if not _GATE.search(text):
        return ()
    found: list[Span] = []
    taken = bytearray(len(text))
    for span in chain(find_numbers(text), find_contacts(text)):
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            found.append(span)
    return tuple(sorted(found))


def apply(text: str, spans: Iterable[Span], profile: Profile) -> str:
    """Return the text with the spans hidden, code point for code point: `138****5678`."""
    if profile is Profile.NONE:
        return text
    signs = list(text)
    for span in spans:
        head, tail = _KEPT[profile].get(span.kind, (0, 0))
        end = _local_part(text, span) if span.kind is Kind.EMAIL else span.end
        places = [place for place in range(span.start, end) if not is_separator(signs[place])]
        for place in places[head : len(places) - tail]:
            signs[place] = STAR
    return "".join(signs)


def _local_part(text: str, span: Span) -> int:
    """Return where the domain of an e-mail address begins, which stays."""
    return next(place for place in range(span.start, span.end) if text[place] in "@＠")


def blanked(text: str, spans: Iterable[Span]) -> str:
    """Return the text with NUL for every sign of a span: what words may be looked for in without telling anything."""
    signs = list(text)
    for span in spans:
        signs[span.start : span.end] = "\0" * (span.end - span.start)
    return "".join(signs)


def masked(text: str, profile: Profile = Profile.INSIDE) -> str:
    """Return the text with everything sensitive hidden."""
    spans = find(text)
    return apply(text, spans, profile) if spans else text
