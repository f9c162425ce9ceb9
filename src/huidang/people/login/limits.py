"""How often somebody may try a password: counted in the database, so that every process knows.

A pair of account and address runs out first, so that a stranger elsewhere cannot lock a person out; an address that
tries many accounts, and an account that is tried from many addresses, run out later.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from huidang.kernel import clock
from huidang.kernel.jobs import Run
from huidang.kernel.problems import TooOften
from huidang.people.models import Attempt

WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ADDRESS, PER_ACCOUNT = 5, 30, 100
PER_FACTOR = 10
"""Codes for one account from anywhere: whoever tries them has the password already."""

KEPT = timedelta(days=1)


def begin(username: str, address: str, *, per_account: int = PER_ACCOUNT) -> Attempt:
    """Count a try before the password is looked at, so that tries at once all count. Raises `TooOften`."""
    attempt = Attempt.objects.create(account=_hidden(username.lower()), address=_hidden(address), at=clock.now())
    for tries, limit in _limits(attempt, per_account):
        if tries.exclude(pk=attempt.pk).count() >= limit:
            raise _too_often(tries)
    return attempt


def succeed(attempt: Attempt) -> None:
    """Forget the failures of this account from this address."""
    _recent().filter(account=attempt.account, address=attempt.address).delete()


def forget_old(_run: Run) -> None:
    """Delete what no limit asks for any more: the job `forget-attempts`."""
    Attempt.objects.filter(at__lt=clock.now() - KEPT).delete()


def _limits(attempt: Attempt, per_account: int) -> "Iterator[tuple[QuerySet[Attempt], int]]":
    failures = _recent().filter(failed=True)
    yield failures.filter(account=attempt.account, address=attempt.address), PER_PAIR
    yield failures.filter(address=attempt.address), PER_ADDRESS
    yield failures.filter(account=attempt.account), per_account


def _recent() -> "QuerySet[Attempt]":
    return Attempt.objects.filter(at__gt=clock.now() - WINDOW)


def _too_often(tries: "QuerySet[Attempt]") -> TooOften:
    first = tries.order_by("at").values_list("at", flat=True).first() or clock.now()
    seconds = max(1, int((first + WINDOW - clock.now()).total_seconds()))
    return TooOften(
        "sign-in-too-often", "尝试次数过多，请 15 分钟后再试，或请管理员发一个登录链接。", retry_seconds=seconds
    )


def _hidden(text: str) -> str:
    return salted_hmac("huidang.people.login", text, algorithm="sha256").hexdigest()
