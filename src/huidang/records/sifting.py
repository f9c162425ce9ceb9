"""Sifts a batch into what is new and what is known, inside the appender's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from huidang.kernel import bulk
from huidang.records import entries
from huidang.records.erasures import any_erased, erased_among
from huidang.records.models import Message, Sighting, State
from huidang.records.prepared import Prepared, revise
from huidang.records.states import Place

_MESSAGES = Message._meta.db_table


@dataclass(slots=True)
class Known:
    """A stored entry, or one that came earlier in this batch: its id (None until it is stored), text, time seen."""

    id: int | None
    text: str
    first_ms: int
    last_ms: int
    shown: str | None = None  # the text that is shown instead, where it was edited
    edited: bool = False


class Incoming(NamedTuple):
    """An entry of the batch with its place."""

    place: Place
    entry: Prepared


@dataclass(slots=True)
class Sifted:
    """What the transaction has to write."""

    new: list[Incoming] = field(default_factory=list)
    sighted: dict[Place, tuple[int, int]] = field(default_factory=dict)
    known: dict[Place, Known] = field(default_factory=dict)
    returned: list[Incoming] = field(default_factory=list)
    unsettled: set[Place] = field(default_factory=set)  # messages whose wordings were seen anew


def sift(incoming: Sequence[Incoming]) -> Sifted:
    """Say what of the batch is new. Another text under a known id becomes an edit that points back."""
    incoming = _without_erased(incoming)
    result = Sifted(known=_find([each.place for each in incoming]))
    changed = [each for each in incoming if not _settle(result, each)]
    revisions = [_revision(each) for each in changed]
    result.known |= _find([each.place for each in revisions])
    for original, revision in zip(changed, revisions, strict=True):
        _note_return(result, original, result.known.get(revision.place))
        _settle(result, revision)
        result.unsettled.add(original.place)
    result.new.extend(_revision(each, each.entry.facts.as_of_ms) for each in result.returned)
    return result


def _without_erased(incoming: Sequence[Incoming]) -> Sequence[Incoming]:
    """Leave out what was erased, and what points at it: an older export must not bring it back."""
    if not any_erased():
        return incoming
    named = [(each.place[0], key) for each in incoming for key in (each.place[1], each.entry.facts.target) if key]
    gone = erased_among(named)
    return [each for each in incoming if not {each.place, (each.place[0], each.entry.facts.target)} & gone]


def _settle(result: Sifted, each: Incoming) -> bool:
    """Take an entry as new or as seen again; return False where a known message comes with another text."""
    known = result.known.get(each.place)
    facts = each.entry.facts
    if known is None:
        result.new.append(each)
        result.known[each.place] = Known(None, facts.text, facts.as_of_ms, facts.as_of_ms)
        return True
    if facts.entry == "message" and facts.text != known.text:
        return False
    _note_return(result, each, known)
    if not known.first_ms <= facts.as_of_ms <= known.last_ms and not each.entry.counted:
        known.first_ms, known.last_ms = min(known.first_ms, facts.as_of_ms), max(known.last_ms, facts.as_of_ms)
        result.sighted[each.place] = (known.first_ms, known.last_ms)
        result.unsettled |= {each.place} if known.edited else set()
    return True


def _note_return(result: Sifted, each: Incoming, wording: Known | None) -> None:
    """Note an older wording that is seen to stand again later, so that the log tells of the change."""
    message = result.known[each.place]
    facts = each.entry.facts
    if wording is None or wording.id is None or facts.entry != "message":
        return
    shown = message.text if message.shown is None else message.shown
    if facts.as_of_ms > wording.last_ms and shown != facts.text:
        result.returned.append(each)


def _revision(each: Incoming, again_ms: int | None = None) -> Incoming:
    key = entries.name_revision(each.place[1], each.entry.facts.text, again_ms)
    return Incoming((each.place[0], key), revise(each.entry, key))


def _find(places: Sequence[Place]) -> dict[Place, Known]:
    if not places:
        return {}
    conversations, keys = zip(*places, strict=True)
    wanted, parameters = bulk.table_of(conversation=("bigint", conversations), key=("text", keys))
    found = {}
    for conversation, key, row, text, as_of_at, first_at, last_at, shown, edited in bulk.select(
        _FIND.format(wanted=wanted), parameters
    ):
        as_of_ms = bulk.ms_of(as_of_at)
        first_ms = as_of_ms if first_at is None else min(as_of_ms, bulk.ms_of(first_at))
        last_ms = as_of_ms if last_at is None else max(as_of_ms, bulk.ms_of(last_at))
        found[conversation, key] = Known(row, text, first_ms, last_ms, shown, bool(edited))
    return found


_FIND = f"""SELECT m.conversation_id, m.key, m.id, m.text, m.as_of_at, s.first_at, s.last_at, e.text, t.message_id
  FROM {{wanted}} wanted CROSS JOIN "{_MESSAGES}" m
  LEFT JOIN "{Sighting._meta.db_table}" s ON s.entry_id = m.id
  LEFT JOIN "{State._meta.db_table}" t ON t.message_id = m.id
  LEFT JOIN "{_MESSAGES}" e ON e.id = t.text_entry_id
  WHERE m.conversation_id = wanted.conversation AND m.key = wanted.key"""  # noqa: S608
