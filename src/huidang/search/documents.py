"""From rows to documents: what of a message may be found, and by whom.

The path of bulk imports: raw SQL, one pass, no model objects. What a person sees is decided by `records.lens`; this
module indexes the same: the text that stands, masked where something is hidden, nothing of what was withdrawn.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from huidang.people.readers import INTAKE
from huidang.records import masking, maskrules, sights
from huidang.records.masking import Kind, Profile, Sight
from huidang.records.models import Attachment, Clearance, Conversation, FileText, Message, Source, State
from huidang.search.index import Document, Texts
from huidang.search.labels import labeller
from huidang.settings import HOUSE

TIME_BITS = 20
"""A message id is its sending time in milliseconds since 1970, shifted by this (`records.models.Message`)."""

_MONTH_CELL_MS = 900_000  # zones are shifted by quarters of an hour
_LINK = re.compile(r"https?://", re.IGNORECASE).search
_HELD: dict[Kind, str] = {Kind.MOBILE: "phone", Kind.RESIDENT: "idcard", Kind.CARD: "bankcard"}
_FILES = frozenset({"image", "voice", "video", "file"})
_MANY = 500  # values in one statement; SQLite's limit was 999 for long

_MESSAGE, _STATE, _ATTACHMENT, _FILE_TEXT = (model._meta.db_table for model in (Message, State, Attachment, FileText))
_COLUMNS = f"""SELECT m.id, m.conversation_id, m.entry, m.target_key, m.kind, m.sender_id, m.text, s.edits,
  s.recalled_at IS NOT NULL OR s.deleted_at IS NOT NULL, later.text, s.text_entry_id
  FROM {_MESSAGE} m LEFT JOIN {_STATE} s ON s.message_id = m.id LEFT JOIN {_MESSAGE} later ON later.id = s.text_entry_id
"""  # noqa: S608
_OF_LOG = _COLUMNS + "WHERE m.leaf_index >= %s AND m.leaf_index < %s ORDER BY m.leaf_index"
_OF_CONVERSATION = (
    _COLUMNS + "WHERE m.conversation_id = %s AND m.id > %s AND m.entry = 'message' ORDER BY m.id LIMIT %s"
)
_BY_ID = _COLUMNS + "WHERE m.entry = 'message' AND m.id IN ({marks})"
_TARGETS = f"SELECT m.id FROM {_MESSAGE} m WHERE m.conversation_id = %s AND m.key = %s AND m.entry = 'message'"  # noqa: S608
_NAMES = (
    f"SELECT message_id, kind, name FROM {_ATTACHMENT} WHERE message_id IN ({{marks}}) ORDER BY message_id, position"  # noqa: S608
)
_READ = f"""SELECT DISTINCT a.message_id FROM {_ATTACHMENT} a JOIN {_FILE_TEXT} f ON f.sha256 = a.sha256
  WHERE a.message_id IN ({{marks}}) AND a.missing = ''"""  # noqa: S608
_INSIDE = f"""SELECT c.id IS NOT NULL, f.pages FROM {_ATTACHMENT} a JOIN {_FILE_TEXT} f ON f.sha256 = a.sha256
  LEFT JOIN {Clearance._meta.db_table} c ON c.attachment_id = a.id
  WHERE a.message_id = %s AND a.missing = '' ORDER BY a.position"""  # noqa: S608
_PLACES = f"""SELECT c.id, c.department_id, c.owner_id, o.platform FROM {Conversation._meta.db_table} c
  JOIN {Source._meta.db_table} o ON o.id = c.source_id WHERE c.id IN ({{marks}})"""  # noqa: S608


_ID, _CONVERSATION, _ENTRY, _TARGET = range(4)
"""Places of the columns above, for what is asked of every row."""


_Row = tuple[Any, ...]


class _Place(NamedTuple):
    department: int
    owner: int
    platform: str


class OfLog(NamedTuple):
    """What a stretch of the log makes: documents that are `new`, and those that take an older one's place."""

    new: list[Document]
    changed: list[Document]


def of_log(first: int, end: int) -> OfLog:
    """Return the documents that the leaves `first` to before `end` make or change.

    An edit, recall or deletion gives the document of the message it points at, if that has come.
    """
    rows = _select(_OF_LOG, (first, end))
    messages = [row for row in rows if row[_ENTRY] == "message"]
    pointed = {(row[_CONVERSATION], row[_TARGET]) for row in rows if row[_ENTRY] != "message"}
    changed = _targets(pointed).difference(row[_ID] for row in messages) if pointed else ()
    return OfLog(list(_documents(messages)), list(_documents(_rows_of(changed))))


def of_messages(ids: Iterable[int]) -> list[Document]:
    """Return the documents of some messages; unknown ids are left out."""
    return list(_documents(_rows_of(set(ids))))


def of_conversation(conversation: int, *, batch: int = 5000) -> Iterator[list[Document]]:
    """Yield the documents of a conversation in batches."""
    last = 0
    while rows := _select(_OF_CONVERSATION, (conversation, last, batch)):
        yield list(_documents(rows))
        last = rows[-1][_ID]


