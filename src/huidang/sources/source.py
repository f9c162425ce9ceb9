"""The interface of a source that comes as a file: recognised by content, read as a stream, parsed anywhere.

A format lives in its platform's folder and is named in `sources/formats.py`. Reading cuts the file into raw items
in the main process, in constant memory; the parser turns each item into facts and is picklable, so that it runs in
worker processes without a database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Protocol, runtime_checkable

from huidang.records.drafts import Broken, Fact, RawMessage, SourceDraft


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person says about a file: zone of its wall-clock times, names of agents, mapping of table columns.

    `workspace` names the team or corp where the file itself states none, so that it meets the live source.
    """

    timezone: str = "Asia/Shanghai"
    agents: frozenset[str] = frozenset()
    columns: dict[str, str] = field(default_factory=dict)  # our field -> the table's header
    workspace: str = ""


class Parser(Protocol):
    """Turns one raw item into facts. Picklable, without database or network.

    A parser may state a conversation or participant only the first time it meets them; a copy begins afresh.
    """

    def parse(self, item: RawMessage) -> Sequence[Fact]:
        """Return the facts of an item, in order. Raises `Problem` where the item cannot be understood."""


@runtime_checkable
class Export(Protocol):
    """An opened export: where it comes from, its items, and the files it holds."""

    format: str  # "slack-export", "chatlab-jsonl", … : part of the custody record
    name: str  # the file, folder or member it was read from
    source: SourceDraft
    parser: Parser
    declared: int | None  # the file's own count of messages, where it states one
    complete: bool | None  # whether the file says that nothing is missing; None = it says nothing
    exported_ms: int | None  # when the file says it was made

    def items(self) -> Iterator[RawMessage | Broken]:
        """Yield every item in the order of the file; what cannot be cut out comes as `Broken`. May be called again."""

    def open_media(self, ref: str) -> IO[bytes] | None:
        """Open the bytes of a `MediaDraft.ref`, or return None where the export does not hold them."""

    def progress(self) -> float:
        """Return the share of the file already read, 0 to 1."""

    def close(self) -> None:
        """Release files."""
