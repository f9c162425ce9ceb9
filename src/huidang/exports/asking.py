"""Orders as rows: placed by a person, perhaps approved by another, cancelled, found again, fetched while they last."""

from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huidang.exports import keeping
from huidang.exports.formats import get_format
from huidang.exports.gathering import Gathered, gather
from huidang.exports.keeping import Kept
from huidang.exports.models import Export, File
from huidang.exports.orders import Order, checked, needs_approval
from huidang.exports.receipts import new_number
from huidang.kernel import clock, events, jobs
from huidang.kernel.access import Can
from huidang.kernel.events import Event
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Absent, Problem, TooOften
from huidang.people import Reader, allowances, audit, requests
from huidang.people.models import Request, User
from huidang.records import masking
from huidang.records.passages import places_within

State = Export.State
OPEN = (State.ASKED, State.WAITING, State.RUNNING)
MINUTES = 60
"""How long an approval lasts: the export runs at once, and may be repeated meanwhile."""


class Preview(NamedTuple):
    """What an order would hold, and whether somebody has to approve it."""

    gathered: Gathered
    approval: bool


def preview(reader: Reader, order: Order) -> Preview:
    """Say what an order would hold. Raises as `place`."""
    gathered = gather(reader, checked(order).selection)
    return Preview(gathered, needs_approval(reader, gathered, order))


def place(reader: Reader, order: Order) -> Export:
    """Take an order: it runs by itself, once it is approved where that is needed.

    Raises `Absent` where a part of it lies out of reach, `Refused` for masks that may not be lifted, `Problem` for a
    reason that is missing or an order that cannot be carried out, `TooOften` for more than an hour's allowance.
    """
    order = checked(replace(order, why=requests.checked_reason(order.why)))
    gathered, approval = preview(reader, order)
    _spend(reader)
    with transaction.atomic():
        export = open_row(reader, order, gathered)
        if approval:
            export.state, export.request_id = State.ASKED, _ask(reader, order, gathered).pk
            export.save(update_fields=["state", "request_id"])
        else:
            start(export)
    return export


def open_row(reader: Reader, order: Order, gathered: Gathered, *, account: str = "") -> Export:
    """Store what was asked for, with the number of its receipt. `account` names the operator of the command."""
    return Export.objects.create(
        receipt=new_number(),
        user_id=reader.user_id,
        made_by=called(reader, account),
        format=order.format,
        profile=order.profile,
        title=(order.title or gathered.title)[:300],
        query=gathered.query,
        why=order.why,
        order=order.as_json() | {"language": get_language()},
        conversations=gathered.conversations,
        messages=gathered.messages,
        asked_at=clock.now(),
    )


def start(export: Export) -> None:
    """Let an export run, in the caller's transaction."""
    export.state, export.error = State.WAITING, ""
    export.save(update_fields=["state", "error"])
    jobs.enqueue("export", key=f"export:{export.pk}", export=export.pk)
    tell(export)


def called(reader: Reader, account: str = "") -> str:
    """Return the name under which somebody exports."""
    if reader.user_id is None:
        return account or reader.name
    return User.objects.get(pk=reader.user_id).name


def decided(event: Event) -> None:
    """Hear that a request was decided: exports that waited for it go on or end."""
    jobs.enqueue("export-decision", key=event.topic, request=int(event.topic.partition(":")[2]))


def follow_decision(run: Run) -> None:
    """Start or end the exports that waited for a request: the job `export-decision`."""
    request = Request.objects.filter(pk=run.args["request"]).first()
    if request is None:
        return
    with run.commit():
        for export in Export.objects.filter(request_id=request.pk, state=State.ASKED):
            if request.state == Request.State.APPROVED:
                start(export)
            elif request.state == Request.State.REFUSED:
                end(export, State.REFUSED, request.note)
            elif request.state != Request.State.WAITING:
                end(export, State.CANCELLED, "")


def end(export: Export, state: State, error: str) -> None:
    """Close an export without a file, and tell whoever watches it."""
    export.state, export.error, export.finished_at = state, error, clock.now()
    with transaction.atomic():
        export.save(update_fields=["state", "error", "finished_at"])
        tell(export)


def cancel(reader: Reader, export_id: int) -> Export:
    """Stop an export of one's own that has not ended. Raises `Absent`, or `Problem` where it has."""
    export = get_own(reader, export_id)
    with transaction.atomic():
        if not Export.objects.filter(pk=export.pk, state__in=OPEN).update(state=State.CANCELLED):
            raise Problem("export-ended", "这份导出已经结束。")
        export.refresh_from_db()
        end(export, State.CANCELLED, "")
        if export.request_id and Request.objects.filter(pk=export.request_id, state=Request.State.WAITING).exists():
            requests.withdraw(reader, export.request_id)
    return export


def find_own(reader: Reader) -> "QuerySet[Export]":
    """Return one's own exports, the newest first."""
    return Export.objects.filter(user_id=reader.user_id or 0).order_by("-asked_at", "-pk")


