"""Signing in and out."""

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; on success go where the person was heading."""
    if request.method == "GET":
        return _page(request)
    user = authenticate(request, username=request.POST.get("username"), password=request.POST.get("password"))
    if user is None:
        return _page(request, refusal=_("账号或密码不对。"))
    login(request, user)
    return redirect(_heading(request.POST.get("next", ""), request))


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("signin")


def _page(request: HttpRequest, refusal: str = "") -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    facts = {"refusal": refusal, "next": asked.get("next", ""), "username": request.POST.get("username", "")}
    return render(request, "signin/page.html", facts, status=400 if refusal else 200)


def _heading(place: str, request: HttpRequest) -> str:
    own = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return place if own else "/"
