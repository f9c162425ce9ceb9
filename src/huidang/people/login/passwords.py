"""Passwords: Argon2, a minimum of strength, and one answer for a wrong password, a closed and an unknown account."""

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from huidang.kernel.problems import Problem
from huidang.people import audit
from huidang.people.login import factors, limits, sessions
from huidang.people.models import User

LONGEST = 256  # Argon2 takes any length; a megabyte of password is an attack


def check_password(username: str, password: str, *, address: str) -> User:
    """Return the account that this password opens, and note the sign-in.

    Raises `Problem` sign-in-wrong, whatever is wrong, and `limits.TooOften`.
    """
    attempt = limits.begin(username, address)
    user = User.objects.filter(username=username).first()
    if not _opens(user, password[: LONGEST + 1]) or user is None:
        audit.note("sign-in-failed", by=None, address=address, about=f"user:{user.pk}" if user else "")
        raise Problem("sign-in-wrong", "账号或密码不对。")
    with transaction.atomic():
        limits.succeed(attempt)
        audit.note(factors.step_word(user), by=user, address=address, way="password")
    return user


def confirm(user: User, password: str, *, address: str) -> None:
    """Let somebody show by their password that they are still who signed in. Raises `Problem` password-wrong."""
    attempt = limits.begin(user.username, address)
    if not user.check_password(password[: LONGEST + 1]):
        raise Problem("password-wrong", "现在的密码不对。")
    limits.succeed(attempt)


def change_password(user: User, new: str, *, old: str | None, address: str, session_id: int | None = None) -> None:
    """Set a password; the old one is wanted where there is one. Every session of the account but one ends.

    Raises `Problem` password-wrong or password-weak, and `limits.TooOften`.
    """
    if user.has_usable_password():
        confirm(user, old or "", address=address)
    check_strength(new, user)
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        ended = sessions.end_all(user, besides=session_id)
        audit.note("password-changed", by=user, address=address, ended=ended)


def check_strength(password: str, user: User) -> None:
    """Raise `Problem` password-weak, with every reason, unless the password is long and uncommon enough."""
    if len(password) > LONGEST:
        raise Problem("password-long", "密码最多 256 个字符。")
    try:
        password_validation.validate_password(password, user)
    except ValidationError as problem:
        raise Problem("password-weak", " ".join(problem.messages)) from problem


def _opens(user: User | None, password: str) -> bool:
    """Compare in the same time whether or not the account exists, is closed or has no password."""
    if user is None or not user.is_active or not user.has_usable_password():
        User().set_password(password)
        return False
    return user.check_password(password)
