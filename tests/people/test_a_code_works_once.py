"""The second factor: codes as RFC 6238 has them, each of use once; recovery codes; loss of all of it."""

from datetime import UTC, datetime, timedelta

import pytest

from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem, Refused, TooOften
from huidang.people.login import factors, policy, totp
from huidang.people.login.sessions import begin, living
from huidang.people.models import Entry, RecoveryCode, Totp, User
from tests.cast import Company

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", RFC 6238 appendix B


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert totp.code_at(RFC, seconds // 30) == code


def set_up(user: User) -> tuple[str, list[str]]:
    """Give somebody an app and return its secret with the recovery codes."""
    factors.begin_app(user)
    secret = factors.pending_secret(user)
    return secret, factors.confirm_app(user, code_of(secret), address="::1")


def code_of(secret: str, later: int = 0) -> str:
    return totp.code_at(secret, clock.now_ms() // 30_000 + later)


def test_a_code_opens_once_and_only_near_its_time(zhoumin: User) -> None:
    with clock.frozen(NOON):
        secret, _codes = set_up(zhoumin)
        with pytest.raises(Problem, match="用过"):
            factors.check_code(zhoumin, code_of(secret), address="::1")
        factors.check_code(zhoumin, code_of(secret, 1), address="::1")
        for later in (1, 0, -1, 2):
            with pytest.raises(Problem, match="不对"):
                factors.check_code(zhoumin, code_of(secret, later), address="::2")
    with clock.frozen(NOON + timedelta(minutes=5)):
        factors.check_code(zhoumin, f" {code_of(secret)[:3]} {code_of(secret)[3:]}", address="::1")


def test_the_secret_is_sealed(zhoumin: User) -> None:
    secret, codes = set_up(zhoumin)
    stored = bytes(Totp.objects.get(user=zhoumin).secret)
    assert secret.encode() not in stored
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    with pytest.raises(Absent):
        factors.pending_secret(zhoumin)


def test_a_recovery_code_opens_once(zhoumin: User) -> None:
    _secret, codes = set_up(zhoumin)
    assert len(set(codes)) == 10
    factors.check_code(zhoumin, codes[0].upper(), address="::1")
    with pytest.raises(Problem, match="用过"):
        factors.check_code(zhoumin, codes[0], address="::1")
    renewed = factors.renew_codes(zhoumin, address="::1")
    with pytest.raises(Problem, match="不对"):
        factors.check_code(zhoumin, codes[1], address="::1")
    factors.check_code(zhoumin, renewed[1], address="::1")
    assert factors.held_by(zhoumin).codes == 9


def test_tries_run_out_also_from_many_addresses(zhoumin: User) -> None:
    secret, _codes = set_up(zhoumin)
    for number in range(10):
        with pytest.raises(Problem, match="不对"):
            factors.check_code(zhoumin, "000000", address=f"198.51.100.{number}")
    with pytest.raises(TooOften):
        factors.check_code(zhoumin, code_of(secret, 1), address="198.51.100.99")


def test_another_administrator_takes_a_lost_factor_away(company: Company, zhoumin: User) -> None:
    set_up(zhoumin)
    begin(zhoumin, way="password", factor=True, address="::1", agent="")
    policy.reset(company.reader("admin"), zhoumin, address="::1")
    assert not factors.held_by(zhoumin)
    assert not living(zhoumin).exists()
    assert Entry.objects.filter(what="factor-reset", about=f"user:{zhoumin.pk}").exists()
    with pytest.raises(Refused, match="自己"):
        policy.reset(company.reader("admin"), company.users["admin"], address="::1")
    with pytest.raises(Absent):
        policy.reset(company.reader("zhaolan"), zhoumin, address="::1")
