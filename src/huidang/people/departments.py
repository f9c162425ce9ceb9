"""The departments: a tree by parent, named by path, expanded to flat ids wherever reach is asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem
from huidang.people.models import Department, Grant, User

LONGEST_NAME = 100

Holding = Callable[[int], str]
"""Given a department, returns what to do before it can go, or nothing."""

_holdings: list[Holding] = []


def connect(holdings: Iterable[Holding]) -> None:
    """Let parts above say what they keep in departments; `wiring` calls this once at start-up."""
    _holdings[:] = holdings


@dataclass(frozen=True, slots=True)
class Branch:
    """A department as a tree shows it; `depth` is 1 at the top, `people` counts those who belong to it alone."""

    id: int
    name: str
    path: str
    parent_id: int | None
    depth: int
    people: int = 0


def create(name: str, *, under: Department | None = None) -> Department:
    """Make a department. Raises `Problem` name-wanted, name-too-long or department-exists."""
    return _stored(Department(name=_checked(name), parent=under, position=_next_position(under)))


def rename(department: Department, name: str) -> Department:
    """Give a department another name. Raises as `create`."""
    department.name = _checked(name)
    return _stored(department)


def move(department: Department, *, under: Department | None, before: Department | None = None) -> Department:
    """Hang a department, with all below it, under another or at the top, ahead of a sibling there or as the last.

    The tree is locked meanwhile, so that two moves at once cannot close a ring. Raises `Problem` department-cycle,
    department-order or department-exists.
    """
    with transaction.atomic():
        parents = _parents(locked=True)
        if under is not None and department.pk in ancestors(under.pk, parents):
            text = _("「%(under)s」在「%(name)s」之内，不能把上级移到自己的下级。")
            told = text % {"under": under.name, "name": department.name}
            raise Problem("department-cycle", told, department=department.pk, under=under.pk)
        department.parent, department.position = under, _next_position(under)
        _stored(department)
        if before is not None:
            _put_before(department, before)
    return department


def remove(department: Department) -> None:
    """Delete a department that holds nothing. Raises `Problem` department-held, which says what to move first."""
    with transaction.atomic():
        locked = Department.objects.select_for_update().get(pk=department.pk)
        if steps := list(_steps_before_removal(locked.pk)):
            text = _("「%(name)s」还不是空的。先%(steps)s，再删除。")
            told = text % {"name": locked.name, "steps": _("、").join(steps)}
            raise Problem("department-held", told, department=locked.pk)
        Grant.objects.filter(department=locked).delete()  # those that have ended
        locked.delete()


def _steps_before_removal(pk: int) -> Iterator[str]:
    if Department.objects.filter(parent=pk).exists():
        yield _("移走下级部门")
    if User.objects.filter(department=pk).exists():
        yield _("给归属这里的人换部门")
    if Grant.objects.filter(Q(until_at=None) | Q(until_at__gt=clock.now()), department=pk).exists():
        yield _("收回这里的授权")
    yield from filter(None, (holding(pk) for holding in _holdings))


def restore(pk: int, *, name: str, under: int | None, position: int) -> Department:
    """Bring a department back as it was, under its own id. Raises `Problem` department-unknown or department-exists."""
    if under is not None and not Department.objects.filter(pk=under).exists():
        raise Problem("department-unknown", "它原来的上级也已删除，先恢复上级。")
    return _stored(Department(pk=pk, name=name, parent_id=under, position=position))


def _put_before(department: Department, sibling: Department) -> None:
    rows = Department.objects.filter(parent=department.parent).exclude(pk=department.pk)
    places = list(rows.order_by("position", "pk").values_list("pk", flat=True))
    if sibling.pk not in places:
        raise Problem("department-order", "只能排在同一级的部门之前。")
    places.insert(places.index(sibling.pk), department.pk)
    for position, pk in enumerate(places):
        Department.objects.filter(pk=pk).update(position=position)
    department.refresh_from_db(fields=["position"])


def get_department(path: str) -> Department:
    """Return the department that a path or an unambiguous name means: `客服中心/售后组` or `售后组`.

    Raises `Absent`, or `Problem` department-ambiguous.
    """
    *above, name = [piece.strip() for piece in path.split("/") if piece.strip()] or [""]
    names = {row.pk: row for row in Department.objects.all()}
    found = [row for row in names.values() if row.name == name and _ends_with(row, above, names)]
    if not found:
        raise Absent(_("没有名为「%s」的部门。") % path)
    if len(found) > 1:
        text = _("有 %(count)d 个部门叫「%(path)s」，请写出上级：上级/%(name)s")
        told = text % {"count": len(found), "path": path, "name": name}
        raise Problem("department-ambiguous", told, name=path)
    return found[0]


def ensure(path: str) -> Department:
    """Return the department at a path from the top, making what is missing of it. Raises as `create`."""
    department: Department | None = None
    for name in filter(None, (piece.strip() for piece in path.split("/"))):
        known = Department.objects.filter(parent=department, name=name).first()
        department = known or create(name, under=department)
    if department is None:
        raise Problem("name-wanted", "部门需要一个名称。")
    return department


def subtrees(roots: Iterable[int], parents: Mapping[int, int | None] | None = None) -> frozenset[int]:
    """Return the departments and all below them as flat ids; one query, or none where the tree is at hand."""
    below: dict[int | None, list[int]] = {}
    for child, parent in (_parents() if parents is None else parents).items():
        below.setdefault(parent, []).append(child)
    reached, waiting = set(), list(roots)
    while waiting:
        pk = waiting.pop()
        if pk not in reached:
            reached.add(pk)
            waiting.extend(below.get(pk, ()))
    return frozenset(reached)


def ancestors(pk: int, parents: Mapping[int, int | None]) -> list[int]:
    """Return a department and the ones above it, the nearest first."""
    chain: list[int] = []
    at: int | None = pk
    while at is not None and at not in chain:
        chain.append(at)
        at = parents.get(at)
    return chain


def tree_of_parents() -> dict[int, int | None]:
    """Return department id -> id of its parent, for the whole company in one query."""
    return _parents()


def paths() -> dict[int, str]:
    """Return department id -> its path from the top, `望山家电/客服中心`, in the order of the tree; one query."""
    return {branch.id: branch.path for branch in outline()}


def outline() -> list[Branch]:
    """Return the whole tree, each department followed by those below it; one query."""
    below: dict[int | None, list[Department]] = {}
    for row in Department.objects.annotate(people=Count("members")).order_by("position", "pk"):
        below.setdefault(row.parent_id, []).append(row)
    found: dict[int, Branch] = {}
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        at = waiting.pop()
        found[at.pk] = _branch(at, found.get(at.parent_id or 0))
        waiting.extend(reversed(below.get(at.pk, [])))
    return list(found.values())


def _branch(row: Department, above: Branch | None) -> Branch:
    path, depth = (f"{above.path}/{row.name}", above.depth + 1) if above else (row.name, 1)
    return Branch(row.pk, row.name, path, row.parent_id, depth, getattr(row, "people", 0))


def _parents(*, locked: bool = False) -> dict[int, int | None]:
    rows = Department.objects.order_by("pk")
    return dict((rows.select_for_update() if locked else rows).values_list("pk", "parent_id"))


def _ends_with(department: Department, above: list[str], names: Mapping[int, Department]) -> bool:
    at: Department | None = department
    for name in reversed(above):
        at = names.get(at.parent_id or 0) if at else None
        if at is None or at.name != name:
            return False
    return True


def _checked(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise Problem("name-wanted", "部门需要一个名称。")
    if len(cleaned) > LONGEST_NAME or "/" in cleaned:
        raise Problem("name-unusable", "部门名称最多 100 个字，且不能含有「/」。", name=cleaned)
    return cleaned


def _next_position(under: Department | None) -> int:
    last = Department.objects.filter(parent=under).order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def _stored(department: Department) -> Department:
    try:
        with transaction.atomic():
            department.save()
    except IntegrityError as problem:
        text = _("同一级已有部门「%s」。") % department.name
        raise Problem("department-exists", text, name=department.name) from problem
    return department
