"""What is known of messages beside their words, in bulk: names of their customers, and what people marked by hand.

The lens and the index ask here, so that both hide the same.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from huidang.kernel import bulk
from huidang.records.masking import PLAIN, Sight
from huidang.records.models import Clearance, Mark, Message, Participant, Speaker
from huidang.records.names import NOBODY, Names, is_full_name

_MARKS, _CLEARANCES, _MESSAGES = (model._meta.db_table for model in (Mark, Clearance, Message))
_ANY_MARK = f'SELECT 1 FROM "{_MARKS}" WHERE undone_at IS NULL LIMIT 1'  # noqa: S608
_OF_MESSAGES = f"""SELECT k.message_id, k.entry_id, k.start, k."end", k.hides, m.text FROM {{wanted}} wanted
  CROSS JOIN "{_MARKS}" k LEFT JOIN "{_MESSAGES}" m ON m.id = k.entry_id
  WHERE k.message_id = wanted.id AND k.undone_at IS NULL ORDER BY k.id"""  # noqa: S608
_PEOPLE = Participant._meta.db_table
_KNOWN = f"""SELECT s.conversation_id, p.name, other.name FROM {{wanted}} wanted
  CROSS JOIN "{Speaker._meta.db_table}" s JOIN "{_PEOPLE}" p ON p.id = s.participant_id
  LEFT JOIN "{_PEOPLE}" other ON other.identity_id = p.identity_id
  WHERE s.conversation_id = wanted.id
    AND (p.role_corrected = 'customer' OR (p.role_corrected = '' AND p.role = 'customer'))"""  # noqa: S608
_SHORTEST_FRAGMENT = 2


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks of one message by the wording they were made on, and the pieces they black out anywhere else."""

    hidden: Mapping[int, tuple[tuple[int, int], ...]]
    cleared: Mapping[int, tuple[tuple[int, int], ...]]
    fragments: tuple[str, ...]

    def sight(self, names: Names, entry_id: int | None) -> Sight:
        """Return how a wording is looked at; without an entry, any other string of the message."""
        if entry_id is None:
            return Sight(names, (), (), self.fragments)
        return Sight(names, self.hidden.get(entry_id, ()), self.cleared.get(entry_id, ()), self.fragments)


@dataclass(frozen=True, slots=True)
class Sights:
    """How every text of a batch of messages is looked at."""

    names: Mapping[int, Names]
    marked: Mapping[int, Marked]

    def of(self, conversation_id: int, message_id: int, entry_id: int | None = None) -> Sight:
        """Return how one wording of a message is looked at, or without an entry any other string of it."""
        names = self.names.get(conversation_id, NOBODY)
        marked = self.marked.get(message_id)
        if marked is not None:
            return marked.sight(names, entry_id)
        return Sight(names) if names.known else PLAIN


def load(conversation_ids: Collection[int], message_ids: Collection[int]) -> Sights:
    """Load it all, in two queries."""
    return Sights(names_in(conversation_ids), _marked(message_ids))


def load_many(conversation_ids: Collection[int], message_ids: Collection[int]) -> Sights:
    """Load the same for thousands of messages, most of which nobody has ever marked."""
    return Sights(names_in(conversation_ids), _marked(message_ids) if bulk.select(_ANY_MARK) else {})


def names_in(conversation_ids: Collection[int]) -> dict[int, Names]:
    """Return the full names that are known of the customers of conversations, their other accounts' names too."""
    wanted, parameters = bulk.table_of(id=("bigint", sorted(conversation_ids)))
    found: dict[int, set[str]] = {}
    for conversation_id, *both in bulk.select(_KNOWN.format(wanted=wanted), parameters):
        full = [name for name in both if name and _is_full(name)]
        if full:
            found.setdefault(conversation_id, set()).update(full)
    return {conversation_id: _names(frozenset(names)) for conversation_id, names in found.items()}


def cleared(message_ids: Collection[int]) -> dict[int, str]:
    """Return the files of messages that were cleared for masked readers, by whom."""
    rows = Clearance.objects.unguarded("belongs to messages whose conversations were checked for this reader")
    asked = rows.filter(message_id__in=message_ids).select_related("made_by")
    return {row.attachment_id: row.made_by.name if row.made_by else "" for row in asked}


def _marked(message_ids: Collection[int]) -> dict[int, Marked]:
    wanted, parameters = bulk.table_of(id=("bigint", sorted(message_ids)))
    rows: dict[int, list[tuple[int, int, int, bool, str]]] = {}
    for message_id, entry_id, start, end, hides, text in bulk.select(_OF_MESSAGES.format(wanted=wanted), parameters):
        rows.setdefault(message_id, []).append((entry_id, start, end, bool(hides), text or ""))
    return {message_id: _of_one(marks) for message_id, marks in rows.items()}


def _of_one(marks: Iterable[tuple[int, int, int, bool, str]]) -> Marked:
    ranges: dict[bool, dict[int, tuple[tuple[int, int], ...]]] = {True: {}, False: {}}
    fragments = []
    for entry_id, start, end, hides, text in marks:
        ranges[hides][entry_id] = (*ranges[hides].get(entry_id, ()), (start, end))
        if hides and len(text[start:end].strip()) >= _SHORTEST_FRAGMENT:
            fragments.append(text[start:end])
    return Marked(ranges[True], ranges[False], tuple(fragments))


@lru_cache(maxsize=65_536)
def _is_full(name: str) -> bool:
    return is_full_name(name)


@lru_cache(maxsize=16_384)
def _names(names: frozenset[str]) -> Names:
    return Names(names)
