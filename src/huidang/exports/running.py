"""Exports as work: the job that writes and seals the files, the command that writes them where it is told."""

import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from huidang.exports import asking, keeping, receipts
from huidang.exports.document import Progress
from huidang.exports.formats import get_format
from huidang.exports.gathering import gather
from huidang.exports.models import Export, File
from huidang.exports.orders import Order, checked, needs_approval
from huidang.exports.writing import compose, file_name, write
from huidang.kernel import clock, jobs
from huidang.kernel.events import Event
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Problem, Refused
from huidang.people import Reader, reader_for
from huidang.people.models import Request

State = Export.State
TELL_SECONDS = 0.5
_BUNDLE = "application/zip"


class Cancelled(Exception):
    """The person who ordered an export has cancelled it."""


class Steps:
    """Keeps the lease and the row of a running export, twice a second; stops the writer once it was cancelled."""

    def __init__(self, run: Run, export: Export) -> None:
        self._run, self._export = run, export
        self._again_at = 0.0

    def __call__(self, written: int) -> None:
        """Say that so many messages are written. Raises `Cancelled`, or what ends the run."""
        if time.monotonic() < self._again_at:
            return
        self._again_at = time.monotonic() + TELL_SECONDS
        self._run.heartbeat(progress={"written": written})
        if not Export.objects.filter(pk=self._export.pk, state=State.RUNNING).update(written=written):
            raise Cancelled


def carry_out(run: Run) -> None:
    """Write an export: the job `export`. A refusal is the result of the export, not a failure of the job."""
    begun = Export.objects.filter(pk=run.args["export"], state__in=(State.WAITING, State.RUNNING))
    if not begun.update(state=State.RUNNING, written=0):
        return
    export = Export.objects.select_related("user").get(pk=run.args["export"])
    try:
        with override(export.order.get("language") or settings.LANGUAGE_CODE), keeping.workbench() as folder:
            _write_and_keep(run, export, folder)
    except Cancelled:
        return
    except Problem as problem:
        asking.end(export, State.FAILED, problem.text)
    except (jobs.LeaseLost, jobs.Stopping):
        raise
    except Exception:
        Export.objects.filter(pk=export.pk).update(error=_("写文件时出错，会自动再试。"))
        raise


def _write_and_keep(run: Run, export: Export, folder: Path) -> None:
    assert export.user is not None
    reader = reader_for(export.user)
    paths = _write(export, reader, folder, progress=Steps(run, export))
    files = _described(export, paths)
    try:
        for file, path in zip(files, paths, strict=True):
            file.place, file.key = keeping.keep(path)
        with run.commit():
            _still_wanted(export)
            asking.keep_until(export)
            _settle(export, files, by=reader)
    except BaseException:
        for file in files:
            keeping.forget(file.place)
        raise


def _still_wanted(export: Export) -> None:
    """Lock the row of a running export. Raises `Cancelled` where it runs no more."""
    if not Export.objects.select_for_update().filter(pk=export.pk, state=State.RUNNING).first():
        raise Cancelled


def _write(export: Export, reader: Reader, folder: Path, *, progress: Progress) -> list[Path]:
    """Write the files of an export as its reader may have them at this moment. Raises `Problem`."""
    order = checked(Order.from_json({name: value for name, value in export.order.items() if name != "language"}))
    gathered = gather(reader, order.selection)
    if needs_approval(reader, gathered, order):
        raise Refused("export-unapproved", _("授权已经到期或改变，重新提交即可。"))
    export.messages, export.conversations = gathered.messages, gathered.conversations
    document = compose(gathered, order, reader, receipt=export.receipt, made_by=export.made_by, made_at=clock.now())
    export.rules = document.rules
    name = file_name(document.title, export.receipt, get_format(order.format).suffix)
    return write(document, order.format, folder / name, progress=progress)


def make(
    reader: Reader,
    order: Order,
    place_of: Callable[[Export], Path],
    *,
    account: str,
    progress: Callable[[int, int], None],
) -> tuple[Export, list[Path]]:
    """Write an order at once to where `place_of` says, without keeping a copy: for the command.

    `progress` is told (messages written, messages in all).

    Raises as `asking.place`, and `Refused` where somebody would have to approve it.
    """
    gathered, approval = asking.preview(reader, order)
    if approval:
        raise Refused("approval-wanted", _("这份导出需要审批，请在网页上提交。"))
    export = asking.open_row(reader, order, gathered, account=account)
    try:
        with keeping.workbench() as folder:
            written = _write(export, reader, folder, progress=lambda done: progress(done, gathered.messages))
            paths = _moved(written, place_of(export))
    except BaseException:
        Export.objects.filter(pk=export.pk).update(state=State.FAILED, finished_at=clock.now())
        raise
    with transaction.atomic():
        _settle(export, _described(export, paths), by=reader, account=account)
    return export, paths


def _moved(written: list[Path], target: Path) -> list[Path]:
    """Move files to their place, the first under the name asked for, further ones numbered beside it."""
    moved = []
    for number, path in enumerate(written, 1):
        name = f"{target.stem}{f'-{number}' if number > 1 else ''}{path.suffix}"
        moved.append(Path(shutil.move(path, target.with_name(name))))
    return moved


def _described(export: Export, paths: list[Path]) -> list[File]:
    usual = get_format(export.format).media_type
    return [receipts.describe(export, path, _BUNDLE if path.suffix == ".zip" else usual) for path in paths]


def _settle(export: Export, files: list[File], *, by: Reader, account: str = "") -> None:
    """Store files and receipt, in the caller's transaction."""
    File.objects.bulk_create(files)
    receipts.issue(export, files, by=by, account=account)
    export.written = export.messages
    export.error = ""
    export.save()
    asking.tell(export)


def tend(_run: Run) -> None:
    """Let files go whose time is over, end what nobody decided or nothing could write: the job `tend-exports`."""
    for file in File.objects.filter(export__expires_at__lte=clock.now()).exclude(place=""):
        _let_go(file)
    forgotten = Request.objects.filter(state=Request.State.WAITING, expires_at__lte=clock.now())
    late = Export.objects.filter(state=State.ASKED, request_id__in=list(forgotten.values_list("pk", flat=True)))
    for export in late:
        asking.end(export, State.REFUSED, _("申请过期，没有人审批。"))
    for job in jobs.failures().filter(kind="export"):
        for export in Export.objects.filter(pk=job.args["export"], state__in=(State.WAITING, State.RUNNING)):
            asking.end(export, State.FAILED, _("多次未能写完文件，已停止。"))
    keeping.clean(keeping_only=set(File.objects.exclude(place="").values_list("place", flat=True)))


def erased(event: Event) -> None:
    """Let files go that may hold what was erased, now and those that were being written: handler of `erasures`."""
    facts = {"conversation": event.facts["conversation"], "before": clock.now().isoformat()}
    for name, due_at in (("now", clock.now()), ("later", clock.now() + timedelta(hours=1))):
        jobs.enqueue("forget-exports", key=f"{name}:{facts['conversation']}", due_at=due_at, **facts)


def forget_erased(run: Run) -> None:
    """Let go the files of exports of a conversation that were asked for before a moment: the job `forget-exports`."""
    before = datetime.fromisoformat(run.args["before"])
    for file in File.objects.filter(export__asked_at__lte=before).exclude(place="").select_related("export"):
        if run.args["conversation"] in file.export.conversations:
            _let_go(file)


def _let_go(file: File) -> None:
    keeping.forget(file.place)
    File.objects.filter(pk=file.pk).update(place="", key=b"")
