"""Departments: the tree, who sees each of them, and the steps that change them; each can be undone."""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import charts, grants, rights
from huidang.people import departments as tree
from huidang.people.departments import Branch
from huidang.people.models import Department
from huidang.web import fields
from huidang.web.admin import managed, manager_of
from huidang.web.selection import whole
from huidang.web.undo import tell
from huidang.web.visitors import reader_of

GRANTS_SHOWN = 50


@require_safe
def departments(request: HttpRequest) -> HttpResponse:
    """Show the tree with its first department chosen."""
    manager_of(request)
    first = Department.objects.filter(parent=None).order_by("position", "pk").first()
    return _page(request, first)


@require_safe
def department(request: HttpRequest, department_id: int) -> HttpResponse:
    """Show the tree with one department chosen."""
    return _page(request, managed(request, Department, department_id))


@require_POST
def creations(request: HttpRequest) -> HttpResponse:
    """Make a department, at the top or below another."""
    by = manager_of(request)
    above: Department | None = None
    try:
        above = fields.department(request, "under")
        made = rights.add_department(by, fields.text(request, "name"), under=above)
    except Problem as problem:
        return _page(request, above, fields.refused(request, "add", problem))
    tell(request, _("已新建「%s」") % made.name)
    return redirect("department", made.pk)


@require_POST
def names(request: HttpRequest, department_id: int) -> HttpResponse:
    """Give a department another name."""
    chosen = managed(request, Department, department_id)
    before = chosen.name

    def rename() -> None:
        rights.rename_department(reader_of(request), chosen, fields.text(request, "name"))
        told = _("已把「%(before)s」改名为「%(after)s」") % {"before": before, "after": chosen.name}
        tell(request, told, reverse("department-names", args=[chosen.pk]), name=before)

    return _done(request, chosen, "rename", rename)


@require_POST
def moves(request: HttpRequest, department_id: int) -> HttpResponse:
    """Hang a department elsewhere, or put it before a sibling."""
    chosen = managed(request, Department, department_id)
    was = {"under": chosen.parent_id, "before": _following(chosen)}

    def move() -> None:
        above, ahead = fields.department(request, "under"), fields.department(request, "before")
        rights.move_department(reader_of(request), chosen, under=above, before=ahead)
        where = above.name if above else _("最上级")
        told = _("已把「%(name)s」排到「%(where)s」之下") % {"name": chosen.name, "where": where}
        tell(request, told, reverse("department-moves", args=[chosen.pk]), **was)

    return _done(request, chosen, "move", move)


@require_POST
def removals(request: HttpRequest, department_id: int) -> HttpResponse:
    """Delete a department that holds nothing."""
    chosen = managed(request, Department, department_id)
    above, name = chosen.parent_id, chosen.name
    try:
        rights.remove_department(reader_of(request), chosen)
    except Problem as problem:
        return _page(request, chosen, fields.refused(request, "remove", problem))
    tell(request, _("已删除「%s」") % name, reverse("department-restorations", args=[department_id]))
    return redirect("department", above) if above else redirect("departments")


@require_POST
def restorations(request: HttpRequest, removed_id: int) -> HttpResponse:
    """Undo `removals`."""
    by = manager_of(request)
    try:
        made = rights.restore_department(by, removed_id)
    except Absent:
        raise
    except Problem as problem:
        return _page(request, None, fields.refused(request, "add", problem))
    tell(request, _("已恢复「%s」") % made.name)
    return redirect("department", made.pk)


@require_POST
def narrowings(request: HttpRequest, department_id: int) -> HttpResponse:
    """Let the agents of a department see only their own customers."""
    chosen = managed(request, Department, department_id)
    narrowed = rights.see_only_own(reader_of(request), chosen)
    count = len(narrowed)
    told = ngettext("%(count)d 条客服授权改为只看本人客户", "%(count)d 条客服授权改为只看本人客户", count) % {
        "count": count
    }
    sent = [f"{each.grant}:{each.department}:{int(each.intake)}" for each in narrowed]
    undo = reverse("department-widenings", args=[chosen.pk]) if sent else ""
    tell(request, told % {"count": len(narrowed)}, undo, grant=sent)
    return redirect("department", chosen.pk)


