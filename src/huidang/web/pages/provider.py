"""Signing in at the OpenID Connect provider of the house: there, back, and out of it again."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem
from huidang.people import allowances, audit
from huidang.people.login import factors, oidc, providers
from huidang.people.models import Provider
from huidang.web.pages.signin import form, proceed
from huidang.web.visitors import address_of

FLOW = "provider"


@login_not_required
@never_cache
@require_safe
def leave_for(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. A link, not a form: our policy lets no form lead to another house."""
    try:
        allowances.note_stranger(address_of(request))
        place, flow = oidc.begin(providers.party_of(_provider()), back=_back(request))
    except Absent:
        raise
    except Problem as problem:
        return form(request, problem)
    until = clock.now().timestamp() + oidc.LONGEST_LIFE_SECONDS
    request.session[FLOW] = flow | {"next": request.GET.get("next", ""), "until": until}
    return redirect(place)


@login_not_required
@never_cache
@require_safe
def answer(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer and go on as that person, with a second step where they have one."""
    provider, flow = _provider(), request.session.pop(FLOW, {})
    if flow.get("until", 0) < clock.now().timestamp():
        flow = {}
    try:
        claims = oidc.finish(providers.party_of(provider), flow, request.GET.dict(), back=_back(request))
        user = providers.person_of(provider, claims)
    except Problem as problem:
        audit.note("sign-in-failed", by=None, address=address_of(request), way="oidc", code=problem.code)
        return form(request, problem)
    audit.note(factors.step_word(user), by=user, address=address_of(request), way="oidc")
    return proceed(request, user, way="oidc", to=str(flow["next"]))


@login_not_required
@never_cache
@require_safe
def leaving(request: HttpRequest) -> HttpResponse:
    """Say that the session has ended here, and lead on to the provider's own sign-out where it offers one."""
    provider = _provider()
    try:
        place = oidc.leaving(providers.party_of(provider), back=request.build_absolute_uri(reverse("signin")))
    except Problem:
        place = ""
    return render(request, "signin/leaving.html", {"provider": provider, "place": place})


def _provider() -> Provider:
    found = providers.find_provider()
    if found is None:
        raise Absent
    return found


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("provider-answer"))
