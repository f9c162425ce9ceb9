"""The text inside files: read once a file, found by who may open it, shown with the masks of its message.

The job `read-files` follows the log. Reading happens in a process with limits (`extractor`), so that a hostile file
costs only its own reading; why a file could not be read, or not to its end, is kept and shown.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.db import transaction

from huidang.kernel import blobs, bulk, events, jobs, ledger
from huidang.kernel.events import Event
from huidang.kernel.jobs import Run
from huidang.records import extractor, masking, sights
from huidang.records.lens import parts_of
from huidang.records.masking import Profile
from huidang.records.models import Attachment, FileReading, FileText, Message
from huidang.records.shown import Enclosure, Part, Shown
from huidang.records.sights import Sights

MOST_BYTES = 64 << 20
WALL_SECONDS = 60
_LEAVES = 5000
_KILLED_FOR_TIME = (-9, -24)  # SIGKILL at the hard limit, SIGXCPU
_SUFFIXES = (".pdf", ".docx", ".xlsx", ".xlsm", ".txt", ".html", ".htm")
_MIMES = {"text/plain": ".txt", "text/html": ".html", "application/pdf": ".pdf"}
_REASON = "the text of a file is read alike whoever may see it"

_NEW = f"""SELECT a.sha256, min(a.name), min(a.mime) FROM "{Message._meta.db_table}" m
  JOIN "{Attachment._meta.db_table}" a ON a.message_id = m.id
  LEFT JOIN "{FileText._meta.db_table}" f ON f.sha256 = a.sha256
  WHERE m.leaf_index >= %s AND m.leaf_index < %s AND a.sha256 > '' AND f.sha256 IS NULL
  GROUP BY a.sha256 ORDER BY a.sha256"""  # noqa: S608

Place = int | str | None
"""The number of a page, the name of a sheet, or nothing where a format has neither."""


Pages = list[tuple[Place, str]]
Wanted = Callable[[str], bool]


class _Read(msgspec.Struct):
    reason: str
    pages: Pages


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page of a file as a reader sees it. `name` and `place` are masked as the text is."""

    name: str
    place: Place
    parts: tuple[Part, ...]

    @property
    def number(self) -> int | None:
        """The number of the page, in formats that have pages."""
        return self.place if isinstance(self.place, int) else None


def wanted(_event: Event) -> None:
    """Ask for the job `read-files`: the handler of the event `records`."""
    jobs.enqueue("read-files", key="read-files")


def read_new(run: Run) -> None:
    """Read the files that came with the log since the last time: the job `read-files`."""
    mark, _new = FileReading.objects.get_or_create(pk=1)
    while mark.next_leaf < (size := ledger.size()):
        end = min(mark.next_leaf + _LEAVES, size)
        for sha256, name, mime in bulk.select(_NEW, [mark.next_leaf, end]):
            if suffix := _suffix(name, mime):
                _keep(sha256, read(sha256, suffix))
                run.heartbeat()
        FileReading.objects.filter(pk=1).update(next_leaf=end)
        mark.next_leaf = end
        run.heartbeat()


def read(sha256: str, suffix: str) -> tuple[str, Pages]:
    """Return the reason why a file was not read (to its end), and the pages that were read. Never raises for it."""
    path = blobs.path(sha256).resolve()
    if not path.is_file():
        return "missing", []
    if path.stat().st_size > MOST_BYTES:
        return "large", []
    command = [sys.executable, "-I", extractor.__file__, str(path), f"file{suffix}"]
    with tempfile.TemporaryFile() as out:
        try:
            done = subprocess.run(  # noqa: S603  (our own interpreter and file)
                command, cwd=path.parent, env={"LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.DEVNULL, timeout=WALL_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return "time", []
        if done.returncode:
            return ("time" if done.returncode in _KILLED_FOR_TIME else "broken"), []
        out.seek(0)
        return _checked(out.read())


def forget(sha256s: Collection[str]) -> None:
    """Forget the text of files that no message holds any more; inside the transaction that let them go."""
    held = Attachment.objects.unguarded(_REASON).filter(sha256__in=sha256s).values_list("sha256", flat=True)
    FileText.objects.filter(sha256__in=set(sha256s).difference(held)).delete()


def first_pages(asked: Sequence[tuple[Shown, Wanted]]) -> list[FilePage | None]:
    """Return for each message the first page, in files that this reader may open, of which its `Wanted` says yes.

    It is asked of the masked text, and of the full one only where the reader may unmask: what a mask hides never
    decides for others.
    """
    open_files = {int(file.id) for shown, _wanted in asked for file in shown.attachments if _is_open(file)}
    texts = _texts(open_files) if open_files else {}
    if not texts:
        return [None] * len(asked)
    looked = sights.load({int(each.conversation) for each, _ in asked}, {int(each.id) for each, _ in asked})
    return [_first(shown, wanted, texts, looked) for shown, wanted in asked]


def _first(shown: Shown, wanted: Wanted, texts: Mapping[int, Pages], looked: Sights) -> FilePage | None:
    sight = looked.of(int(shown.conversation), int(shown.id))
    for file in filter(_is_open, shown.attachments):
        for at, text in texts.get(int(file.id), ()):
            parts = parts_of(text, Profile.INSIDE, sight=sight)
            if wanted("".join(part.text for part in parts)) or (shown.may_unmask and wanted(text)):
                place = masking.masked(at, sight=sight) if isinstance(at, str) else at
                return FilePage(file.name, place, parts)
    return None


def _is_open(file: Enclosure) -> bool:
    return not file.withheld and not file.missing


def _texts(files: Collection[int]) -> dict[int, Pages]:
    rows = Attachment.objects.unguarded(_REASON).filter(pk__in=files).exclude(sha256="")
    hashes = dict(rows.values_list("pk", "sha256"))
    read = dict(FileText.objects.filter(sha256__in=hashes.values()).values_list("sha256", "pages"))
    return {pk: read[sha256] for pk, sha256 in hashes.items() if sha256 in read}


def _suffix(name: str, mime: str) -> str:
    """Return by which suffix a file is read; nothing where it is none of ours."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix in _SUFFIXES else _MIMES.get(mime.partition(";")[0].strip().lower(), "")


def _checked(said: bytes) -> tuple[str, Pages]:
    """Take what the extractor wrote, which a hostile file may have written in its place."""
    try:
        made = msgspec.json.decode(said, type=_Read)
    except (msgspec.MsgspecError, UnicodeError):
        return "broken", []
    pages, left = [], extractor.MOST_SIGNS
    for place, text in made.pages:
        kept = _plain(text)[:left]
        left -= len(kept)
        pages.append((_plain(place)[:100] if isinstance(place, str) else place, kept))
    return made.reason[:20], [page for page in pages if page[1]]


def _plain(text: str) -> str:
    """Return the text without NUL, which PostgreSQL refuses, and without halves of surrogates."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def _keep(sha256: str, found: tuple[str, Pages]) -> None:
    """Store what was read, unless the file was erased meanwhile, and have its messages indexed again."""
    reason, pages = found
    with transaction.atomic():
        rows = Attachment.objects.unguarded(_REASON).select_for_update().filter(sha256=sha256)
        messages = sorted(set(rows.values_list("message_id", flat=True)))
        if messages:
            FileText.objects.get_or_create(sha256=sha256, defaults={"reason": reason, "pages": pages})
            events.emit("file-texts", messages=messages)
