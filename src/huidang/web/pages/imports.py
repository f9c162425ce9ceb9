"""Bringing files in: upload, progress, what came of it, what lies in quarantine and is read again."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from huidang import records
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit
from huidang.people.models import Department
from huidang.sources import ImportOptions, uploads
from huidang.sources import imports as within
from huidang.sources.models import Import
from huidang.web.selection import number_of
from huidang.web.visitors import reader_of, user_of, wants_piece

RECENT = 20
QUARANTINE_PIECE = 50
FIELDS = {
    "time": lazy("时间"),
    "date": lazy("日期"),
    "sender": lazy("发送人"),
    "sender_id": lazy("发送人编号"),
    "role": lazy("身份"),
    "conversation": lazy("会话名称"),
    "conversation_id": lazy("会话编号"),
    "text": lazy("内容"),
    "type": lazy("消息类型"),
    "attachment": lazy("附件"),
    "message_id": lazy("消息编号"),
    "reply_to": lazy("回复的消息"),
    "is_self": lazy("是否本人发送"),
}
"""What a column of a table can hold (`sources.files.columns.SYNONYMS`)."""

ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "UTC", "Europe/London")


class LimitedUpload(TemporaryFileUploadHandler):
    """Streams an upload to the disk and stops it at the size limit, not after it."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a chunk. Raises `Problem` too-large."""
        self._size += len(raw_data)
        if self._size > settings.HOUSE.upload_bytes:
            self.upload_interrupted()
            raise Problem("too-large", "文件超过允许的大小。", limit=settings.HOUSE.upload_bytes)
        super().receive_data_chunk(raw_data, start)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count anew."""
        self._size = 0
        super().new_file(*args, **kwargs)


@csrf_exempt  # only so that the limit is set before the body is read; `_imports` checks the token
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Show the form and the recent imports; take files in."""
    request.upload_handlers = [LimitedUpload(request)]
    return _imports(request)


@csrf_protect
def _imports(request: HttpRequest) -> HttpResponse:
    within.imports_within(reader_of(request))
    if request.method == "GET":
        return render(request, "imports/page.html", _facts(request))
    try:
        rows = _receive(request)
    except Problem as problem:
        return render(
            request, "imports/page.html", _facts(request) | {"refusal": _(problem.text)}, status=problem.status
        )
    for row in rows:
        audit.note("import", by=reader_of(request), about=f"import:{row.pk}", name=row.name)
    if len(rows) == 1:
        return redirect("import", rows[0].pk)
    messages.success(request, ngettext("已收下 %(n)d 个文件", "已收下 %(n)d 个文件", len(rows)) % {"n": len(rows)})
    return redirect("imports")


def one_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show how far an import is, what it came to, and its quarantine; htmx asks for the moving part again."""
    row = get_import(request, import_id)
    if wants_piece(request):
        return render(request, "imports/state.html", {"row": row})
    return render(request, "imports/one.html", {"row": row} | _table(row) | _quarantine(request, row))


@require_POST
def rereading(request: HttpRequest, import_id: int) -> HttpResponse:
    """Read the file again; what is known is counted, not added, and what can be read by now leaves quarantine."""
    row = get_import(request, import_id)
    uploads.read_again(row)
    audit.note("import-reread", by=reader_of(request), about=f"import:{row.pk}")
    return redirect("import", row.pk)


@require_POST
def mapping(request: HttpRequest, import_id: int) -> HttpResponse:
    """Read a table again with the columns that a person mapped."""
    row = get_import(request, import_id)
    chosen = {name: request.POST[name] for name in FIELDS if request.POST.get(name)}
    uploads.read_again(row, options=replace(uploads.options_of(row), columns=chosen))
    audit.note("import-reread", by=reader_of(request), about=f"import:{row.pk}", columns=chosen)
    return redirect("import", row.pk)


def get_import(request: HttpRequest, import_id: int) -> Import:
    """Return an import within the person's reach. Raises `Absent`, also for who may import nothing."""
    if not reader_of(request).reach(Can.MANAGE):
        raise Absent
    return within.get_import(reader_of(request), import_id)


def _receive(request: HttpRequest) -> list[Import]:
    options = ImportOptions(timezone=_zone(request.POST.get("timezone", "")), agents=_agents(request))
    department = _department(request)
    files = request.FILES.getlist("files")
    if not files:
        raise Problem("file-absent", "还没有选择文件。")
    person = user_of(request)
    return [
        uploads.receive(file.file, name=Path(file.name or "").name, options=options, department=department, by=person)  # type: ignore[arg-type]
        for file in files
    ]


def _zone(name: str) -> str:
    if name and name not in available_timezones():
        raise Problem("zone-unknown", "不认识这个时区，应写作 Asia/Shanghai。", zone=name)
    return name or settings.HOUSE.timezone


def _agents(request: HttpRequest) -> frozenset[str]:
    names = request.POST.get("agents", "").replace("，", ",").replace("、", ",").split(",")
    return frozenset(name.strip() for name in names if name.strip())


def _department(request: HttpRequest) -> Department | None:
    wanted = request.POST.get("department", "")
    known = {str(department.pk): department for department, _path in _departments(request)}
    if wanted and wanted not in known:
        raise Absent
    return known.get(wanted)


def _departments(request: HttpRequest) -> list[tuple[Department, str]]:
    """Return the departments that the person manages, with their paths, in the order of the tree."""
    managed = reader_of(request).reach(Can.MANAGE)
    rows = {row.pk: row for row in Department.objects.order_by("position", "pk")}
    mine = [row for row in rows.values() if managed.everything or row.pk in managed.departments]
    return sorted(((row, _path_of(row, rows)) for row in mine), key=lambda pair: pair[1])


def _path_of(row: Department, rows: dict[int, Department]) -> str:
    names = [row.name]
    while row.parent_id in rows:
        row = rows[row.parent_id]
        names.append(row.name)
    return " / ".join(reversed(names))


def _facts(request: HttpRequest) -> dict[str, Any]:
    reader = reader_of(request)
    rows = within.imports_within(reader)
    return {
        "departments": [{"id": row.pk, "path": path} for row, path in _departments(request)],
        "timezone": settings.HOUSE.timezone,
        "zones": ZONES,
        "limit": settings.HOUSE.upload_bytes,
        "imports": rows[:RECENT],
        "empty_archive": not rows.exists() and not records.any_within(reader, Can.MANAGE),
    }


def _table(row: Import) -> dict[str, Any]:
    """Return the preview of a table that could not be read, or was read as a table, with a choice for each field."""
    if row.state not in {Import.FAILED, Import.DONE} or (row.format and not row.format.startswith("table")):
        return {}
    seen = uploads.preview_table(row)
    if seen is None:
        return {}
    fields = [(name, label, seen.mapping.get(name, ""), name in seen.missing) for name, label in FIELDS.items()]
    return {"table": seen, "fields": fields}


def _quarantine(request: HttpRequest, row: Import) -> dict[str, Any]:
    after = number_of(request, "after") or 0
    found = list(within.quarantined(row, after=after)[: QUARANTINE_PIECE + 1])
    return {
        "quarantined": found[:QUARANTINE_PIECE],
        "next_quarantined": found[QUARANTINE_PIECE - 1].pk if len(found) > QUARANTINE_PIECE else None,
    }
