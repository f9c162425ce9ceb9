"""How people sign in: who needs a second factor, the provider of the house, everybody's sessions and tokens."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel.problems import Problem
from huidang.people import tokens as kept
from huidang.people.login import policy, providers
from huidang.people.login import sessions as standing
from huidang.people.models import User
from huidang.people.roles import read_capabilities
from huidang.web import fields
from huidang.web.admin import managed, manager_of
from huidang.web.pages.account.tokens import names_of
from huidang.web.sessions import session_of
from huidang.web.visitors import address_of
from huidang.web.words import CAPABILITIES

SHOWN = 200


@require_safe
def signins(request: HttpRequest) -> HttpResponse:
    """Show the rules and the provider."""
    return _page(request)


@require_POST
def rules(request: HttpRequest) -> HttpResponse:
    """Choose whose sign-in takes a second step."""
    by = manager_of(request)
    policy.want_factor_for(by, read_capabilities(request.POST.getlist("can")), address=address_of(request))
    messages.success(request, _("已保存，下一次点击起生效"))
    return redirect("signins")


@require_POST
@sensitive_post_parameters("secret")
def set_provider(request: HttpRequest) -> HttpResponse:
    """Set the provider, once it answers at its address."""
    by = manager_of(request)
    try:
        providers.set_provider(
            by,
            **{name: fields.text(request, name) for name in ("name", "issuer", "client", "secret", "claim")},
            creates=request.POST.get("creates") == "1",
            address=address_of(request),
        )
    except Problem as problem:
        return _page(request, fields.refused(request, "provider", problem))
    messages.success(request, _("提供方已应答，登录页多了一个入口"))
    return redirect("signins")


@require_POST
def drop_provider(request: HttpRequest) -> HttpResponse:
    """Take the provider away."""
    providers.drop_provider(manager_of(request), address=address_of(request))
    messages.success(request, _("已移除单点登录，大家改用密码或登录链接"))
    return redirect("signins")


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """List everybody's sessions."""
    manager_of(request)
    rows = standing.all_living().select_related("user")[:SHOWN]
    return render(request, "admin/sessions.html", {"sessions": rows, "here": session_of(request)})


@require_POST
def session_ends(request: HttpRequest, session_id: int) -> HttpResponse:
    """End anybody's session."""
    standing.end(session_id, by=manager_of(request), address=address_of(request))
    messages.success(request, _("已退出那处登录"))
    return redirect("house-sessions")


@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """List everybody's tokens."""
    manager_of(request)
    rows = kept.living().select_related("user")[:SHOWN]
    return render(request, "admin/tokens.html", {"kept": [(row, names_of(row)) for row in rows]})


@require_POST
def token_revocations(request: HttpRequest, token_id: int) -> HttpResponse:
    """End anybody's token."""
    kept.revoke_token(token_id, by=manager_of(request), address=address_of(request))
    messages.success(request, _("已撤销令牌，用它的程序立即失效"))
    return redirect("house-tokens")


@require_POST
def factor_removals(request: HttpRequest, account_id: int) -> HttpResponse:
    """Take the second factor from somebody who has lost it."""
    user = managed(request, User, account_id)
    policy.reset(manager_of(request), user, address=address_of(request))
    messages.success(request, _("已重置两步验证，本人已从各处退出，下次登录后可重新设置"))
    return redirect("account", user.pk)


def _page(request: HttpRequest, refusal: dict[str, Any] | None = None) -> HttpResponse:
    manager_of(request)
    facts = {
        "capabilities": CAPABILITIES,
        "ticked": policy.factor_wanted_for(),
        "provider": providers.find_provider(),
        "claims": providers.CLAIMS,
        "back": request.build_absolute_uri(reverse("provider-answer")),
    } | (refusal or {})
    return render(request, "admin/signins.html", facts, status=facts.get("status", 200))
