"""Requests: who lacks a right asks for it with a reason, a holder of the right decides, and it ends by itself.

The one mechanism for reveals, exports, deletions and releases of holds. Whatever is asked, refused, given, used up
or taken back is an entry of the audit. The asker can never be the one who decides, and a right that was itself given
for a time cannot be passed on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from huidang.kernel import clock, events
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import audit
from huidang.people.models import Loan, Request, Reveal, TwoPersons
from huidang.people.readers import Reader
from huidang.people.rights import require_manager

MINUTES_AT_MOST = 24 * 60
WAITING_DAYS = 7
REASON_AT_LEAST = 2
"""Characters of a reason: enough for 「核对」, not for a stroke on the keyboard."""

BULK_KINDS = ("reveal-bulk", "export", "deletion", "release")
"""What may be set to need two persons; each does until the house says otherwise."""


class Place(NamedTuple):
    """Where a conversation lies: what decides who reaches it."""

    conversation_id: int
    department_id: int | None
    owner_id: int | None


def ask(
    reader: Reader,
    *,
    kind: str,
    can: Can,
    places: Sequence[Place],
    why: str,
    minutes: int = 30,
    facts: Mapping[str, Any] | None = None,
) -> Request:
    """Ask for a capability over conversations for some minutes, counted from the approval.

    `facts` (JSON types) tell the decider what it is for, a query and a format; they are shown to deciders and the
    asker alone, so they may hold nothing that the asker may not see. The same question asked again while it waits is
    one request. Raises `Absent` where one of the conversations lies outside the asker's reach, `Problem` for a missing
    reason or an impossible time.
    """
    asker_id = _person(reader)
    if not places or not all(_holds(reader, Can.READ, place) for place in places):
        raise Absent
    wanted, told = sorted(map(list, places)), dict(facts or {})
    with transaction.atomic():
        same = waiting().filter(asker_id=asker_id, kind=kind, capability=can)
        known = next((each for each in same if (each.places, each.facts) == (wanted, told)), None)
        if known:
            return known
        request = Request.objects.create(
            kind=kind, capability=can, asker_id=asker_id, why=checked_reason(why), minutes=_checked_minutes(minutes),
            places=wanted, facts=told, asked_at=clock.now(), expires_at=clock.now() + timedelta(days=WAITING_DAYS),
        )  # fmt: skip
        _note("request", request, by=reader, why=request.why)
    return request


def approve(reader: Reader, request_id: int, *, places: Sequence[Place], note: str = "") -> Request:
    """Give what was asked for, for the minutes asked for.

    `places` says where the conversations lie now. Raises `Absent` where the decider does not hold the right over all
    of them, `Refused` for one's own request, `Problem` where it was decided already or has expired.
    """
    with transaction.atomic():
        request = _open(reader, request_id, places)
        until_at = clock.now() + timedelta(minutes=request.minutes)
        _close(request, Request.State.APPROVED, by=reader, note=note, until_at=until_at)
        Loan.objects.bulk_create(
            Loan(
                user_id=request.asker_id, capability=request.capability, conversation_id=place.conversation_id,
                until_at=until_at, request=request,
            )
            for place in places
        )  # fmt: skip
    return request


def refuse(reader: Reader, request_id: int, *, places: Sequence[Place], note: str) -> Request:
    """Refuse a request, with the reason the asker will read. Raises as `approve` does."""
    with transaction.atomic():
        request = _open(reader, request_id, places)
        _close(request, Request.State.REFUSED, by=reader, note=checked_reason(note))
    return request


def withdraw(reader: Reader, request_id: int) -> Request:
    """Take one's own request back; what it had given ends now. Raises `Absent` for anybody else's."""
    with transaction.atomic():
        request = Request.objects.select_for_update().filter(pk=request_id, asker_id=_person(reader)).first()
        if request is None:
            raise Absent
        if request.state not in {Request.State.WAITING, Request.State.APPROVED}:
            raise Problem("request-closed", _("这份申请已经处理过，或已过期。"))
        if request.state == Request.State.WAITING and request.expires_at <= clock.now():
            raise Problem("request-closed", _("这份申请已经处理过，或已过期。"))
        _end_loans(request)
        _close(request, Request.State.WITHDRAWN, by=reader, note="")
    return request


def revoke(reader: Reader, request_id: int, *, places: Sequence[Place], note: str) -> Request:
    """End an approved request before its time. Raises as `approve`, for whoever could not have approved it."""
    with transaction.atomic():
        request = Request.objects.select_for_update().filter(pk=request_id).first()
        if request is None or not _decides(reader, request, places):
            raise Absent
        if not is_running(request):
            raise Problem("request-closed", _("这份申请已经处理过，或已过期。"))
        _end_loans(request)
        _close(request, Request.State.REVOKED, by=reader, note=checked_reason(note))
    return request


def find_approved(reader: Reader, *, kind: str, conversations: Iterable[int]) -> list[Request]:
    """Return a reader's own approved requests of a kind that still run and cover all of some conversations.

    The newest comes first; whoever acts on one names it, and compares what was done with its `facts`.
    """
    wanted = set(conversations)
    return [each for each in asked_by(reader).filter(kind=kind) if is_running(each) and wanted <= covered(each)]


def is_running(request: Request) -> bool:
    """Say whether a request was approved and what it gave has not ended."""
    return request.state == Request.State.APPROVED and request.until_at is not None and request.until_at > clock.now()


def state_of(request: Request) -> str:
    """Return where a request stands now: its stored state, or `expired` and `over` where its time has passed."""
    if request.state == Request.State.WAITING and request.expires_at <= clock.now():
        return "expired"
    return "over" if request.state == Request.State.APPROVED and not is_running(request) else request.state


def covered(request: Request) -> set[int]:
    """Return the conversations that a request is about."""
    return {conversation_id for conversation_id, *_where in request.places}


def get_request(reader: Reader, request_id: int, places: Sequence[Place]) -> Request:
    """Return a request to its asker, or to whoever may decide it; `places` say where the conversations lie now.

    Raises `Absent` for everybody else.
    """
    request = Request.objects.select_related("asker", "decided_by").filter(pk=request_id).first()
    if request is None or not (request.asker_id == reader.user_id or _decides(reader, request, places)):
        raise Absent
    return request


def waiting() -> "QuerySet[Request]":
    """Return the requests that nobody has decided and that have not expired, the oldest first."""
    return Request.objects.filter(state=Request.State.WAITING, expires_at__gt=clock.now()).order_by("asked_at", "pk")


def waiting_about(reader: Reader, conversation_id: int) -> list[Request]:
    """Return a reader's own requests about a conversation that nobody has decided yet."""
    own = waiting().filter(asker_id=reader.user_id or 0)
    return [each for each in own if conversation_id in covered(each)]


