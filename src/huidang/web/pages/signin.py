"""Signing in by password, by a link that works once or by a passkey; the second step; out again; one's password."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from huidang.kernel import clock
from huidang.kernel.problems import Problem
from huidang.people import audit
from huidang.people.login import factors, links, passkeys, passwords, providers, sessions
from huidang.people.models import User
from huidang.web.pages.account.factors import QUESTION, host_of
from huidang.web.pages.preferences import remember
from huidang.web.sessions import begin, note_factor, session_of
from huidang.web.visitors import address_of, user_of

ENTERING = "entering"
ENTERING_SECONDS = 600
"""How long the first step stands while the second is looked for."""

_BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; on success go where the person was heading."""
    if request.method == "GET":
        return _heading(request) if request.user.is_authenticated else form(request)
    name, password = request.POST.get("username", "").strip(), request.POST.get("password", "")
    try:
        user = passwords.check_password(name, password, address=address_of(request))
    except Problem as problem:
        return form(request, problem)
    return proceed(request, user, way="password")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Show whom a link signs in; only the button uses it up, since mail and chat programs open what they preview."""
    try:
        if request.method == "GET":
            return render(request, "signin/link.html", {"invited": links.find_person(token)})
        user = links.use_link(token, address=address_of(request))
    except Problem as problem:
        return render(request, "signin/link.html", {"refusal": _(problem.text)}, status=410)
    return proceed(request, user, way="link")


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Ask for the second step of a sign-in, or of a session that has come to owe one."""
    user, way = _entering(request)
    if user is None:
        return redirect("signin")
    if request.method == "GET":
        return _second(request, user)
    try:
        factors.check_code(user, request.POST.get("code", ""), address=address_of(request))
    except Problem as problem:
        return _second(request, user, problem)
    return _stepped(request, user, way=way, by="code")


@login_not_required
@never_cache
@require_POST
def questions(request: HttpRequest) -> JsonResponse:
    """Return the question for a passkey: for one of the person in their second step, else for any."""
    question = passkeys.ask_to_sign_in(_entering(request)[0], host=host_of(request))
    request.session[QUESTION] = question.state
    return JsonResponse(question.options)


@login_not_required
@never_cache
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in whoever's passkey answered; it is the second step, or both in one."""
    among, way = _entering(request)
    state = request.session.pop(QUESTION, {})
    try:
        user = passkeys.answered_by(
            request.POST.get("answer", ""), state, host=host_of(request), among=among, address=address_of(request)
        )
    except Problem as problem:
        return _second(request, among, problem) if among else form(request, problem)
    if among is None:
        audit.note("sign-in", by=user, address=address_of(request), way="passkey")
        return enter(request, user, way="passkey", factor=True)
    return _stepped(request, user, way=way, by="passkey")


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """End the session; who came through a provider is shown how to leave it too."""
    user, row = user_of(request), session_of(request)
    audit.note("sign-out", by=user, address=address_of(request))
    sessions.leave(row)
    logout(request)
    return redirect("provider-leaving" if row.way == "oidc" else "signin")


@never_cache
@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Choose a password, the first one or another; every other session of the person ends."""
    if request.method == "GET":
        return render(request, "signin/password.html", {"first": not user_of(request).has_usable_password()})
    try:
        _change(request, user_of(request))
    except Problem as problem:
        facts = {"first": not user_of(request).has_usable_password(), "refusal": _(problem.text)}
        return render(request, "signin/password.html", facts, status=problem.status)
    return redirect("start")


def proceed(request: HttpRequest, user: User, *, way: str, to: str = "") -> HttpResponse:
    """Go on after the first step: into the house, or to the second step where the person has one."""
    if not factors.held_by(user):
        return enter(request, user, way=way, factor=False, to=to)
    request.session[ENTERING] = {
        "user": user.pk,
        "way": way,
        "next": to or request.POST.get("next", ""),
        "hash": user.get_session_auth_hash(),
        "until": clock.now().timestamp() + ENTERING_SECONDS,
    }
    return redirect("second")


def enter(request: HttpRequest, user: User, *, way: str, factor: bool, to: str = "") -> HttpResponse:
    """Begin a session of its own, and speak the person's language from now on."""
    login(request, user, backend=_BACKEND)
    begin(request, way=way, factor=factor)
    wants_password = not user.has_usable_password() and not settings.HOUSE.demo and way == "link"
    response = redirect("password") if wants_password else _heading(request, to)
    if user.language:
        remember(response, settings.LANGUAGE_COOKIE_NAME, user.language)
    return response


def form(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    """Show the form, with what was wrong."""
    asked = request.POST if request.method == "POST" else request.GET
    facts: dict[str, Any] = {"next": asked.get("next", ""), "username": request.POST.get("username", "")}
    facts |= {"refusal": _(problem.text) if problem else "", "provider": providers.find_provider()}
    return _answer(request, "signin/page.html", facts, problem)


def _change(request: HttpRequest, user: User) -> None:
    if request.POST.get("new", "") != request.POST.get("again", ""):
        raise Problem("passwords-differ", "两次输入的新密码不一样。")
    old, new, here = request.POST.get("old"), request.POST.get("new", ""), session_of(request).pk
    passwords.change_password(user, new, old=old, address=address_of(request), session_id=here)
    update_session_auth_hash(request, user)


def _entering(request: HttpRequest) -> tuple[User | None, str]:
    """Return who is between the two steps, and by which way they came."""
    if isinstance(request.user, User):
        return request.user, session_of(request).way
    kept = request.session.get(ENTERING) or {}
    if kept.get("until", 0) < clock.now().timestamp():
        return None, ""
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), kept["hash"]):
        return None, ""
    return user, str(kept["way"])


def _stepped(request: HttpRequest, user: User, *, way: str, by: str) -> HttpResponse:
    """Go in after the second step."""
    audit.note("sign-in", by=user, address=address_of(request), way=way, factor=by)
    if request.user.is_authenticated:
        note_factor(request)
        return redirect("start")
    heading = str(request.session.pop(ENTERING, {}).get("next", ""))
    return enter(request, user, way=way, factor=True, to=heading)


def _second(request: HttpRequest, user: User, problem: Problem | None = None) -> HttpResponse:
    facts = {"entering": user, "held": factors.held_by(user), "refusal": _(problem.text) if problem else ""}
    return _answer(request, "signin/second.html", facts, problem)


def _answer(request: HttpRequest, template: str, facts: dict[str, Any], problem: Problem | None) -> HttpResponse:
    response = render(request, template, facts, status=problem.status if problem else 200)
    if problem and "retry_seconds" in problem.facts:
        response.headers["Retry-After"] = str(problem.facts["retry_seconds"])
    return response


def _heading(request: HttpRequest, place: str = "") -> HttpResponse:
    place = place or request.POST.get("next") or request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return redirect(place if own else "start")
