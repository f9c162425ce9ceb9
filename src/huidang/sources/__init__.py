"""Where it comes from: file formats and platforms, and the one loop that reads them."""

from huidang.sources.files.tables import Preview
from huidang.sources.formats import Opened, open_export, open_exports, preview
from huidang.sources.source import Export, ImportOptions, Parser

__all__ = ["Export", "ImportOptions", "Opened", "Parser", "Preview", "open_export", "open_exports", "preview"]
