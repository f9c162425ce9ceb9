"""What later entries make of a message: which text is shown, how often it changed, recalled or deleted.

A state is computed anew from all entries that point at the message, never stepped on from the last state: so it does
not matter in which order exports and streams arrive. The text that was seen to stand last is shown; of two texts seen
at the same moment a hash decides. A recall or deletion holds from the earliest one known, for ever.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from huidang.kernel import bulk
from huidang.records import entries
from huidang.records.models import Message, Sighting, State

Place = tuple[int, str]
"""A message before its id is known: (conversation id, key)."""

_MESSAGES = Message._meta.db_table
_SIGHTINGS = Sighting._meta.db_table
_STATES = State._meta.db_table
_COLUMNS = (
    "message_id", "conversation_id", "text_entry_id", "edits", "edited_at",
    "recall_entry_id", "recalled_at", "deleted_at",
)  # fmt: skip


@dataclass(slots=True)
class Text:
    """One wording of a message: the entry that holds it (None = the message itself), first and last time seen."""

    entry_id: int | None
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class History:
    """All that is known of one message."""

    conversation_id: int
    message_id: int
    texts: dict[str, Text] = field(default_factory=dict)
    recall: tuple[int, str, int] | None = None
    delete: tuple[int, str, int] | None = None

    def take_text(self, text: str, entry_id: int | None, first_ms: int, last_ms: int) -> None:
        """Add a wording, or widen the time in which it was seen."""
        known = self.texts.setdefault(text, Text(entry_id, first_ms, last_ms))
        known.first_ms, known.last_ms = min(known.first_ms, first_ms), max(known.last_ms, last_ms)

    def row(self) -> tuple[Any, ...] | None:
        """Return the columns of the state, or None where nothing happened to the message."""
        if len(self.texts) == 1 and not self.recall and not self.delete:
            return None
        wording, shown = max(self.texts.items(), key=lambda pair: (pair[1].last_ms, entries.order_of(pair[0])))
        others = [text.last_ms for text in self.texts.values() if text is not shown]
        edited_ms = (shown.first_ms if shown.first_ms > max(others) else shown.last_ms) if others else None
        return (
            self.message_id,
            self.conversation_id,
            self.texts[wording].entry_id,
            len(others),
            None if edited_ms is None else bulk.moment(edited_ms),
            self.recall[2] if self.recall else None,
            bulk.moment(self.recall[0]) if self.recall else None,
            bulk.moment(self.delete[0]) if self.delete else None,
        )


def restate(places: Iterable[Place]) -> list[int]:
    """Compute and store the states of these messages, as far as they are there; return the ids of those that are."""
    wanted = sorted(set(places))
    if not wanted:
        return []
    histories = _begin(wanted)
    for entry in _select(_POINTING, wanted):
        _take(histories, entry)
    rows = [row for history in histories.values() if (row := history.row())]
    ids = [history.message_id for history in histories.values()]
    bulk.execute(f'DELETE FROM "{_STATES}" WHERE message_id = %s', [(each,) for each in ids])  # noqa: S608
    bulk.insert(_STATES, _COLUMNS, rows)
    return ids


def find_awaited(places: Sequence[Place]) -> list[Place]:
    """Return which of these messages have entries that point at them."""
    wanted, parameters = bulk.table_of(conversation=("bigint", list({place[0] for place in places})))
    pointed = {row for (row,) in bulk.select(_POINTED.format(wanted=wanted), parameters)}
    asked = [place for place in places if place[0] in pointed]
    return [(row[0], row[1]) for row in _select(_AWAITED, asked)] if asked else []


def sight(moments: Mapping[int, tuple[int, int]]) -> None:
    """Remember that entries' texts were seen to stand at further moments (entry id -> first, last in ms)."""
    rows = [(entry, bulk.moment(first), bulk.moment(last)) for entry, (first, last) in moments.items()]
    bulk.execute(_SIGHT, rows)


def _begin(wanted: Sequence[Place]) -> dict[Place, History]:
    histories = {}
    for conversation, key, message, text, as_of_at, first_at, last_at in _select(_ORIGINALS, wanted):
        history = histories[conversation, key] = History(conversation, message)
        history.take_text(text, None, *_span(as_of_at, first_at, last_at))
    return histories


def _take(histories: Mapping[Place, History], row: tuple[Any, ...]) -> None:
    conversation, key, entry_id, entry, entry_key, text, as_of_at, first_at, last_at = row
    history = histories.get((conversation, key))
    if history is None:
        return
    if entry == "edit":
        history.take_text(text, entry_id, *_span(as_of_at, first_at, last_at))
        return
    found = (entry_id >> 20, entry_key, entry_id)
    earlier = getattr(history, entry)
    setattr(history, entry, min(earlier, found) if earlier else found)


def _span(as_of_at: Any, first_at: Any, last_at: Any) -> tuple[int, int]:
    as_of_ms = bulk.ms_of(as_of_at)
    if first_at is None:
        return as_of_ms, as_of_ms
    return min(as_of_ms, bulk.ms_of(first_at)), max(as_of_ms, bulk.ms_of(last_at))


def _select(statement: str, places: Sequence[Place]) -> list[tuple[Any, ...]]:
    conversations, keys = [place[0] for place in places], [place[1] for place in places]
    wanted, parameters = bulk.table_of(conversation=("bigint", conversations), key=("text", keys))
    return bulk.select(statement.format(wanted=wanted), parameters)


_ORIGINALS = f"""SELECT m.conversation_id, m.key, m.id, m.text, m.as_of_at, s.first_at, s.last_at
  FROM {{wanted}} wanted CROSS JOIN "{_MESSAGES}" m LEFT JOIN "{_SIGHTINGS}" s ON s.entry_id = m.id
  WHERE m.conversation_id = wanted.conversation AND m.key = wanted.key"""  # noqa: S608
_POINTING = f"""SELECT m.conversation_id, m.target_key, m.id, m.entry, m.key, m.text, m.as_of_at, s.first_at, s.last_at
  FROM {{wanted}} wanted CROSS JOIN "{_MESSAGES}" m LEFT JOIN "{_SIGHTINGS}" s ON s.entry_id = m.id
  WHERE m.conversation_id = wanted.conversation AND m.target_key = wanted.key AND m.target_key > ''"""  # noqa: S608
_POINTED = f"""SELECT wanted.conversation FROM {{wanted}} wanted WHERE EXISTS (
  SELECT 1 FROM "{_MESSAGES}" m WHERE m.conversation_id = wanted.conversation AND m.target_key > '')"""  # noqa: S608
_AWAITED = f"""SELECT DISTINCT m.conversation_id, m.target_key FROM {{wanted}} wanted CROSS JOIN "{_MESSAGES}" m
  WHERE m.conversation_id = wanted.conversation AND m.target_key = wanted.key AND m.target_key > ''"""  # noqa: S608
_SIGHT = f"""INSERT INTO "{_SIGHTINGS}" AS s (entry_id, first_at, last_at) VALUES (%s,%s,%s)
  ON CONFLICT (entry_id) DO UPDATE SET
    first_at = CASE WHEN excluded.first_at < s.first_at THEN excluded.first_at ELSE s.first_at END,
    last_at = CASE WHEN excluded.last_at > s.last_at THEN excluded.last_at ELSE s.last_at END"""  # noqa: S608
