"""Saved searches (视图): save the search on the page, rename, share, order, remove with undo, count in the rail."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel.problems import Problem
from huidang.search import saved
from huidang.search.models import SavedSearch
from huidang.web.asking import Asked, asked_of, sort_of
from huidang.web.frame import saved_of
from huidang.web.undo import tell
from huidang.web.visitors import reader_of

_STEPS = {"up": -1, "down": 1}


@require_safe
def views(request: HttpRequest) -> HttpResponse:
    """List the saved searches, one's own and those that others share."""
    return _list(request)


@require_POST
def creations(request: HttpRequest) -> HttpResponse:
    """Save a search and show it again, now by its name."""
    form = request.POST
    asked = Asked(form.get("q", ""), sort_of(form.get("sort", "")), form.get("rows") == "1")
    draft = saved.Draft(name=form.get("name", ""), query=asked.text, sort=asked.sort, rows=asked.flat)
    try:
        row = saved.save(reader_of(request), draft, department_id=_department(request))
    except Problem as problem:
        return _list(request, refusal=problem, draft=draft)
    tell(request, _("已存为视图「%s」") % row.name, reverse("view-removals", args=[row.pk]))
    return redirect(asked.place())


@require_safe
def view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Lead to the search of a saved one."""
    row = saved.get_saved(reader_of(request), view_id)
    return redirect(place_of(row))


@require_POST
def changes(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename one's own and say with whom it is shared."""
    reader = reader_of(request)
    try:
        row = saved.rename(reader, view_id, request.POST.get("name", ""))
        if row.department_id != (wanted := _department(request)):
            saved.share(reader, view_id, wanted)
    except Problem as problem:
        return _list(request, refusal=problem)
    tell(request, _("已修改视图「%s」") % row.name)
    return redirect("views")


@require_POST
def moves(request: HttpRequest, view_id: int) -> HttpResponse:
    """Move one's own up or down."""
    saved.move(reader_of(request), view_id, by=_STEPS.get(request.POST.get("direction", ""), 0))
    return redirect("views")


@require_POST
def removals(request: HttpRequest, view_id: int) -> HttpResponse:
    """Remove one's own; the toast brings it back."""
    row = saved.remove(reader_of(request), view_id)
    tell(request, _("已删除视图「%s」") % row.name, reverse("view-restorations", args=[row.pk]))
    return redirect("views")


@require_POST
def restorations(request: HttpRequest, view_id: int) -> HttpResponse:
    """Bring a removed one back."""
    saved.restore(reader_of(request), view_id)
    return redirect("views")


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """Count what each finds, for the badges of the rail."""
    return render(request, "views/counts.html", {"counts": saved.counts(reader_of(request), saved_of(request))})


def place_of(row: SavedSearch) -> str:
    """Return the address of the search behind a saved one."""
    return Asked(row.query, sort_of(row.sort), row.rows).place()


def _list(request: HttpRequest, **facts: Any) -> HttpResponse:
    reader, rows = reader_of(request), saved.visible(reader_of(request))
    facts |= {
        "own": [row for row in rows if row.owner_id == reader.user_id],
        "shared": [row for row in rows if row.owner_id != reader.user_id],
        "departments": saved.departments_for(reader),
        "counts": saved.counts(reader, rows),
        "asked": asked_of(request),
    }
    refusal: Problem | None = facts.get("refusal")
    return render(request, "views/page.html", facts, status=refusal.status if refusal else 200)


def _department(request: HttpRequest) -> int | None:
    text = request.POST.get("department", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(2**63)) else None
