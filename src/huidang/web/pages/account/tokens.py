"""API tokens: made with a scope and an end, their secret told once, revoked at once."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Problem
from huidang.people import departments as tree
from huidang.people import tokens as kept
from huidang.people.models import Department, Token
from huidang.people.readers import Reader
from huidang.people.roles import read_capabilities
from huidang.web import fields
from huidang.web.pages.account import page, require_person
from huidang.web.visitors import address_of, reader_of, user_of
from huidang.web.words import CAPABILITIES

USUAL_DAYS = 90


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens; make one and show its secret, once."""
    if request.method == "GET":
        return _page(request)
    try:
        require_person(request)
        token, secret = _make(request)
    except Problem as problem:
        return _page(request, problem)
    return _page(request, made=token, secret=secret)


@require_POST
def revocations(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token of the person."""
    user = user_of(request)
    kept.revoke_token(token_id, by=user, owner=user, address=address_of(request))
    messages.success(request, _("已撤销令牌，用它的程序立即失效"))
    return redirect("tokens")


def _make(request: HttpRequest) -> tuple[Token, str]:
    until = fields.end_of_day(request, "until")
    if until is None:
        raise Problem("token-life", "到期日应在今天之后、一年之内。")
    wanted = read_capabilities(request.POST.getlist("can"))
    offered = {branch.id for branch in _departments(reader_of(request))}
    chosen = [each for each in fields.numbers(request, "department") if each in offered]
    return kept.create_token(
        user_of(request),
        fields.text(request, "name"),
        wanted,
        until,
        departments=list(Department.objects.filter(pk__in=chosen)),
        address=address_of(request),
    )


def _page(
    request: HttpRequest, problem: Problem | None = None, *, made: Token | None = None, secret: str = ""
) -> HttpResponse:
    reader, today = reader_of(request), timezone.localtime(clock.now()).date()
    facts = {
        "kept": [(token, names_of(token)) for token in kept.tokens_of(user_of(request))],
        "capabilities": [can for can in CAPABILITIES if reader.reach(Can(can))],
        "branches": _departments(reader),
        "until": today + timedelta(days=USUAL_DAYS),
        "latest": today + kept.LONGEST_LIFE - timedelta(days=2),
        "today": today,
        "ticked": request.POST.getlist("can") if problem else [],
        "chosen": fields.numbers(request, "department") if problem else [],
        "stated": request.POST if problem else {},
        "refusal": _(problem.text) if problem else "",
        "made": made,
        "secret": secret,
    }
    return page(request, "account/tokens.html", facts, status=problem.status if problem else 200)


def names_of(token: Token) -> list[str]:
    """Return the departments to which a token is cut."""
    return list(Department.objects.filter(pk__in=token.departments).values_list("name", flat=True))


def _departments(reader: Reader) -> list[tree.Branch]:
    """Return the departments that the person reaches by any capability; nobody learns of others here."""
    reaches = [reader.reach(can) for can in Can]
    everything = any(reach.everything for reach in reaches)
    known = frozenset[int]().union(*(reach.departments for reach in reaches))
    return [branch for branch in tree.outline() if everything or branch.id in known]
