"""Excerpts on pages: made from chosen messages or a stretch of time, highlighted, noted, exported, taken away."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huidang import records
from huidang.exports import excerpts as keeping
from huidang.kernel.problems import Absent, Problem
from huidang.records.passages import read_chosen, stretch
from huidang.web import fields
from huidang.web.pages.exports import ids_of, read_selection
from huidang.web.undo import tell
from huidang.web.visitors import reader_of, wants_piece

SHOWN = 200
"""Messages that the form shows before they are kept."""


@require_http_methods(["GET", "POST"])
def excerpts(request: HttpRequest) -> HttpResponse:
    """Show the excerpts within reach; keep a new one."""
    if request.method == "POST":
        return _keep(request)
    reader = reader_of(request)
    rows = keeping.find(reader)
    known = records.list_conversations(reader, {row.conversation_id for row in rows})
    listed = [(row, known[str(row.conversation_id)]) for row in rows if str(row.conversation_id) in known]
    return render(request, "excerpts/page.html", {"rows": listed})


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Show the form: what will be kept, a title, notes; in the drawer for htmx."""
    facts = _form(request, request.GET)
    return render(request, "excerpts/form.html" if wants_piece(request) else "excerpts/new.html", facts)


@require_safe
def excerpt(request: HttpRequest, excerpt_id: int) -> HttpResponse:
    """Show an excerpt: its messages as they were pinned, with highlights and notes."""
    return _page(request, excerpt_id)


@require_POST
def names(request: HttpRequest, excerpt_id: int) -> HttpResponse:
    """Change title and note."""
    try:
        keeping.rename(
            reader_of(request), excerpt_id, title=fields.text(request, "title"), note=fields.text(request, "note")
        )
    except Absent:
        raise
    except Problem as problem:
        return _page(request, excerpt_id, problem)
    return redirect("excerpt", excerpt_id)


@require_POST
def highlights(request: HttpRequest, excerpt_id: int, message_id: int) -> HttpResponse:
    """Highlight the words that were selected or typed, the whole message, or nothing of it any more."""
    reader, deed = reader_of(request), fields.text(request, "deed")
    first, end = fields.numbers(request, "first"), fields.numbers(request, "end")
    try:
        if deed in ("whole", "not-whole"):
            keeping.highlight_whole(reader, excerpt_id, message_id, whole=deed == "whole")
        elif deed == "clear":
            keeping.clear(reader, excerpt_id, message_id)
        elif first and end:
            keeping.highlight(reader, excerpt_id, message_id, [(first[0], end[0])])
        else:
            keeping.highlight_words(reader, excerpt_id, message_id, fields.text(request, "words"))
    except Absent:
        raise
    except Problem as problem:
        return _page(request, excerpt_id, problem)
    return redirect(f"{reverse('excerpt', args=[excerpt_id])}#m{message_id}")


@require_POST
def notes(request: HttpRequest, excerpt_id: int, message_id: int) -> HttpResponse:
    """Write a note on a message of the excerpt."""
    keeping.annotate(reader_of(request), excerpt_id, message_id, fields.text(request, "note"))
    return redirect(f"{reverse('excerpt', args=[excerpt_id])}#m{message_id}")


@require_POST
def removals(request: HttpRequest, excerpt_id: int) -> HttpResponse:
    """Take an excerpt away, with a way back."""
    row = keeping.remove(reader_of(request), excerpt_id)
    tell(request, _("已删除摘录「%s」") % row.title, reverse("excerpt-restorations", args=[excerpt_id]))
    return redirect("excerpts")


@require_POST
def restorations(request: HttpRequest, excerpt_id: int) -> HttpResponse:
    """Bring an excerpt back."""
    keeping.restore(reader_of(request), excerpt_id)
    return redirect("excerpt", excerpt_id)


def _keep(request: HttpRequest) -> HttpResponse:
    reader, stated = reader_of(request), request.POST
    conversation_id = _conversation(request, stated)
    try:
        ids = _chosen(request, stated, conversation_id)
        row = keeping.make(reader, conversation_id, ids, title=stated.get("title", ""), note=stated.get("note", ""))
    except Absent:
        raise
    except Problem as problem:
        facts = _form(request, stated) | fields.refused(request, "excerpt", problem)
        return render(request, "excerpts/new.html", facts, status=problem.status)
    return redirect("excerpt", row.pk)


def _form(request: HttpRequest, stated: QueryDict) -> dict[str, Any]:
    reader, conversation_id = reader_of(request), _conversation(request, stated)
    listed = records.get_conversation(reader, conversation_id)
    chosen = ids_of(stated, "m")
    shown = list(read_chosen(reader, sorted(set(chosen))[:SHOWN]))
    return {
        "conversation": listed,
        "ids": chosen,
        "shown": shown,
        "stated": stated,
        "more": max(0, len(chosen) - SHOWN),
    }


def _conversation(request: HttpRequest, stated: QueryDict) -> int:
    named = ids_of(stated, "conversation")
    if len(named) != 1:
        raise Absent
    return named[0]


def _chosen(request: HttpRequest, stated: QueryDict, conversation_id: int) -> list[int]:
    """Return the messages that the form names, one by one or by a stretch of time."""
    selection = read_selection(request, stated)
    if selection.messages:
        return list(selection.messages)
    if not (selection.since_at or selection.until_at):
        raise Problem("excerpt-empty", "先选消息，或写明从何时到何时。")
    return keeping.ids_between(reader_of(request), conversation_id, stretch(selection.since_at, selection.until_at))


def _page(request: HttpRequest, excerpt_id: int, problem: Problem | None = None) -> HttpResponse:
    reader = reader_of(request)
    row = keeping.get_excerpt(reader, excerpt_id)
    facts = {
        "row": row,
        "conversation": records.get_conversation(reader, row.conversation_id),
        "pins": list(keeping.read(reader, row)),
        "edits": keeping.may_edit(reader, row),
        "refusal": _(problem.text) if problem else "",
    }
    return render(request, "excerpts/one.html", facts, status=problem.status if problem else 200)
