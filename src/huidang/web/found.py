"""Finding inside a conversation: the places one after another, with the words marked in the text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from huidang import search
from huidang.people.readers import Reader
from huidang.records import Page
from huidang.search.finding import MOST_PLACES
from huidang.web.asking import Asked


@dataclass(frozen=True, slots=True)
class FindBar:
    """What is looked for in a conversation: this place, how many there are, and the ones on either side.

    `result` says the same of the whole result, `before` and `after` lead to its hits on either side, and `results`
    back to this one among them.
    """

    asked: Asked
    place: int = 0
    total: int = 0
    previous: str = ""
    next: str = ""
    results: str = ""
    result: search.Beside | None = None
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """Return what is looked for."""
        return self.asked.text

    @property
    def capped(self) -> bool:
        """Say whether there are more places than are walked through."""
        return self.total >= MOST_PLACES


def find_bar(conversation_id: int, asked: Asked, places: Sequence[int], at: int) -> FindBar:
    """Return the bar for the message `at`, with addresses of the hits before and after it."""
    bar = FindBar(asked, total=len(places), results=_results(asked, at))
    if at not in places:
        return bar
    here = places.index(at)
    address = [asked.message(conversation_id, place) for place in places]
    return replace(
        bar,
        place=here + 1,
        previous=address[here - 1] if here else "",
        next=address[here + 1] if here + 1 < len(places) else "",
    )


def along_result(reader: Reader, bar: FindBar, at: int, place: int | None) -> FindBar:
    """Return the bar with the hits on either side of the message in the whole result; `place` is for the best first."""
    if not bar.place or (bar.asked.sort == "score" and not place):
        return bar
    found = search.beside(reader, bar.asked.text, at, sort=bar.asked.sort, place=place)
    by_score = bar.asked.sort == "score"
    return replace(
        bar,
        result=found,
        before=bar.asked.message(*found.previous, place=found.place - 1 if by_score else "") if found.previous else "",
        after=bar.asked.message(*found.next, place=found.place + 1 if by_score else "") if found.next else "",
        results=_results(bar.asked, at, found.place if by_score else None),
    )


def marked(page: Page, text: str) -> Page:
    """Return a page with the words of a query marked in what this reader sees of it."""
    terms = search.parse(text).terms
    if not terms:
        return page
    return replace(page, messages=tuple(replace(each, parts=search.mark(each.parts, terms)) for each in page.messages))


def _results(asked: Asked, at: int, place: int | None = None) -> str:
    return f"{asked.place(seen=at, place=place)}#hit-{at}" if asked.text else ""
