"""Where it comes from: file formats and platforms, and the one loop that reads them."""

from typing import TYPE_CHECKING

from huidang.kernel.door import door
from huidang.sources.files.tables import Preview
from huidang.sources.formats import Opened, open_export, open_exports, preview
from huidang.sources.source import Export, ImportOptions, Parser

if TYPE_CHECKING:
    from huidang.sources.quarantine import reread
    from huidang.sources.sync import Summary, ingest
    from huidang.sources.uploads import receive

__all__ = [
    "Export",
    "ImportOptions",
    "Opened",
    "Parser",
    "Preview",
    "Summary",
    "ingest",
    "open_export",
    "open_exports",
    "preview",
    "receive",
    "reread",
]

__getattr__ = door(
    __name__,
    {
        "quarantine": ("reread",),
        "sync": ("Summary", "ingest"),
        "uploads": ("receive",),
    },
)
