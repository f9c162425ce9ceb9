"""Imports from the page: the uploaded file is kept until its import is confirmed, and read by a job."""

from datetime import timedelta
from typing import IO, Any

import msgspec
from django.db import transaction
from django.db.models import Q

from huidang.kernel import blobs, clock, jobs
from huidang.kernel.events import Event
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Problem
from huidang.people.models import Department, User
from huidang.sources import sync
from huidang.sources.files.tables import Preview
from huidang.sources.formats import preview
from huidang.sources.models import Import
from huidang.sources.source import ImportOptions


class _Named:
    """A stored upload under the name it came with, by which some formats are told apart."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self.name = file, name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._file, attribute)


def receive(
    file: IO[bytes],
    *,
    name: str,
    options: ImportOptions | None = None,
    department: Department | None = None,
    by: User | None = None,
    limit: int | None = None,
) -> Import:
    """Keep an uploaded file and ask for its import; the row tells how far it is. Raises Problem `too-large`."""
    sha256 = blobs.put_stream(file, limit=limit)
    stated = msgspec.to_builtins(options or ImportOptions())
    with transaction.atomic():
        row = Import.objects.create(
            name=name[:300], upload=sha256, options=stated, department=department, user=by, created_at=clock.now()
        )
        jobs.enqueue("ingest", key=f"import:{row.pk}", imported=row.pk)
    return row


def read_again(row: Import, *, options: ImportOptions | None = None) -> None:
    """Ask for an upload to be read once more, after a parser was mended or with columns that a person mapped.

    What is known is counted, not added. Raises Problem upload-gone where the file was let go.
    """
    if not row.upload:
        raise Problem("upload-gone", "上传的文件已不在服务器上，重新上传同一个文件即可。")
    if options is not None:
        row.options = msgspec.to_builtins(options)
    row.state, row.progress, row.error = Import.WAITING, 0.0, ""
    with transaction.atomic():
        row.save(update_fields=["state", "progress", "error", "options"])
        jobs.enqueue("ingest", key=f"import:{row.pk}", imported=row.pk)


def preview_table(row: Import) -> Preview | None:
    """Return how a table that was uploaded would be read; None where it is none or no longer here."""
    if not row.upload or not blobs.exists(row.upload):
        return None
    try:
        with blobs.open(row.upload) as file:
            return preview(_Named(file, row.name), options_of(row))  # type: ignore[arg-type]
    except Problem:
        return None


def options_of(row: Import) -> ImportOptions:
    """Return what the person said about the file."""
    return msgspec.convert(row.options, ImportOptions)


def read(run: Run) -> None:
    """Read an uploaded file: the job `ingest`. A refusal is the result of the import, not a failure of the job."""
    row = Import.objects.select_related("department").filter(pk=run.args["imported"]).first()
    if row is None or not row.upload:
        return
    options = options_of(row)
    with blobs.open(row.upload) as file:
        try:
            sync.ingest(
                [_Named(file, row.name)],  # type: ignore[list-item]
                options,
                department=row.department,
                imported=row,
                progress=lambda share, _summary: run.heartbeat(progress={"share": round(share, 3)}),
            )
        except Problem as problem:
            row.state, row.error, row.finished_at = Import.FAILED, problem.text, clock.now()
            row.save()


def confirm(row: Import) -> None:
    """Let the uploaded file go: what it held is in the archive."""
    sha256, row.upload = row.upload, ""
    if sha256 and not Import.objects.filter(upload=sha256).exclude(pk=row.pk).exists():
        blobs.remove(sha256)
    row.save(update_fields=["upload"])


def erased(event: Event) -> None:
    """Let uploaded files go that may hold what was erased: the handler of `erasures`."""
    jobs.enqueue("forget-uploads", key=f"forget-uploads:{event.facts['source']}", source=event.facts["source"])


def forget_erased(run: Run) -> None:
    """Let go the files of imports that are done, or of this source: the job `forget-uploads`.

    An upload can hold conversations of several sources, so each that was read goes. Those that are still being read
    are looked at again later.
    """
    held = Import.objects.exclude(upload="")
    busy = Q(state__in=(Import.WAITING, Import.RUNNING))
    for row in held.filter(Q(state=Import.DONE) | Q(source_id=run.args["source"])).exclude(busy):
        confirm(row)
    if held.filter(busy).exists():
        jobs.enqueue(run.kind, key=run.key, due_at=clock.now() + timedelta(minutes=10), **run.args)
