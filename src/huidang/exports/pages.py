"""Pictures of pages: the pages of the PDF as PNG files in one ZIP, for programs that take pictures only."""

import tempfile
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import override

from huidang.exports import watermark
from huidang.exports.booklet import A4, FORM, content_of
from huidang.exports.document import Document, Progress
from huidang.exports.pictures import Album
from huidang.exports.setting import press, volumes_of
from huidang.kernel.problems import Problem

MOST_MESSAGES = 5000
_PAGE = replace(FORM, kind="png", ppi=120)


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the ZIP. Raises `Problem` pages-many above `MOST_MESSAGES` messages, and what `progress` raises."""
    if document.messages > MOST_MESSAGES:
        text = _("分页图片最多 %d 条消息，改用 PDF。") % MOST_MESSAGES
        raise Problem("pages-many", text, messages=document.messages)
    with override(document.language), tempfile.TemporaryDirectory(dir=path.parent, prefix=".paper-") as name:
        folder = Path(name)
        watermark.draw(document.watermark, folder / "watermark.png", width=A4[0], height=A4[1])
        (volume,) = volumes_of(document, Album(folder), progress=progress, whole=True)
        content = content_of(document, volume)
        with press(folder, _PAGE, "page-{0p}.png", content, document) as machine:
            machine.answer(tick=lambda: progress(volume.lines))
        with ZipFile(path, "w", ZIP_STORED) as bundle:
            for number, page in enumerate(sorted(folder.glob("page-*.png")), 1):
                bundle.write(page, f"{number:04d}.png")
    return [path]
