"""PDF: PDF/A-2b with tags and bookmarks, set by Typst; long documents in volumes whose pages are counted through."""

import shutil
import tempfile
from pathlib import Path

from django.utils.translation import override

from huidang.exports.booklet import FORM
from huidang.exports.document import Document, Progress
from huidang.exports.edition import print_volumes


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the document and return its volumes: `path` alone, or `…-1.pdf`, `…-2.pdf` beside it."""
    with override(document.language), tempfile.TemporaryDirectory(dir=path.parent, prefix=".paper-") as name:
        printed = [file for (file,) in print_volumes(document, Path(name), FORM, progress=progress)]
        if len(printed) == 1:
            return [Path(shutil.move(printed[0], path))]
        targets = [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(1, len(printed) + 1)]
        return [Path(shutil.move(source, target)) for source, target in zip(printed, targets, strict=True)]
