"""Who asks: the bearer of a token, or for reading also a person who is signed in. What writes wants a token.

A session cookie is sent by the browser whoever wrote the page; a token is not. So no write of the API can be forged
from another site, and none needs a CSRF token.
"""

from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from huidang.kernel.problems import Problem, Unknown
from huidang.people import Reader, allowances, reader_for, reader_for_token
from huidang.people.models import User


class Asked(HttpRequest):
    """A request after the door has found out who asks."""

    auth: Reader


class Bearer(HttpBearer):
    """`Authorization: Bearer hd_…`."""

    openapi_description: ClassVar[str] = "A token of a person, cut to a scope and with an end."

    def authenticate(self, request: HttpRequest, token: str) -> Reader:
        """Return the reader of a token. Raises `Unknown` with the reason, and `TooOften`."""
        try:
            reader = reader_for_token(token)
        except Problem as problem:
            allowances.note_stranger(address_of(request))
            raise Unknown(problem.code, problem.text) from problem
        allowances.spend(allowances.REQUESTS, reader)
        return reader


class Session(APIKeyCookie):
    """The cookie of a person who is signed in; for reading only."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description: ClassVar[str] = "A browser that is signed in may read."

    def authenticate(self, request: HttpRequest, key: str | None) -> Reader | None:
        """Return the reader of a session, None where nobody is signed in. Raises `TooOften`."""
        del key  # the session middleware has read the cookie
        user = request.user
        if request.method not in {"GET", "HEAD"} or not isinstance(user, User):
            return None
        reader = reader_for(user)
        allowances.spend(allowances.REQUESTS, reader)
        return reader


def address_of(request: HttpRequest) -> str:
    """Return where a request comes from, as the server saw it."""
    return str(request.META.get("REMOTE_ADDR") or "")
