"""Roles: named bundles of capabilities, and the ones every house begins with."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huidang.kernel.access import Can
from huidang.kernel.problems import Problem
from huidang.people.models import Role

DEFAULTS: dict[str, tuple[Can, ...]] = {
    "agent": (Can.READ, Can.FILE),
    "supervisor": (Can.READ, Can.UNMASK, Can.RECALLED, Can.FILE, Can.EXPORT),
    "compliance": (Can.READ, Can.UNMASK, Can.RECALLED, Can.EXPORT, Can.EVIDENCE),
    "administrator": (Can.MANAGE,),
    "auditor": (Can.AUDIT,),
}
"""An administrator of accounts reads no chat; who should do both holds two roles."""

TITLES: dict[str, Promise] = {
    "agent": _("客服"),
    "supervisor": _("主管"),
    "compliance": _("法务"),
    "administrator": _("管理员"),
    "auditor": _("审计员"),
}


def install_roles() -> None:
    """Store the default roles that are missing; what a house has changed stays."""
    for name, capabilities in DEFAULTS.items():
        Role.objects.get_or_create(name=name, defaults={"capabilities": list(capabilities)})


def list_roles() -> list[Role]:
    """Return every role, the standing ones first."""
    known = list(Role.objects.all())
    if set(DEFAULTS) - {role.name for role in known}:
        install_roles()
        known = list(Role.objects.all())
    order = {name: place for place, name in enumerate(DEFAULTS)}
    return sorted(known, key=lambda role: (order.get(role.name, len(order)), role.name))


def get_role(name: str) -> Role:
    """Return a role by name; a default one is made on first use. Raises `Problem` role-unknown."""
    if name in DEFAULTS:
        return Role.objects.get_or_create(name=name, defaults={"capabilities": list(DEFAULTS[name])})[0]
    role = Role.objects.filter(name=name).first()
    if role is None:
        raise Problem("role-unknown", gettext("没有名为「%s」的角色。") % name, name=name)
    return role


def capabilities_of(role: Role) -> frozenset[Can]:
    """Return what a role allows; a value that a newer version wrote allows nothing here."""
    return read_capabilities(role.capabilities)


def read_capabilities(values: Iterable[str]) -> frozenset[Can]:
    """Return the known capabilities among stored values."""
    known = {can.value: can for can in Can}
    return frozenset(known[value] for value in values if value in known)


def title_of(name: str) -> str:
    """Return the name of a role as people read it, in their language."""
    return str(TITLES.get(name, name))
