"""PDF: PDF/A-2b with tags and bookmarks, set by Typst; long documents in volumes whose pages are counted through.

Volumes are laid out while the next is read. Their pages carry numbers of the whole, so they are printed once all are
laid out; the first of them wait with their pages in memory, the others are laid out a second time.
"""

import shutil
import tempfile
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import override

from huidang.exports import watermark
from huidang.exports.booklet import A4, FORM, content_of
from huidang.exports.document import Document, Progress
from huidang.exports.fonts import folders
from huidang.exports.pictures import Album
from huidang.exports.press import Press
from huidang.exports.setting import Volume, job_of, lay_ready, number_pages, numbers_of, volumes_of

AT_ONCE = 2
"""Volumes on the press at a time: each keeps one processor busy."""

HELD = 4
"""Laid-out volumes that wait in memory, about 0.2 GB each."""

_VOLUME = replace(FORM, counted=True)


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the document and return its volumes: `path` alone, or `…-1.pdf`, `…-2.pdf` beside it."""
    with (
        override(document.language),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".paper-") as name,
        ExitStack() as running,
    ):
        folder = Path(name)
        watermark.draw(document.watermark, folder / "watermark.png", width=A4[0], height=A4[1])
        edition = _Edition(document, folder, progress, running)
        edition.lay_out()
        return _moved(edition.print(), path)


def _moved(printed: list[Path], path: Path) -> list[Path]:
    if len(printed) == 1:
        return [Path(shutil.move(printed[0], path))]
    targets = [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(1, len(printed) + 1)]
    return [Path(shutil.move(source, target)) for source, target in zip(printed, targets, strict=True)]


@dataclass(slots=True)
class _Sheets:
    """A volume: its file in the folder, the press that holds it, its pages once they are counted."""

    name: str
    machine: Press | None
    pages: int = 0


class _Edition:
    """The volumes of one document. Every press that runs ends with `running`."""

    def __init__(self, document: Document, folder: Path, progress: Progress, running: ExitStack) -> None:
        self.document, self.folder, self.progress, self.running = document, folder, progress, running
        self.machines: list[Press] = []
        self.volumes: list[_Sheets] = []
        self.told = 0

    def lay_out(self) -> None:
        """Set the volumes as they are read, and count their pages."""
        busy: deque[_Sheets] = deque()
        for volume in volumes_of(self.document, Album(self.folder), progress=self._tell):
            if len(busy) == AT_ONCE:
                self._count(busy.popleft())
            busy.append(self._begin(volume))
        while busy:
            self._count(busy.popleft())

    def _begin(self, volume: Volume) -> _Sheets:
        number = len(self.volumes) + 1
        name = f"volume-{number}.pdf"
        content = content_of(self.document, volume, number=number, numbers=numbers_of(name))
        lay_ready(self.folder, _VOLUME, name, content, self.document)
        machine = self._machine(number)
        machine.begin(job_of(_VOLUME, name))
        self.volumes.append(_Sheets(name, machine))
        return self.volumes[-1]

    def _machine(self, number: int) -> Press:
        """Return the press for a volume: the first ones share theirs, any other has one to itself."""
        if AT_ONCE < number <= HELD:
            return self.machines[(number - 1) % AT_ONCE]
        self.machines.append(self.running.enter_context(Press(self.folder, folders())))
        return self.machines[-1]

    def _count(self, sheets: _Sheets) -> None:
        assert sheets.machine
        sheets.pages = sheets.machine.answer(tick=self._tick)
        if self.volumes.index(sheets) >= HELD:
            sheets.machine.close()
            sheets.machine = None

    def print(self) -> list[Path]:
        """Print the volumes, their pages numbered through."""
        total, before = sum(sheets.pages for sheets in self.volumes), 0
        busy: deque[Press] = deque()
        for number, sheets in enumerate(self.volumes, 1):
            volume = f" · {_('第 %d 册') % number}" if len(self.volumes) > 1 else ""
            number_pages(self.folder, sheets.name, before=before, pages=total, volume=volume)
            before += sheets.pages
            if len(busy) == AT_ONCE:
                busy.popleft().answer(tick=self._tick)
            busy.append(self._go_on(sheets))
        while busy:
            busy.popleft().answer(tick=self._tick)
        return [self.folder / sheets.name for sheets in self.volumes]

    def _go_on(self, sheets: _Sheets) -> Press:
        """Order a volume to be printed; one that was let go is laid out again."""
        machine = sheets.machine
        if machine is None:
            machine = self._machine(HELD + 1)
            machine.begin(job_of(_VOLUME, sheets.name))
            machine.answer(tick=self._tick)
        machine.go_on(sheets.name)
        return machine

    def _tell(self, number: int) -> None:
        self.told = number
        self.progress(number)

    def _tick(self) -> None:
        self.progress(self.told)
