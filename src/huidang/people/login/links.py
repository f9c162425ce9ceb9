"""Links that sign a person in once: for invitations, a forgotten password, the first administrator and the demo.

A link is shown by GET and consumed by POST, since mail programs and chats open what they preview.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from huidang.kernel import clock
from huidang.kernel.problems import Problem
from huidang.people import audit
from huidang.people.login import factors
from huidang.people.models import SignInLink, User
from huidang.people.readers import Reader

LIFE = timedelta(hours=24)


def make_link(user: User, *, by: "User | Reader | None", life: timedelta = LIFE) -> str:
    """Return the token of a new link for a person; their earlier links stop working. It is told once, here."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with transaction.atomic():
        SignInLink.objects.filter(user=user, used_at=None).delete()
        SignInLink.objects.create(user=user, digest=_digest(token), created_at=now, expires_at=now + life)
        audit.note("link-made", by=by, about=f"user:{user.pk}", hours=life / timedelta(hours=1))
    return token


def find_person(token: str) -> User:
    """Return who a link would sign in, without using it. Raises `Problem` link-dead."""
    link = _living(token).select_related("user").first()
    if link is None:
        raise _dead()
    return link.user


def use_link(token: str, *, address: str) -> User:
    """Use a link up and return who it signs in. Of two uses at once one wins. Raises `Problem` link-dead."""
    with transaction.atomic():
        user = find_person(token)
        if not _living(token).update(used_at=clock.now()):
            raise _dead()
        audit.note(factors.step_word(user), by=user, address=address, way="link")
    return user


def _living(token: str) -> "QuerySet[SignInLink]":
    return SignInLink.objects.filter(
        digest=_digest(token), used_at=None, expires_at__gt=clock.now(), user__is_active=True
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _dead() -> Problem:
    return Problem("link-dead", "这个链接已用过、已过期或不完整，请管理员再发一个。")
