"""A transcript as the page draws it: messages with the day, the case and the run of one sender they begin."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils import timezone

from huidang.kernel import clock
from huidang.people.models import Reveal
from huidang.records import Page, Shown
from huidang.records.shown import CaseSpan
from huidang.shelves import lexicons
from huidang.shelves.labelling import mark
from huidang.web.looks import Looks

RUN = timedelta(minutes=5)
"""Messages of one sender closer than this stand under one name."""

TIME_BITS = 20
"""A message id is its sending time in milliseconds, shifted by this (`records.models.Message`)."""


@dataclass(frozen=True, slots=True)
class Item:
    """One message with what stands above it."""

    message: Shown
    day: date | None = None
    case: CaseSpan | None = None
    more: bool = False
    at: bool = False
    look: Reveal | None = None


def items_of(
    page: Page, *, at: int | None = None, below: date | None = None, looks: Looks | None = None
) -> Iterator[Item]:
    """Yield the messages of a page in order.

    `at` is the message that the address names, `below` the day whose heading already stands above this piece.
    """
    cases = {case.first: case for case in page.cases}
    day = below
    for before, message in pairwise((None, *page.messages)):
        assert message is not None
        began = day_of(message.id) != day
        day = day_of(message.id)
        case = cases.get(message.id)
        more = not began and case is None and before is not None and _continues(before, message)
        look = looks.at(message.id) if looks else None
        yield Item(message, day if began else None, case, more, message.id == str(at), look)


def day_of(message_id: str | int) -> date:
    """Return the day of a message, in the zone of the person who reads."""
    return timezone.localtime(clock.at_ms(int(message_id) >> TIME_BITS)).date()


def with_sensitive_words(page: Page) -> Page:
    """Return a page with the words of lexicons marked in what this reader sees of it."""
    if not page.messages:
        return page
    words = lexicons.matcher(int(page.conversation.department or 0) or None)
    return replace(page, messages=tuple(replace(each, parts=mark(each.parts, words)) for each in page.messages))


def _continues(before: Shown, message: Shown) -> bool:
    return before.sender == message.sender and message.sent_at - before.sent_at < RUN


def piece_of(
    page: Page, looks: Looks, *, before: int | None = None, after: int | None = None, at: int | None = None
) -> dict[str, Any]:
    """Return the template values of a piece: its items, and where the pieces on either side are found.

    A piece that ends with the newest message asks for news; one that was put on top takes over the heading of the
    day it ends in (`seam`).
    """
    page = with_sensitive_words(page)
    place = reverse("conversation", args=[page.conversation.id])
    first, last = (page.messages[0].id, page.messages[-1].id) if page.messages else ("", "")
    newest = before is None and not page.more_after
    return {
        "conversation": page.conversation,
        "looks": looks,
        "items": list(items_of(page, at=at, below=day_of(after) if after else None, looks=looks)),
        "older": f"{place}?before={first}" if after is None and page.more_before else None,
        "newer": f"{place}?after={last}" if before is None and page.more_after else None,
        "news_url": f"{reverse('news', args=[page.conversation.id])}?after={last or 0}" if newest else None,
        "seam": day_of(before) if before and last and day_of(last) == day_of(before) else None,
    }
