"""Saved searches: a query under a name, in the rail of its owner and of those with whom it is shared.

It is a text and nothing more: whoever opens it searches with their own reach. It is seen by its owner and, once it
is shared with a department, by those who read that department or belong to it; only its owner changes it.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import audit
from huidang.people.departments import subtrees
from huidang.people.models import Department, User
from huidang.people.readers import INTAKE, Reader
from huidang.search.finding import count
from huidang.search.index import Sort
from huidang.search.models import SavedSearch
from huidang.search.query import LONGEST_QUERY, readable

LONGEST_NAME = 60
MOST = 100
"""Saved searches of one person."""

KEPT = timedelta(days=30)
"""How long a removed one can be restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is saved: a query with the order and the shape of its result."""

    name: str
    query: str
    sort: Sort = "new"
    rows: bool = False


def visible(reader: Reader) -> list[SavedSearch]:
    """Return the saved searches that a reader sees: their own in their order, then those shared with them by name."""
    rows = SavedSearch.objects.filter(_seen_by(reader), removed_at=None).select_related("owner", "department")
    return sorted(rows, key=lambda row: _order(row, reader))


def _order(row: SavedSearch, reader: Reader) -> tuple[bool, int, str, int]:
    mine = row.owner_id == reader.user_id
    return not mine, row.position if mine else 0, "" if mine else row.name, row.pk


def get_saved(reader: Reader, saved_id: int) -> SavedSearch:
    """Return one that the reader sees. Raises `Absent`, alike for missing and for not shared with them."""
    row = SavedSearch.objects.filter(_seen_by(reader), pk=saved_id, removed_at=None).select_related("owner").first()
    if row is None:
        raise Absent
    return row


def counts(reader: Reader, rows: list[SavedSearch]) -> dict[int, int]:
    """Return how many messages each finds within the reader's own reach."""
    return {row.pk: count(reader, row.query) for row in rows}


def save(reader: Reader, draft: Draft, *, department_id: int | None = None) -> SavedSearch:
    """Save a search at the end of the reader's own.

    Raises `Problem` view-name-wanted, view-query-wanted, views-many, and as `share`.
    """
    name, query = _checked_name(draft.name), readable(draft.query).strip()[:LONGEST_QUERY]
    if not query:
        raise Problem("view-query-wanted", _("先搜索，再存为视图。"))
    with transaction.atomic():
        own = _own(reader)
        if own.count() >= MOST:
            raise Problem("views-many", _("视图最多 %d 个，先删掉不用的。") % MOST)
        last = own.aggregate(last=Max("position"))["last"] or 0
        row = SavedSearch.objects.create(
            owner_id=_person(reader),
            name=name,
            query=query,
            sort=draft.sort,
            rows=draft.rows,
            position=last + 1,
            created_at=clock.now(),
        )
        return share(reader, row.pk, department_id) if department_id is not None else row


def rename(reader: Reader, saved_id: int, name: str) -> SavedSearch:
    """Give one's own another name. Raises `Absent`, and `Problem` view-name-wanted."""
    row = _mine(reader, saved_id)
    row.name = _checked_name(name)
    row.save(update_fields=["name"])
    return row


def share(reader: Reader, saved_id: int, department_id: int | None) -> SavedSearch:
    """Share one's own with a department that one reads or belongs to, with nobody for None. Raises `Absent`."""
    row = _mine(reader, saved_id)
    row.department = None if department_id is None else _shareable(reader, department_id)
    with transaction.atomic():
        row.save(update_fields=["department"])
        audit.note("view-share", by=reader, about=f"view:{row.pk}", department=department_id)
    return row


def departments_for(reader: Reader) -> list[Department]:
    """Return the departments with which a reader may share, by their order."""
    reach = reader.reach(Can.READ)
    rows = Department.objects.order_by("position", "pk")
    return list(rows if reach.everything else rows.filter(pk__in=_circle(reader)))


def move(reader: Reader, saved_id: int, *, by: int) -> None:
    """Move one's own by some places, down for a positive number. Raises `Absent`."""
    chosen = _mine(reader, saved_id)
    with transaction.atomic():
        rows = list(_own(reader).select_for_update().order_by("position", "pk"))
        at = next(place for place, row in enumerate(rows) if row.pk == chosen.pk)
        rows.insert(max(0, min(len(rows) - 1, at + by)), rows.pop(at))
        for place, row in enumerate(rows, 1):
            row.position = place
        SavedSearch.objects.bulk_update(rows, ["position"])


def remove(reader: Reader, saved_id: int) -> SavedSearch:
    """Remove one's own; `restore` brings it back for a month. Raises `Absent`."""
    row = _mine(reader, saved_id)
    row.removed_at = clock.now()
    row.save(update_fields=["removed_at"])
    return row


def restore(reader: Reader, saved_id: int) -> SavedSearch:
    """Bring back what was removed, in its old place. Raises `Absent`."""
    row = SavedSearch.objects.filter(pk=saved_id, owner_id=_person(reader)).first()
    if row is None:
        raise Absent
    row.removed_at = None
    row.save(update_fields=["removed_at"])
    return row


def forget_removed(_run: Run) -> None:
    """Delete what was removed a month ago: the job `forget-views`."""
    SavedSearch.objects.filter(removed_at__lt=clock.now() - KEPT).delete()


def _own(reader: Reader) -> "QuerySet[SavedSearch]":
    return SavedSearch.objects.filter(owner_id=_person(reader), removed_at=None)


def _mine(reader: Reader, saved_id: int) -> SavedSearch:
    row = _own(reader).filter(pk=saved_id).first()
    if row is None:
        raise Absent
    return row


def _seen_by(reader: Reader) -> Q:
    return Q(owner_id=reader.user_id or 0) | Q(department_id__in=_circle(reader))


def _circle(reader: Reader) -> set[int]:
    """Return the departments whose shared searches a reader sees: those they are given by name, and their own."""
    home = User.objects.filter(pk=reader.user_id or 0).values_list("department_id", flat=True).first()
    own = subtrees([home]) if home else frozenset[int]()
    return {*reader.reach(Can.READ).departments, *own} - {INTAKE}


def _shareable(reader: Reader, department_id: int) -> Department:
    row = next((each for each in departments_for(reader) if each.pk == department_id), None)
    if row is None:
        raise Absent
    return row


def _checked_name(name: str) -> str:
    clean = " ".join(readable(name).split())[:LONGEST_NAME]
    if not clean:
        raise Problem("view-name-wanted", _("视图需要一个名称。"))
    return clean


def _person(reader: Reader) -> int:
    if reader.user_id is None:
        raise Refused("view-nobody", _("只有登录的人可以存视图。"))
    return reader.user_id
