"""What happened: conversations, messages, the log, masking. The door to everything stored.

The rooms hold tables, which Django allows only once every package is known; so the door opens on first use. No room
may be named like a function of the door: importing it would take the name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huidang.records.appender import Appended, Appender, Origin, append
    from huidang.records.lens import view, view_many
    from huidang.records.listing import find_conversations, get_conversation, rail
    from huidang.records.masking import Kind, Profile, Span
    from huidang.records.shown import Listed, Page, Part, Shown
    from huidang.records.transcript import days, thread

__all__ = [
    "Appended",
    "Appender",
    "Kind",
    "Listed",
    "Origin",
    "Page",
    "Part",
    "Profile",
    "Shown",
    "Span",
    "append",
    "days",
    "find_conversations",
    "get_conversation",
    "rail",
    "thread",
    "view",
    "view_many",
]

_ROOMS = {
    "appender": ("Appended", "Appender", "Origin", "append"),
    "listing": ("find_conversations", "get_conversation", "rail"),
    "masking": ("Kind", "Profile", "Span"),
    "shown": ("Listed", "Page", "Part", "Shown"),
    "transcript": ("days", "thread"),
    "lens": ("view", "view_many"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(name)
    return getattr(import_module(f"huidang.records.{_ROOM_OF[name]}"), name)
