"""Who must show a second factor: whoever holds one of the chosen capabilities, through whatever role; and its loss."""

from collections.abc import Iterable

from django.db import transaction

from huidang.kernel.access import Can
from huidang.kernel.problems import Refused
from huidang.people import audit, rights
from huidang.people.login import sessions
from huidang.people.models import FactorWanted, Passkey, RecoveryCode, Totp, User
from huidang.people.readers import Reader
from huidang.people.roles import read_capabilities


def factor_wanted_for() -> frozenset[Can]:
    """Return the capabilities whose holders need a second factor."""
    return read_capabilities(FactorWanted.objects.values_list("capability", flat=True))


def wants_factor(reader: Reader) -> bool:
    """Say whether a person needs a second factor."""
    return any(reader.reach(can) for can in factor_wanted_for())


def want_factor_for(by: Reader, capabilities: Iterable[Can], *, address: str) -> None:
    """Choose the capabilities. Raises `Absent` for who does not manage the house."""
    rights.require_manager(by)
    chosen = sorted({can.value for can in capabilities})
    with transaction.atomic():
        before = sorted(factor_wanted_for())
        FactorWanted.objects.all().delete()
        FactorWanted.objects.bulk_create(FactorWanted(capability=each) for each in chosen)
        audit.note("factor-policy", by=by, address=address, before=before, after=chosen)


def reset(by: Reader, user: User, *, address: str) -> None:
    """Take every second factor from somebody who has lost them; their sessions end. Never one's own.

    Raises `Absent` for who does not manage the house, `Refused` own-factor.
    """
    rights.require_manager(by)
    if user.pk == by.user_id:
        raise Refused("own-factor", "不能重置自己的两步验证，请另一位管理员来做。")
    with transaction.atomic():
        for model in (Totp, RecoveryCode, Passkey):
            model.objects.filter(user=user).delete()
        ended = sessions.end_all(user)
        audit.note("factor-reset", by=by, address=address, about=f"user:{user.pk}", owner=user.username, ended=ended)
