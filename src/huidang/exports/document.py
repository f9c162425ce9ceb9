"""What every format writes: a title, who asked for it and why, and the messages of each conversation in order.

The messages have passed `records.view`: a writer never sees what its reader may not see. They are iterated once, so
that a document of any length is written in constant memory.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from huidang.people import Reader
from huidang.records import Listed, Profile, Provenance, Shown

Progress = Callable[[int], None]
"""Told the number of messages written so far; may raise to stop the writer."""

Media = Callable[[Shown, str], Path | None]
"""Gives the stored bytes of an enclosure (message, id of the enclosure), None where this document withholds them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message in its place: its number counts from 1 through the whole document.

    `hit` says that the person highlighted the whole message; words they highlighted are `Part.hit` inside it.
    """

    number: int
    message: Shown
    hit: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The messages of one conversation, in order of time. `provenance` is known to formats that are read in again."""

    conversation: Listed
    lines: Iterable[Line]
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is written into a file.

    `watermark` holds the lines tiled over every page and picture: company, viewer with time, purpose. `receipt` is
    the number under which the log knows this export, `rules` the version of the masking rules, empty without masks.
    `zone` and `language` are the reader's. `reader` is whose eyes it was seen with: evidence opens leaves of the log
    for them, and for nobody else. `words_hidden` and `messages_hidden` count what was chosen to be hidden by hand.
    """

    title: str
    sections: Iterable[Section]
    conversations: int
    messages: int
    made_at: datetime
    made_by: str
    why: str
    query: str
    profile: Profile
    receipt: str
    watermark: tuple[str, ...]
    zone: str
    language: str
    media: Media
    note: str = ""
    reader: Reader | None = None
    rules: str = ""
    words_hidden: int = 0
    messages_hidden: int = 0
