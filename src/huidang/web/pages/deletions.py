"""Deletions that the law demands: the form for one message or for all of a customer's, and what came of it."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from huidang import records
from huidang.kernel.problems import Absent, Problem
from huidang.people import requests
from huidang.records import deletions as desk
from huidang.records.deletions import Target
from huidang.records.erasing import Ground
from huidang.records.models import Deletion
from huidang.records.passages import read_chosen
from huidang.web import fields
from huidang.web.undo import tell
from huidang.web.visitors import reader_of

SHOWN = 50
"""Messages of a deletion that its pages list; the others are counted."""

_TOLD: dict[str, Promise] = {
    Deletion.State.ASKED: lazy("已提交，等另一人批准。"),
    Deletion.State.WAITING: lazy("正在删除。"),
    Deletion.State.DONE: lazy("已删除，存证哈希仍在。"),
    Deletion.State.FAILED: lazy("没有删除。"),
}


@require_http_methods(["GET", "POST"])
def of_message(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """Ask for one message to be deleted."""
    target = desk.of_messages(reader_of(request), [message_id])
    if conversation_id not in target.messages:
        raise Absent
    return _asking(request, target, reverse("message", args=[conversation_id, message_id]))


@require_http_methods(["GET", "POST"])
def of_person(request: HttpRequest, conversation_id: int, person_id: int) -> HttpResponse:
    """Ask for all messages of a customer to be deleted, wherever they wrote."""
    target = desk.of_person(reader_of(request), person_id, conversation_id=conversation_id)
    return _asking(request, target, reverse("conversation", args=[conversation_id]))


@require_safe
def deletion(request: HttpRequest, deletion_id: int) -> HttpResponse:
    """Show a deletion to who asked for it and to whoever may decide it."""
    found = desk.get_deletion(reader_of(request), deletion_id)
    facts = _listed(request, dict(found.messages))
    facts |= {"deletion": found, "state": desk.state_of(found), "ground": Ground(found.ground).label}
    return render(request, "deletions/one.html", facts)


def _asking(request: HttpRequest, target: Target, back: str) -> HttpResponse:
    if request.method == "GET":
        return _form(request, target, back)
    ground, why = fields.text(request, "ground"), fields.text(request, "why")
    try:
        made = desk.ask(reader_of(request), target, ground=ground, why=why)
    except Problem as problem:
        return _form(request, target, back, problem)
    tell(request, str(_TOLD.get(made.state, "")))
    return redirect("deletion", made.pk)


def _form(request: HttpRequest, target: Target, back: str, problem: Problem | None = None) -> HttpResponse:
    facts = _listed(request, target.messages) | {
        "target": target,
        "back": back,
        "grounds": Ground.choices,
        "second": requests.needs_two_persons(desk.KIND),
        "stated": request.POST,
        "refusal": _(problem.text) if problem else "",
    }
    return render(request, "deletions/form.html", facts, status=problem.status if problem else 200)


def _listed(request: HttpRequest, messages: Mapping[int, Sequence[int]]) -> dict[str, Any]:
    """Return the first messages as this reader sees them, how many follow, and in how many conversations they lie."""
    reader, ids = reader_of(request), list(chain.from_iterable(messages.values()))
    titles = records.list_conversations(reader, list(messages)[:SHOWN])
    shown = [(titles.get(each.conversation), each) for each in read_chosen(reader, ids[:SHOWN])]
    return {"shown": shown, "count": len(ids), "more": len(ids) - len(shown), "talks": len(messages)}