@require_POST
def widenings(request: HttpRequest, department_id: int) -> HttpResponse:
    """Undo `narrowings` for the grants that the form names."""
    chosen = managed(request, Department, department_id)
    count = rights.see_all_again(reader_of(request), list(_narrowed(request)))
    tell(request, ngettext("已恢复 %(count)d 条授权", "已恢复 %(count)d 条授权", count) % {"count": count})
    return redirect("department", chosen.pk)


@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Show what a chart would make; with the `paths` of that preview, make it."""
    by = manager_of(request)
    try:
        if "paths" in request.POST:
            made = charts.apply(by, charts.read(request.POST["paths"].encode()))
            tell(request, ngettext("已新建 %(count)d 个部门", "已新建 %(count)d 个部门", made) % {"count": made})
            return redirect("departments")
        chart = _chart(request) if request.method == "POST" else None
    except Problem as problem:
        facts = fields.refused(request, "import", problem)
        return render(request, "admin/department_imports.html", facts, status=problem.status)
    return render(request, "admin/department_imports.html", {"chart": chart})


def _chart(request: HttpRequest) -> charts.Chart:
    file = request.FILES.get("file")
    if file is None:
        raise Problem("file-wanted", "选一个 CSV 或 XLSX 文件。")
    return charts.read(file.read(charts.LARGEST + 1))


def _narrowed(request: HttpRequest) -> Iterator[rights.Narrowed]:
    for sent in request.POST.getlist("grant"):
        grant, department_id, intake = [*map(whole, sent.split(":")), None, None][:3]
        if grant is not None and department_id is not None:
            yield rights.Narrowed(grant, department_id, intake == 1)


def _done(request: HttpRequest, chosen: Department, form: str, step: Callable[[], None]) -> HttpResponse:
    """Take a step and show the department; where it is refused, with what was typed."""
    try:
        step()
    except Problem as problem:
        chosen.refresh_from_db()
        return _page(request, chosen, fields.refused(request, form, problem))
    return redirect("department", chosen.pk)


def _following(chosen: Department) -> int | None:
    """Return the sibling below a department, ahead of which it goes back to its place."""
    row = list(Department.objects.filter(parent=chosen.parent).order_by("position", "pk").values_list("pk", flat=True))
    return next(iter(row[row.index(chosen.pk) + 1 :]), None)


def _page(request: HttpRequest, chosen: Department | None, refusal: dict[str, Any] | None = None) -> HttpResponse:
    outline = tree.outline()
    facts: dict[str, Any] = {"branches": outline, "chosen": None}
    if chosen is not None:
        facts |= _about(chosen, outline)
    status = refusal["status"] if refusal else 200
    return render(request, "admin/departments.html", facts | (refusal or {}), status=status)


def _about(chosen: Department, outline: list[Branch]) -> dict[str, Any]:
    below = tree.subtrees([chosen.pk], {each.id: each.parent_id for each in outline})
    siblings = [each for each in outline if each.parent_id == chosen.parent_id]
    at = next(place for place, each in enumerate(siblings) if each.id == chosen.pk)
    reaching = list(grants.reaching(chosen, Can.READ))
    return {
        "chosen": siblings[at],
        "elsewhere": [each for each in outline if each.id not in below],
        "higher": siblings[at - 1] if at else None,
        "lower": siblings[at + 1] if at + 1 < len(siblings) else None,
        "after_lower": siblings[at + 2] if at + 2 < len(siblings) else None,
        "reaching": reaching[:GRANTS_SHOWN],
        "reaching_more": max(0, len(reaching) - GRANTS_SHOWN),
        "owners": grants.count_owners(Can.READ),
        "narrowable": len(rights.seen_by_all(chosen)),
    }
