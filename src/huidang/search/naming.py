"""Whom and what a name in a query means: names are compared as they are shown, masked, and folded like texts.

A part of the name is enough; `=` before it asks for the whole name. Comparing what is shown means that no condition
tells of digits that a mask hides in a name.
"""

from collections.abc import Iterable
from functools import reduce
from operator import and_, or_

from django.db.models import Q

from huidang.records import masking
from huidang.search import tokens

WHOLE = "=＝"
TESTED = 4
"""Characters that the database looks for; the rest is compared here."""


class Wanted:
    """A name that somebody asks for."""

    def __init__(self, text: str) -> None:
        bare = text.strip()
        self.whole = bare[:1] in tuple(WHOLE)
        self._runs = tokens.runs(bare[1:] if self.whole else bare)
        self._folded = " ".join(self._runs)

    def __bool__(self) -> bool:
        return bool(self._runs)

    def bears(self, name: str) -> bool:
        """Say whether a name, as it is shown, is meant."""
        shown = " ".join(tokens.runs(masking.masked(name)))
        return bool(self._runs) and (shown == self._folded if self.whole else self._folded in shown)

    def among(self, named: Iterable[tuple[int, str]]) -> set[int]:
        """Return the ids of the names that are meant."""
        return {pk for pk, name in named if self.bears(name)}

    def perhaps(self, field: str) -> Q:
        """Return a condition for the database that lets through every name that is meant, and some more."""
        longest = max(self._runs, key=len, default="")
        if not longest:
            return Q(pk__in=[])
        return reduce(and_, (_holds(field, character) for character in longest[:TESTED]))


def _holds(field: str, character: str) -> Q:
    written = tokens.writings(character)
    return reduce(or_, (Q(**{f"{field}__icontains": each}) for each in written))
