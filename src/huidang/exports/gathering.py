"""From a selection to a document: what is in it, conversation by conversation, read when it is written.

What is in it is settled first (`gather`), so that counts are known and rights can be asked for; the messages
themselves pass the lens one piece at a time while a writer walks through them.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count, groupby
from pathlib import Path
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huidang import records, search
from huidang.exports import blackouts, excerpts
from huidang.exports.blackouts import NOTHING, Blackout
from huidang.exports.document import Line, Section
from huidang.exports.selection import Selection
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import NOWHERE, Reader
from huidang.records import Listed, Profile, Shown
from huidang.records.passages import conversations_of, ids_within, provenance_of, read_chosen, stretch
from huidang.search.query import Term


class Read(Protocol):
    """Yields the messages as a reader sees them, conversation by conversation; their lines are not yet numbered."""

    def __call__(self, seen_by: Reader, profile: Profile, *, keyed: bool) -> Iterator[Line]:
        """Read. `keyed` as in `records.view_many`."""


@dataclass(frozen=True, slots=True)
class Passage:
    """How much is taken from one conversation."""

    conversation: Listed
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything that a selection holds for one reader. `query` says in words what was chosen, `note` what lacks."""

    title: str
    query: str
    passages: Sequence[Passage]
    read: Read
    note: str = ""

    @property
    def messages(self) -> int:
        """Return how many messages there are."""
        return sum(passage.count for passage in self.passages)

    @property
    def conversations(self) -> list[int]:
        """Return the ids of the conversations."""
        return [int(passage.conversation.id) for passage in self.passages]


def gather(reader: Reader, selection: Selection) -> Gathered:
    """Return what a selection holds for a reader.

    Raises `Absent` where a part of it lies outside the reach, `Problem` export-empty where nothing is left.
    """
    if selection.query is not None:
        gathered = _of_query(reader, selection, selection.query)
    elif selection.excerpt is not None:
        gathered = _of_excerpt(reader, selection, selection.excerpt)
    elif selection.messages:
        gathered = _of_messages(reader, selection)
    else:
        gathered = _of_conversations(reader, selection)
    if not gathered.messages:
        raise _nothing()
    return gathered


def sections_of(
    gathered: Gathered, reader: Reader, profile: Profile, *, keyed: bool = False, blackout: Blackout = NOTHING
) -> Iterator[Section]:
    """Yield the sections, to be walked through once and in order; lines are numbered from 1 through all of them."""
    seen_by = as_seen_in(profile, reader)
    known = {passage.conversation.id: passage.conversation for passage in gathered.passages}
    numbers = count(1)
    read = blackouts.applied(gathered.read(seen_by, profile, keyed=keyed), blackout)
    for conversation, found in groupby(read, lambda line: line.message.conversation):
        lines = (Line(next(numbers), line.message, line.hit, line.note) for line in found)
        provenance = provenance_of(seen_by, int(conversation), profile=profile) if keyed else None
        yield Section(known[conversation], lines, provenance)


def as_seen_in(profile: Profile, reader: Reader) -> Reader:
    """Return the reader whose eyes a file has.

    Under a mask nobody unmasks, so that pictures and voice are withheld unless a person has cleared them; and what
    goes outside holds nothing that was recalled.
    """
    lifted = {Profile.NONE: (), Profile.INSIDE: (Can.UNMASK,), Profile.OUTSIDE: (Can.UNMASK, Can.RECALLED)}[profile]
    return replace(reader, reaches=MappingProxyType({**reader.reaches, **dict.fromkeys(lifted, NOWHERE)}))


def media_for(reader: Reader, profile: Profile) -> Callable[[Shown, str], Path | None]:
    """Return the way from an enclosure of a shown message to its bytes, as `Document.media` wants it."""
    seen_by = as_seen_in(profile, reader)

    def bytes_of(message: Shown, enclosure_id: str) -> Path | None:
        named = next((each for each in message.attachments if each.id == enclosure_id), None)
        if named is None or named.withheld or named.missing:
            return None
        try:
            return records.open_enclosure(int(message.conversation), int(message.id), int(enclosure_id), seen_by).path
        except Absent:
            return None

    return bytes_of


def _nothing() -> Problem:
    return Problem("export-empty", "这个范围里没有消息。")


def _of_conversations(reader: Reader, selection: Selection) -> Gathered:
    listed = records.list_conversations(reader, selection.conversations)
    if len(listed) != len(set(selection.conversations)):
        raise Absent
    within = stretch(selection.since_at, selection.until_at)
    ids = ids_within(reader, list(dict.fromkeys(selection.conversations)), within)
    known = [listed[str(each)] for each in dict.fromkeys(selection.conversations)]
    return _chosen(listed, ids, (), title=_title(known), query=_in_words(known, selection, reader.zone))


