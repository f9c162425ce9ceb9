"""Signing in by password or by a link that works once, signing out, choosing a password."""

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from huidang.kernel.problems import Problem
from huidang.people import audit
from huidang.people.login import links, passwords
from huidang.people.models import User
from huidang.web.pages.preferences import remember
from huidang.web.visitors import address_of, user_of

_BACKEND = settings.AUTHENTICATION_BACKENDS[0]


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; on success go where the person was heading."""
    if request.method == "GET":
        return _heading(request) if request.user.is_authenticated else _form(request)
    name, password = request.POST.get("username", "").strip(), request.POST.get("password", "")
    try:
        user = passwords.check_password(name, password, address=address_of(request))
    except Problem as problem:
        return _form(request, problem)
    return _enter(request, user)


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
    return _enter(request, user)


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    audit.note("sign-out", by=user_of(request), address=address_of(request))
    logout(request)
    return redirect("signin")


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


def _change(request: HttpRequest, user: User) -> None:
    if request.POST.get("new", "") != request.POST.get("again", ""):
        raise Problem("passwords-differ", "两次输入的新密码不一样。")
    old, new = request.POST.get("old"), request.POST.get("new", "")
    passwords.change_password(user, new, old=old, address=address_of(request))
    update_session_auth_hash(request, user)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    """Begin a session of its own, and speak the person's language from now on."""
    login(request, user, backend=_BACKEND)
    wants_password = not user.has_usable_password() and not settings.HOUSE.demo
    response = redirect("password") if wants_password else _heading(request)
    if user.language:
        remember(response, settings.LANGUAGE_COOKIE_NAME, user.language)
    return response


def _form(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    facts = {"next": asked.get("next", ""), "username": request.POST.get("username", "")}
    facts["refusal"] = _(problem.text) if problem else ""
    response = render(request, "signin/page.html", facts, status=problem.status if problem else 200)
    if problem and "retry_seconds" in problem.facts:
        response.headers["Retry-After"] = str(problem.facts["retry_seconds"])
    return response


def _heading(request: HttpRequest) -> HttpResponse:
    place = request.POST.get("next") or request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return redirect(place if own else "start")
