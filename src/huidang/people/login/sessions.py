"""Sessions: the browsers in which somebody signed in. Each request asks whether its own still stands."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from huidang.kernel import clock
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Absent
from huidang.people import audit
from huidang.people.models import Session, User
from huidang.people.readers import Reader

LIFE = timedelta(hours=12)
"""A working day, then the password again (`settings.SESSION_COOKIE_AGE`)."""

FRESH = timedelta(minutes=15)
KEPT = timedelta(days=90)
_SEEN_EVERY = timedelta(minutes=2)
_LONGEST_AGENT = 300


def begin(user: User, *, way: str, factor: bool, address: str, agent: str) -> Session:
    """Note that somebody signed in."""
    now = clock.now()
    agent = agent[:_LONGEST_AGENT].replace("\0", "")
    return Session.objects.create(
        user=user, way=way, factor=factor, address=address, agent=agent, started_at=now, seen_at=now
    )


def find(session_id: object, user: User, *, address: str) -> Session | None:
    """Return a session of a person that still stands and note that it was seen, None where it has ended."""
    row = living(user).filter(pk=session_id).first() if isinstance(session_id, int) else None
    now = clock.now()
    if row is not None and (row.seen_at <= now - _SEEN_EVERY or row.address != address):
        row.seen_at, row.address = now, address
        row.save(update_fields=["seen_at", "address"])
    return row


def living(user: User) -> "QuerySet[Session]":
    """Return the sessions of a person that still stand, the last seen first."""
    return all_living().filter(user=user)


def all_living() -> "QuerySet[Session]":
    """Return every session that still stands, the last seen first."""
    rows = Session.objects.filter(ended_at=None, started_at__gt=clock.now() - LIFE)
    return rows.order_by("-seen_at", "-pk")


def is_fresh(session: Session) -> bool:
    """Say whether somebody has just signed in, so that a change of how they sign in need not ask again."""
    return session.started_at > clock.now() - FRESH


def end(session_id: int, *, by: "User | Reader", owner: User | None = None, address: str = "") -> None:
    """End one session; with `owner`, only one of theirs. Raises `Absent`."""
    rows = all_living() if owner is None else living(owner)
    with transaction.atomic():
        row = rows.filter(pk=session_id).select_related("user").first()
        if row is None or not rows.filter(pk=session_id).update(ended_at=clock.now()):
            raise Absent
        audit.note("session-ended", by=by, address=address, about=f"user:{row.user_id}", owner=row.user.username)


def leave(session: Session) -> None:
    """End one's own session; the caller notes the sign-out."""
    Session.objects.filter(pk=session.pk).update(ended_at=clock.now())


def end_all(user: User, *, besides: int | None = None) -> int:
    """End every session of a person, perhaps but one, and return how many. The caller notes why."""
    rows = living(user) if besides is None else living(user).exclude(pk=besides)
    return rows.update(ended_at=clock.now())


def forget_old(_run: Run) -> None:
    """Delete the rows of sessions long gone: the job `forget-sessions`."""
    Session.objects.filter(seen_at__lt=clock.now() - KEPT).delete()
