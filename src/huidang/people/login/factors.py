"""The second factor: an app with codes, recovery codes for when it is lost; passkeys stand beside it (`passkeys`).

A code works once, also within its half minute. Tries are counted by account and address like those of passwords, and
by account alone more narrowly: only somebody who has the password gets so far.
"""

import secrets
from dataclasses import dataclass

from django.db import transaction
from django.utils.crypto import salted_hmac

from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem
from huidang.kernel.secrets import open_secret, seal_secret
from huidang.people import audit
from huidang.people.login import limits, totp
from huidang.people.models import Attempt, Passkey, RecoveryCode, Totp, User

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look like another
_LENGTH = 12
_CONTEXT = "totp:"


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody can show besides the password."""

    app: bool
    passkeys: int
    codes: int

    def __bool__(self) -> bool:
        return self.app or self.passkeys > 0


def held_by(user: User) -> Held:
    """Return the second factors of a person."""
    app = Totp.objects.filter(user=user).exclude(confirmed_at=None).exists()
    codes = RecoveryCode.objects.filter(user=user, used_at=None).count()
    return Held(app, Passkey.objects.filter(user=user).count(), codes)


def step_word(user: User) -> str:
    """Return how the audit calls what has just succeeded: a sign-in, or the first of its two steps."""
    return "sign-in-begun" if held_by(user) else "sign-in"


def begin_app(user: User) -> None:
    """Prepare a secret for an app; it counts once a code was shown. Raises `Problem` factor-exists."""
    if held_by(user).app:
        raise Problem("factor-exists", "已经有验证器，先移除它再换新的。")
    sealed = seal_secret(totp.new_secret(), context=f"{_CONTEXT}{user.pk}")
    Totp.objects.update_or_create(user=user, defaults={"secret": sealed, "created_at": clock.now(), "step": 0})


def pending_secret(user: User) -> str:
    """Return the secret that the person is to tell their app. Raises `Absent` where none is being set up."""
    row = Totp.objects.filter(user=user, confirmed_at=None).first()
    if row is None:
        raise Absent
    return _secret_of(row)


def confirm_app(user: User, code: str, *, address: str) -> list[str]:
    """Take an app into use by its first code and return new recovery codes, told once.

    Raises `Absent`, `Problem` factor-wrong, `limits.TooOften`.
    """
    row = Totp.objects.filter(user=user, confirmed_at=None).first()
    if row is None:
        raise Absent
    attempt = _begin_attempt(user, address)
    with transaction.atomic():
        _use_step(row, code)
        limits.succeed(attempt)
        Totp.objects.filter(pk=row.pk).update(confirmed_at=clock.now())
        audit.note("factor-added", by=user, address=address, kind="totp")
        return _new_codes(user)


def drop_app(user: User, *, address: str) -> None:
    """Give up the app; without another factor the recovery codes go too."""
    with transaction.atomic():
        removed, _of = Totp.objects.filter(user=user).delete()
        if removed:
            audit.note("factor-removed", by=user, address=address, kind="totp")
        forget_lonely_codes(user)


def renew_codes(user: User, *, address: str) -> list[str]:
    """Return new recovery codes, told once; the earlier ones open nothing. Raises `Absent` without a factor."""
    if not held_by(user):
        raise Absent
    with transaction.atomic():
        audit.note("recovery-renewed", by=user, address=address)
        return _new_codes(user)


def ensure_codes(user: User) -> list[str]:
    """Return recovery codes where a person has none yet, else nothing."""
    return [] if RecoveryCode.objects.filter(user=user, used_at=None).exists() else _new_codes(user)


def forget_lonely_codes(user: User) -> None:
    """Delete the recovery codes of a person who has no factor any more."""
    if not held_by(user):
        RecoveryCode.objects.filter(user=user).delete()


def check_code(user: User, code: str, *, address: str) -> None:
    """Take a code of the app or a recovery code, which works once. Raises `Problem` factor-wrong, `limits.TooOften`."""
    attempt = _begin_attempt(user, address)
    code = "".join(code.split()).replace("-", "").lower()
    row = Totp.objects.filter(user=user).exclude(confirmed_at=None).first()
    try:
        with transaction.atomic():
            if len(code) == totp.DIGITS and row is not None:
                _use_step(row, code)
            else:
                _use_recovery(user, code)
                audit.note("recovery-used", by=user, address=address)
            limits.succeed(attempt)
    except Problem:
        audit.note("factor-failed", by=user, address=address)
        raise


def _secret_of(row: Totp) -> str:
    return open_secret(bytes(row.secret), context=f"{_CONTEXT}{row.user_id}")


def _use_step(row: Totp, code: str) -> None:
    """Use a code up; of two at once one wins. Raises `Problem` factor-wrong."""
    step = totp.step_of(_secret_of(row), "".join(code.split()))
    if step is None or not Totp.objects.filter(pk=row.pk, step__lt=step).update(step=step):
        raise _wrong()


def _use_recovery(user: User, code: str) -> None:
    rows = RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at=None)
    if not rows.update(used_at=clock.now()):
        raise _wrong()


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(_LETTERS) for _at in range(_LENGTH)) for _code in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in codes)
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _digest(user: User, code: str) -> str:
    return salted_hmac(f"huidang.people.recovery:{user.pk}", code, algorithm="sha256").hexdigest()


def _begin_attempt(user: User, address: str) -> Attempt:
    return limits.begin(f"second factor of {user.pk}", address, per_account=limits.PER_FACTOR)


def _wrong() -> Problem:
    return Problem("factor-wrong", "验证码不对、已用过或已过期。")
