"""The door in: one transaction de-duplicates a batch, appends what is new, extends the log and records the event.

Nothing here changes a message. A known entry is left alone; another text under a known id becomes an entry that
points back; edits, recalls and deletions wait for their original if it has not come yet. Whatever the order and the
overlap of batches, the visible state is the same (`tests/properties`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import IO, Any, Self

import msgspec
from django.db import transaction

from huidang.kernel import blobs, bulk, clock, events
from huidang.records import entries, participants, states, threads
from huidang.records.drafts import ConversationDraft, Fact, ParticipantDraft, SourceDraft
from huidang.records.entries import Occurrences
from huidang.records.models import Source
from huidang.records.prepared import Prepared, arrive, prepare
from huidang.records.sifting import Incoming, Sifted, sift
from huidang.records.writing import Surroundings, write

_LOCK = 0x48554944
_NAMED_CONVERSATIONS = 50
_OURS = frozenset({"agent", "robot", "system"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a batch comes from: the source, and the custody facts that are kept with its raw bytes."""

    source: SourceDraft
    custody: dict[str, Any] = field(default_factory=dict)  # format, file name, place, parser version, host
    exported_ms: int | None = None  # when the export says it was made
    department_id: int | None = None  # for conversations that are new
    open_media: Callable[[str], IO[bytes] | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """What a batch came to: messages read, new and known (edits and recalls included), and what they touched."""

    read: int
    new: int
    known: int
    touched: frozenset[int] = frozenset()  # every conversation that the batch named
    changed: frozenset[int] = frozenset()  # those with something new
    leaves: range = range(0)


def append(facts: Iterable[Fact | Prepared], origin: Origin) -> Appended:
    """Store one batch. Raises Problem where an entry breaks a rule (see `entries.check`); then nothing is stored."""
    with Appender(origin) as appender:
        return appender.append(facts)


class Appender:
    """Appends the batches of one import: remembers accounts and conversations, counts repeated texts without ids."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._occurrences = Occurrences()
        self._memory: _Memory | None = None

    def append(self, facts: Iterable[Fact | Prepared]) -> Appended:
        """See `append`. One transaction; after a failure nothing of the batch is stored and the next may follow."""
        batch = _Batch(self._origin, facts)
        batch.number(self._occurrences)
        batch.keep_media()
        try:
            with transaction.atomic():
                bulk.hold_for_writing(_LOCK)
                self._memory = self._memory or _Memory(self._origin)
                return _store(batch, self._memory)
        except BaseException:
            self._memory = None
            raise

    @property
    def source_id(self) -> int | None:
        """The row of the source, once something was appended."""
        return self._memory.source_id if self._memory else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._occurrences.close()
        if self._memory is not None and self._memory.accounts.is_behind:
            with transaction.atomic():
                bulk.hold_for_writing(_LOCK)
                self._memory.accounts.flush()


class _Memory:
    """What the appender remembers of its source between transactions."""

    def __init__(self, origin: Origin) -> None:
        self.source_id = _settle_source(origin)
        self.accounts = participants.Accounts(self.source_id)
        self.threads = threads.Threads(self.source_id, origin.department_id)
        self.speakers = threads.Speakers()


def _settle_source(origin: Origin) -> int:
    draft = origin.source
    key = {"platform": draft.platform, "workspace": draft.workspace, "account": draft.account}
    defaults = {"name": draft.name, "created_at": clock.now(), "department_id": origin.department_id}
    source, _made = Source.objects.get_or_create(**key, defaults=defaults)
    if draft.name and not source.name:
        Source.objects.filter(pk=source.pk).update(name=draft.name)
    return source.pk


class _Batch:
    """The facts of one batch, sorted by what they are, with the key of every entry."""

    def __init__(self, origin: Origin, facts: Iterable[Fact | Prepared]) -> None:
        self.origin = origin
        self.arrival = arrive(origin.source, origin.exported_ms)
        self.conversations: dict[str, ConversationDraft] = {}
        self.accounts: list[ParticipantDraft] = []
        self.entries: list[Prepared] = []
        for fact in facts:
            self._take(fact)
        self.keys = [entry.facts.id for entry in self.entries]
        self.media: dict[str, str] = {}

    def _take(self, fact: Fact | Prepared) -> None:
        if isinstance(fact, Prepared):
            self.entries.append(fact)
        elif isinstance(fact, ConversationDraft):
            self.conversations[entries.fit(fact.id)] = fact
        elif isinstance(fact, ParticipantDraft):
            self.accounts.append(fact)
        else:
            fact = entries.check(fact)
            self.entries.append(prepare(fact, msgspec.json.encode(fact), self.arrival))

    def number(self, occurrences: Occurrences) -> None:
        """Complete the keys of messages without an id by their occurrence number."""
        counted = [place for place, entry in enumerate(self.entries) if entry.counted]
        if counted:
            names = [f"{self.entries[place].facts.conversation}\x1f{self.keys[place]}" for place in counted]
            for place, number in zip(counted, occurrences.number(names), strict=True):
                self.keys[place] = f"{self.keys[place]}:{number}"

    def keep_media(self) -> None:
        """Copy the files that the export holds into own storage, outside the transaction; repeating it is harmless."""
        if self.origin.open_media is None:
            return
        for ref in {media.ref for entry in self.entries for media in entry.media if media.ref}:
            file = self.origin.open_media(ref)
            if file is not None:
                with file:
                    self.media[ref] = blobs.put_stream(file)


def _store(batch: _Batch, memory: _Memory) -> Appended:
    stated_ms = batch.origin.exported_ms or 0
    written = [entry.facts for entry in batch.entries]
    claims = participants.claims_of(written, batch.accounts, stated_ms)
    for member in threads.members_of(batch.conversations.values()):
        claims.setdefault(member, participants.Claim())
    accounts = memory.accounts.settle(claims)
    found = memory.threads.settle({facts.conversation for facts in written}, batch.conversations, stated_ms)
    threads.note_members(batch.conversations, found, accounts)
    incoming = [
        Incoming((found[entry.facts.conversation].id, key), entry)
        for key, entry in zip(batch.keys, batch.entries, strict=True)
    ]
    sifted = sift(incoming)
    around = Surroundings({thread.id: thread for thread in found.values()}, accounts, batch.media, batch.origin.custody)
    ids, leaves = write(sifted.new, around) if sifted.new else ([], range(0))
    memory.speakers.note(_speakers(sifted, accounts))
    _follow(sifted, ids, leaves)
    changed = frozenset(each.place[0] for each in sifted.new)
    touched = frozenset(thread.id for thread in found.values())
    new = min(len(sifted.new), len(incoming))
    return Appended(
        read=len(incoming), new=new, known=len(incoming) - new, touched=touched, changed=changed, leaves=leaves
    )


def _speakers(sifted: Sifted, accounts: dict[str, int]) -> set[tuple[int, int]]:
    """Return who has written where, but for those whom the platform calls its own: nobody's names but customers'."""
    return {
        (each.place[0], accounts[each.entry.facts.sender])
        for each in sifted.new
        if each.entry.facts.sender and each.entry.facts.role not in _OURS
    }


def _follow(sifted: Sifted, ids: list[int], leaves: range) -> None:
    """Draw what follows from the new entries: sightings, states, counters, the event."""
    if sifted.sighted:
        rows = {place: known.id for place, known in sifted.known.items()}
        rows |= {each.place: row for each, row in zip(sifted.new, ids, strict=True)}
        states.sight({row: span for place, span in sifted.sighted.items() if (row := rows[place]) is not None})
    messages = [each for each in sifted.new if each.entry.facts.entry == "message"]
    pointed = [(each.place[0], each.entry.facts.target) for each in sifted.new if each.entry.facts.target]
    awaited = states.find_awaited([each.place for each in messages])
    states.restate([*pointed, *awaited, *sifted.unsettled])
    additions: dict[int, list[int]] = {}
    for each, row in zip(sifted.new, ids, strict=True):
        if each.entry.facts.entry == "message":
            additions.setdefault(each.place[0], []).append(row)
    threads.count(additions)
    if ids:
        touched = sorted({each.place[0] for each in sifted.new})
        named = [f"conversation:{row}" for row in touched[:_NAMED_CONVERSATIONS]]
        events.emit("records", changed=named, conversations=touched, first_leaf=leaves.start, end_leaf=leaves.stop)
