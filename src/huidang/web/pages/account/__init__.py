"""我的账号: who somebody is here, how they sign in, where they are signed in, what programs act for them."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel.problems import Problem
from huidang.people.login.passwords import confirm
from huidang.people.login.sessions import is_fresh
from huidang.web.pages.imports import ZONES
from huidang.web.sessions import session_of
from huidang.web.visitors import address_of, user_of


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of the account as its navigation shows it."""

    name: str
    url: str
    here: bool


def page(request: HttpRequest, template: str, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a page of the account with its navigation."""
    named = [(_("资料"), "me"), (_("两步验证"), "factors"), (_("登录设备"), "sessions"), (_("API 令牌"), "tokens")]
    tabs = [Tab(name, reverse(to), _is_here(request.path, reverse(to))) for name, to in named]
    fresh = is_fresh(session_of(request)) or not user_of(request).has_usable_password()
    return render(request, template, {"tabs": tabs, "asks_password": not fresh} | facts, status=status)


def require_person(request: HttpRequest) -> None:
    """Ask for the password where the sign-in is long ago: a stolen session must not change how somebody signs in.

    Who has no password (they sign in at a provider) signs in anew. Raises `Problem` password-wrong, sign-in-anew.
    """
    if is_fresh(session_of(request)):
        return
    user = user_of(request)
    if not user.has_usable_password():
        raise Problem("sign-in-anew", "为确认是本人，请退出后重新登录，再做这一步。")
    confirm(user, request.POST.get("password", ""), address=address_of(request))


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Show name, language, zone and the ways to the rest."""
    return page(request, "account/me.html", {"zones": ZONES, "zone": user_of(request).zone})


@require_POST
def zone(request: HttpRequest) -> HttpResponse:
    """Choose the zone in which times are shown."""
    user, wanted = user_of(request), request.POST.get("zone", "").strip()
    if wanted not in available_timezones():
        refusal = _("不认识这个时区，应写作 Asia/Shanghai。")
        return page(request, "account/me.html", {"zones": ZONES, "zone": wanted, "refusal": refusal}, status=400)
    user.zone = wanted
    user.save(update_fields=["zone"])
    messages.success(request, _("时间改按 %s 显示") % wanted)
    return redirect("me")


def _is_here(path: str, url: str) -> bool:
    return path == url or (path.startswith(f"{url}/") and url != reverse("me"))
