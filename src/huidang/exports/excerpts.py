"""Excerpts: chosen messages of one conversation, pinned as they were shown, with highlights and notes.

Everybody who reads the conversation sees its excerpts, through the lens: what was recalled or changed after it was
pinned stays in the excerpt for who may see originals, and is marked as such for everybody else. Whoever files the
conversation makes and edits them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huidang.exports.document import Line
from huidang.exports.models import Excerpt, Pin
from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import Reader, audit
from huidang.records import Profile, Shown, Stretch, masking
from huidang.records.models import Message
from huidang.records.passages import ids_within, places_within, read_chosen, standings_of
from huidang.search.query import Term, readable
from huidang.search.snippets import find_hits

MOST_MESSAGES = 2000
LONGEST_TITLE = 200
LONGEST_NOTE = 4000

ALWAYS = Stretch()
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A message of an excerpt as a reader sees it. `since` says what happened after it was pinned, empty = nothing."""

    message: Shown
    whole: bool
    note: str
    since: str

    def as_line(self, number: int) -> Line:
        """Return the line of a document."""
        return Line(number, self.message, self.whole, " ".join(filter(None, (self.note, self.since))))


def make(reader: Reader, conversation_id: int, ids: Iterable[int], *, title: str, note: str = "") -> Excerpt:
    """Pin messages of a conversation as they stand now.

    Raises `Absent` where the conversation cannot be filed by this reader or one of the messages is not in it, and
    `Problem` for none, too many, or a title that is missing.
    """
    wanted = sorted(set(ids))
    _require_filing(reader, conversation_id)
    if not 1 <= len(wanted) <= MOST_MESSAGES:
        raise _wrong_size()
    rows: Any = Message.objects.readable_by(reader, Can.READ).filter(conversation_id=conversation_id, entry="message")
    if len(set(_known(rows, wanted))) != len(wanted):
        raise Absent
    standings = standings_of(reader, wanted)
    now = clock.now()
    with transaction.atomic():
        excerpt = Excerpt.objects.create(
            conversation_id=conversation_id, title=_title(title), note=_note_text(note),
            made_by_id=reader.user_id, made_at=now, changed_at=now,
        )  # fmt: skip
        pins = (
            Pin(
                excerpt_id=excerpt.pk, conversation_id=conversation_id, message_id=pk,
                text_entry_id=standings[pk].text_entry_id, withdrawn=standings[pk].withdrawn,
            )
            for pk in wanted
        )  # fmt: skip
        Pin.objects.bulk_create(pins)
        _note("excerpt", excerpt, by=reader, messages=len(wanted))
    return excerpt


def ids_between(reader: Reader, conversation_id: int, within: Stretch) -> list[int]:
    """Return the messages of a stretch of time that an excerpt can hold. Raises `Absent`, or `Problem` for too many."""
    _require_filing(reader, conversation_id)
    found = ids_within(reader, [conversation_id], within).get(conversation_id, ())
    if len(found) > MOST_MESSAGES:
        raise _wrong_size()
    return list(found)


def find(reader: Reader, *, conversation_id: int | None = None) -> "list[Excerpt]":
    """Return the excerpts within reach, the last changed first; titles are masked."""
    rows: Any = _rows(reader).filter(removed_at=None).order_by("-changed_at", "-pk")
    if conversation_id is not None:
        rows = rows.filter(conversation_id=conversation_id)
    return [_masked(row) for row in rows[:200]]


def get_excerpt(reader: Reader, excerpt_id: int) -> Excerpt:
    """Return an excerpt within reach that was not removed; title and note are masked. Raises `Absent`."""
    return _masked(_get(reader, excerpt_id))


def may_edit(reader: Reader, excerpt: Excerpt) -> bool:
    """Say whether a reader may edit an excerpt."""
    return bool(places_within(reader, [excerpt.conversation_id], Can.FILE))


def count_pins(reader: Reader, excerpt: Excerpt, within: Stretch = ALWAYS) -> int:
    """Return how many messages an excerpt holds, of a stretch of time."""
    number: int = _pins(reader, excerpt, within).count()
    return number


