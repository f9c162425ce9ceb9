"""Accounts: who there is, the way in for somebody new, what each holds, and one role for several people at once."""

import re
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem
from huidang.people import accounts as people
from huidang.people import departments as tree
from huidang.people import rights, roles
from huidang.people.grounds import explain
from huidang.people.login import factors
from huidang.people.models import Grant, User
from huidang.people.readers import Reader
from huidang.records import placing
from huidang.web import fields
from huidang.web.admin import managed, manager_of
from huidang.web.selection import number_of
from huidang.web.undo import tell
from huidang.web.visitors import reader_of

PIECE = 50
LAST_PAGE = 10_000
_CONVERSATION = re.compile(r"(?:^|/conversations/)([0-9]{1,18})(?![0-9])")
STATES = ("open", "closed", "new")


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """List the accounts, narrowed as the address says."""
    return _list(request)


@never_cache
@require_http_methods(["GET", "POST"])
def creations(request: HttpRequest) -> HttpResponse:
    """Make an account, with its first role if one is chosen, and show the link that lets its person in once."""
    by = manager_of(request)
    if request.method == "GET":
        return render(request, "admin/account_creations.html", _choices())
    try:
        user, token = _hired(request, by)
    except Problem as problem:
        facts = _choices() | fields.refused(request, "create", problem)
        return render(request, "admin/account_creations.html", facts, status=problem.status)
    return one(request, user, token=token)