def count_ready(reader: Reader) -> int:
    """Return how many of one's own exports were written and not looked at."""
    return Export.objects.filter(user_id=reader.user_id or 0, state=State.DONE, told_at=None).count()


def is_running(reader: Reader) -> bool:
    """Say whether an export of one's own waits for a worker or is being written."""
    return Export.objects.filter(user_id=reader.user_id or 0, state__in=(State.WAITING, State.RUNNING)).exists()


def find_seen(reader: Reader) -> "QuerySet[Export]":
    """Return one's own exports, and everybody's for who audits the whole house, the newest first."""
    if reader.reach(Can.AUDIT).everything:
        return Export.objects.order_by("-asked_at", "-pk")
    return find_own(reader)


def get_seen(reader: Reader, export_id: int) -> Export:
    """Return an export that one may know of. Raises `Absent`."""
    return _or_absent(find_seen(reader).filter(pk=export_id).first())


def get_own(reader: Reader, export_id: int) -> Export:
    """Return an export of one's own. Raises `Absent`."""
    return _or_absent(find_own(reader).filter(pk=export_id).first())


def as_seen(reader: Reader, exports: Sequence[Export]) -> list[Export]:
    """Return copies of exports as a reader may see them.

    One that holds a conversation out of reach is called by its receipt, without what it was asked by; what others typed
    passes the masks.
    """
    held = [set(export.conversations) for export in exports]
    read = places_within(reader, set().union(*held)).keys()
    return [_as_seen(reader, export, read=ids <= read) for export, ids in zip(exports, held, strict=True)]


def _as_seen(reader: Reader, export: Export, *, read: bool) -> Export:
    seen = copy(export)
    if not read:
        seen.title, seen.query = export.receipt, _("无权阅读其中的会话")
    elif export.user_id != reader.user_id:
        seen.title, seen.query = masking.masked(export.title), masking.masked(export.query)
    return seen


def files_seen(seen: Export) -> list[File]:
    """Return the files of an export from `as_seen`; where its title may not be told, their names say no more."""
    files = list(files_of(seen))
    for number, file in enumerate(files, 1):
        if seen.title == seen.receipt:
            file.name = f"{seen.receipt}-{number}{Path(file.name).suffix}"
    return files


def read_receipts(reader: Reader, receipts: Collection[str]) -> set[str]:
    """Return those receipts whose conversations a reader reads, all of each."""
    rows = list(Export.objects.filter(receipt__in=receipts))
    return {seen.receipt for seen in as_seen(reader, rows) if seen.title != seen.receipt}


def _or_absent(export: Export | None) -> Export:
    if export is None:
        raise Absent
    return export


def files_of(export: Export) -> "QuerySet[File]":
    """Return the files of an export, in order."""
    return File.objects.filter(export=export).order_by("pk")


def fetch(reader: Reader, export_id: int, file_id: int, *, address: str = "", door: str = "page") -> "Fetched":
    """Hand out a file of one's own export, and note it.

    Raises `Absent` for anybody else's, for what does not exist, and for who reads a conversation in it no more;
    `Problem` file-gone once it has expired.
    """
    export = get_own(reader, export_id)
    file = files_of(export).filter(pk=file_id).first()
    if file is None or len(places_within(reader, export.conversations)) < len(export.conversations):
        raise Absent
    if not file.place:
        raise Problem("file-gone", "文件已过期删除，回执仍在。")
    with transaction.atomic():
        audit.note("download", by=reader, address=address, about=f"receipt:{export.receipt}", door=door, file=file.name)
        Export.objects.filter(pk=export.pk, fetched_at=None).update(fetched_at=clock.now(), told_at=clock.now())
    return Fetched(file, keeping.read(Kept(file.place, bytes(file.key))))


class Fetched(NamedTuple):
    """A file that is handed out, and its bytes piece by piece."""

    file: File
    pieces: Iterator[bytes]


def keep_until(export: Export) -> None:
    """Set when the files of an export that is done will go."""
    export.expires_at = clock.now() + timedelta(days=settings.HOUSE.export_days)


def _spend(reader: Reader) -> None:
    try:
        allowances.spend(allowances.EXPORTS, reader)
    except TooOften as problem:
        minutes = -(-problem.facts["retry_seconds"] // 60)
        text = _("一小时最多导出 %(most)d 次，%(minutes)d 分钟后再来。")
        told = text % {"most": allowances.EXPORTS.most, "minutes": minutes}
        raise TooOften("exports-too-often", told, **problem.facts) from problem


def _ask(reader: Reader, order: Order, gathered: Gathered) -> Request:
    places = places_within(reader, gathered.conversations)
    can = get_format(order.format).can
    told = {"format": order.format, "query": gathered.query, "messages": gathered.messages, "mask": str(order.profile)}
    return requests.ask(
        reader, kind="export", can=can, places=list(places.values()), why=order.why, minutes=MINUTES, facts=told
    )


def tell(export: Export) -> None:
    """Wake the pages that watch an export."""
    events.emit(f"exports:{export.pk}", changed=["exports"])
