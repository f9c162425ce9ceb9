"""A transcript as somebody opens it: noted as a view, and without the masks that they look behind at this moment.

The masked text and the full one have the same length, so what was hidden is known by its place and can be marked.
"""

from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from django.http import HttpRequest, HttpResponse

from huidang import records
from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people import requests, reveals, sightings
from huidang.people.models import Request, Reveal
from huidang.people.readers import Reader
from huidang.people.requests import Place
from huidang.records import Page, Part, Profile, Shown
from huidang.records.placing import place_of
from huidang.web.visitors import reader_of


@dataclass(frozen=True, slots=True)
class Looks:
    """What somebody may see behind the masks of a conversation: looks that run, requests that wait or were approved."""

    may_unmask: bool
    whole: Reveal | None = None
    of: dict[int, Reveal] = field(default_factory=dict)
    waiting: dict[str, Request] = field(default_factory=dict)
    approved: tuple[Request, ...] = ()

    @property
    def seconds(self) -> int | None:
        """Return when the first of the looks ends, for a page that no script watches; None where none runs."""
        running = [*([self.whole] if self.whole else []), *self.of.values()]
        return min(map(seconds_left, running), default=None)

    def at(self, message_id: str) -> Reveal | None:
        """Return the look at one message that runs, and is not part of one at the whole conversation."""
        return None if self.whole else self.of.get(int(message_id))


def read(request: HttpRequest, conversation_id: int, **where: Any) -> tuple[Page, Looks]:
    """Return a piece of a transcript, noted as a view, and the looks that lifted masks in it. Raises `Absent`."""
    reader = reader_of(request)
    page = records.thread(conversation_id, reader, **where)
    sightings.note("view", by=reader, about=f"conversation:{conversation_id}")
    looks = looks_of(reader, conversation_id)
    if looks.whole:
        bare = records.thread(conversation_id, reader, profile=Profile.NONE, **where)
        return replace(page, messages=tuple(map(lifted, page.messages, bare.messages))), looks
    if looks.of:
        return replace(page, messages=tuple(_seen(reader, each, looks) for each in page.messages)), looks
    return page, looks


def looks_of(reader: Reader, conversation_id: int) -> Looks:
    """Return what somebody may see behind the masks of a conversation that they read."""
    if not reader.reach(Can.UNMASK):
        return Looks(may_unmask=False, waiting=_waiting(reader, conversation_id))
    place = place_of(conversation_id, reader, Can.READ)
    running = reveals.running(reader, place)
    return Looks(
        may_unmask=reveals.may_reveal(reader, place),
        whole=next((each for each in reversed(running) if each.message_id is None), None),
        of={each.message_id: each for each in running if each.message_id is not None},
        waiting={} if _lacks_nothing(reader, place) else _waiting(reader, conversation_id),
        approved=_approved(reader, place),
    )


def lifted(masked: Shown, bare: Shown) -> Shown:
    """Return a message unmasked, with what its masks hid marked as such."""
    if masked.id != bare.id or len(masked.text) != len(bare.text):
        return bare
    ends = list(accumulate(len(part.text) for part in masked.parts))
    texts = [bare.text[end - len(part.text) : end] for part, end in zip(masked.parts, ends, strict=True)]
    return replace(bare, parts=tuple(map(_part, masked.parts, texts)))


def keep_out_of_caches(response: HttpResponse, looks: Looks) -> HttpResponse:
    """Let no browser keep a page that shows what masks hide."""
    if looks.seconds is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def seconds_left(look: Reveal) -> int:
    """Return how long a look still runs."""
    return max(0, int((look.until_at - clock.now()).total_seconds()) + 1)


def _part(part: Part, text: str) -> Part:
    return replace(part, text=text, kind=None, lifted=part.kind is not None)


def _seen(reader: Reader, masked: Shown, looks: Looks) -> Shown:
    if int(masked.id) not in looks.of:
        return masked
    return lifted(masked, records.get_message(int(masked.conversation), int(masked.id), reader, profile=Profile.NONE))


def _lacks_nothing(reader: Reader, place: Place) -> bool:
    return all(reader.may(can, **place._asdict()) for can in (Can.UNMASK, Can.RECALLED))


def _waiting(reader: Reader, conversation_id: int) -> dict[str, Request]:
    """Return this reader's requests about the conversation that nobody decided yet, by capability."""
    return {each.capability: each for each in requests.waiting_about(reader, conversation_id)}


def _approved(reader: Reader, place: Place) -> tuple[Request, ...]:
    """Return the approved requests that lend this reader a look they have no lasting right to."""
    if not reveals.may_reveal(reader, place) or requests.holds_lastingly(reader, Can.UNMASK, place):
        return ()
    return tuple(reveals.approvals(reader, place))
