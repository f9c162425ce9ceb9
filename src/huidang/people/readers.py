"""Reader: who is looking, as a frozen value made once a request, job or token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from huidang.kernel.access import Can

INTAKE = 0
"""Stands for "no department" wherever departments are flat ids: conversations that wait to be sorted."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one capability covers: departments (subtrees expanded to flat ids), own and granted conversations."""

    everything: bool = False
    departments: frozenset[int] = frozenset()
    own: bool = False
    conversations: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or self.own or bool(self.departments) or bool(self.conversations)


NOWHERE = Reach()
EVERYWHERE = Reach(everything=True)


@dataclass(frozen=True, slots=True)
class Reader:
    """A person, token or the local operator, with the reach of each capability."""

    user_id: int | None
    name: str
    reaches: Mapping[Can, Reach] = field(default_factory=lambda: MappingProxyType({}))
    zone: str = "Asia/Shanghai"
    token_id: int | None = None
    """The API token through which a program acts for the person; entries of the audit name it."""

    def reach(self, can: Can) -> Reach:
        """Return what this capability covers; empty where it was never granted."""
        return self.reaches.get(can, NOWHERE)

    def may(self, can: Can, *, department_id: int | None, owner_id: int | None, conversation_id: int) -> bool:
        """Say whether one conversation lies inside the reach of a capability."""
        reach = self.reach(can)
        return (
            reach.everything
            or (department_id or INTAKE) in reach.departments
            or (reach.own and owner_id is not None and owner_id == self.user_id)
            or conversation_id in reach.conversations
        )


def local_operator() -> Reader:
    """Return the reader of the command line: the person with a shell on the machine, with full reach."""
    return Reader(None, "system", MappingProxyType(dict.fromkeys(Can, EVERYWHERE)))
