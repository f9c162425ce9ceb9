"""Requests: what waits for a decision, what one has asked for, what one has decided; asking, deciding, taking back."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huidang import records
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import requests as desk
from huidang.people import reveals
from huidang.people.models import Request
from huidang.people.requests import Place
from huidang.records import Listed
from huidang.records.placing import place_of, places_of
from huidang.web import fields
from huidang.web.asked import fact_name, fact_value, length_name
from huidang.web.pages.reveals import to_reader
from huidang.web.undo import tell
from huidang.web.visitors import reader_of, wants_piece

VIEWS = ("waiting", "own", "decided")
PIECE = 50
SHOWN_PLACES = 5
MINUTES = (10, 30, 60, 240)
ASKED: dict[str, Can] = {"reveal": Can.UNMASK, "recalled": Can.RECALLED, reveals.BULK: Can.UNMASK}
"""What may be asked for from a transcript."""

_LINKED = ("message", "deletion")
"""Facts that a page shows as links."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a page shows it: the conversations as this reader sees them, and what may be done with it."""

    request: Request
    state: str
    conversations: list[Listed]
    others: int
    facts: list[tuple[str, str]]
    own: bool


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """List requests: those that wait for this reader, their own, those they decided."""
    reader = reader_of(request)
    waiting = desk.for_decision_by(reader)
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else "waiting" if waiting else "own"
    rows = waiting if view == "waiting" else desk.asked_by(reader) if view == "own" else desk.decided_by(reader)
    shown = [_asked(request, row) for row in rows[:PIECE]]
    return render(request, "requests/page.html", {"view": view, "rows": shown, "waits": len(waiting)})


@require_safe
def one_request(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show one request to its asker and to whoever may decide it."""
    return _one(request, request_id)


@require_http_methods(["GET", "POST"])
def asking(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Ask to see what a conversation hides: the form, and the question."""
    place = place_of(conversation_id, reader_of(request), Can.READ)
    if request.method == "GET":
        return _form(request, place)
    kind, message_id = _kind(request), next(iter(fields.numbers(request, "message")), None)
    try:
        _ask(request, place, kind, message_id)
    except Problem as problem:
        return _form(request, place, problem)
    tell(request, _("已申请，有结果会显示在「申请」里。"))
    return to_reader(request, conversation_id, message_id)


@require_POST
def decisions(request: HttpRequest, request_id: int) -> HttpResponse:
    """Approve or refuse a request; an approval can be taken back at once."""
    reader, note = reader_of(request), fields.text(request, "note")
    found = _found(request, request_id)
    places = places_of(desk.covered(found), reader, Can(found.capability))
    try:
        if request.POST.get("decision") == "approve":
            desk.approve(reader, request_id, places=places, note=note)
            _tell_approved(request, found)
        else:
            desk.refuse(reader, request_id, places=places, note=note)
            tell(request, _("已拒绝"))
    except Problem as problem:
        return _one(request, request_id, problem)
    return redirect("requests")


def _tell_approved(request: HttpRequest, found: Request) -> None:
    """Say so; what is deleted cannot be brought back."""
    if "deletion" in found.facts:
        tell(request, _("已批准，正在删除"))
    else:
        tell(request, _("已批准"), reverse("request-revocations", args=[found.pk]), note=_("撤销批准"))


@require_POST
def revocations(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take back what was approved."""
    found = _found(request, request_id)
    places = places_of(desk.covered(found), reader_of(request), Can(found.capability))
    try:
        desk.revoke(reader_of(request), request_id, places=places, note=fields.text(request, "note"))
    except Problem as problem:
        return _one(request, request_id, problem)
    tell(request, _("已收回"))
    return redirect("request", request_id)


@require_POST
def withdrawals(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take one's own request back."""
    try:
        desk.withdraw(reader_of(request), request_id)
    except Absent:
        raise
    except Problem as problem:
        return _one(request, request_id, problem)
    tell(request, _("已撤回申请"))
    return redirect("request", request_id)


def _ask(request: HttpRequest, place: Place, kind: str, message_id: int | None) -> None:
    reader = reader_of(request)
    if message_id is not None:
        records.get_message(place.conversation_id, message_id, reader)
    minutes = next(iter(fields.numbers(request, "minutes")), MINUTES[0])
    why = fields.text(request, "why") or fields.text(request, "recent")
    facts = {"message": str(message_id)} if message_id else {}
    desk.ask(reader, kind=kind, can=ASKED[kind], places=[place], why=why, minutes=minutes, facts=facts)


def _kind(request: HttpRequest) -> str:
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    return asked if asked in ASKED else "reveal"


def _form(request: HttpRequest, place: Place, problem: Problem | None = None) -> HttpResponse:
    message = request.POST.get("message") or request.GET.get("message", "")
    facts: dict[str, Any] = {
        "conversation": records.get_conversation(reader_of(request), place.conversation_id),
        "action": reverse("asking", args=[place.conversation_id]),
        "kind": _kind(request),
        "message": message if message.isdecimal() else "",
        "minutes": [(each, length_name(each)) for each in MINUTES],
        "reasons": reveals.recent_reasons(reader_of(request)),
        "stated": request.POST,
        "refusal": _(problem.text) if problem else "",
    }
    template = "requests/form.html" if wants_piece(request) else "requests/asking.html"
    return render(request, template, facts, status=problem.status if problem else 200)


def _found(request: HttpRequest, request_id: int) -> Request:
    """Return a request to whoever may know of it, by where its conversations lie now. Raises `Absent`."""
    reader = reader_of(request)
    known = Request.objects.filter(pk=request_id).first()
    places = places_of(desk.covered(known), reader, Can(known.capability)) if known else []
    return desk.get_request(reader, request_id, places)


def _one(request: HttpRequest, request_id: int, problem: Problem | None = None) -> HttpResponse:
    row = _asked(request, _found(request, request_id))
    facts = {"row": row, "refusal": _(problem.text) if problem else "", "note": fields.text(request, "note")}
    return render(request, "requests/one.html", facts, status=problem.status if problem else 200)


def _asked(request: HttpRequest, row: Request) -> Asked:
    reader, ids = reader_of(request), sorted(desk.covered(row))
    seen = records.list_conversations(reader, ids[:SHOWN_PLACES])
    return Asked(
        row,
        desk.state_of(row),
        [seen[str(pk)] for pk in ids[:SHOWN_PLACES] if str(pk) in seen],
        len(ids) - len(seen),
        [(fact_name(name), fact_value(name, value)) for name, value in row.facts.items() if name not in _LINKED],
        row.asker_id == reader.user_id,
    )
