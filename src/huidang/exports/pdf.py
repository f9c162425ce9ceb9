"""PDF: PDF/A-2b with tags and bookmarks, set by Typst; long documents in volumes whose pages are counted through."""

import shutil
import tempfile
from pathlib import Path

from django.utils.translation import override

from huidang.exports import watermark
from huidang.exports.booklet import A4, FORM, content_of
from huidang.exports.document import Document, Progress
from huidang.exports.pictures import Album
from huidang.exports.press import Pressing
from huidang.exports.setting import Volume, press, volumes_of


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the document and return its volumes: `path` alone, or `…-1.pdf`, `…-2.pdf` beside it."""
    with override(document.language), tempfile.TemporaryDirectory(dir=path.parent, prefix=".paper-") as name:
        folder = Path(name)
        watermark.draw(document.watermark, folder / "watermark.png", width=A4[0], height=A4[1])
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
        content = content_of(self.document, volume, number=len(self.written) + 1, first=self.page, single=single)
        return press(self.folder, FORM, "volume.pdf", content, self.document)

    def _keep(self, *, single: bool) -> None:
        number = len(self.written) + 1
        target = self.path if single else self.path.with_name(f"{self.path.stem}-{number}{self.path.suffix}")
        self.written.append(Path(shutil.move(self.folder / "volume.pdf", target)))
