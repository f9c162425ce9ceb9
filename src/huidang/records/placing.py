"""Where a conversation lies and whose it is, set by a person who may; each step is dated, an entry, and re-indexed.

Whoever files a conversation where it lies now may also place it, but only where they may file too: nobody pushes a
record into a department that did not ask for it, nor out of their own sight. Who manages a place may always.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huidang.kernel import clock, events
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import audit
from huidang.people.models import Department, User
from huidang.people.readers import Reader
from huidang.people.requests import Place, holds_lastingly
from huidang.records import masking
from huidang.records.models import Conversation, Placement

_BATCH = 500
SEEN_BY = (Can.READ, Can.MANAGE, Can.AUDIT)
"""Who may know of a conversation's place: its readers, and those who keep or check rights there."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One stretch of a conversation's history: from when it lay where, whose it was, set by whom and why."""

    since_at: datetime
    department_id: int | None
    owner: str
    by: str
    why: str


def place_of(conversation_id: int, reader: Reader, *cans: Can) -> Place:
    """Return where a conversation lies, for whoever holds one of `cans` over it (`SEEN_BY`). Raises `Absent`."""
    for can in cans or SEEN_BY:
        row = Conversation.objects.readable_by(reader, can).filter(pk=conversation_id).first()
        if row is not None:
            return _place(row)
    raise Absent


def places_of(ids: Iterable[int], reader: Reader, *cans: Can) -> list[Place]:
    """Return where those of some conversations lie over which a reader holds all of `cans`; others are left out."""
    wanted = sorted(set(ids))
    found: list[Place] = []
    for start in range(0, len(wanted), _BATCH):
        rows: Any = Conversation.objects.readable_by(reader, cans[0]).filter(pk__in=wanted[start : start + _BATCH])
        found += [_place(row) for row in rows.order_by("pk")]
    return [place for place in found if all(reader.may(can, **place._asdict()) for can in cans)]


def may_place(reader: Reader, place: Place) -> bool:
    """Say whether a reader may move a conversation or name its owner."""
    return any(holds_lastingly(reader, can, place) for can in (Can.FILE, Can.MANAGE))


def departments_for(reader: Reader, departments: Sequence[Department]) -> list[Department]:
    """Return the departments into which a reader may move conversations."""
    reaches = [reader.reach(can) for can in (Can.FILE, Can.MANAGE)]
    return [each for each in departments if any(at.everything or each.pk in at.departments for at in reaches)]


def move(reader: Reader, conversation_id: int, *, department: Department | None, why: str = "") -> None:
    """Put a conversation into a department, or back into the intake.

    Raises `Absent` where the reader may not place it, `Refused` place-elsewhere where they may not file there.
    """
    with transaction.atomic():
        row = _locked(reader, conversation_id)
        there = Place(row.pk, department.pk if department else None, None)
        if not may_place(reader, there):
            raise Refused("place-elsewhere", "只能移到自己也能归档的部门。")
        if row.department_id != there.department_id:
            _keep(reader, row, why, department_id=there.department_id)


def give_to(reader: Reader, conversation_id: int, *, owner: User | None, why: str = "") -> None:
    """Name the owner of a conversation, or nobody.

    Raises `Absent`, `Problem` owner-closed, and `Refused` owner-oneself where it would widen one's own rights.
    """
    if owner is not None and not owner.is_active:
        raise Problem("owner-closed", "这个账号已停用，不能作为归属人。")
    with transaction.atomic():
        row = _locked(reader, conversation_id)
        if owner is not None and owner.pk == reader.user_id and _widens(reader, _place(row)):
            raise Refused("owner-oneself", "归到自己名下会扩大自己的权限，请由主管或管理员来做。")
        if row.owner_id != (owner.pk if owner else None):
            _keep(reader, row, why, owner_id=owner.pk if owner else None)


def first_of(department_id: int) -> str:
    """Return what to do before a department can be deleted, or nothing: see `people.departments.Holding`."""
    rows = Conversation.objects.unguarded("whether a department is empty, told to who keeps departments")
    return _("移走里面的会话") if rows.filter(department=department_id).exists() else ""


def history(conversation_id: int, reader: Reader) -> list[Stay]:
    """Return where a conversation has lain, the newest first. Raises `Absent`."""
    place_of(conversation_id, reader)
    rows: Any = Placement.objects.unguarded("the place was just asked for through the guard")
    found = list(rows.filter(conversation_id=conversation_id).select_related("by").order_by("-since_at", "-pk"))
    names = dict(User.objects.filter(pk__in={row.owner_id for row in found}).values_list("pk", "name"))
    return [_stay(row, names.get(row.owner_id, "")) for row in found]


def _stay(row: Placement, owner: str) -> Stay:
    return Stay(row.since_at, row.department_id, owner, row.by.name if row.by else "", masking.masked(row.why))


def _locked(reader: Reader, conversation_id: int) -> Conversation:
    """Return the row, locked, for whoever may place it."""
    rows: Any = Conversation.objects.unguarded("locked for a change that may_place decides")
    row: Conversation | None = rows.select_for_update().filter(pk=conversation_id).first()
    if row is None or not may_place(reader, _place(row)):
        raise Absent
    return row


def _place(row: Conversation) -> Place:
    return Place(row.pk, row.department_id, row.owner_id)


def _widens(reader: Reader, place: Place) -> bool:
    return any(reader.reach(can).own and not reader.may(can, **place._asdict()) for can in Can)


def _keep(reader: Reader, row: Conversation, why: str, **change: int | None) -> None:
    before = {"department_id": row.department_id, "owner_id": row.owner_id}
    after, why = before | change, why.strip()[:1000]
    stays: Any = Placement.objects.unguarded("placing")
    if not stays.filter(conversation_id=row.pk).exists():
        stays.create(conversation_id=row.pk, since_at=row.created_at, **before)
    stays.create(conversation_id=row.pk, since_at=clock.now(), by_id=reader.user_id, why=why, **after)
    Conversation.objects.unguarded("placing").filter(pk=row.pk).update(**change)
    what = "conversation-moved" if "department_id" in change else "conversation-given"
    audit.note(what, by=reader, about=f"conversation:{row.pk}", why=why, before=before, after=after)
    events.emit("placements", changed=[f"conversation:{row.pk}"], conversation=row.pk)
