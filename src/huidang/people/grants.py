"""Grants: a role for a person over a part of the company; what somebody may see follows from them alone."""

from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Problem, Refused
from huidang.people.departments import ancestors, subtrees, tree_of_parents
from huidang.people.models import Department, Grant, Loan, Role, Session, User
from huidang.people.readers import INTAKE, Reach, Reader
from huidang.people.roles import capabilities_of, get_role


def reader_for(user: User) -> Reader:
    """Return what an account may see, as one frozen value, in three queries. A closed account reaches nothing."""
    grants = list(valid_grants().filter(user=user).select_related("role")) if user.is_active else []
    parents = tree_of_parents() if any(grant.department_id for grant in grants) else {}
    reaches: dict[Can, Reach] = {}
    for grant in grants:
        reach = _reach(grant, parents)
        for can in capabilities_of(grant.role):
            reaches[can] = _join(reaches.get(can, Reach()), reach)
    for capability, conversations in _lent(user).items():
        lent = Reach(conversations=frozenset(conversations))
        reaches[capability] = _join(reaches.get(capability, Reach()), lent)
    return Reader(user.pk, user.username, MappingProxyType(reaches), user.zone)


def _lent(user: User) -> dict[Can, set[int]]:
    """Return the conversations of each capability that the account holds for a time."""
    lent: dict[Can, set[int]] = {}
    if user.is_active:
        for loan in Loan.objects.filter(user=user, until_at__gt=clock.now()):
            lent.setdefault(Can(loan.capability), set()).add(loan.conversation_id)
    return lent


def give(
    user: User,
    role: str,
    *,
    over: Department | None = None,
    children: bool = True,
    everything: bool = False,
    own: bool = False,
    intake: bool = False,
    until_at: datetime | None = None,
) -> Grant:
    """Give a role over a department, one's own conversations, the intake or everything.

    Raises `Problem` grant-over-nothing, role-unknown.
    """
    if not (over or everything or own or intake):
        raise Problem("grant-over-nothing", "授权要说明范围：部门、本人会话、待分拣，或全公司。")
    return Grant.objects.create(
        user=user,
        role=get_role(role),
        department=over,
        children=children,
        everything=everything,
        own=own,
        intake=intake,
        until_at=until_at,
    )


def find_same(user: User, role: str, *, over: Department | None = None, **terms: Any) -> "QuerySet[Grant]":
    """Return the valid grants that say just what `give` with these terms would say."""
    plain = {"children": True, "everything": False, "own": False, "intake": False, "until_at": None}
    return valid_grants().filter(user=user, role__name=role, department=over, **(plain | terms))[:1]


def withdraw(grant: Grant) -> None:
    """Take a grant back. Raises `Refused` where nobody would be left to manage the house."""
    with transaction.atomic():
        others = administrators().exclude(pk=grant.pk)
        _keep_one(others, losing=administrators().filter(pk=grant.pk))
        grant.delete()


def close_account(user: User) -> None:
    """Close an account: it signs in no more. Raises `Refused` for the last administrator."""
    with transaction.atomic():
        _keep_one(administrators().exclude(user=user), losing=administrators().filter(user=user))
        user.is_active = False
        user.save(update_fields=["is_active"])
        Session.objects.filter(user=user, ended_at=None).update(ended_at=clock.now())


def valid_grants() -> "QuerySet[Grant]":
    """Return the grants that hold at this moment."""
    return Grant.objects.filter(Q(until_at=None) | Q(until_at__gt=clock.now()))


def reaching(department: Department, can: Can) -> "QuerySet[Grant]":
    """Return the grants of active people by which a capability reaches a department, from it or from above."""
    above = ancestors(department.pk, tree_of_parents())[1:]
    here = Q(everything=True) | Q(department=department) | Q(department__in=above, children=True)
    rows = valid_grants().filter(here, user__is_active=True, role__in=_roles_with(can))
    return rows.select_related("user", "role", "department").order_by("user__name", "user__username", "pk")


def count_owners(can: Can) -> int:
    """Return how many active people have a capability over the conversations they own, wherever those lie."""
    rows = valid_grants().filter(own=True, user__is_active=True, role__in=_roles_with(can))
    return rows.values("user").distinct().count()


def administrators() -> "QuerySet[Grant]":
    """Return the lasting grants that let an active account manage the whole house."""
    managing = _roles_with(Can.MANAGE)
    return Grant.objects.filter(until_at=None, everything=True, user__is_active=True, role__in=managing)


def _roles_with(can: Can) -> list[int]:
    return [role.pk for role in Role.objects.all() if can in capabilities_of(role)]


def _keep_one(others: "QuerySet[Grant]", *, losing: "QuerySet[Grant]") -> None:
    """Lock what is left and refuse to lose the last of it; two removals at once wait for each other."""
    list(administrators().select_for_update(of=("self",)).values_list("pk", flat=True))
    if losing.exists() and not others.exists():
        raise Refused("last-administrator", "这是最后一位管理员：先把管理员角色给另一个人。")


def _reach(grant: Grant, parents: dict[int, int | None]) -> Reach:
    departments: frozenset[int] = frozenset()
    if grant.department_id:
        departments = subtrees([grant.department_id], parents) if grant.children else frozenset([grant.department_id])
    return Reach(grant.everything, departments | ({INTAKE} if grant.intake else frozenset()), grant.own)


def _join(one: Reach, other: Reach) -> Reach:
    return Reach(
        one.everything or other.everything,
        one.departments | other.departments,
        one.own or other.own,
        one.conversations | other.conversations,
    )
