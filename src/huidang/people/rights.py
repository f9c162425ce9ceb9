"""Rights changed by people: each step wants MANAGE over the house, leaves somebody with the keys, and is an entry."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import accounts, audit, departments, grants, roles
from huidang.people.models import Department, Entry, Grant, Role, User
from huidang.people.readers import Reader

LONGEST_ROLE = 60
LONGEST_PERSON = 100


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a grant was over before it became one over its holder's own conversations."""

    grant: int
    department: int
    intake: bool


def is_manager(reader: Reader) -> bool:
    """Say whether a reader manages the house: accounts, roles, departments, grants."""
    return reader.reach(Can.MANAGE).everything


def require_manager(reader: Reader) -> None:
    """Raise `Absent` for everybody else, as if there were nothing to manage."""
    if not is_manager(reader):
        raise Absent


def give(
    by: Reader,
    user: User,
    role: str,
    *,
    over: Department | None = None,
    children: bool = True,
    until_at: datetime | None = None,
    **where: bool,
) -> Grant:
    """Give a role to a person; `where` is `everything`, `own` or `intake` as in `grants.give`.

    Given twice it is one grant. Nobody gives themselves rights while another administrator could. Raises `Refused`
    own-rights, `Problem` until-past, and as `grants.give`.
    """
    terms: dict[str, Any] = {"over": over, "children": children, "until_at": until_at, **where}
    made = give_each(by, [user], role, **terms)
    return made[0] if made else grants.find_same(user, role, **terms).get()


def give_each(
    by: Reader, users: Sequence[User], role: str, *, until_at: datetime | None = None, **where: Any
) -> list[Grant]:
    """Give several people the same role over the same place, all or none of them; raises as `give`.

    Who holds just that already keeps it as it is. Returns the grants that were made.
    """
    require_manager(by)
    if not users:
        raise Problem("nobody-chosen", "先选中要授权的人。")
    _not_to_oneself(by, [user.pk for user in users])
    if until_at is not None and until_at <= clock.now():
        raise Problem("until-past", "截止日不能早于今天。")
    with transaction.atomic():
        terms = {"until_at": until_at, **where}
        made = [
            grants.give(user, role, **terms) for user in users if not grants.find_same(user, role, **terms).exists()
        ]
        for grant in made:
            audit.note("grant-given", by=by, about=f"user:{grant.user_id}", **stated(grant))
    return made


def withdraw(by: Reader, *grant_ids: int) -> list[Grant]:
    """Take back those of some grants that still stand and return what they were.

    Raises `Absent` where none does, `Refused` last-administrator, and then takes none.
    """
    require_manager(by)
    with transaction.atomic():
        rows = Grant.objects.select_related("role", "department", "user").filter(pk__in=grant_ids)
        taken = list(rows.order_by("pk"))
        if not taken:
            raise Absent
        for grant in taken:
            facts = stated(grant)
            grants.withdraw(grant)
            audit.note("grant-withdrawn", by=by, about=f"user:{grant.user_id}", **facts)
    return taken


def hire(by: Reader, username: str, *, name: str, home: Department | None, role: str = "", **terms: Any) -> User:
    """Make an account, and give it its first role where one is named, all or nothing.

    Raises as `accounts.create_user` and `give`, whose terms it takes.
    """
    require_manager(by)
    with transaction.atomic():
        user = accounts.create_user(username, name=name, department=home, by=by)
        if role:
            give(by, user, role, **terms)
    return user


def invite(by: Reader, user: User) -> str:
    """Return the token of a link that lets a person in once. Raises `Problem` user-closed."""
    require_manager(by)
    return accounts.invite(user, by=by)


def rename_account(by: Reader, user: User, name: str) -> None:
    """Give the holder of an account another name. Raises `Problem` person-name."""
    require_manager(by)
    before, name = user.name, " ".join(name.split())
    if not name or len(name) > LONGEST_PERSON:
        raise Problem("person-name", "姓名写 1 到 100 个字。")
    with transaction.atomic():
        user.name = name
        user.save(update_fields=["name"])
        audit.note("user-renamed", by=by, about=f"user:{user.pk}", before=before, after=name)


def close_account(by: Reader, user: User) -> None:
    """Close an account: its sessions and tokens open nothing from now on. Raises `Refused` last-administrator."""
    require_manager(by)
    with transaction.atomic():
        grants.close_account(user)
        audit.note("user-closed", by=by, about=f"user:{user.pk}", username=user.username)