def read(
    reader: Reader,
    excerpt: Excerpt,
    *,
    profile: Profile = Profile.INSIDE,
    within: Stretch = ALWAYS,
    keyed: bool = False,
) -> Iterator[Pinned]:
    """Yield the messages of an excerpt in order of time, each in the wording that was pinned, where it may be seen."""
    pins = {pin.message_id: pin for pin in _pins(reader, excerpt, within)}
    stands = standings_of(reader, list(pins))
    changed = {pk for pk, pin in pins.items() if stands[pk].text_entry_id != pin.text_entry_id}
    originals = bool(places_within(reader, [excerpt.conversation_id], Can.RECALLED))
    told = pins.keys() if originals else pins.keys() - changed
    hits = {pk: [(first, end) for first, end in pins[pk].ranges] for pk in told}
    revisions = {pk: pins[pk].text_entry_id for pk in changed}
    for shown in read_chosen(reader, sorted(pins), profile=profile, hits=hits, revisions=revisions, keyed=keyed):
        pin = pins[int(shown.id)]
        since = _since(shown, pin, edited=int(shown.id) in changed, originals=originals)
        yield Pinned(shown, pin.whole, masking.masked(pin.note, profile), since)


def rename(reader: Reader, excerpt_id: int, *, title: str, note: str) -> Excerpt:
    """Change title and note. Raises `Absent`, or `Problem` for a title that is missing."""
    return _change(reader, excerpt_id, title=_title(title), note=_note_text(note))


def highlight(reader: Reader, excerpt_id: int, message_id: int, ranges: Sequence[Range]) -> None:
    """Highlight words of a message, besides those that are: half-open ranges of its shown text. Raises `Absent`."""
    excerpt, pin = _pin(reader, excerpt_id, message_id)
    length = len(_shown(reader, excerpt, message_id).text)
    asked = [(first, end) for first, end in ranges if 0 <= first < end <= length]
    if not asked:
        raise Problem("highlight-empty", "没有选中文字。")
    _mark(reader, excerpt, pin, ranges=_merged([*((first, end) for first, end in pin.ranges), *asked]))


def highlight_words(reader: Reader, excerpt_id: int, message_id: int, words: str) -> None:
    """Highlight every place where words stand in a message. Raises `Absent`, or `Problem` where they do not."""
    excerpt, _found = _pin(reader, excerpt_id, message_id)
    places = find_hits(_shown(reader, excerpt, message_id).text, [Term(words)])
    if not places:
        raise Problem("words-absent", _("这条消息里没有「%s」。") % words)
    highlight(reader, excerpt_id, message_id, places)


def highlight_whole(reader: Reader, excerpt_id: int, message_id: int, *, whole: bool) -> None:
    """Highlight a message as a whole, or no more. Raises `Absent`."""
    _mark(reader, *_pin(reader, excerpt_id, message_id), whole=whole)


def clear(reader: Reader, excerpt_id: int, message_id: int) -> None:
    """Take every highlight of a message away. Raises `Absent`."""
    _mark(reader, *_pin(reader, excerpt_id, message_id), whole=False, ranges=[])


def annotate(reader: Reader, excerpt_id: int, message_id: int, note: str) -> None:
    """Write a note on a message; an empty one takes it away. Raises `Absent`."""
    _mark(reader, *_pin(reader, excerpt_id, message_id), note=_note_text(note))


def remove(reader: Reader, excerpt_id: int) -> Excerpt:
    """Take an excerpt away; `restore` brings it back. Raises `Absent`."""
    with transaction.atomic():
        excerpt = _change(reader, excerpt_id, removed_at=clock.now())
        _note("excerpt-removed", excerpt, by=reader)
    return excerpt


def restore(reader: Reader, excerpt_id: int) -> Excerpt:
    """Bring a removed excerpt back. Raises `Absent`."""
    with transaction.atomic():
        excerpt = _change(reader, excerpt_id, removed_at=None)
        _note("excerpt-restored", excerpt, by=reader)
    return excerpt


