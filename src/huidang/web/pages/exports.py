"""Exports on pages: the order in a drawer or on a page of its own, what became of it, the files, and the receipts."""

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huidang.exports import asking, verifying
from huidang.exports.blackouts import MOST_MESSAGES, Blackout, read_words
from huidang.exports.document import Line
from huidang.exports.formats import FORMATS
from huidang.exports.gathering import Gathered, sections_of
from huidang.exports.models import Export
from huidang.exports.orders import Order, read_profile
from huidang.exports.selection import Selection, read_since, read_until
from huidang.exports.verifying import Verdict
from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.pieces import streamed
from huidang.kernel.problems import Absent, Problem
from huidang.people import allowances
from huidang.records import Profile
from huidang.web import fields
from huidang.web.headers import SANDBOX
from huidang.web.selection import LONGEST
from huidang.web.visitors import address_of, reader_of, wants_piece

PIECE = 50
CARRIED = ("conversation", "m", "excerpt", "q", "since", "until")
"""The fields that say what is exported, the same in addresses and forms."""


@require_http_methods(["GET", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """Show what one has exported; take an order."""
    if request.method == "POST":
        return _order(request)
    rows = asking.find_seen(reader_of(request)) if _all(request) else asking.find_own(reader_of(request))
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) <= LONGEST:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk").select_related("user")[: PIECE + 1])
    facts = {
        "rows": asking.as_seen(reader_of(request), found[:PIECE]),
        "following": found[PIECE - 1].pk if len(found) > PIECE else None,
        "all": _all(request),
        "audits": reader_of(request).reach(Can.AUDIT).everything,
    }
    _saw(request)
    return render(request, "exports/page.html", facts)


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Show the order form: in the drawer for htmx, else as a page."""
    stated = request.GET
    order = Order(selection=read_selection(request, stated), format=stated.get("format", next(iter(FORMATS))))
    facts = _form(request, stated, asking.preview(reader_of(request), order))
    return render(request, "exports/form.html" if wants_piece(request) else "exports/new.html", facts)


@require_safe
def export(request: HttpRequest, export_id: int) -> HttpResponse:
    """Show how far an export is, its files and its receipt; htmx asks for the moving part again."""
    (row,) = asking.as_seen(reader_of(request), [asking.get_seen(reader_of(request), export_id)])
    facts = {"row": row, "files": asking.files_seen(row), "own": row.user_id == reader_of(request).user_id}
    if wants_piece(request):
        piece = render(request, "exports/state.html", facts)
        if row.state not in asking.OPEN:
            piece.headers["HX-Refresh"] = "true"  # the receipt stands outside the moving part
        return piece
    if facts["own"] and row.state not in asking.OPEN:
        Export.objects.filter(pk=row.pk, told_at=None).update(told_at=clock.now())
    standing = verifying.stand(row) if row.state == Export.State.DONE else None
    return render(request, "exports/one.html", facts | {"standing": standing})


@require_safe
def file(request: HttpRequest, export_id: int, file_id: int) -> HttpResponseBase:
    """Hand out a file."""
    fetched = asking.fetch(reader_of(request), export_id, file_id, address=address_of(request))
    response = StreamingHttpResponse(
        streamed(fetched.pieces, asynchronous=isinstance(request, ASGIRequest)),
        content_type=fetched.file.media_type or "application/octet-stream",
    )
    response.headers["Content-Length"] = str(fetched.file.size)
    response.headers["Content-Disposition"] = content_disposition_header(True, fetched.file.name) or "attachment"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
def cancellations(request: HttpRequest, export_id: int) -> HttpResponse:
    """Stop an export of one's own."""
    asking.cancel(reader_of(request), export_id)
    return redirect("export", export_id)


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """Say which of one's exports have ended since the page was opened; asked for only while some are open."""
    own = asking.find_own(reader_of(request))
    ended = list(own.filter(told_at=None, state__in=ENDED)[:3])
    Export.objects.filter(pk__in=[row.pk for row in ended]).update(told_at=clock.now())
    facts = {"ended": ended, "open": own.filter(state__in=RUNS).exists()}
    return render(request, "exports/news.html", facts)


ENDED = (Export.State.DONE, Export.State.FAILED)
RUNS = (Export.State.WAITING, Export.State.RUNNING)


@require_http_methods(["GET", "POST"])
def receipts(request: HttpRequest) -> HttpResponse:
    """Tell a file again by the file, its hash, or the number of its receipt."""
    reader = reader_of(request)
    asked = request.GET.get("q", "").strip()
    if request.method == "GET" and not asked:
        return render(request, "exports/receipts.html", {"q": ""})
    allowances.spend(allowances.SEARCHES, reader)
    try:
        verdict = _identified(request) if request.method == "POST" else verifying.find(asked)
    except Problem as problem:
        return render(request, "exports/receipts.html", {"q": asked, "refusal": _(problem.text)}, status=problem.status)
    facts: dict[str, Any] = {"q": asked, "verdict": verdict}
    if verdict.export:
        (seen,) = asking.as_seen(reader, [verdict.export])
        facts |= {"row": seen, "files": asking.files_seen(seen)}
        facts |= {"standing": verifying.stand(verdict.export), "whole": _may_read(request, verdict.export)}
    return render(request, "exports/receipts.html", facts)


@require_safe
def proof(request: HttpRequest, export_id: int) -> HttpResponse:
    """Hand out the proof of a receipt and what opens its leaf, for who may read the receipt."""
    row = asking.get_seen(reader_of(request), export_id)
    standing = verifying.stand(row)
    if not standing.proof:
        raise Absent
    response = HttpResponse(standing.proof, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{row.receipt}.tlog-proof"'
    return response


def read_selection(request: HttpRequest, stated: QueryDict) -> Selection:
    """Return what an address or form says shall leave. Raises `Problem`."""
    zone = reader_of(request).zone
    messages, excerpt = ids_of(stated, "m"), ids_of(stated, "excerpt")
    query = stated.get("q")
    chosen = () if messages or excerpt or query is not None else tuple(ids_of(stated, "conversation"))
    return Selection(
        conversations=chosen,
        messages=tuple(messages),
        excerpt=excerpt[0] if excerpt else None,
        query=query,
        since_at=read_since(stated.get("since", ""), zone),
        until_at=read_until(stated.get("until", ""), zone),
    )


def ids_of(stated: QueryDict, name: str) -> list[int]:
    """Return the ids that a field states, each once; what is no number is left out."""
    sent = dict.fromkeys(stated.getlist(name))
    return [int(each) for each in sent if each.isascii() and each.isdecimal() and len(each) <= LONGEST]


def _order(request: HttpRequest) -> HttpResponse:
    reader, stated = reader_of(request), request.POST
    selection = read_selection(request, stated)
    order = Order(
        selection=selection,
        format=fields.text(request, "format"),
        profile=read_profile(fields.text(request, "mask") or Profile.OUTSIDE),
        why=fields.text(request, "why"),
        watermark=fields.text(request, "watermark"),
        blackout=Blackout(read_words(fields.text(request, "words")), tuple(ids_of(stated, "hide"))),
    )
    try:
        row = asking.place(reader, order)
    except Absent:
        raise
    except Problem as problem:
        plain = Order(selection=selection, format=next(iter(FORMATS)))
        facts = _form(request, stated, asking.preview(reader, plain))
        return render(
            request, "exports/new.html", facts | fields.refused(request, "export", problem), status=problem.status
        )
    return redirect("export", row.pk)


def _form(request: HttpRequest, stated: QueryDict, preview: asking.Preview) -> dict[str, Any]:
    gathered = preview.gathered
    return {
        "gathered": gathered,
        "approval": preview.approval,
        "formats": list(FORMATS.values()),
        "carried": [
            (name, value) for name in CARRIED for value in stated.getlist(name) if name not in ("since", "until")
        ],
        "timed": "m" not in stated,
        "stated": stated,
        "days": settings.HOUSE.export_days,
        "back": _back(stated),
        "lines": _lines(request, gathered),
        "hide": stated.getlist("hide"),
        "may_unmask": bool(reader_of(request).reach(Can.UNMASK)),
    }


def _lines(request: HttpRequest, gathered: Gathered) -> list[Line]:
    """Return the messages of a short selection, of which some may be hidden; none of a long one."""
    if gathered.messages > MOST_MESSAGES:
        return []
    return [line for section in sections_of(gathered, reader_of(request), Profile.OUTSIDE) for line in section.lines]


def _back(stated: QueryDict) -> str:
    """Return the page an order came from."""
    conversations = ids_of(stated, "conversation")
    if excerpt := ids_of(stated, "excerpt"):
        return reverse("excerpt", args=excerpt[:1])
    if "q" in stated:
        return f"{reverse('search')}?{urlencode({'q': stated['q']})}"
    return reverse("conversation", args=conversations) if len(conversations) == 1 else reverse("exports")


def _all(request: HttpRequest) -> bool:
    return request.GET.get("view") == "all" and reader_of(request).reach(Can.AUDIT).everything


def _saw(request: HttpRequest) -> None:
    asking.find_own(reader_of(request)).filter(told_at=None, state__in=ENDED).update(told_at=clock.now())


def _may_read(request: HttpRequest, row: Export) -> bool:
    reader = reader_of(request)
    return asking.find_seen(reader).filter(pk=row.pk).exists()


def _identified(request: HttpRequest) -> Verdict:
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile) or not sent.size:
        raise Problem("file-absent", "还没有选择文件。")
    if sent.size > settings.HOUSE.upload_bytes:
        raise Problem("too-large", "文件超过允许的大小。", limit=settings.HOUSE.upload_bytes)
    descriptor, name = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "wb") as copy:
            for piece in sent.chunks():
                copy.write(piece)
        return verifying.identify(Path(name))
    finally:
        Path(name).unlink()
