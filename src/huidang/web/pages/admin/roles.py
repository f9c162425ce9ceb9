"""Roles: the matrix of what each lets its holders do, and the bundles that a house makes for itself."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import grants, rights
from huidang.people import roles as known
from huidang.people.models import Role
from huidang.web import fields
from huidang.web.admin import managed, manager_of
from huidang.web.undo import tell
from huidang.web.words import CAPABILITIES


@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """Show the matrix of roles and capabilities."""
    return _matrix(request)


@require_POST
def creations(request: HttpRequest) -> HttpResponse:
    """Make a role of the house's own."""
    try:
        made = rights.make_role(manager_of(request), fields.text(request, "name"), _ticked(request))
    except Absent:
        raise
    except Problem as problem:
        return _matrix(request, fields.refused(request, "create", problem))
    tell(request, _("已新建角色「%s」") % made.name)
    return redirect("roles")


@require_safe
def role(request: HttpRequest, role_id: int) -> HttpResponse:
    """Show a role: what it lets people do, who holds it."""
    return _one(request, managed(request, Role, role_id))


@require_POST
def names(request: HttpRequest, role_id: int) -> HttpResponse:
    """Give a role another name."""
    chosen = managed(request, Role, role_id)
    before = chosen.name
    try:
        rights.rename_role(manager_of(request), chosen, fields.text(request, "name"))
    except Problem as problem:
        return _one(request, managed(request, Role, role_id), fields.refused(request, "name", problem))
    told = _("已把「%(before)s」改名为「%(after)s」") % {"before": before, "after": chosen.name}
    tell(request, told, reverse("role-names", args=[chosen.pk]), name=before)
    return redirect("role", chosen.pk)


@require_POST
def capabilities(request: HttpRequest, role_id: int) -> HttpResponse:
    """Change what a role lets its holders do."""
    chosen = managed(request, Role, role_id)
    before = list(chosen.capabilities)
    try:
        rights.change_role(manager_of(request), chosen, _ticked(request))
    except Problem as problem:
        return _one(request, managed(request, Role, role_id), fields.refused(request, "capabilities", problem))
    told = _("已改「%s」的权限，对担任它的人立即生效") % known.title_of(chosen.name)
    tell(request, told, reverse("role-capabilities", args=[chosen.pk]), can=before)
    return redirect("role", chosen.pk)


@require_POST
def removals(request: HttpRequest, role_id: int) -> HttpResponse:
    """Delete a role that nobody holds."""
    chosen = managed(request, Role, role_id)
    sent = {"name": chosen.name, "can": list(chosen.capabilities)}
    try:
        rights.drop_role(manager_of(request), chosen)
    except Problem as problem:
        return _one(request, chosen, fields.refused(request, "removal", problem))
    tell(request, _("已删除角色「%s」") % sent["name"], reverse("role-creations"), **sent)
    return redirect("roles")


def _ticked(request: HttpRequest) -> list[Can]:
    return [Can(value) for value in request.POST.getlist("can") if value in CAPABILITIES]


def _matrix(request: HttpRequest, refusal: dict[str, Any] | None = None) -> HttpResponse:
    manager_of(request)
    counted = grants.valid_grants().filter(user__is_active=True).values_list("role")
    held = dict(counted.annotate(Count("user", distinct=True)))
    rows = [(each, held.get(each.pk, 0), set(each.capabilities)) for each in known.list_roles()]
    facts = {"rows": rows, "capabilities": CAPABILITIES, "ticked": request.POST.getlist("can")}
    return render(request, "admin/roles.html", facts | (refusal or {}), status=refusal["status"] if refusal else 200)


def _one(request: HttpRequest, chosen: Role, refusal: dict[str, Any] | None = None) -> HttpResponse:
    holders = grants.valid_grants().filter(role=chosen).select_related("user", "department")
    refused_here = refusal is not None and refusal["refused"] == "capabilities"
    facts = {
        "role": chosen,
        "standing": chosen.name in known.DEFAULTS,
        "capabilities": CAPABILITIES,
        "ticked": request.POST.getlist("can") if refused_here else chosen.capabilities,
        "holders": holders.order_by("user__name", "user__username", "pk"),
    }
    return render(request, "admin/role.html", facts | (refusal or {}), status=refusal["status"] if refusal else 200)
