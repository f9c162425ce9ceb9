"""Who asks: the person behind a request as a `Reader`, and their zone made current for the answer."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone

from huidang.kernel.problems import Refused
from huidang.people import audit
from huidang.people.grants import reader_for
from huidang.people.models import User
from huidang.people.readers import Reader


class Visitors:
    """Makes zone and address of whoever asks known, and tells htmx to open the sign-in as a whole page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the person's zone."""
        user = request.user
        zone = user.zone if user.is_authenticated else settings.HOUSE.timezone
        with timezone.override(ZoneInfo(zone)), audit.asked_from(address_of(request)):
            response = self.get_response(request)
        place = response.headers.get("Location", "")
        if wants_piece(request) and place.startswith(resolve_url(settings.LOGIN_URL)):
            response.headers["HX-Redirect"] = place
            response.status_code = 204
        return response


def user_of(request: HttpRequest) -> User:
    """Return the account that is signed in. Raises `Refused` sign-in-wanted."""
    if not isinstance(request.user, User):
        raise Refused("sign-in-wanted", "请先登录。")
    return request.user


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from, as the server saw it; headers are believed only behind a trusted proxy."""
    return str(request.META.get("REMOTE_ADDR") or "")


def reader_of(request: HttpRequest) -> Reader:
    """Return the reader behind a request, made once. Pages that need nobody do not ask."""
    reader = getattr(request, "_reader", None)
    if reader is None:
        reader = reader_for(user_of(request))
        request._reader = reader  # type: ignore[attr-defined]  # noqa: SLF001
    return reader


def wants_piece(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of a page; a boosted link or a page restored from history wants it whole."""
    headers = request.headers
    return "HX-Request" in headers and not {"HX-Boosted", "HX-History-Restore-Request"} & headers.keys()
