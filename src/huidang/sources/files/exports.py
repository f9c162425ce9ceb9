"""The one implementation of `Export`: a reading, a source, a parser, and a function that yields the items."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from huidang.records.drafts import SourceDraft
from huidang.sources.files.reading import Item, Reading
from huidang.sources.source import Parser


@dataclass(slots=True)
class FileExport:
    """See `huidang.sources.source.Export`."""

    format: str
    name: str
    source: SourceDraft
    parser: Parser
    reading: Reading
    cut: Callable[[Reading], Iterator[Item]]
    declared: int | None = None
    complete: bool | None = None
    exported_ms: int | None = None

    def items(self) -> Iterator[Item]:
        """See `Export`."""
        self.reading.meter.read = 0
        yield from self.cut(self.reading)

    def open_media(self, ref: str) -> IO[bytes] | None:
        """See `Export`."""
        return self.reading.media(ref)

    def progress(self) -> float:
        """See `Export`."""
        return self.reading.meter.share()

    def close(self) -> None:
        """See `Export`. The last export of a container closes it."""
        container = self.reading.container
        container.holders -= 1
        if container.holders <= 0:
            container.close()
