"""Two steps: an app with codes, passkeys, recovery codes. Secrets are shown once, on a page that nothing keeps."""

from io import BytesIO

import qrcode
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from qrcode.image.svg import SvgPathFillImage

from huidang.kernel.problems import Problem
from huidang.people.login import factors as held
from huidang.people.login import passkeys as keys
from huidang.people.login import totp
from huidang.people.models import Passkey
from huidang.web.headers import SANDBOX
from huidang.web.pages.account import page, require_person
from huidang.web.sessions import note_factor, owes_factor
from huidang.web.visitors import address_of, user_of

QUESTION = "passkey-question"


@never_cache
@require_safe
def factors(request: HttpRequest) -> HttpResponse:
    """Show what stands beside the password."""
    return _factors(request)


@require_POST
@sensitive_post_parameters("password")
def app_creations(request: HttpRequest) -> HttpResponse:
    """Prepare an app."""
    try:
        require_person(request)
        held.begin_app(user_of(request))
    except Problem as problem:
        return _factors(request, problem)
    return redirect("app")


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def app(request: HttpRequest) -> HttpResponse:
    """Show the secret to scan; with a first code, take the app into use and show the recovery codes."""
    user = user_of(request)
    if request.method == "GET":
        return page(request, "account/app.html", {"secret": held.pending_secret(user)})
    try:
        codes = held.confirm_app(user, request.POST.get("code", ""), address=address_of(request))
    except Problem as problem:
        facts = {"secret": held.pending_secret(user), "refusal": _(problem.text)}
        return page(request, "account/app.html", facts, status=problem.status)
    return _added(request, codes)


@never_cache
@require_safe
def app_qr(request: HttpRequest) -> HttpResponse:
    """Draw the secret as a QR code: a picture of its own, since pages run and style nothing inline."""
    user = user_of(request)
    drawn = qrcode.make(
        totp.address_of(held.pending_secret(user), user.username), image_factory=SvgPathFillImage, border=2
    )
    written = BytesIO()
    drawn.save(written)
    return HttpResponse(written.getvalue(), content_type="image/svg+xml", headers={"Content-Security-Policy": SANDBOX})


@require_POST
@sensitive_post_parameters("password")
def app_removals(request: HttpRequest) -> HttpResponse:
    """Give up the app."""
    try:
        require_person(request)
    except Problem as problem:
        return _factors(request, problem)
    held.drop_app(user_of(request), address=address_of(request))
    messages.success(request, _("已移除验证器"))
    return redirect("factors")


@never_cache
@require_POST
@sensitive_post_parameters("password")
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show new recovery codes, once."""
    try:
        require_person(request)
    except Problem as problem:
        return _factors(request, problem)
    return _codes(request, held.renew_codes(user_of(request), address=address_of(request)))


@never_cache
@require_POST
@sensitive_post_parameters("password")
def passkey_questions(request: HttpRequest) -> JsonResponse:
    """Return the question that the browser puts to a new key, once the person has shown who they are."""
    try:
        require_person(request)
        question = keys.ask_to_register(user_of(request), host=host_of(request))
    except Problem as problem:
        return refusal_of(problem)
    request.session[QUESTION] = question.state
    return JsonResponse(question.options)


@never_cache
@require_POST
def passkeys(request: HttpRequest) -> HttpResponse:
    """Keep the key that answered."""
    name, answer = request.POST.get("name", ""), request.POST.get("answer", "")
    state = request.session.pop(QUESTION, {})
    try:
        codes = keys.register(user_of(request), name, answer, state, host=host_of(request), address=address_of(request))
    except Problem as problem:
        return _factors(request, problem)
    return _added(request, codes)


@require_POST
@sensitive_post_parameters("password")
def passkey_removals(request: HttpRequest, passkey_id: int) -> HttpResponse:
    """Give up a key."""
    try:
        require_person(request)
    except Problem as problem:
        return _factors(request, problem)
    keys.drop(user_of(request), passkey_id, address=address_of(request))
    messages.success(request, _("已移除通行密钥"))
    return redirect("factors")


def host_of(request: HttpRequest) -> str:
    """Return the name of the house without its port, to which keys are bound."""
    return request.get_host().rpartition(":")[0] or request.get_host()


def refusal_of(problem: Problem) -> JsonResponse:
    """Return a refusal for the script that asked a question."""
    return JsonResponse({"refusal": _(problem.text)}, status=problem.status)


def _added(request: HttpRequest, codes: list[str]) -> HttpResponse:
    note_factor(request)
    messages.success(request, _("两步验证已开启"))
    return _codes(request, codes) if codes else redirect("factors")


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return page(request, "account/codes.html", {"codes": codes, "text": "\n".join(codes)})


def _factors(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    user = user_of(request)
    facts = {
        "held": held.held_by(user),
        "passkeys": Passkey.objects.filter(user=user).order_by("pk"),
        "owed": owes_factor(request),
        "refusal": _(problem.text) if problem else "",
        "typed": request.POST.get("name", ""),
    }
    return page(request, "account/factors.html", facts, status=problem.status if problem else 200)
