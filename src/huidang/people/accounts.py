"""Accounts: made, listed and equipped by the command line and the pages; without any password to begin with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit, grants
from huidang.people.login.links import make_link
from huidang.people.models import Department, Grant, User
from huidang.people.readers import Reader

FIRST = "admin"
FIRST_ROLES = ("administrator", "supervisor")
_USERNAME = re.compile(r"[\w.@+-]{1,100}")


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person holds, and over what: a department's id and name, or `everything`, `own`, `intake`."""

    grant: int
    role: str
    over: str
    department: int | None
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """An account as a list shows it."""

    id: int
    username: str
    name: str
    is_active: bool
    department: str
    last_login: datetime | None
    roles: tuple[Held, ...]


def create_user(
    username: str, *, name: str = "", department: Department | None = None, by: "User | Reader | None" = None
) -> User:
    """Make an account that signs in by a link only, until its person has chosen a password.

    Raises `Problem` username-unusable or user-exists.
    """
    if not _USERNAME.fullmatch(username):
        raise Problem("username-unusable", "账号只能用字母、数字和 . @ + - _，最多 100 个字符。", username=username)
    user = User(username=username, name=name.strip() or username, department=department, created_at=clock.now())
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            audit.note("user-created", by=by, about=f"user:{user.pk}", username=username)
    except IntegrityError as problem:
        raise Problem("user-exists", f"已有账号「{username}」。", username=username) from problem
    return user


def get_user(username: str) -> User:
    """Return an account by its name. Raises `Absent`."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise Absent(f"没有账号「{username}」。")
    return user


def set_roles(
    user: User,
    roles: Sequence[str],
    *,
    over: Department | None = None,
    own: bool = False,
    by: "User | Reader | None" = None,
) -> None:
    """Replace everything a person holds by these roles over a department, their own conversations, or everything.

    Raises `Problem` role-unknown, and `Refused` last-administrator.
    """
    with transaction.atomic():
        before = [f"{held.role}@{held.over}" for held in _held(list(_grants([user.pk])))]
        given = [grants.give(user, role, over=over, own=own, everything=not (over or own)).pk for role in roles]
        for grant in Grant.objects.filter(user=user).exclude(pk__in=given):
            grants.withdraw(grant)
        audit.note("roles-set", by=by, about=f"user:{user.pk}", before=before, roles=list(roles))


def invite(user: User, *, by: "User | Reader | None" = None) -> str:
    """Return the token of a link that lets a person in once, to choose a password. Raises `Problem` user-closed."""
    if not user.is_active:
        raise Problem("user-closed", "这个账号已停用。")
    return make_link(user, by=by)


def list_people() -> list[Person]:
    """Return every account with its roles, in two queries."""
    users = list(User.objects.select_related("department").order_by("username"))
    held: dict[int, list[Grant]] = {}
    for grant in _grants([user.pk for user in users]):
        held.setdefault(grant.user_id, []).append(grant)
    return [_person(user, held.get(user.pk, [])) for user in users]


def open_first_door() -> str | None:
    """Return the token for the first administrator of an empty house, or None once one has signed in.

    The first person keeps accounts and reads everything; who should not do both changes the roles later.
    """
    if grants.administrators().exclude(user__last_login=None).exists():
        return None
    user = User.objects.filter(username=FIRST).first() or create_user(FIRST, name="管理员")
    if not grants.administrators().filter(user=user).exists():
        set_roles(user, FIRST_ROLES)
    return invite(user)


def _grants(users: Sequence[int]) -> "QuerySet[Grant]":
    return Grant.objects.filter(user__in=users).select_related("role", "department").order_by("pk")


def _held(rows: Sequence[Grant]) -> tuple[Held, ...]:
    return tuple(Held(row.pk, row.role.name, _over(row), row.department_id, row.until_at) for row in rows)


def _over(grant: Grant) -> str:
    if grant.department:
        return grant.department.name
    return "everything" if grant.everything else "own" if grant.own else "intake"


def _person(user: User, rows: Sequence[Grant]) -> Person:
    department = user.department.name if user.department else ""
    return Person(user.pk, user.username, user.name, user.is_active, department, user.last_login, _held(rows))
