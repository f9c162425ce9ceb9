"""Stretches of conversations read for what leaves the house: through the guard and the lens, a piece at a time.

Any length is read in constant memory. What is appended meanwhile lies beyond the ends that the caller has fixed.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from huidang.kernel import bulk, clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people.readers import Reader
from huidang.people.requests import Place
from huidang.records.lens import Hits, view_many
from huidang.records.listing import readable
from huidang.records.masking import Profile, masked
from huidang.records.models import Conversation, Message, State
from huidang.records.rows import read
from huidang.records.shown import Shown

PIECE = 2000
"""Messages read at a time."""

_TIME_BITS = 20
_LAST = 2**63 - 1


class Stretch(NamedTuple):
    """A stretch of time as message ids: `first <= id < end`."""

    first: int = 0
    end: int = _LAST

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
    return Stretch(_id_at(since_at) if since_at else 0, _id_at(until_at) if until_at else _LAST)


def ids_within(reader: Reader, conversations: Sequence[int], within: Stretch) -> dict[int, "array[int]"]:
    """Return the ids of the messages in a stretch, by conversation in the order asked for, those in order of time."""
    found: dict[int, array[int]] = {pk: array("q") for pk in conversations}
    waiting = iter(conversations)
    while piece := list(islice(waiting, PIECE)):
        rows = _messages(reader).filter(conversation_id__in=bulk.among(piece), pk__gte=within.first, pk__lt=within.end)
        for conversation, pk in rows.order_by("conversation_id", "pk").values_list("conversation_id", "pk").iterator():
            found[conversation].append(pk)
    return {conversation: ids for conversation, ids in found.items() if ids}


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
        rows = {row.pk: row for row in read(_messages(reader).filter(pk__in=bulk.among(piece)))}
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
        found.update(_messages(reader).filter(pk__in=bulk.among(piece)).values_list("pk", "conversation_id"))
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
        rows: Any = Conversation.objects.readable_by(reader, can).filter(pk__in=bulk.among(piece))
        for row in rows.values_list("pk", "department_id", "owner_id"):
            found[row[0]] = Place(*row)
    return found


def moment_of(message_id: int) -> datetime:
    """Return the moment that a message id stands for."""
    return clock.at_ms(message_id >> _TIME_BITS)


def _messages(reader: Reader) -> Any:
    return readable(Message, reader).filter(entry="message")


def _id_at(moment: datetime) -> int:
    milliseconds = (moment - clock.at_ms(0)) // timedelta(milliseconds=1)
    return min(max(0, milliseconds) << _TIME_BITS, _LAST)
