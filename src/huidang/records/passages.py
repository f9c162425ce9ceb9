"""Stretches of conversations read for what leaves the house: through the guard and the lens, a piece at a time.

Any length is read in constant memory. What is appended meanwhile lies beyond the ends that the caller has fixed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Count, Max

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people.readers import Reader
from huidang.people.requests import Place
from huidang.records.lens import Hits, view_many
from huidang.records.listing import readable
from huidang.records.masking import Profile, masked
from huidang.records.models import Conversation, Message, State
from huidang.records.shown import Shown

PIECE = 500
"""Messages read at a time; values in one statement stay within SQLite's old limit of 999."""

_TIME_BITS = 20


class Stretch(NamedTuple):
    """A stretch of time as message ids: `first <= id < end`."""

    first: int = 0
    end: int = 2**63 - 1

    def __contains__(self, message_id: object) -> bool:
        return isinstance(message_id, int) and self.first <= message_id < self.end


class Provenance(NamedTuple):
    """Where a conversation comes from, in the words of its platform: enough to read it in again as the same one."""

    platform: str
    workspace: str
    account: str
    source_name: str
    key: str
    title: str
    kind: str


def stretch(since_at: datetime | None, until_at: datetime | None) -> Stretch:
    """Return the stretch from one moment to before another; None leaves that side open."""
    return Stretch(
        _id_at(since_at) if since_at else Stretch._field_defaults["first"],
        _id_at(until_at) if until_at else Stretch._field_defaults["end"],
    )


def measure(reader: Reader, conversation_id: int, within: Stretch) -> tuple[int, Stretch]:
    """Return how many messages of a conversation lie in a stretch, and the stretch closed behind the last of them."""
    rows = _messages(reader).filter(conversation_id=conversation_id, pk__gte=within.first, pk__lt=within.end)
    found = rows.aggregate(count=Count("pk"), last=Max("pk"))
    return found["count"], Stretch(within.first, (found["last"] or within.first) + 1)


def read_stretch(
    reader: Reader,
    conversation_id: int,
    within: Stretch,
    *,
    profile: Profile = Profile.INSIDE,
    keyed: bool = False,
) -> Iterator[Shown]:
    """Yield the messages of a conversation in a stretch, in order of time. Raises `Absent`."""
    rows = _messages(reader).filter(conversation_id=conversation_id, pk__lt=within.end).order_by("pk")
    after = within.first - 1
    while piece := list(rows.filter(pk__gt=after)[:PIECE]):
        yield from view_many(piece, reader, profile=profile, keyed=keyed)
        after = piece[-1].pk


def read_chosen(
    reader: Reader,
    ids: Iterable[int],
    *,
    profile: Profile = Profile.INSIDE,
    hits: Hits | None = None,
    revisions: Mapping[int, int | None] | None = None,
    keyed: bool = False,
) -> Iterator[Shown]:
    """Yield the messages of some ids in their order; what moved out of reach meanwhile is left out.

    `hits`, `revisions` and `keyed` as in `view_many`.
    """
    waiting = iter(ids)
    while piece := list(islice(waiting, PIECE)):
        rows = _messages(reader).in_bulk(piece)
        messages = [rows[pk] for pk in piece if pk in rows]
        yield from view_many(messages, reader, profile=profile, hits=hits, revisions=revisions, keyed=keyed)


def provenance_of(reader: Reader, conversation_id: int, *, profile: Profile = Profile.INSIDE) -> Provenance:
    """Return what the platform calls a conversation and its source; names that hold something to hide are masked.

    Under a mask the account says so: a masked copy that is read in again is a source of its own and never mixes with
    what it was made from. Raises `Absent`.
    """
    rows: Any = Conversation.objects.readable_by(reader, Can.READ).select_related("source")
    row = rows.filter(pk=conversation_id).first()
    if row is None:
        raise Absent
    source = row.source
    account = source.account if profile is Profile.NONE else f"{source.account} masked".strip()
    stated = (source.workspace, account, source.name, row.platform_id, row.title)
    workspace, account, name, key, title = (each if profile is Profile.NONE else masked(each) for each in stated)
    return Provenance(source.platform, workspace, account, name, key, title, row.kind)


def conversations_of(reader: Reader, ids: Sequence[int]) -> dict[int, int]:
    """Return the conversation of each message among some ids that lies within reach."""
    waiting, found = iter(ids), {}
    while piece := list(islice(waiting, PIECE)):
        found.update(_messages(reader).filter(pk__in=piece).values_list("pk", "conversation_id"))
    return found


class Standing(NamedTuple):
    """Which entry's text stands for a message, None where it is its own, and whether it was recalled or deleted."""

    text_entry_id: int | None = None
    withdrawn: bool = False


def standings_of(reader: Reader, ids: Sequence[int]) -> dict[int, Standing]:
    """Return how each message stands now."""
    rows: Any = State.objects.readable_by(reader, Can.READ).filter(pk__in=ids)
    found = {row.pk: Standing(row.text_entry_id, bool(row.recalled_at or row.deleted_at)) for row in rows}
    return dict.fromkeys(ids, Standing()) | found


def places_within(reader: Reader, ids: Iterable[int], can: Can = Can.READ) -> dict[int, Place]:
    """Return where the conversations among some ids lie over which a reader holds a capability."""
    waiting, found = iter(sorted(set(ids))), {}
    while piece := list(islice(waiting, PIECE)):
        rows: Any = Conversation.objects.readable_by(reader, can).filter(pk__in=piece)
        for row in rows.values_list("pk", "department_id", "owner_id"):
            found[row[0]] = Place(*row)
    return found


def moment_of(message_id: int) -> datetime:
    """Return the moment that a message id stands for."""
    return clock.at_ms(message_id >> _TIME_BITS)


def _messages(reader: Reader) -> Any:
    return readable(Message, reader).filter(entry="message")


def _id_at(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000)) << _TIME_BITS
