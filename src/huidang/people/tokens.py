"""API tokens: a way in for programs that never reaches further than its owner does at that moment.

A secret is `hd_` and 256 random bits in base64url. It is told once; the database keeps its SHA-256, which needs no
salt, because nobody can guess the input.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import audit
from huidang.people.departments import subtrees
from huidang.people.grants import reader_for
from huidang.people.models import Department, Token, User
from huidang.people.readers import Reach, Reader
from huidang.people.roles import read_capabilities

PREFIX = "hd_"
LONGEST_NAME = 60
LONGEST_LIFE = timedelta(days=366)
_HINT = 8
_USED_EVERY = timedelta(minutes=5)
"""How exact `used_at` is: a program that asks a hundred times a second must not write a hundred times."""


def create_token(
    user: User,
    name: str,
    capabilities: Iterable[Can],
    expires_at: datetime,
    *,
    departments: Sequence[Department] = (),
    address: str = "",
) -> tuple[Token, str]:
    """Make a token and return it with its secret, which is told here and never again.

    Without departments it reaches wherever its owner does; with some, only them and what is below them, and neither
    own conversations elsewhere nor lent ones. Raises `Problem` token-name, token-scope, token-life, and `Refused`
    token-beyond-owner for a capability that the owner does not hold.
    """
    wanted = _checked(user, name.strip(), frozenset(capabilities), expires_at)
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = Token.objects.create(
            user=user, name=name.strip(), digest=_digest(secret), hint=secret[:_HINT], capabilities=wanted,
            departments=[department.pk for department in departments], created_at=clock.now(), expires_at=expires_at,
        )  # fmt: skip
        audit.note(
            "token-created", by=user, address=address, about=f"token:{token.pk}", name=token.name,
            capabilities=wanted, departments=token.departments, expires_at=expires_at.isoformat(),
        )  # fmt: skip
    return token, secret


def reader_for_token(secret: str) -> Reader:
    """Return what the bearer of a secret may see now: what the owner may, cut down to the token's scope.

    Raises `Refused` token-unknown, token-revoked, token-expired or user-closed.
    """
    token = Token.objects.filter(digest=_digest(secret)).select_related("user").first()
    if token is None:
        raise Refused("token-unknown", "没有这个令牌。")
    if token.revoked_at is not None:
        raise Refused("token-revoked", "这个令牌已撤销。")
    if token.expires_at <= clock.now():
        raise Refused("token-expired", "这个令牌已过期。")
    if not token.user.is_active:
        raise Refused("user-closed", "这个账号已停用。")
    _note_use(token)
    return _narrowed(reader_for(token.user), token)


def revoke_token(token_id: int, *, by: "User | Reader", owner: User | None = None, address: str = "") -> Token:
    """End a token at once; one that has ended already stays as it is. With `owner`, only a token of theirs.

    Raises `Absent`.
    """
    with transaction.atomic():
        rows = Token.objects.filter(pk=token_id, **({} if owner is None else {"user": owner}))
        token = rows.select_for_update(of=("self",)).select_related("user").first()
        if token is None:
            raise Absent
        if token.revoked_at is None:
            token.revoked_at = clock.now()
            token.save(update_fields=["revoked_at"])
            audit.note("token-revoked", by=by, address=address, about=f"token:{token.pk}", owner=token.user.username)
    return token


def tokens_of(user: User) -> "QuerySet[Token]":
    """Return the tokens of a person that still open something, the newest first."""
    return living().filter(user=user)


def living() -> "QuerySet[Token]":
    """Return every token that still opens something, the newest first."""
    return Token.objects.filter(revoked_at=None, expires_at__gt=clock.now()).order_by("-created_at", "-pk")


def _checked(user: User, name: str, capabilities: frozenset[Can], expires_at: datetime) -> list[str]:
    if not name or len(name) > LONGEST_NAME:
        raise Problem("token-name", "令牌要有名称，最多 60 个字。")
    if not capabilities:
        raise Problem("token-scope", "至少选一项权限。")
    if not clock.now() < expires_at <= clock.now() + LONGEST_LIFE:
        raise Problem("token-life", "到期日应在今天之后、一年之内。")
    owner = reader_for(user)
    if beyond := sorted(can for can in capabilities if not owner.reach(can)):
        text = _("不能给令牌自己没有的权限：%s。") % "、".join(beyond)
        raise Refused("token-beyond-owner", text, capabilities=beyond)
    return sorted(capabilities)


def _narrowed(owner: Reader, token: Token) -> Reader:
    departments = subtrees(token.departments) if token.departments else None
    reaches = {
        can: owner.reach(can) if departments is None else _within(owner.reach(can), departments)
        for can in read_capabilities(token.capabilities)
    }
    return replace(owner, reaches=MappingProxyType(reaches), token_id=token.pk)


def _within(reach: Reach, departments: frozenset[int]) -> Reach:
    return Reach(departments=departments if reach.everything else reach.departments & departments)


def _note_use(token: Token) -> None:
    now = clock.now()
    unseen = Q(used_at=None) | Q(used_at__lte=now - _USED_EVERY)
    if token.used_at is None or token.used_at <= now - _USED_EVERY:
        Token.objects.filter(unseen, pk=token.pk).update(used_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
