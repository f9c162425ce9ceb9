"""Reads an export as the ingest does, for tests: every item cut, parsed, and sorted by what became of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from huidang.kernel.problems import Problem
from huidang.records.drafts import Broken, ConversationDraft, Draft, Fact, ParticipantDraft, RawMessage
from huidang.sources import Export, ImportOptions, open_export

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"


@dataclass
class Read:
    """What came out of an export."""

    export: Export
    raw: list[RawMessage] = field(default_factory=list)
    messages: list[Draft] = field(default_factory=list)
    conversations: list[ConversationDraft] = field(default_factory=list)
    participants: list[ParticipantDraft] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)

    def texts(self) -> list[str]:
        return [message.text for message in self.messages]

    def by_id(self, platform_id: str) -> Draft:
        return next(message for message in self.messages if message.id == platform_id)

    def person(self, platform_id: str) -> ParticipantDraft:
        return next(person for person in self.participants if person.id == platform_id)


def read(source: Path | IO[bytes], options: ImportOptions | None = None) -> Read:
    """Open the one export in `source` and read all of it."""
    return read_export(open_export(source, options))


def read_export(export: Export) -> Read:
    result = Read(export)
    for item in export.items():
        if isinstance(item, Broken):
            result.broken.append(item)
            continue
        result.raw.append(item)
        try:
            facts = export.parser.parse(item)
        except Problem as problem:
            result.broken.append(Broken(item.place, problem.code, problem.text, item.data))
            continue
        for fact in facts:
            _shelve(result, fact)
    return result


def _shelve(result: Read, fact: Fact) -> None:
    if isinstance(fact, Draft):
        result.messages.append(fact)
    elif isinstance(fact, ConversationDraft):
        result.conversations.append(fact)
    else:
        result.participants.append(fact)