def _of_messages(reader: Reader, selection: Selection) -> Gathered:
    ids = sorted(set(selection.messages))
    places = conversations_of(reader, ids)
    if len(places) != len(ids):
        raise Absent
    within = stretch(selection.since_at, selection.until_at)
    ids = [each for each in ids if each in within]
    if not ids:
        raise _nothing()
    found = _by_conversation(ids, places)
    listed = records.list_conversations(reader, found)
    chosen = ngettext("选中的 %(n)d 条消息", "选中的 %(n)d 条消息", len(ids)) % {"n": len(ids)}
    query = "，".join(filter(None, (chosen, _span_in_words(selection, reader.zone))))
    return _chosen(listed, found, (), title=_title([listed[str(each)] for each in found]), query=query)


def _of_excerpt(reader: Reader, selection: Selection, excerpt_id: int) -> Gathered:
    excerpt = excerpts.get_excerpt(reader, excerpt_id)
    conversation = records.get_conversation(reader, excerpt.conversation_id)

    def read(seen_by: Reader, profile: Profile, *, keyed: bool) -> Iterator[Line]:
        pinned = excerpts.read(seen_by, excerpt, profile=profile, within=within, keyed=keyed)
        return (each.as_line(0) for each in pinned)

    within = stretch(selection.since_at, selection.until_at)
    passage = Passage(conversation, excerpts.count_pins(reader, excerpt, within))
    named = _("摘录 %(n)d《%(title)s》") % {"n": excerpt.pk, "title": excerpt.title}
    query = "，".join(filter(None, (named, _span_in_words(selection, reader.zone))))
    return Gathered(title=excerpt.title, query=query, passages=[passage], read=read, note=excerpt.note)


def _of_query(reader: Reader, selection: Selection, text: str) -> Gathered:
    within = stretch(selection.since_at, selection.until_at)
    found = array("q", (each for each in search.sweep(reader, text) if each in within))
    ids = array("q", reversed(found))
    chosen = _by_conversation(ids, conversations_of(reader, ids))
    listed = records.list_conversations(reader, chosen)
    words = "，".join(filter(None, (text, _span_in_words(selection, reader.zone))))
    gathered = _chosen(listed, chosen, search.parse(text).terms, title=text or _("全部消息"), query=words)
    return replace(gathered, note=_coverage(reader, text))


def _by_conversation(ids: Iterable[int], places: dict[int, int]) -> dict[int, "array[int]"]:
    found: dict[int, array[int]] = {}
    for pk in ids:
        if pk in places:
            found.setdefault(places[pk], array("q")).append(pk)
    return found


def _chosen(
    listed: Mapping[str, Listed], ids: Mapping[int, "array[int]"], terms: Sequence[Term], *, title: str, query: str
) -> Gathered:
    """Return messages by their ids, conversation by conversation; pieces are read across short conversations."""
    known = {conversation: chosen for conversation, chosen in ids.items() if str(conversation) in listed}

    def read(seen_by: Reader, profile: Profile, *, keyed: bool) -> Iterator[Line]:
        for shown in read_chosen(seen_by, chain.from_iterable(known.values()), profile=profile, keyed=keyed):
            yield Line(0, replace(shown, parts=search.mark(shown.parts, terms)) if terms else shown)

    passages = [Passage(listed[str(conversation)], len(chosen)) for conversation, chosen in known.items()]
    return Gathered(title=title, query=query, passages=passages, read=read)


def _title(known: Sequence[Listed]) -> str:
    first = known[0].title or _("未命名会话")
    return first if len(known) == 1 else _("%(first)s等 %(n)d 个会话") % {"first": first, "n": len(known)}


def _in_words(known: Sequence[Listed], selection: Selection, zone: str) -> str:
    names = "、".join(f"{each.title or _('未命名会话')}（{each.id}）" for each in known[:20])
    more = " …" if len(known) > 20 else ""  # noqa: PLR2004
    return "，".join(filter(None, (names + more, _span_in_words(selection, zone))))


def _span_in_words(selection: Selection, zone: str) -> str:
    if not (selection.since_at or selection.until_at):
        return ""
    ends = (_moment(at, zone) if at else "" for at in (selection.since_at, selection.until_at))
    return " – ".join(ends)


def _moment(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def _coverage(reader: Reader, text: str) -> str:
    """Say what a search result does not cover, so that nobody takes a file for more than it is."""
    result = search.find(reader, text, limit=1)
    told = [note.text for note in result.notes]
    if not result.coverage.complete:
        told.append(_("索引尚未跟上，少查了 %(n)d 条日志。") % {"n": result.coverage.behind})
    return " ".join(told)