def month_of(message_id: int) -> int:
    """Return the month of a message as yyyymm in the archive's zone."""
    return _month((message_id >> TIME_BITS) // _MONTH_CELL_MS)


@cache
def _month(cell: int) -> int:
    at = datetime.fromtimestamp(cell * _MONTH_CELL_MS / 1000, ZoneInfo(HOUSE.timezone))
    return at.year * 100 + at.month


def _documents(rows: Sequence[_Row]) -> Iterator[Document]:
    places = _places({row[_CONVERSATION] for row in rows})
    files = _attachments([row[_ID] for row in rows])
    label = labeller().begin()
    maskrules.refresh()
    looked = sights.load_many(places, [row[_ID] for row in rows])
    inside = _read(files)
    for message, conversation, _entry, _target, kind, sender, said, edits, withdrawn, later, edit in rows:
        held = files.get(message, ())
        text = said if later is None else later
        around = looked.of(conversation, message)
        sight = looked.of(conversation, message, edit or message) if looked.marked else around
        names = tuple(name for _kind, name in held if name) if held else ()
        texts, hidden, visible = _texts((text, *names), sight, around)
        department, owner, platform = places[conversation]
        if message in inside:
            texts = _with_files(texts, _files_of(message), around)
        labels = () if withdrawn else label(visible[:1], department or None)
        yield Document(
            message,
            conversation,
            department,
            owner,
            platform,
            kind,
            _month((message >> TIME_BITS) // _MONTH_CELL_MS),
            sender or 0,
            (),
            ("recalled",) if withdrawn else (*_flags(kind, text, held, hidden, edited=bool(edits)), *sorted(labels)),
            Texts((), (), *texts[:2]) if withdrawn else texts,
        )


def _texts(pieces: tuple[str, ...], sight: Sight, around: Sight) -> tuple[Texts, Collection[Kind], tuple[str, ...]]:
    """Return the texts of a message that stands, the kinds of what is hidden in them, and what may be labelled."""
    spans = [masking.find(pieces[0], sight), *(masking.find(piece, around) for piece in pieces[1:])]
    if not any(spans):
        return Texts(pieces), (), pieces
    visible = tuple(masking.blanked(piece, at) for piece, at in zip(pieces, spans, strict=True))
    masked = tuple(masking.apply(piece, at, Profile.INSIDE) for piece, at in zip(pieces, spans, strict=True))
    return Texts(masked, pieces), {span.kind for at in spans for span in at}, visible


def _with_files(texts: Texts, files: Iterable[tuple[bool, list[str]]], around: Sight) -> Texts:
    """Add the text of files: what was cleared is found like the message, with masks; all of it only without them."""
    shown, full = texts.shown, texts.full or texts.shown
    for cleared, pages in files:
        full += tuple(pages)
        if cleared:
            shown += tuple(masking.masked(page, Profile.INSIDE, around) for page in pages)
    return Texts(shown) if shown == full else Texts(shown, full)


def _files_of(message: int) -> Iterator[tuple[bool, list[str]]]:
    """Yield for each file of a message that was read whether it was cleared for who sees masks, and its pages."""
    rows = _select(_INSIDE, [message])
    for cleared, pages in rows:
        held = json.loads(pages) if isinstance(pages, str) else pages
        yield bool(cleared), [text for _place, text in held]


def _flags(
    kind: str, text: str, held: Sequence[tuple[str, str]], hidden: Collection[Kind], *, edited: bool
) -> tuple[str, ...]:
    """Return what `is:` and `has:` ask for."""
    flags = {each for each, _name in held}
    if hidden:
        flags.add("masked")
        flags.update(_HELD[each] for each in hidden if each in _HELD)
    if kind in _FILES:
        flags.add(kind)
    if edited:
        flags.add("edited")
    if kind == "link" or ("://" in text and _LINK(text)):
        flags.add("link")
    return tuple(sorted(flags)) if flags else ()


def _rows_of(ids: Collection[int]) -> list[_Row]:
    return list(_select_many(_BY_ID, ids))


def _targets(pointed: Iterable[tuple[int, str]]) -> set[int]:
    return {found for place in pointed for (found,) in _select(_TARGETS, place)}


def _attachments(ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    names: dict[int, list[tuple[str, str]]] = {}
    for message, kind, name in _select_many(_NAMES, ids):
        names.setdefault(message, []).append((kind, name))
    return names


def _read(messages: Collection[int]) -> set[int]:
    """Return the messages with a file in which a text was read."""
    return {message for (message,) in _select_many(_READ, messages)}


def _places(conversations: Collection[int]) -> dict[int, _Place]:
    rows = _select_many(_PLACES, conversations)
    return {row: _Place(department or INTAKE, owner or 0, platform) for row, department, owner, platform in rows}


def _select(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _select_many(statement: str, values: Collection[int]) -> Iterator[tuple[Any, ...]]:
    """Run a statement for many values at `{marks}`, some hundred at a time."""
    every = list(values)
    for start in range(0, len(every), _MANY):
        some = every[start : start + _MANY]
        yield from _select(statement.replace("{marks}", ",".join(["%s"] * len(some))), some)
