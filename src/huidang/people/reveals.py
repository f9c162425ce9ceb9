"""Reveals: a look at what masks hide, by somebody who may unmask, with a reason, for some minutes.

A look is a message or a whole conversation. Each is an entry of the audit and ends by itself, by hand, or with the
right behind it. What a look shows is asked for anew with every page: a reveal opens nothing for who lost the right.
A whole conversation at once is a reveal in bulk: where the house wants two persons for that, it needs a request that
somebody else approved.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import audit, requests
from huidang.people.models import Request, Reveal
from huidang.people.readers import Reader
from huidang.people.requests import Place, checked_reason

MINUTES = (5, 10, 30)
"""How long a look may last; the first is what a form offers."""

BULK = "reveal-bulk"
_RECENT = 5
_KEPT = timedelta(days=30)


def may_reveal(reader: Reader, place: Place) -> bool:
    """Say whether a reader, who must be a person, may look behind the masks of a conversation."""
    return reader.user_id is not None and reader.may(Can.UNMASK, **place._asdict())


def needs_second(reader: Reader, place: Place) -> bool:
    """Say whether this reader may see a whole conversation only after another person agreed."""
    return requests.needs_two_persons(BULK) and not approvals(reader, place)


def approvals(reader: Reader, place: Place) -> list[Request]:
    """Return the running requests by which this reader may see a whole conversation."""
    ids = [place.conversation_id]
    return [each for kind in (BULK, "reveal") for each in requests.find_approved(reader, kind=kind, conversations=ids)]


def reveal(
    reader: Reader, place: Place, *, why: str, message_id: int | None = None, minutes: int = MINUTES[0]
) -> Reveal:
    """Begin a look at a message, or without `message_id` at the whole conversation; a lent right ends it with itself.

    The caller has found the message in the conversation. Raises `Absent` where the conversation lies outside the
    reader's reach to unmask, `Refused` two-persons-wanted, and `Problem` reason-wanted or reveal-minutes.
    """
    if reader.user_id is None or not may_reveal(reader, place):
        raise Absent
    if minutes not in MINUTES:
        raise Problem("reveal-minutes", _("查看时长只能选 5、10 或 30 分钟。"))
    if message_id is None and needs_second(reader, place):
        raise Refused("two-persons-wanted", _("一次查看整个会话的原文，要先由另一个人批准。"))
    reason = checked_reason(why)
    until_at = _end(reader, place, clock.now() + timedelta(minutes=minutes))
    with transaction.atomic():
        begun = Reveal.objects.create(
            user_id=reader.user_id, token_id=reader.token_id, conversation_id=place.conversation_id,
            message_id=message_id, why=reason, at=clock.now(), until_at=until_at,
        )  # fmt: skip
        audit.note(
            "reveal", by=reader, about=_about(begun), why=reason,
            conversation=str(place.conversation_id), until=until_at.isoformat(), reveal=begun.pk,
        )  # fmt: skip
    return begun


def running(reader: Reader, place: Place) -> list[Reveal]:
    """Return the looks of a reader at a conversation that have not ended; none once the right is gone."""
    if not may_reveal(reader, place):
        return []
    return list(_running(reader).filter(conversation_id=place.conversation_id).order_by("pk"))


def end(reader: Reader, reveal_id: int) -> Reveal:
    """End a look of one's own now; one that has ended stays as it is. Raises `Absent` for anybody else's."""
    with transaction.atomic():
        rows = Reveal.objects.select_for_update().filter(pk=reveal_id, user_id=reader.user_id or 0)
        found = rows.filter(token_id=reader.token_id).first()
        if found is None:
            raise Absent
        if found.until_at > clock.now():
            found.until_at = clock.now()
            found.save(update_fields=["until_at"])
            audit.note("reveal-ended", by=reader, about=_about(found), conversation=str(found.conversation_id))
    return found


def recent_reasons(reader: Reader) -> list[str]:
    """Return what this reader gave as reasons of late, the latest first, each once."""
    looks = Reveal.objects.filter(user_id=reader.user_id or 0).order_by("-pk").values_list("why", flat=True)
    asked = requests.asked_by(reader).values_list("why", flat=True)
    return list(dict.fromkeys([*looks[: 4 * _RECENT], *asked[: 4 * _RECENT]]))[:_RECENT]


def forget_old(_run: object) -> None:
    """Delete looks that ended a month ago; their entries stay: the job `forget-reveals`."""
    Reveal.objects.filter(until_at__lt=clock.now() - _KEPT).delete()


def _running(reader: Reader) -> "QuerySet[Reveal]":
    return Reveal.objects.filter(user_id=reader.user_id or 0, token_id=reader.token_id, until_at__gt=clock.now())


def _end(reader: Reader, place: Place, wanted: datetime) -> datetime:
    """Return when a look ends: not after the request that lends the right, where there is no lasting one."""
    if requests.holds_lastingly(reader, Can.UNMASK, place):
        return wanted
    ends = [each.until_at for each in approvals(reader, place) if each.until_at]
    return min(wanted, max(ends)) if ends else wanted


def _about(found: Reveal) -> str:
    return f"message:{found.message_id}" if found.message_id else f"conversation:{found.conversation_id}"
