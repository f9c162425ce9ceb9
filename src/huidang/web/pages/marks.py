"""Masks by hand: the page of one message with everything that hides in it, and the steps that hide, clear and undo.

In the transcript a selection offers the same steps; without script this page does it all.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huidang import records
from huidang.kernel.problems import Absent, Problem
from huidang.records import Part, marks
from huidang.web import fields
from huidang.web.undo import tell
from huidang.web.visitors import address_of, reader_of


@require_safe
def page(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """Show what hides in a message, by the machine and by hand."""
    return _page(request, conversation_id, message_id)


@require_POST
def black_outs(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """Hide a piece: the selected one, or wherever the typed words stand in the message."""
    reader = reader_of(request)

    def hide() -> None:
        piece, ranges = request.POST.get("seen", "").replace("\r\n", "\n"), _ranges(request)
        if not ranges:
            marks.marks_of(reader, conversation_id, message_id)
            ranges = marks.find_in(records.get_message(conversation_id, message_id, reader).text, piece)
        if not ranges:
            raise Problem("piece-absent", _("这条消息里没有这几个字。"))
        marks.black_out(reader, conversation_id, message_id, ranges, seen=piece or None, address=address_of(request))
        _tell_last(request, conversation_id, message_id, _("已遮盖"))

    return _done(request, conversation_id, message_id, hide)


@require_POST
def clearings(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """Show a piece that the machine hid by mistake."""

    def clear() -> None:
        reader, ranges = reader_of(request), _ranges(request)
        marks.clear(reader, conversation_id, message_id, ranges, address=address_of(request))
        _tell_last(request, conversation_id, message_id, _("已标为不是敏感信息"))

    return _done(request, conversation_id, message_id, clear)


@require_POST
def undoings(request: HttpRequest, conversation_id: int, message_id: int, mark_id: int) -> HttpResponse:
    """Take a mark back."""
    marks.undo(reader_of(request), conversation_id, message_id, mark_id, address=address_of(request))
    tell(request, _("已撤销"))
    return _back(request, conversation_id, message_id)


@require_POST
def file_clearings(request: HttpRequest, conversation_id: int, message_id: int, file_id: int) -> HttpResponse:
    """Open a file to those who see masks."""
    where = (conversation_id, message_id, file_id)
    marks.clear_file(reader_of(request), *where, address=address_of(request))
    tell(request, _("已放行，看遮盖的人也能打开"), reverse("file-withholdings", args=where))
    return _back(request, conversation_id, message_id)


@require_POST
def file_withholdings(request: HttpRequest, conversation_id: int, message_id: int, file_id: int) -> HttpResponse:
    """Withhold a file again."""
    where = (conversation_id, message_id, file_id)
    marks.withhold_file(reader_of(request), *where, address=address_of(request))
    tell(request, _("已收回，仅授权可见"), reverse("file-clearings", args=where))
    return _back(request, conversation_id, message_id)


def _tell_last(request: HttpRequest, conversation_id: int, message_id: int, text: str) -> None:
    """Say what was done, with the undo of the newest mark."""
    newest = max(marks.marks_of(reader_of(request), conversation_id, message_id), key=lambda mark: int(mark.id))
    tell(request, text, reverse("mark-undoings", args=[conversation_id, message_id, newest.id]))


def _done(request: HttpRequest, conversation_id: int, message_id: int, step: Callable[[], None]) -> HttpResponse:
    try:
        step()
    except Absent:
        raise
    except Problem as problem:
        return _page(request, conversation_id, message_id, problem)
    return _back(request, conversation_id, message_id)


def _back(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """Lead to the page of the message, or into the transcript where the step was taken there."""
    there = "message" if request.POST.get("from") == "transcript" else "marks"
    return redirect(there, conversation_id, message_id)


def _ranges(request: HttpRequest) -> list[tuple[int, int]]:
    """Return the piece that a form names, if it does."""
    start, end = fields.numbers(request, "start"), fields.numbers(request, "end")
    return [(start[0], end[0])] if start and end else []


def _page(request: HttpRequest, conversation_id: int, message_id: int, refusal: Problem | None = None) -> HttpResponse:
    reader = reader_of(request)
    made = marks.marks_of(reader, conversation_id, message_id)
    shown = records.get_message(conversation_id, message_id, reader)
    facts = {
        "message": shown,
        "conversation": records.get_conversation(reader, conversation_id),
        "found": [each for each in _pieces(shown.parts) if each[2].kind != "hand"],
        "marks": [(mark, shown.text[mark.start : mark.end] if mark.current else "") for mark in made],
        "refusal": refusal,
        "seen": request.POST.get("seen", ""),
    }
    return render(request, "marks/page.html", facts, status=refusal.status if refusal else 200)


def _pieces(parts: tuple[Part, ...]) -> list[tuple[int, int, Part]]:
    """Return the hidden parts with where they stand."""
    found, place = [], 0
    for part in parts:
        if part.kind:
            found.append((place, place + len(part.text), part))
        place += len(part.text)
    return found
