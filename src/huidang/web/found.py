"""Finding inside a conversation: the places one after another, with the words marked in the text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from huidang import search
from huidang.records import Page


@dataclass(frozen=True, slots=True)
class FindBar:
    """What is looked for in a conversation: this place, how many there are, and the ones on either side."""

    text: str
    place: int = 0
    total: int = 0
    previous: str = ""
    next: str = ""
    results: str = ""


def find_bar(conversation_id: int, text: str, places: Sequence[int], at: int) -> FindBar:
    """Return the bar for the message `at`, with addresses of the hits before and after it."""
    if at not in places:
        return FindBar(text, total=len(places), results=_results(text, at))
    here = places.index(at)
    address = [f"{reverse('message', args=[conversation_id, place])}?{urlencode({'q': text})}" for place in places]
    return FindBar(
        text,
        place=here + 1,
        total=len(places),
        previous=address[here - 1] if here else "",
        next=address[here + 1] if here + 1 < len(places) else "",
        results=_results(text, at),
    )


def marked(page: Page, text: str) -> Page:
    """Return a page with the words of a query marked in what this reader sees of it."""
    terms = search.parse(text).terms
    if not terms:
        return page
    return replace(page, messages=tuple(replace(each, parts=search.mark(each.parts, terms)) for each in page.messages))


def _results(text: str, at: int) -> str:
    return f"{reverse('search')}?{urlencode({'q': text})}#hit-{at}" if text else ""
