"""Pictures of pages: the pages of the PDF as PNG files in one ZIP, for programs that take pictures only."""

import tempfile
from dataclasses import replace
from itertools import chain
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import override

from huidang.exports.booklet import FORM
from huidang.exports.document import Document, Progress
from huidang.exports.edition import print_volumes
from huidang.kernel.problems import Problem

MOST_MESSAGES = 20_000
_PAGE = replace(FORM, kind="png", ppi=120)


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the ZIP. Raises `Problem` pages-many above `MOST_MESSAGES` messages, and what `progress` raises."""
    if document.messages > MOST_MESSAGES:
        text = _("分页图片最多 %d 条消息。缩短时间范围，或改用 PDF。") % MOST_MESSAGES
        raise Problem("pages-many", text, messages=document.messages)
    with override(document.language), tempfile.TemporaryDirectory(dir=path.parent, prefix=".paper-") as name:
        printed = print_volumes(document, Path(name), _PAGE, progress=progress)
        with ZipFile(path, "w", ZIP_STORED) as bundle:
            for number, page in enumerate(chain.from_iterable(printed), 1):
                bundle.write(page, f"{number:04d}.png")
    return [path]