def reopen_account(by: Reader, user: User) -> None:
    """Let a closed account sign in again, with the grants it still has."""
    require_manager(by)
    with transaction.atomic():
        user.is_active = True
        user.save(update_fields=["is_active"])
        audit.note("user-reopened", by=by, about=f"user:{user.pk}", username=user.username)


def make_role(by: Reader, name: str, capabilities: Iterable[Can]) -> Role:
    """Make a role of the house's own. Raises `Problem` role-name, role-empty or role-exists."""
    require_manager(by)
    name = _role_name(name)
    held = _capabilities(capabilities)
    try:
        with transaction.atomic():
            role = Role.objects.create(name=name, capabilities=held)
            audit.note("role-made", by=by, about=f"role:{role.pk}", name=name, capabilities=held)
    except IntegrityError as problem:
        raise Problem("role-exists", _("已有角色「%s」。") % name) from problem
    return role


def rename_role(by: Reader, role: Role, name: str) -> None:
    """Give a role of the house's own another name. Raises `Problem` role-standing, role-name or role-exists."""
    require_manager(by)
    if role.name in roles.DEFAULTS:
        raise Problem("role-standing", "自带的角色不能改名，可以改它的权限。")
    before, role.name = role.name, _role_name(name)
    try:
        with transaction.atomic():
            role.save(update_fields=["name"])
            audit.note("role-renamed", by=by, about=f"role:{role.pk}", before=before, after=role.name)
    except IntegrityError as problem:
        raise Problem("role-exists", _("已有角色「%s」。") % role.name) from problem


def change_role(by: Reader, role: Role, capabilities: Iterable[Can]) -> None:
    """Give a role other capabilities, for everybody who holds it.

    Raises `Problem` role-empty, `Refused` last-administrator or own-rights.
    """
    require_manager(by)
    with _somebody_keeps_the_keys():
        before, role.capabilities = list(role.capabilities), _capabilities(capabilities)
        if set(role.capabilities) - set(before):
            _not_to_oneself(by, grants.valid_grants().filter(role=role).values_list("user", flat=True))
        role.save(update_fields=["capabilities"])
        audit.note(
            "role-changed", by=by, about=f"role:{role.pk}", name=role.name, before=before, after=role.capabilities
        )


def drop_role(by: Reader, role: Role) -> None:
    """Delete a role of the house's own that nobody holds. Raises `Problem` role-standing or role-held."""
    require_manager(by)
    if role.name in roles.DEFAULTS:
        raise Problem("role-standing", "自带的角色不能删除，可以改它的权限。")
    if role.grants.exists():
        raise Problem("role-held", "还有人担任这个角色，先收回这些授权。")
    with transaction.atomic():
        audit.note("role-dropped", by=by, about=f"role:{role.pk}", name=role.name)
        role.delete()


def add_department(by: Reader, name: str, *, under: Department | None) -> Department:
    """Make a department. Raises as `departments.create`."""
    require_manager(by)
    with transaction.atomic():
        made = departments.create(name, under=under)
        audit.note("department-made", by=by, about=f"department:{made.pk}", name=made.name, under=made.parent_id)
    return made


def rename_department(by: Reader, department: Department, name: str) -> None:
    """Give a department another name. Raises as `departments.rename`."""
    require_manager(by)
    before = department.name
    with transaction.atomic():
        departments.rename(department, name)
        audit.note(
            "department-renamed", by=by, about=f"department:{department.pk}", before=before, after=department.name
        )


def move_department(
    by: Reader, department: Department, *, under: Department | None, before: Department | None = None
) -> None:
    """Hang a department elsewhere, with all below it, or put it ahead of a sibling. Raises as `departments.move`."""
    require_manager(by)
    was = department.parent_id
    with transaction.atomic():
        departments.move(department, under=under, before=before)
        about, ahead_of = f"department:{department.pk}", before.pk if before else None
        audit.note("department-moved", by=by, about=about, before=was, after=department.parent_id, ahead_of=ahead_of)


def remove_department(by: Reader, department: Department) -> None:
    """Delete a department that holds nothing; `restore_department` brings it back. Raises as `departments.remove`."""
    require_manager(by)
    was: dict[str, Any] = {"name": department.name, "under": department.parent_id, "position": department.position}
    about = f"department:{department.pk}"
    with transaction.atomic():
        departments.remove(department)
        audit.note("department-removed", by=by, about=about, **was)


