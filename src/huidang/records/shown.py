"""What may be shown: plain frozen values that hold nothing the reader may not see. Ids are strings, as in JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from huidang.records.masking import Kind

Side = Literal["ours", "customer", "robot", "system", "unknown"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text: plain, hidden (`kind` says what was), a hit of the search, a word of a lexicon, or several.

    `sensitive` names group and lexicon of the word, and is empty elsewhere. `lifted`: a mask stood here, and is lifted
    for a look that runs.
    """

    text: str
    kind: Kind | None = None
    hit: bool = False
    sensitive: str = ""
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, with the ground for the role (`correction`, `message`, `directory`, `is_bot`, …)."""

    id: str
    name: str
    role: str
    ground: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that was answered. Without an `id` the archive does not hold it."""

    id: str
    sender: str
    text: str
    kind: str
    recalled: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file of a message. `withheld`: it exists, but not for this reader; `missing`: why there is none.

    `cleared`: somebody has looked at it and opened it to those who see masks; `may_clear`: this reader may.
    `unread`: why its text cannot be searched, or not to its end.
    """

    id: str
    kind: str
    name: str
    mime: str
    size: int | None
    seconds: int | None
    missing: str
    withheld: bool
    cleared: bool = False
    may_clear: bool = False
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A text that stood before a later edit."""

    parts: tuple[Part, ...]
    as_of_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message as this reader may see it. `conversation` and `id` are its permanent address.

    A recalled or deleted message is without text, files and details unless the reader holds `RECALLED`
    (then `original` is true). `maskable` says whether there is anything a reveal would show. The platform's own ids
    (`key`, here, of the sender and of what was answered) and `zone` are filled for files that are read in again; an id
    that holds something to hide is left out.
    """

    id: str
    conversation: str
    sender: Sender
    side: Side
    sent_at: datetime
    precision: str
    kind: str
    parts: tuple[Part, ...] = ()
    edited_at: datetime | None = None
    edits: int = 0
    versions: tuple[Version, ...] = ()
    recalled_at: datetime | None = None
    deleted_at: datetime | None = None
    erased_at: datetime | None = None
    """The content is gone because the law demands it; the leaf in the log stays."""
    original: bool = False
    quote: Quote | None = None
    thread: str = ""
    attachments: tuple[Enclosure, ...] = ()
    details: Any = None
    may_unmask: bool = False
    concealed: bool = False
    """The whole message was hidden by hand in this copy: only that it exists, when, and how long it is."""
    key: str = ""
    zone: str = ""
    may_mark: bool = False
    may_erase: bool = False

    @property
    def text(self) -> str:
        """Return the text without its marks."""
        return "".join(part.text for part in self.parts)

    @property
    def maskable(self) -> bool:
        """Say whether something in the text is hidden."""
        return any(part.kind for part in self.parts)


@dataclass(frozen=True, slots=True)
class CaseSpan:
    """A case as the transcript marks it: ids of its first and last message."""

    id: str
    first: str
    last: str
    count: int
    opened_at: datetime
    ground: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in the list: its title through the lens and its last message."""

    id: str
    title: str
    kind: str
    source: str
    platform: str
    source_name: str
    department: str
    department_name: str
    count: int
    cursor: str
    last: Shown | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of a transcript in order of time, and whether there is more on either side."""

    conversation: Listed
    messages: tuple[Shown, ...]
    cases: tuple[CaseSpan, ...]
    more_before: bool
    more_after: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A source or department in the rail, with the conversations this reader reaches in it (and below it)."""

    id: str
    name: str
    count: int
    parent: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Rail:
    """The left side: everything within reach, ordered by source and by department."""

    total: int
    own: int
    intake: int
    sources: tuple[Place, ...]
    departments: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day with messages, as `2024-01-31`; `first` is the id to jump to."""

    date: str
    first: str
    count: int