def asked_by(reader: Reader) -> "QuerySet[Request]":
    """Return somebody's own requests, the newest first."""
    own = Request.objects.filter(asker_id=reader.user_id or 0).select_related("asker", "decided_by")
    return own.order_by("-asked_at", "-pk")


def for_decision_by(reader: Reader) -> list[Request]:
    """Return the waiting requests that this reader may decide, by where the conversations lay when it was asked."""
    if not any(reader.reach(can) for can in Can if can is not Can.READ):
        return []
    others = waiting().exclude(asker_id=reader.user_id).select_related("asker")
    return [request for request in others if _decides(reader, request, asked_places(request))]


def decided_by(reader: Reader) -> "QuerySet[Request]":
    """Return the requests that this reader decided, the latest first."""
    decided = Request.objects.filter(decided_by_id=reader.user_id).exclude(asker_id=reader.user_id)
    return decided.select_related("asker").order_by("-decided_at", "-pk")


def asked_places(request: Request) -> list[Place]:
    """Return where the conversations of a request lay when it was asked."""
    return [Place(*place) for place in request.places]


def needs_two_persons(kind: str) -> bool:
    """Say whether something done in bulk must be asked for and approved, even by who holds the right."""
    row = TwoPersons.objects.filter(kind=kind).first()
    return kind in BULK_KINDS if row is None else row.needed


