"""Accounts: made, listed and equipped by the command line and the pages; without any password to begin with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from huidang.kernel import clock
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit, grants
from huidang.people.login.links import make_link
from huidang.people.models import Department, Grant, User
from huidang.people.readers import Reader

NOTHING = "none"
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
    children: bool = True

    @property
    def ended(self) -> bool:
        """Say whether it holds no more."""
        return self.until_at is not None and self.until_at <= clock.now()


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
        raise Problem("user-exists", _("已有账号「%s」。") % username, username=username) from problem
    return user


def get_user(username: str) -> User:
    """Return an account by its name. Raises `Absent`."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise Absent(_("没有账号「%s」。") % username)
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
    return _people(User.objects.order_by("username"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts are looked for; what is empty does not narrow.

    `role` is a role's name, or `none` for whoever holds nothing; `state` is `open`, `closed`, or `new` for whoever
    never signed in.
    """

    text: str = ""
    departments: frozenset[int] | None = None
    role: str = ""
    state: str = ""


def find_people(wanted: Wanted, *, start: int = 0, count: int = 50) -> tuple[list[Person], int]:
    """Return some of the accounts that are looked for, by name, and how many there are altogether."""
    rows = User.objects.filter(_asked(wanted))
    return _people(rows.order_by("name", "username")[start : start + count]), rows.count()


def get_person(user: User) -> Person:
    """Return one account with its roles."""
    return _people(User.objects.filter(pk=user.pk))[0]


def find_user(text: str, *, closed: bool = False) -> User:
    """Return the open account that somebody means by its name or by the name of its holder; with `closed`, any.

    Raises `Problem` person-unknown, or person-ambiguous with the accounts that share the name.
    """
    text = text.strip()
    rows = User.objects.all() if closed else User.objects.filter(is_active=True)
    found = list(rows.filter(username=text)) or list(rows.filter(name=text).order_by("username")[:10])
    if not found:
        raise Problem("person-unknown", _("没有叫「%s」的可用账号。") % text)
    if len(found) > 1:
        names = "、".join(user.username for user in found)
        told = _("有几个人叫「%(name)s」，请写账号：%(accounts)s") % {"name": text, "accounts": names}
        raise Problem("person-ambiguous", told)
    return found[0]


def _asked(wanted: Wanted) -> Q:
    asked = Q()
    if wanted.text:
        asked &= Q(username__icontains=wanted.text) | Q(name__icontains=wanted.text)
    if wanted.departments is not None:
        asked &= Q(department__in=wanted.departments)
    if wanted.role == NOTHING:
        asked &= ~Q(pk__in=grants.valid_grants().values("user"))
    elif wanted.role:
        asked &= Q(pk__in=grants.valid_grants().filter(role__name=wanted.role).values("user"))
    states = {"open": Q(is_active=True), "closed": Q(is_active=False), "new": Q(is_active=True, last_login=None)}
    return asked & states.get(wanted.state, Q())


def _people(rows: "QuerySet[User]") -> list[Person]:
    users = list(rows.select_related("department"))
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
    return tuple(Held(row.pk, row.role.name, _over(row), row.department_id, row.until_at, row.children) for row in rows)


def _over(grant: Grant) -> str:
    if grant.department:
        return grant.department.name
    return "everything" if grant.everything else "own" if grant.own else "intake"


def _person(user: User, rows: Sequence[Grant]) -> Person:
    department = user.department.name if user.department else ""
    return Person(user.pk, user.username, user.name, user.is_active, department, user.last_login, _held(rows))