@require_safe
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show an account: who, where, what it holds; with `conversation`, why it can or cannot see that."""
    user = managed(request, User, account_id)
    try:
        return one(request, user, **_explained(request, user))
    except Problem as problem:
        return one(request, user, fields.refused(request, "why", problem), asked=request.GET["conversation"])


@never_cache
@require_POST
def links(request: HttpRequest, account_id: int) -> HttpResponse:
    """Show a new link that lets the person in once; earlier ones stop working."""
    user = managed(request, User, account_id)
    try:
        return one(request, user, token=rights.invite(manager_of(request), user))
    except Problem as problem:
        return one(request, user, fields.refused(request, "link", problem))


@require_POST
def names(request: HttpRequest, account_id: int) -> HttpResponse:
    """Change the name of the person and the department they belong to."""
    user, by = managed(request, User, account_id), manager_of(request)
    was = {"name": user.name, "department": user.department_id}
    try:
        home = fields.department(request, "department")
        if user.name != fields.text(request, "name"):
            rights.rename_account(by, user, fields.text(request, "name"))
        if user.department_id != (home.pk if home else None):
            rights.set_home(by, user, home)
    except Problem as problem:
        user.refresh_from_db()
        return one(request, user, fields.refused(request, "name", problem))
    tell(request, _("已保存 %s") % user.name, reverse("account-names", args=[user.pk]), **was)
    return redirect("account", user.pk)


@require_POST
def closings(request: HttpRequest, account_id: int) -> HttpResponse:
    """Close an account."""
    user = managed(request, User, account_id)
    try:
        rights.close_account(manager_of(request), user)
    except Problem as problem:
        return one(request, user, fields.refused(request, "close", problem))
    tell(request, _("已停用 %s") % user.name, reverse("account-reopenings", args=[user.pk]))
    return redirect("account", user.pk)


@require_POST
def reopenings(request: HttpRequest, account_id: int) -> HttpResponse:
    """Open a closed account again."""
    user = managed(request, User, account_id)
    rights.reopen_account(manager_of(request), user)
    tell(request, _("已恢复 %s") % user.name, reverse("account-closings", args=[user.pk]))
    return redirect("account", user.pk)


@require_POST
def grants(request: HttpRequest) -> HttpResponse:
    """Give one role to the chosen people."""
    manager_of(request)
    users = list(User.objects.filter(pk__in=fields.numbers(request, "account")).order_by("username"))
    try:
        _give(request, users)
    except Problem as problem:
        return _list(request, fields.refused(request, "give", problem))
    return redirect(f"{reverse('accounts')}{_narrowed(request)}")


@require_POST
def own_grants(request: HttpRequest, account_id: int) -> HttpResponse:
    """Give a role to one person."""
    user = managed(request, User, account_id)
    try:
        _give(request, [user])
    except Problem as problem:
        return one(request, user, fields.refused(request, "give", problem))
    return redirect("account", user.pk)


@require_POST
def withdrawals(request: HttpRequest) -> HttpResponse:
    """Take the named grants back."""
    by, chosen = manager_of(request), fields.numbers(request, "grant")
    held = Grant.objects.select_related("user").filter(pk__in=chosen).first()
    try:
        taken = rights.withdraw(by, *chosen)
    except Absent:
        raise
    except Problem as problem:
        if held is None:
            raise Absent from problem
        return one(request, held.user, fields.refused(request, "withdraw", problem))
    told = ngettext("已收回 %(count)d 条授权", "已收回 %(count)d 条授权", len(taken)) % {"count": len(taken)}
    undo, sent = _giving_again(taken)
    tell(request, told, undo, **sent)
    same = {grant.user_id for grant in taken}
    return redirect("account", same.pop()) if len(same) == 1 else redirect("accounts")


def one(
    request: HttpRequest, user: User, refusal: dict[str, Any] | None = None, *, token: str = "", **more: Any
) -> HttpResponse:
    """Render the page of an account; a `token` is shown as its link, once."""
    facts = (
        _choices()
        | {"account": user, "holder": people.get_person(user), "link": "", "factors": factors.held_by(user)}
        | more
    )
    if token:
        facts["link"] = request.build_absolute_uri(reverse("link", args=[token]))
    status = refusal["status"] if refusal else 200
    return render(request, "admin/account.html", facts | (refusal or {}), status=status)


def _explained(request: HttpRequest, user: User) -> dict[str, Any]:
    asked = request.GET.get("conversation", "").strip()
    if not asked:
        return {}
    named = _CONVERSATION.search(asked)
    try:
        place = placing.place_of(int(named[1]) if named else 0, reader_of(request))
    except Absent as problem:
        raise Problem("conversation-unknown", "没有这个会话。贴上会话的网址，或写它的编号。") from problem
    return {"asked": asked, "answer": explain(user, place)}


def _hired(request: HttpRequest, by: Reader) -> tuple[User, str]:
    role, name = fields.text(request, "role"), fields.text(request, "name")
    if not name:
        raise Problem("person-name", "姓名写 1 到 100 个字。")
    terms = fields.place(request) | {"until_at": fields.end_of_day(request, "until")} if role else {}
    home = fields.department(request, "home")
    user = rights.hire(by, fields.text(request, "username"), name=name, home=home, role=role, **terms)
    return user, rights.invite(by, user)


def _give(request: HttpRequest, users: list[User]) -> None:
    by, role = manager_of(request), fields.text(request, "role")
    until_at = fields.end_of_day(request, "until")
    made = rights.give_each(by, users, role, until_at=until_at, **fields.place(request))
    told = ngettext("已授权 %(count)d 人", "已授权 %(count)d 人", len(made)) % {"count": len(made)}
    if len(made) < len(users):
        told += _("，另有 %d 人本来就有") % (len(users) - len(made))
    tell(request, told, reverse("account-withdrawals") if made else "", grant=[grant.pk for grant in made])


def _giving_again(taken: list[Grant]) -> tuple[str, dict[str, Any]]:
    """Return the address and the fields that give grants back, where one form can say them all."""
    terms = {
        (
            grant.role.name,
            grant.department_id,
            grant.children,
            grant.own,
            grant.intake,
            grant.everything,
            grant.until_at,
        )
        for grant in taken
    }
    first = taken[0]
    if len(terms) > 1 or (first.until_at and first.until_at <= clock.now()):
        return "", {}
    until = fields.last_day(first.until_at) if first.until_at else ""
    sent = {"role": first.role.name, "where": _where(first), "department": first.department_id, "until": until}
    people = [grant.user_id for grant in taken]
    if len(people) == 1:
        return reverse("account-own-grants", args=people), sent
    return reverse("account-grants"), sent | {"account": people}


def _where(grant: Grant) -> str:
    if grant.department_id:
        return "below" if grant.children else "only"
    return "everything" if grant.everything else "own" if grant.own else "intake"


def _choices() -> dict[str, Any]:
    return {"roles": roles.list_roles(), "branches": tree.outline(), "today": timezone.localtime(clock.now()).date()}


def _wanted(request: HttpRequest) -> people.Wanted:
    chosen, state = number_of(request, "department"), request.GET.get("state", "")
    below = tree.subtrees([chosen]) if chosen is not None else None
    asked, role = request.GET.get("q", "").strip()[:100], request.GET.get("role", "")
    return people.Wanted(asked, below, role, state if state in STATES else "")


def _list(request: HttpRequest, refusal: dict[str, Any] | None = None) -> HttpResponse:
    manager_of(request)
    wanted, number = _wanted(request), min(number_of(request, "page") or 1, LAST_PAGE)
    found, total = people.find_people(wanted, start=(number - 1) * PIECE, count=PIECE)
    facts = _choices() | {
        "people": found,
        "total": total,
        "wanted": wanted,
        "chosen": number_of(request, "department"),
        "asked": _narrowed(request),
        "page": _pages(number, total),
        "picked": fields.numbers(request, "account"),
    }
    status = refusal["status"] if refusal else 200
    return render(request, "admin/accounts.html", facts | (refusal or {}), status=status)


def _pages(number: int, total: int) -> "Page[int]":
    return Paginator(range(total), PIECE).get_page(number)


def _narrowed(request: HttpRequest) -> str:
    """Return how the list is narrowed, as the address says it, `?role=agent` or empty."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"?{asked.urlencode()}" if asked else ""
