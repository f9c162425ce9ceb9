"""Passkeys (WebAuthn, Level 3) through python-fido2: as a second factor, and instead of name and password.

Without a name the key must verify its person (finger, face, PIN), so that it is two factors in itself. A page asks
for a question, the browser lets the key answer it, and the answer is checked here against the state of that question.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit
from huidang.people.login import factors, limits
from huidang.people.models import Passkey, User

LONGEST_NAME = 60
LONGEST_ANSWER = 65_536
MOST_KEYS = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser passes to the key, as JSON values, and what the server must remember of it."""

    options: dict[str, Any]
    state: dict[str, Any]


def ask_to_register(user: User, *, host: str) -> Question:
    """Return the question that makes a new key for a person. Raises `Problem` passkeys-many."""
    held = _credentials(user)
    if len(held) >= MOST_KEYS:
        raise Problem("passkeys-many", "通行密钥已经太多，先移除不用的。")
    person = PublicKeyCredentialUserEntity(name=user.username, id=_handle(user), display_name=user.name)
    options, state = _server(host).register_begin(
        person,
        held,
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return Question(_as_json(options), dict(state))


def register(user: User, name: str, answer: str, state: Mapping[str, Any], *, host: str, address: str) -> list[str]:
    """Keep a new key; return recovery codes where the person had none, told once.

    Raises `Problem` passkey-name, passkey-wrong or passkey-known.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Problem("passkey-name", "给通行密钥起个名字，最多 60 个字。")
    made = _checked(lambda: _server(host).register_complete(state, _read(answer)))
    assert isinstance(made, AuthenticatorData)
    data = made.credential_data
    if data is None:
        raise _wrong()
    try:
        with transaction.atomic():
            Passkey.objects.create(
                user=user, name=name, credential=websafe_encode(data.credential_id), public=bytes(data),
                count=made.counter, created_at=clock.now(),
            )  # fmt: skip
            audit.note("factor-added", by=user, address=address, kind="passkey", name=name)
            return factors.ensure_codes(user)
    except IntegrityError as problem:
        raise Problem("passkey-known", "这个通行密钥已经登记过。") from problem


def ask_to_sign_in(user: User | None, *, host: str) -> Question:
    """Return the question for the keys of a person who gave their password, or, without one, for any key."""
    need = UserVerificationRequirement.PREFERRED if user else UserVerificationRequirement.REQUIRED
    options, state = _server(host).authenticate_begin(_credentials(user) if user else None, user_verification=need)
    return Question(_as_json(options), dict(state))


def answered_by(answer: str, state: Mapping[str, Any], *, host: str, among: User | None, address: str) -> User:
    """Return whose key answered, `among` the keys of one person or all.

    Raises `Problem` passkey-wrong, and `limits.TooOften` for an address that fails again and again.
    """
    attempt = limits.begin(f"passkey of {among.pk if among else 'anybody'} at {address}", address)
    user = _owner_of(_read(answer), state, host, among)
    limits.succeed(attempt)
    return user


def _owner_of(read: dict[str, Any], state: Mapping[str, Any], host: str, among: User | None) -> User:
    rows = Passkey.objects.filter(credential=str(read.get("id", "")), user__is_active=True)
    row = rows.filter(**({"user": among} if among else {})).select_related("user").first()
    if row is None:
        raise _wrong()
    held = [AttestedCredentialData(bytes(row.public))]
    _checked(lambda: _server(host).authenticate_complete(state, held, read))
    counted = AuthenticationResponse.from_dict(read).response.authenticator_data.counter
    if counted <= row.count and (counted or row.count):
        raise _wrong()  # an earlier count means a copied key (WebAuthn 6.1.1)
    Passkey.objects.filter(pk=row.pk).update(count=counted, used_at=clock.now())
    return row.user


def drop(user: User, passkey_id: int, *, address: str) -> None:
    """Give up a key of one's own. Raises `Absent`."""
    with transaction.atomic():
        row = Passkey.objects.filter(user=user, pk=passkey_id).first()
        if row is None:
            raise Absent
        row.delete()
        audit.note("factor-removed", by=user, address=address, kind="passkey", name=row.name)
        factors.forget_lonely_codes(user)


def _server(host: str) -> Fido2Server:
    """Return the relying party: the name under which the house is asked for; https, or localhost."""
    return Fido2Server(PublicKeyCredentialRpEntity(name="Huidang", id=host))


def _credentials(user: User) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(row.public)) for row in Passkey.objects.filter(user=user)]


def _handle(user: User) -> bytes:
    return f"huidang:{user.pk}".encode()


def _as_json(options: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(dict(options)))
    return read


def _read(answer: str) -> dict[str, Any]:
    try:
        read = json.loads(answer) if len(answer) <= LONGEST_ANSWER else None
    except ValueError as problem:
        raise _wrong() from problem
    if not isinstance(read, dict):
        raise _wrong()
    return read


def _checked(check: Callable[[], Any]) -> Any:
    """Run a check of the library, whatever it makes of hostile bytes being one refusal."""
    try:
        return check()
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError) as problem:
        raise _wrong() from problem


def _wrong() -> Problem:
    return Problem("passkey-wrong", "通行密钥没有通过验证，请再试一次。")
