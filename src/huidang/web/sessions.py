"""Every request of somebody who is signed in asks whether their session still stands, and whether it showed enough."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from huidang.kernel.problems import Refused
from huidang.people.login import factors, policy, sessions
from huidang.people.models import Session
from huidang.web.visitors import address_of, reader_of, user_of

KEY = "sign-in"
_ALWAYS = {"signout", "language", "theme", "style"}
_TO_SHOW = _ALWAYS | {"second", "signin-questions", "signin-passkeys"}
_TO_SET_UP = _ALWAYS | {
    "factors", "app", "app-creations", "app-qr", "passkeys", "passkey-questions", "password"
}  # fmt: skip


class Sessions:
    """Ends the sessions that were ended elsewhere, and keeps who owes a second factor on the way to it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as the person who is signed in, or as nobody."""
        if request.user.is_authenticated and _find(request) is None:
            logout(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        """Lead to the second factor before anything else is answered; for the API there is nobody until then."""
        place = request.resolver_match
        if place is None or not request.user.is_authenticated or not owes_factor(request):
            return None
        if place.namespace and place.url_name != "docs":
            request.user = AnonymousUser()
            return None
        held = factors.held_by(user_of(request))
        if place.url_name in (_TO_SHOW if held else _TO_SET_UP):
            return None
        return redirect("second" if held else "factors")


def session_of(request: HttpRequest) -> Session:
    """Return the session behind a request. Raises `Refused` sign-in-wanted."""
    found: Session | None = getattr(request, "_sign_in", None)
    if found is None:
        raise Refused("sign-in-wanted", "请先登录。")
    return found


def owes_factor(request: HttpRequest) -> bool:
    """Say whether the person must show a second factor and this session has not."""
    return not session_of(request).factor and policy.wants_factor(reader_of(request))


def note_factor(request: HttpRequest) -> None:
    """Note that the second factor was shown in this session."""
    row = session_of(request)
    row.factor = True
    row.save(update_fields=["factor"])


def begin(request: HttpRequest, *, way: str, factor: bool) -> None:
    """Give the session that Django has just begun its row."""
    user, agent = user_of(request), request.headers.get("User-Agent", "")
    row = sessions.begin(user, way=way, factor=factor, address=address_of(request), agent=agent)
    request.session[KEY] = row.pk
    _remember(request, row)


def _find(request: HttpRequest) -> Session | None:
    """Return the row of this session. One that Django began without us (tests, a shell) gets its row now."""
    if KEY not in request.session:
        begin(request, way="", factor=False)
        return session_of(request)
    row = sessions.find(request.session[KEY], user_of(request), address=address_of(request))
    if row is not None:
        _remember(request, row)
    return row


def _remember(request: HttpRequest, row: Session) -> None:
    held: Any = request
    held._sign_in = row  # noqa: SLF001  (a request carries what was found out about it)
