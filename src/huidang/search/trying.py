"""A pattern tried on stored messages before it holds: only on what its reader reaches, and as they see it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from huidang.kernel.access import Can
from huidang.people.readers import Reader
from huidang.records.lens import view_many
from huidang.records.models import Message
from huidang.records.rulebook import Pattern
from huidang.records.shown import Part
from huidang.search.snippets import cut, snippet

NEWEST, SHOWN = 1000, 10
"""Messages that are tried, the newest ones, and hits that are shown."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How many of the newest messages a pattern would touch, of how many, and the first of them."""

    tried: int
    touched: int
    examples: tuple[tuple[Part, ...], ...]


def find_stored(reader: Reader, pattern: Pattern) -> Trial:
    """Try a pattern on the newest messages within reach; who reads no chat tries it on none."""
    rows = Message.objects.readable_by(reader, Can.READ).filter(entry="message").order_by("-pk")[:NEWEST]
    touched = [(shown.parts, hits) for shown in view_many(list(rows), reader) if (hits := [*pattern.find(shown.text)])]
    examples = tuple(snippet(parts, hits) for parts, hits in touched[:SHOWN])
    return Trial(len(rows), len(touched), examples)


def marked(parts: Sequence[Part], pattern: Pattern) -> tuple[Part, ...]:
    """Return a text with the hits of a pattern marked."""
    hits = list(pattern.find("".join(part.text for part in parts)))
    pieces = cut(parts, [edge for hit in hits for edge in hit])
    return tuple(replace(piece, hit=any(start <= at < end for start, end in hits)) for piece, at in pieces)
