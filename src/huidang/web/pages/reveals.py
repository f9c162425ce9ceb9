"""Looking behind masks: a form that asks for the reason, the look itself, and ending it before its time.

The form stands in the drawer where htmx asks for it, and on a page of its own elsewhere. Nothing that is hidden is
sent before the reason is given.
"""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from huidang import records
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import requests, reveals
from huidang.people.requests import Place
from huidang.records.placing import place_of
from huidang.web import fields
from huidang.web.visitors import reader_of, wants_piece

_PLACES = ("before", "after", "on")
"""What names another place in the conversation."""


@never_cache
@require_http_methods(["GET", "POST"])
def of_message(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """Ask for a reason, and look at one message."""
    records.get_message(conversation_id, message_id, reader_of(request))
    return _look(request, conversation_id, message_id)


@never_cache
@require_http_methods(["GET", "POST"])
def of_conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Ask for a reason, and look at a whole conversation."""
    return _look(request, conversation_id, None)


@require_POST
def endings(request: HttpRequest, reveal_id: int) -> HttpResponse:
    """Put the masks back."""
    ended = reveals.end(reader_of(request), reveal_id)
    return to_reader(request, ended.conversation_id, ended.message_id)


def to_reader(request: HttpRequest, conversation_id: int, message_id: int | None) -> HttpResponse:
    """Lead to a conversation at a message; where htmx asks, in the reader's pane alone."""
    place = _address(conversation_id, message_id)
    if not wants_piece(request):
        return redirect(place)
    place += _view_of(request, conversation_id)
    heading = {"path": place, "target": "#reader", "swap": "outerHTML"}
    return HttpResponse(status=204, headers={"HX-Location": json.dumps(heading), "HX-Trigger": "drawer-done"})


def _view_of(request: HttpRequest, conversation_id: int) -> str:
    """Return what the address of the open page says beside the place, so that search and filters stay as they are."""
    try:
        current = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return ""
    talk = reverse("conversation", args=[conversation_id])
    here = current.path == talk or current.path.startswith(f"{talk}/")
    kept = [(name, value) for name, value in parse_qsl(current.query, keep_blank_values=True) if name not in _PLACES]
    return f"?{urlencode(kept)}" if here and kept else ""


def _look(request: HttpRequest, conversation_id: int, message_id: int | None) -> HttpResponse:
    reader = reader_of(request)
    place = place_of(conversation_id, reader, Can.READ)
    if not reveals.may_reveal(reader, place):
        raise Absent
    if request.method == "GET":
        return _form(request, place, message_id)
    try:
        minutes = next(iter(fields.numbers(request, "minutes")), reveals.MINUTES[0])
        reveals.reveal(reader, place, why=_reason(request), message_id=message_id, minutes=minutes)
    except Problem as problem:
        return _form(request, place, message_id, problem)
    return to_reader(request, conversation_id, message_id)


def _reason(request: HttpRequest) -> str:
    """Return the reason that was typed, or else the recent one that was chosen."""
    return fields.text(request, "why") or fields.text(request, "recent")


def _form(request: HttpRequest, place: Place, message_id: int | None, problem: Problem | None = None) -> HttpResponse:
    reader = reader_of(request)
    facts: dict[str, Any] = {
        "conversation": records.get_conversation(reader, place.conversation_id),
        "action": _action(place.conversation_id, message_id),
        "back": _address(place.conversation_id, message_id),
        "whole": message_id is None,
        "second": message_id is None and reveals.needs_second(reader, place),
        "waits": [each for each in requests.waiting_about(reader, place.conversation_id) if each.kind == reveals.BULK],
        "minutes": reveals.MINUTES,
        "reasons": _reasons(request, place),
        "stated": request.POST,
        "refusal": _(problem.text) if problem else "",
    }
    template = "reveals/form.html" if wants_piece(request) else "reveals/page.html"
    return render(request, template, facts, status=problem.status if problem else 200)


def _reasons(request: HttpRequest, place: Place) -> list[str]:
    """Return the reasons to choose from: of approved requests first, then those given of late."""
    reader = reader_of(request)
    approved = [each.why for each in reveals.approvals(reader, place)]
    return list(dict.fromkeys([*approved, *reveals.recent_reasons(reader)]))


def _action(conversation_id: int, message_id: int | None) -> str:
    if message_id is None:
        return reverse("conversation-reveals", args=[conversation_id])
    return reverse("message-reveals", args=[conversation_id, message_id])


def _address(conversation_id: int, message_id: int | None) -> str:
    if message_id is None:
        return reverse("conversation", args=[conversation_id])
    return reverse("message", args=[conversation_id, message_id])
