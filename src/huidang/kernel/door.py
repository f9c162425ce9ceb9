"""A package's door: names that open their room on first use.

Rooms hold tables, and Django allows tables only once every package is known, which is after the packages themselves
were imported. No room may be named like something at its door: importing the room would take the name.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def door(package: str, rooms: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Return the module-level `__getattr__` of a package; `rooms` lists the names behind each of its modules."""
    room_of = {name: room for room, names in rooms.items() for name in names}

    def open_room(name: str) -> Any:
        if name not in room_of:
            raise AttributeError(f"{package} has no {name}")
        return getattr(import_module(f"{package}.{room_of[name]}"), name)

    return open_room
