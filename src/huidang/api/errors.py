"""Refusals as problem details (RFC 9457): one form for what the domain raises, for bad parameters and for defects.

An absent and a forbidden row raise the same `Absent` and leave here as the same bytes; no answer names what was asked
for, so that two refusals can be compared.
"""

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from huidang.kernel.problems import Absent, Problem, Unknown

MEDIA_TYPE = "application/problem+json"
_KIND = "urn:huidang:problem:"
_log = logging.getLogger("huidang.api")


class Unreadable(Problem):
    """The parameters are not what the document says."""

    status = 422


class WrongMethod(Problem):
    """The address exists, but not for this method."""

    status = 405


def respond(problem: Problem) -> HttpResponse:
    """Return a problem as its answer."""
    stated = {
        "type": _KIND + problem.code,
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": _(problem.text),
        "code": problem.code,
        **({"facts": problem.facts} if problem.facts else {}),
    }
    body = json.dumps(stated, ensure_ascii=False)
    response = HttpResponse(body, status=problem.status, content_type=MEDIA_TYPE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retry_seconds" in problem.facts:
        response.headers["Retry-After"] = str(problem.facts["retry_seconds"])
    return response


def install(api: NinjaAPI) -> None:
    """Let an API answer with problems only."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Problem: lambda _request, problem: respond(problem),
        AuthenticationError: lambda _request, _error: respond(_nobody()),
        ValidationError: lambda _request, error: respond(_unreadable(error)),
        HttpError: lambda _request, error: respond(_told(error)),
        Exception: _broken,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def speak(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open a view of the API to whoever its own doors let in, and put its refusal of a method into our words."""

    def spoken(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            refusal = respond(WrongMethod("method-refused", "这个地址不支持这种请求方法。"))
            refusal.headers["Allow"] = response.headers.get("Allow", "")
            response = refusal
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    spoken.login_required = False  # type: ignore[attr-defined]  # the API asks for a token or a session itself
    return csrf_exempt(spoken)


def nowhere(_request: HttpRequest) -> HttpResponse:
    """Answer an address of the API that leads nowhere, as an absent row is answered."""
    return respond(Absent())


def _nobody() -> Problem:
    return Unknown("token-wanted", "请带上令牌：Authorization: Bearer …")


def _unreadable(error: ValidationError) -> Problem:
    wrong = [{"where": [str(step) for step in each["loc"]], "what": each["msg"]} for each in error.errors]
    return Unreadable("parameters-unreadable", "参数不合要求，见 facts。", parameters=wrong)


def _told(error: HttpError) -> Problem:
    problem = Problem("request-unreadable", "请求无法读取。")
    problem.status = error.status_code
    return problem


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    problem = Problem("broken", "出了故障，已记入日志。")
    problem.status = 500
    return respond(problem)
