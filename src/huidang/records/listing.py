"""Conversations as a list: the ones within reach by last message, one of them, and the places that hold them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery

from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people.models import Department
from huidang.people.readers import Reach, Reader
from huidang.records import masking, maskrules
from huidang.records.lens import view_many
from huidang.records.models import Conversation, Message, Placement, Source
from huidang.records.shown import Listed, Place, Rail, Shown

View = Literal["all", "own", "intake"]


def get_conversation(reader: Reader, conversation_id: int) -> Listed:
    """Return one conversation without its last message. Raises `Absent`, alike for missing and forbidden."""
    row = _rows(reader).filter(pk=conversation_id).first()
    if row is None:
        raise Absent
    return _listed(row, None)


def list_conversations(reader: Reader, ids: Iterable[int]) -> dict[str, Listed]:
    """Return the conversations among some ids that lie within reach, by id, without their last messages."""
    return {str(row.pk): _listed(row, None) for row in _rows(reader).filter(pk__in=set(ids))}


def find_conversations(
    reader: Reader,
    *,
    source: int | None = None,
    department: Iterable[int] | None = None,
    view: View = "all",
    before: int | None = None,
    limit: int = 50,
) -> list[Listed]:
    """Return conversations within reach, the newest message first, with that message as this reader may see it.

    `department` names flat ids (0 is "none"); `before` is the `cursor` of the last one already shown.
    """
    rows = _rows(reader).filter(_selected(reader, source, department, view), last_message_id__isnull=False)
    if before is not None:
        rows = rows.filter(last_message_id__lt=before)
    found = list(rows.order_by("-last_message_id").annotate(shown_id=_last_message())[:limit])
    shown = _last_shown(found, reader)
    return [_listed(row, shown.get(row.shown_id)) for row in found]


def rail(reader: Reader) -> Rail:
    """Return the sources and departments within reach; a department counts what the reader reaches below it too."""
    maskrules.refresh()
    by_source, by_department, mine = Counter[int](), Counter[int | None](), 0
    for source, department, number, own in _placed(reader.reach(Can.READ), reader.user_id, _state_of_places()):
        by_source[source] += number
        by_department[department] += number
        mine += own
    return Rail(
        by_source.total(),
        mine,
        by_department.pop(None, 0),
        _sources(by_source),
        _departments(reader, by_department),
    )


def _state_of_places() -> object:
    """Return what changes whenever a conversation is added or placed elsewhere; the times tell archives apart."""
    rows: Any = Conversation.objects.unguarded("says only whether counts are still true")
    stays: Any = Placement.objects.unguarded("says only whether counts are still true")
    newest = rows.order_by("-pk").values_list("pk", "created_at").first()
    return newest, stays.order_by("-pk").values_list("pk", "since_at").first()


@lru_cache(maxsize=256)
def _placed(reach: Reach, user_id: int | None, _state: object) -> tuple[tuple[int, int | None, int, int], ...]:
    """Return source, department, how many conversations lie there and how many of them are the reader's own."""
    reader = Reader(user_id, "", MappingProxyType({Can.READ: reach}))
    rows = readable(Conversation, reader).values_list("source", "department")
    return tuple(rows.annotate(number=Count("pk"), own=Count("pk", filter=Q(owner_id=user_id or 0))))


def any_within(reader: Reader, can: Can) -> bool:
    """Say whether any conversation lies within reach of a capability, for who keeps the house and reads no word."""
    return Conversation.objects.readable_by(reader, can).exists()


def readable(model: Any, reader: Reader) -> Any:
    """Return the rows of a guarded model within reach; its type is lost on purpose, managers are not generic."""
    return model.objects.readable_by(reader, Can.READ)


def _rows(reader: Reader) -> "models.QuerySet[Conversation]":
    maskrules.refresh()
    rows: models.QuerySet[Conversation] = readable(Conversation, reader).select_related("source", "department")
    return rows


def _selected(reader: Reader, source: int | None, department: Iterable[int] | None, view: View) -> Q:
    chosen = Q()
    if source is not None:
        chosen &= Q(source_id=source)
    if department is not None:
        ids = set(department)
        chosen &= Q(department_id__in=ids - {0}) | (Q(department_id__isnull=True) if 0 in ids else Q(pk__in=[]))
    if view == "own":
        chosen &= Q(owner_id=reader.user_id or 0)
    if view == "intake":
        chosen &= Q(department_id__isnull=True)
    return chosen


def _last_message() -> Subquery:
    """Return the newest message of each row; the newest entry may be an edit or a recall."""
    rows: Any = Message.objects.unguarded("inside a query that is guarded by the conversation")
    return Subquery(rows.filter(conversation=OuterRef("pk"), entry="message").order_by("-pk").values("pk")[:1])


def _last_shown(found: list[Any], reader: Reader) -> dict[int, Shown]:
    ids = [row.shown_id for row in found if row.shown_id]
    messages: list[Message] = list(readable(Message, reader).filter(pk__in=ids))
    return {int(shown.id): shown for shown in view_many(messages, reader)}


def _listed(row: Conversation, last: Shown | None) -> Listed:
    source, department = row.source, row.department
    return Listed(
        id=str(row.pk),
        title=masking.masked(row.title),
        kind=row.kind,
        source=str(source.pk),
        platform=source.platform,
        source_name=masking.masked(source.name),
        department=str(department.pk) if department else "",
        department_name=department.name if department else "",
        count=row.message_count,
        cursor=str(row.last_message_id or ""),
        last=last,
    )


def _sources(counts: Mapping[int, int]) -> tuple[Place, ...]:
    rows = Source.objects.filter(pk__in=counts).order_by("platform", "name", "pk")
    return tuple(
        Place(str(row.pk), masking.masked(row.name or row.workspace), counts[row.pk], platform=row.platform)
        for row in rows
    )


def _departments(reader: Reader, counts: Mapping[int | None, int]) -> tuple[Place, ...]:
    """Return the tree as far as the reader reaches, parents first; what has a hidden parent stands at the top."""
    reach = reader.reach(Can.READ)
    rows = Department.objects.order_by("position", "pk")
    seen = {row.pk: row for row in rows if reach.everything or row.pk in reach.departments or row.pk in counts}
    totals = dict.fromkeys(seen, 0)
    for pk, count in counts.items():
        at: int | None = pk
        while at in totals:
            totals[at] += count
            at = seen[at].parent_id
    return tuple(
        Place(str(row.pk), row.name, totals[row.pk], parent=str(row.parent_id) if row.parent_id in seen else "")
        for row in seen.values()
    )
