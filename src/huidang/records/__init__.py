"""What happened: conversations, messages, the log, masking. The door to everything stored."""

from typing import TYPE_CHECKING

from huidang.kernel.door import door

if TYPE_CHECKING:
    from huidang.records.appender import Appended, Appender, Origin, append
    from huidang.records.concealing import conceal
    from huidang.records.enclosures import open_enclosure
    from huidang.records.facts import About, about
    from huidang.records.lens import view, view_many
    from huidang.records.listing import any_within, find_conversations, get_conversation, list_conversations, rail
    from huidang.records.masking import Kind, Profile, Span
    from huidang.records.passages import Provenance, Stretch
    from huidang.records.places import get_message, prove
    from huidang.records.shown import Listed, Page, Part, Shown
    from huidang.records.transcript import days, thread

__all__ = [
    "About",
    "Appended",
    "Appender",
    "Kind",
    "Listed",
    "Origin",
    "Page",
    "Part",
    "Profile",
    "Provenance",
    "Shown",
    "Span",
    "Stretch",
    "about",
    "any_within",
    "append",
    "conceal",
    "days",
    "find_conversations",
    "get_conversation",
    "get_message",
    "list_conversations",
    "open_enclosure",
    "prove",
    "rail",
    "thread",
    "view",
    "view_many",
]

__getattr__ = door(
    __name__,
    {
        "appender": ("Appended", "Appender", "Origin", "append"),
        "enclosures": ("open_enclosure",),
        "facts": ("About", "about"),
        "concealing": ("conceal",),
        "lens": ("view", "view_many"),
        "listing": ("any_within", "find_conversations", "get_conversation", "list_conversations", "rail"),
        "masking": ("Kind", "Profile", "Span"),
        "passages": ("Provenance", "Stretch"),
        "places": ("get_message", "prove"),
        "shown": ("Listed", "Page", "Part", "Shown"),
        "transcript": ("days", "thread"),
    },
)
