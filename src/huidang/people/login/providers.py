"""The OpenID Connect provider of the house: set by who manages it; and whose account a person from there opens.

The rule: who came before is known by issuer and subject. Who comes first is matched to the open account whose name
equals one claim, `preferred_username` or a verified `email`, letter by letter. Nobody else gets in, unless the
setting makes accounts: then with that name and without any grant.
"""

from typing import Any

from django.db import IntegrityError, transaction

from huidang.kernel import clock
from huidang.kernel.problems import Problem
from huidang.kernel.secrets import open_secret, seal_secret
from huidang.people import accounts, audit, rights
from huidang.people.login import oidc
from huidang.people.models import Identity, Provider, User
from huidang.people.readers import Reader

CLAIMS = ("preferred_username", "email")
_CONTEXT = "oidc-client"
_LONGEST = 300
_LONGEST_NAME = 60


def find_provider() -> Provider | None:
    """Return the provider, None where people sign in by password alone."""
    return Provider.objects.first()


def party_of(provider: Provider) -> oidc.Party:
    """Return the provider as the protocol wants it, its secret opened."""
    return oidc.Party(provider.issuer, provider.client, open_secret(bytes(provider.secret), context=_CONTEXT))


def set_provider(
    by: Reader, *, name: str, issuer: str, client: str, secret: str, claim: str, creates: bool, address: str
) -> Provider:
    """Set the provider after asking it for its addresses; an empty secret keeps the one that is known.

    Raises `Absent` for who does not manage the house, `Problem` provider-incomplete, and as `oidc.discover`.
    """
    rights.require_manager(by)
    known = find_provider()
    stated = {"name": name.strip(), "issuer": issuer.strip(), "client": client.strip()}
    complete = all(stated.values()) and (secret or known) and claim in CLAIMS
    if not complete or max(map(len, stated.values())) > _LONGEST or len(stated["name"]) > _LONGEST_NAME:
        raise Problem("provider-incomplete", "名称、issuer、客户端编号和密钥都要填。")
    oidc.discover(stated["issuer"])
    sealed = seal_secret(secret, context=_CONTEXT) if secret else bytes(known.secret) if known else b""
    with transaction.atomic():
        Provider.objects.all().delete()
        made = Provider.objects.create(**stated, secret=sealed, claim=claim, creates=creates)
        audit.note("provider-set", by=by, address=address, **stated, claim=claim, creates=creates)
    return made


def drop_provider(by: Reader, *, address: str) -> None:
    """Take the provider away; people sign in by password again."""
    rights.require_manager(by)
    with transaction.atomic():
        for row in Provider.objects.all():
            audit.note("provider-removed", by=by, address=address, issuer=row.issuer)
            row.delete()


def person_of(provider: Provider, claims: dict[str, Any]) -> User:
    """Return the account of whoever the claims tell of, bound to them from now on. Raises `Problem` oidc-unknown."""
    subject = str(claims["sub"])
    bound = Identity.objects.filter(issuer=provider.issuer, subject=subject).select_related("user").first()
    if bound is not None:
        if not bound.user.is_active:
            raise _unknown()
        return bound.user
    try:
        with transaction.atomic():
            user = _matching(provider, claims)
            Identity.objects.create(user=user, issuer=provider.issuer, subject=subject, created_at=clock.now())
            audit.note("identity-bound", by=user, about=f"user:{user.pk}", issuer=provider.issuer, subject=subject)
    except IntegrityError as problem:  # the account is bound to somebody else there: a name that was given anew
        raise _unknown() from problem
    return user


def _matching(provider: Provider, claims: dict[str, Any]) -> User:
    name = str(claims.get(provider.claim) or "")
    if not name or (provider.claim == "email" and claims.get("email_verified") is not True):
        raise _unknown()
    user = User.objects.filter(username=name).first()
    if user is None and provider.creates:
        return accounts.create_user(name, name=str(claims.get("name") or "")[:100])
    if user is None or not user.is_active:
        raise _unknown()
    return user


def _unknown() -> Problem:
    return Problem("oidc-unknown", "这里没有与你对应的账号，请管理员先建账号。")