def restore_department(by: Reader, department_id: int) -> Department:
    """Bring a department back that was removed. Raises `Absent` where there was none, and as `departments.restore`."""
    require_manager(by)
    about = f"department:{department_id}"
    removed = Entry.objects.filter(what="department-removed", about=about).order_by("-pk").first()
    if removed is None or Department.objects.filter(pk=department_id).exists():
        raise Absent
    with transaction.atomic():
        made = departments.restore(department_id, **removed.facts)
        audit.note("department-restored", by=by, about=about, name=made.name, under=made.parent_id)
    return made


def set_home(by: Reader, user: User, department: Department | None) -> None:
    """Say to which department a person belongs; what they may see does not follow from it."""
    require_manager(by)
    before = user.department_id
    with transaction.atomic():
        user.department = department
        user.save(update_fields=["department"])
        after = department.pk if department else None
        audit.note("user-moved", by=by, about=f"user:{user.pk}", before=before, after=after)


def seen_by_all(department: Department) -> list[Grant]:
    """Return the grants by which agents see whole departments at or below this one, not only their own customers."""
    below = departments.subtrees([department.pk])
    held = grants.valid_grants().filter(role__name="agent", department__in=below, everything=False)
    return list(held.select_related("role", "department", "user").order_by("user__username", "pk"))


def see_only_own(by: Reader, department: Department) -> list[Narrowed]:
    """Let the agents of a department see only the conversations they own: the ready setting for sales.

    Each of their grants over departments at or below it becomes one over their own conversations; grants of other
    roles, or from above, stay. Returns what they were over before, for `see_all_again`.
    """
    require_manager(by)
    with transaction.atomic():
        held = seen_by_all(department)
        narrowed = [Narrowed(grant.pk, grant.department_id or 0, grant.intake) for grant in held]
        for grant in held:
            before = stated(grant)
            grant.department, grant.own, grant.intake = None, True, False
            grant.save(update_fields=["department", "own", "intake"])
            audit.note("grant-narrowed", by=by, about=f"user:{grant.user_id}", before=before, after=stated(grant))
    return narrowed


def see_all_again(by: Reader, narrowed: Sequence[Narrowed]) -> int:
    """Undo `see_only_own` for the grants that still stand as it left them; return how many.

    Raises `Refused` own-rights.
    """
    require_manager(by)
    places = {each.grant: each for each in narrowed}
    departments_of = Department.objects.in_bulk([each.department for each in narrowed])
    with transaction.atomic():
        rows = Grant.objects.filter(pk__in=places, role__name="agent", own=True, department=None, everything=False)
        held = [row for row in rows.select_related("role") if places[row.pk].department in departments_of]
        _not_to_oneself(by, [grant.user_id for grant in held])
        for grant in held:
            before, place = stated(grant), places[grant.pk]
            grant.department, grant.own, grant.intake = departments_of[place.department], False, place.intake
            grant.save(update_fields=["department", "own", "intake"])
            audit.note("grant-widened", by=by, about=f"user:{grant.user_id}", before=before, after=stated(grant))
    return len(held)


def stated(grant: Grant) -> dict[str, Any]:
    """Return a grant as an entry of the audit keeps it."""
    where = [name for name in ("everything", "own", "intake") if getattr(grant, name)]
    until = grant.until_at.isoformat() if grant.until_at else None
    facts = {"grant": grant.pk, "role": grant.role.name, "over": where, "until": until}
    if grant.department_id:
        facts |= {"department": grant.department_id, "children": grant.children}
    return facts


def _not_to_oneself(by: Reader, users: Collection[int]) -> None:
    """Refuse to widen one's own rights while another administrator could do it."""
    if by.user_id in users and grants.administrators().exclude(user=by.user_id).exists():
        raise Refused("own-rights", "不能给自己授权，请另一位管理员来做。")


def _role_name(name: str) -> str:
    """Return a name that no standing role has, as code or as it is read."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_ROLE:
        raise Problem("role-name", "角色要有名称，最多 60 个字。")
    if name in {*roles.DEFAULTS, *map(str, roles.TITLES.values()), accounts.NOTHING}:
        raise Problem("role-exists", _("已有角色「%s」。") % name)
    return name


def _capabilities(wanted: Iterable[Can]) -> list[str]:
    held = sorted({can.value for can in wanted})
    if not held:
        raise Problem("role-empty", "至少选一项权限。")
    return held


@contextmanager
def _somebody_keeps_the_keys() -> Iterator[None]:
    """Undo what happens inside the block where it would leave the house without an administrator."""
    with transaction.atomic():
        kept = list(grants.administrators().select_for_update(of=("self",)).values_list("pk", flat=True))
        yield
        if kept and not grants.administrators().exists():
            raise Refused("last-administrator", "这样就没有管理员了：先把管理员角色给另一个人。")
