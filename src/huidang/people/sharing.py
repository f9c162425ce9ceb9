"""Sharing a conversation across departments: some people may read it until a date, then it ends by itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit
from huidang.people.departments import subtrees
from huidang.people.models import Department, Loan, User
from huidang.people.readers import Reader
from huidang.people.requests import Place, checked_reason, holds_lastingly

LONGEST = timedelta(days=366)


def may_share(reader: Reader, place: Place) -> bool:
    """Say whether a reader may share a conversation: by lasting rights to read and to file it, never by a loan."""
    return all(holds_lastingly(reader, can, place) for can in (Can.READ, Can.FILE))


def share(reader: Reader, place: Place, *, users: Iterable[User], until_at: datetime, why: str) -> list[Loan]:
    """Let people read a conversation, masked as for everybody, until a date.

    Raises `Absent` for whoever may not share it, `Problem` share-nobody, share-until or reason-wanted.
    """
    if not may_share(reader, place):
        raise Absent
    people = list({user.pk: user for user in users if user.is_active and user.pk != reader.user_id}.values())
    if not people:
        raise Problem("share-nobody", "选出要共享给谁。")
    if not clock.now() < until_at <= clock.now() + LONGEST:
        raise Problem("share-until", "截止日应在今天之后、一年之内。")
    reason = checked_reason(why)
    with transaction.atomic():
        lent = [_lend(user, place, until_at) for user in people]
        audit.note(
            "shared", by=reader, about=f"conversation:{place.conversation_id}", why=reason,
            users=[user.pk for user in people], until=until_at.isoformat(),
        )  # fmt: skip
    return lent


def end_share(reader: Reader, place: Place, *loan_ids: int) -> list[Loan]:
    """End shares now and return them as they were.

    Raises `Absent` for whoever may not share the conversation, or where none of them is running.
    """
    if not may_share(reader, place):
        raise Absent
    with transaction.atomic():
        running = list(shares_of(place.conversation_id).filter(pk__in=loan_ids))
        if not running:
            raise Absent
        Loan.objects.filter(pk__in=[loan.pk for loan in running]).update(until_at=clock.now())
        users = [loan.user_id for loan in running]
        audit.note("share-ended", by=reader, about=f"conversation:{place.conversation_id}", users=users)
    return running


def shares_of(conversation_id: int) -> "QuerySet[Loan]":
    """Return the shares of a conversation that are running, not what requests have given."""
    rows = Loan.objects.filter(conversation_id=conversation_id, capability=Can.READ, request=None)
    return rows.filter(until_at__gt=clock.now()).select_related("user").order_by("user__name", "pk")


def members_of(departments: Sequence[Department]) -> "QuerySet[User]":
    """Return the active people who belong to some departments or to one below them."""
    below = subtrees(department.pk for department in departments)
    return User.objects.filter(is_active=True, department__in=below).order_by("username")


def _lend(user: User, place: Place, until_at: datetime) -> Loan:
    shares_of(place.conversation_id).filter(user=user).update(until_at=clock.now())
    return Loan.objects.create(user=user, capability=Can.READ, conversation_id=place.conversation_id, until_at=until_at)