def _rows(reader: Reader, can: Can = Can.READ) -> Any:
    return Excerpt.objects.readable_by(reader, can).select_related("made_by")


def _get(reader: Reader, excerpt_id: int) -> Excerpt:
    row: Excerpt | None = _rows(reader).filter(pk=excerpt_id, removed_at=None).first()
    if row is None:
        raise Absent
    return row


def _pins(reader: Reader, excerpt: Excerpt, within: Stretch = ALWAYS) -> Any:
    rows = Pin.objects.readable_by(reader, Can.READ).filter(excerpt_id=excerpt.pk)
    return rows.filter(message_id__gte=within.first, message_id__lt=within.end).order_by("message_id")


def _pin(reader: Reader, excerpt_id: int, message_id: int) -> tuple[Excerpt, Pin]:
    """Return a pin that this reader may edit."""
    excerpt = _get(reader, excerpt_id)
    pin = _pins(reader, excerpt).filter(message_id=message_id).first()
    if pin is None or not may_edit(reader, excerpt):
        raise Absent
    return excerpt, pin


def _mark(reader: Reader, excerpt: Excerpt, pin: Pin, **values: Any) -> None:
    with transaction.atomic():
        Pin.objects.readable_by(reader, Can.FILE).filter(pk=pin.pk).update(**values)
        _change(reader, excerpt.pk)


def _change(reader: Reader, excerpt_id: int, **values: Any) -> Excerpt:
    rows = _rows(reader).filter(pk=excerpt_id)
    row: Excerpt | None = rows.first()
    if row is None or not may_edit(reader, row):
        raise Absent
    Excerpt.objects.readable_by(reader, Can.FILE).filter(pk=excerpt_id).update(changed_at=clock.now(), **values)
    changed: Excerpt = rows.get()
    return changed


def _shown(reader: Reader, excerpt: Excerpt, message_id: int) -> Shown:
    """Return a pinned message as it stands in the excerpt."""
    found = next((each for each in read(reader, excerpt) if each.message.id == str(message_id)), None)
    if found is None:
        raise Absent
    return found.message


def _since(shown: Shown, pin: Pin, *, edited: bool, originals: bool) -> str:
    if (shown.recalled_at or shown.deleted_at) and not pin.withdrawn:
        return _("摘录之后被撤回") if shown.recalled_at else _("摘录之后被删除")
    if edited:
        return _("摘录之后改过，这里是摘录时的文字") if originals else _("摘录之后改过，这里是现在的文字")
    return ""


def _require_filing(reader: Reader, conversation_id: int) -> None:
    if not (places_within(reader, [conversation_id]) and places_within(reader, [conversation_id], Can.FILE)):
        raise Absent


def _known(rows: Any, wanted: list[int]) -> Iterator[int]:
    waiting = iter(wanted)
    while piece := list(islice(waiting, 500)):
        yield from rows.filter(pk__in=piece).values_list("pk", flat=True)


def _wrong_size() -> Problem:
    return Problem("excerpt-size", _("一份摘录选 1 到 %d 条消息。") % MOST_MESSAGES, most=MOST_MESSAGES)


def _title(title: str) -> str:
    plain = " ".join(readable(title).split())[:LONGEST_TITLE]
    if not plain:
        raise Problem("title-wanted", "给摘录起个标题。")
    return plain


def _note_text(note: str) -> str:
    return readable(note).strip()[:LONGEST_NOTE]


def _merged(ranges: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for first, end in sorted(ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((first, end))
    return merged


def _masked(row: Excerpt) -> Excerpt:
    row.title, row.note = masking.masked(row.title), masking.masked(row.note)
    return row


def _note(what: str, excerpt: Excerpt, *, by: Reader, **facts: Any) -> None:
    audit.note(what, by=by, about=f"excerpt:{excerpt.pk}", conversation=str(excerpt.conversation_id), **facts)
