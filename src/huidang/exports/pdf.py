"""PDF: PDF/A-2b with tags and bookmarks, set by Typst; long documents in volumes whose pages are counted through."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from huidang.exports import watermark
from huidang.exports.document import Document, Progress
from huidang.exports.fonts import printable
from huidang.exports.pictures import Album
from huidang.exports.press import Pressing
from huidang.exports.setting import Form, Volume, press, volumes_of
from huidang.exports.wording import facts_of

_A4 = (595.28, 841.89)
_FORM = Form(template="transcript.typ")
_AIRY = 20  # messages a conversation, from which on each begins a page


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the document and return its volumes: `path` alone, or `…-1.pdf`, `…-2.pdf` beside it."""
    with override(document.language), tempfile.TemporaryDirectory(dir=path.parent, prefix=".paper-") as name:
        folder = Path(name)
        watermark.draw(document.watermark, folder / "watermark.png", width=_A4[0], height=_A4[1])
        return _Edition(document, folder, path, progress).write()


class _Edition:
    """The volumes of one document: while one is set, the next is read."""

    def __init__(self, document: Document, folder: Path, path: Path, progress: Progress) -> None:
        self.document, self.folder, self.path, self.progress = document, folder, path, progress
        self.page, self.told = 1, 0
        self.written: list[Path] = []

    def write(self) -> list[Path]:
        """Set each volume once it is known whether there is a next one."""
        volumes = volumes_of(self.document, Album(self.folder), progress=self._tell)
        volume: Volume | None = next(volumes)
        following = next(volumes, None)
        while volume:
            single = following is None and not self.written
            with self._begin(volume, single=single) as pressing:
                volume, following = following, next(volumes, None)
                self.page += pressing.pages(tick=lambda: self.progress(self.told))
            self._keep(single=single)
        return self.written

    def _tell(self, number: int) -> None:
        self.told = number
        self.progress(number)

    def _begin(self, volume: Volume, *, single: bool) -> Pressing:
        content = self._content(volume, len(self.written) + 1, single=single)
        return press(self.folder, _FORM, "volume.pdf", content, self.document)

    def _keep(self, *, single: bool) -> None:
        number = len(self.written) + 1
        target = self.path if single else self.path.with_name(f"{self.path.stem}-{number}{self.path.suffix}")
        self.written.append(Path(shutil.move(self.folder / "volume.pdf", target)))

    def _content(self, volume: Volume, number: int, *, single: bool) -> dict[str, Any]:
        document = self.document
        title = printable(document.title)
        return {
            "head": title if single else f"{title} · {_('第 %d 册') % number}",
            "foot": printable(" · ".join(" ".join(line.split()) for line in document.watermark)),
            "page": _("第 {page} 页，共 {last} 页") if single else _("第 {page} 页，本册至 {last} 页"),
            "first": self.page,
            "facts": facts_of(document, printable) if number == 1 else [],
            "contents": len(volume.sections) > 1,
            "apart": document.messages >= _AIRY * document.conversations,
            "words": {"contents": _("目录"), "note": _("批注"), "spoken": _("转写")},
            "sections": volume.sections,
        }
