"""Entries made ready to be stored, away from the database: checked, named, committed to, sealed.

This is the costly half of appending and runs in worker processes; the appender does the rest in its transaction.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from huidang.kernel import clock
from huidang.records import entries, leaves
from huidang.records.drafts import ConversationDraft, Draft, Fact, MediaDraft, ParticipantDraft, SourceDraft
from huidang.records.leaves import Facts, Sealed


class Prepared(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="e"):
    """An entry as it will be stored. `counted`: its key still lacks the occurrence number; see `entries.name`."""

    facts: Facts
    media: tuple[MediaDraft, ...]
    counted: bool
    sealed: Sealed


ReadyFact = Prepared | ConversationDraft | ParticipantDraft


class Arrival(NamedTuple):
    """What all entries of a batch share: the source, when its export was made (None = unknown), when it came in."""

    source: SourceDraft
    exported_ms: int | None
    received_ms: int

    def as_of_ms(self, draft: Draft) -> int:
        """Return when the text of an entry was true: its own word, else the export's, else its sending."""
        if draft.as_of_ms is not None:
            return draft.as_of_ms
        return max(self.exported_ms or 0, draft.sent_ms) if draft.entry == "message" else draft.sent_ms


def arrive(source: SourceDraft, exported_ms: int | None = None) -> Arrival:
    """Return the arrival of entries that come in now."""
    return Arrival(source, exported_ms, clock.now_ms())


def prepare(draft: Draft, raw: bytes, arrival: Arrival) -> Prepared:
    """Make one entry ready. Raises Problem where it breaks a rule (`entries.check`)."""
    draft = entries.check(draft)
    key, counted = entries.name(draft)
    source = arrival.source
    facts = Facts(
        source=(source.platform, source.workspace, source.account),
        conversation=entries.fit(draft.conversation),
        id=key,
        entry=draft.entry,
        target=entries.point(draft.target),
        kind=draft.kind[:12],
        sender=entries.fit(draft.sender),
        sender_name=draft.sender_name,
        role=draft.role,
        reply=entries.point(draft.reply_to),
        thread=entries.point(draft.thread),
        sent_ms=draft.sent_ms,
        precision=draft.precision,
        zone=draft.zone[:40],
        received_ms=arrival.received_ms,
        as_of_ms=arrival.as_of_ms(draft),
        text=draft.text,
        details=draft.details,
        media=[(media.kind, media.name, media.ref, media.seconds) for media in draft.media],
    )
    return Prepared(facts, draft.media, counted, leaves.seal(facts, raw))


def prepare_all(facts: Sequence[Fact], raw: bytes, arrival: Arrival) -> Iterator[ReadyFact]:
    """Make the facts of one raw item ready; conversations and participants pass as they are."""
    for fact in facts:
        yield prepare(fact, raw, arrival) if isinstance(fact, Draft) else fact


def revise(entry: Prepared, key: str) -> Prepared:
    """Make of a message that came again with another text the edit that it stands for, under a key of its own."""
    facts = msgspec.structs.replace(entry.facts, entry="edit", target=entry.facts.id, id=key)
    raw = leaves.open_raw(entry.sealed.raw, entry.sealed.secret)
    return Prepared(facts, entry.media, counted=False, sealed=leaves.seal(facts, raw))
