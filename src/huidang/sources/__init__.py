"""Where it comes from: file formats and platforms, and the one loop that reads them."""

from huidang.sources.formats import Opened, open_export, open_exports
from huidang.sources.source import Export, ImportOptions, Parser

__all__ = ["Export", "ImportOptions", "Opened", "Parser", "open_export", "open_exports"]
