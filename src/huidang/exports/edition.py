"""A transcript on pages, in volumes whose pages are counted through: for PDF, and for pictures of its pages.

Volumes are laid out while the next is read. Their pages carry numbers of the whole, so they are printed once all are
laid out; the first of them wait with their pages in memory, the others are laid out a second time.
"""

from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext as _

from huidang.exports import watermark
from huidang.exports.booklet import A4, content_of
from huidang.exports.document import Document, Progress
from huidang.exports.fonts import folders
from huidang.exports.pictures import Album
from huidang.exports.press import Press
from huidang.exports.setting import Form, Volume, job_of, lay_ready, number_pages, numbers_of, volumes_of

AT_ONCE = 2
"""Volumes on the press at a time: each keeps one processor busy."""

HELD = 4
"""Laid-out volumes that wait in memory, about 0.2 GB each."""


def print_volumes(document: Document, folder: Path, form: Form, *, progress: Progress) -> list[list[Path]]:
    """Print the document into the folder and return the files of each volume. Raises what `progress` raises."""
    with ExitStack() as running:
        watermark.draw(document.watermark, folder / "watermark.png", width=A4[0], height=A4[1])
        edition = _Edition(document, folder, form, progress, running)
        edition.lay_out()
        return edition.print()


@dataclass(slots=True)
class _Sheets:
    """A volume: its file in the folder, the press that holds it, its pages once they are counted."""

    name: str
    machine: Press | None
    pages: int = 0


class _Edition:
    """The volumes of one document. Every press that runs ends with `running`."""

    def __init__(self, document: Document, folder: Path, form: Form, progress: Progress, running: ExitStack) -> None:
        self.document, self.folder, self.progress, self.running = document, folder, progress, running
        self.form = replace(form, counted=True)
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
        name = f"volume-{number}.pdf" if self.form.kind == "pdf" else f"volume-{number}-{{0p}}.{self.form.kind}"
        content = content_of(self.document, volume, number=number, numbers=numbers_of(name))
        lay_ready(self.folder, self.form, name, content, self.document)
        machine = self._machine(number)
        machine.begin(job_of(self.form, name))
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

    def print(self) -> list[list[Path]]:
        """Print the volumes, their pages numbered through, and return the files of each."""
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
        return [sorted(self.folder.glob(sheets.name.replace("{0p}", "*"))) for sheets in self.volumes]

    def _go_on(self, sheets: _Sheets) -> Press:
        """Order a volume to be printed; one that was let go is laid out again."""
        machine = sheets.machine
        if machine is None:
            machine = self._machine(HELD + 1)
            machine.begin(job_of(self.form, sheets.name))
            machine.answer(tick=self._tick)
        machine.go_on(sheets.name)
        return machine

    def _tell(self, number: int) -> None:
        self.told = number
        self.progress(number)

    def _tick(self) -> None:
        self.progress(self.told)