def set_two_persons(kind: str, *, needed: bool, by: Reader) -> None:
    """Say whether something needs two persons. Raises `Absent` for who does not manage the house, or `Problem`."""
    require_manager(by)
    if kind not in BULK_KINDS:
        raise Problem("two-persons-kind", _("不能为「%s」设置双人规则。") % kind)
    with transaction.atomic():
        TwoPersons.objects.update_or_create(kind=kind, defaults={"needed": needed})
        audit.note("two-persons", by=by, about=kind, needed=needed)


def checked_reason(why: str) -> str:
    """Return a reason without the space around it. Raises `Problem` where none is given."""
    why = why.strip()
    if len(why) < REASON_AT_LEAST:
        raise Problem("reason-wanted", _("写明事由。"))
    return why[:1000]


def _checked_minutes(minutes: int) -> int:
    if not 1 <= minutes <= MINUTES_AT_MOST:
        raise Problem("minutes", _("时长应在 1 分钟到 24 小时之间。"))
    return minutes


def _person(reader: Reader) -> int:
    if reader.user_id is None:
        raise Refused("person-wanted", _("只有登录的账号可以申请。"))
    return reader.user_id


def _open(reader: Reader, request_id: int, places: Sequence[Place]) -> Request:
    """Lock a request that waits for this reader's decision."""
    request = Request.objects.select_for_update().filter(pk=request_id).first()
    if request is None or not _decides(reader, request, places):
        raise Absent
    if request.asker_id == reader.user_id:
        raise Refused("own-request", _("不能审批自己的申请。"))
    if request.state != Request.State.WAITING or request.expires_at <= clock.now():
        raise Problem("request-closed", _("这份申请已经处理过，或已过期。"))
    return request


def _decides(reader: Reader, request: Request, places: Iterable[Place]) -> bool:
    asked = covered(request)
    wanted = [place for place in places if place.conversation_id in asked]
    return len(wanted) == len(asked) and all(holds_lastingly(reader, Can(request.capability), each) for each in wanted)


def _holds(reader: Reader, can: Can, place: Place) -> bool:
    return reader.may(can, **place._asdict())


def holds_lastingly(reader: Reader, can: Can, place: Place) -> bool:
    """Say whether a reader holds a capability there other than for a time; only such a right can be passed on."""
    lasting = replace(reader.reach(can), conversations=frozenset())
    return _holds(replace(reader, reaches={can: lasting}), can, place)


def _end_loans(request: Request) -> None:
    """End what a request has lent, and the looks that were begun meanwhile."""
    now = clock.now()
    Loan.objects.filter(request=request, until_at__gt=now).update(until_at=now)
    looks = Reveal.objects.filter(user_id=request.asker_id, conversation_id__in=covered(request), until_at__gt=now)
    if request.capability == Can.UNMASK:
        looks.update(until_at=now)


def _close(request: Request, state: str, *, by: Reader, note: str, until_at: datetime | None = None) -> None:
    request.state, request.note, request.decided_by_id, request.decided_at = state, note, by.user_id, clock.now()
    request.until_at = until_at
    request.save()
    _note(f"request-{state}", request, by=by, why=note)
    events.emit(f"requests:{request.pk}")


def _note(what: str, request: Request, *, by: Reader, why: str) -> None:
    conversations = [str(conversation_id) for conversation_id, *_where in request.places]
    audit.note(
        what, by=by, about=f"request:{request.pk}", why=why,
        kind=request.kind, capability=request.capability, conversations=conversations, minutes=request.minutes,
        **({"facts": request.facts} if request.facts else {}),
    )  # fmt: skip
