"""What was asked for and by which right: an order, and whether it may be carried out at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.utils.translation import gettext as _

from huidang.exports import blackouts
from huidang.exports.blackouts import NOTHING, Blackout
from huidang.exports.formats import get_format
from huidang.exports.gathering import Gathered
from huidang.exports.selection import Selection
from huidang.kernel.access import Can
from huidang.kernel.problems import Problem, Refused
from huidang.people import Reader, requests
from huidang.records import Profile
from huidang.records.passages import places_within
from huidang.search.query import readable

BULK_MESSAGES = 1000
"""More than one conversation, more messages than this, or anything without masks is bulk."""

LONGEST_WATERMARK = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One document: what is in it, in which format, under which masks, what is hidden by hand, why, the watermark."""

    selection: Selection
    format: str
    profile: Profile = Profile.INSIDE
    why: str = ""
    watermark: str = ""
    title: str = ""
    blackout: Blackout = NOTHING

    def as_json(self) -> dict[str, Any]:
        """Return the order in JSON types."""
        told = {
            "selection": self.selection.as_json(),
            "format": self.format,
            "profile": str(self.profile),
            "why": self.why,
            "watermark": self.watermark,
            "title": self.title,
        }
        return told | ({"blackout": self.blackout.as_json()} if self.blackout else {})

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> Self:
        """Return what `as_json` wrote down."""
        selection, profile = Selection.from_json(stated["selection"]), read_profile(stated["profile"])
        blackout = Blackout.from_json(stated.get("blackout", {}))
        return cls(**{**stated, "selection": selection, "profile": profile, "blackout": blackout})


def read_profile(text: str) -> Profile:
    """Return a profile by its name. Raises `Problem` profile-unknown."""
    try:
        return Profile(text)
    except ValueError as problem:
        raise Problem("profile-unknown", f"没有「{text}」这种遮盖，可选：{'、'.join(Profile)}。") from problem


def is_bulk(gathered: Gathered, profile: Profile) -> bool:
    """Say whether this is more than one matter: what needs a second person where the house says so."""
    return len(gathered.passages) > 1 or gathered.messages > BULK_MESSAGES or profile is Profile.NONE


def needs_approval(reader: Reader, gathered: Gathered, order: Order) -> bool:
    """Say whether somebody has to approve the order before it is carried out.

    Raises `Refused` where masks shall be lifted by who may not unmask all of it: that is asked for by itself.
    """
    ids = gathered.conversations
    if order.profile is Profile.NONE and len(places_within(reader, ids, Can.UNMASK)) < len(ids):
        raise Refused("unmask-wanted", _("其中有会话无权查看原文，不能不遮盖地导出。改用遮盖，或先申请查看原文。"))
    if len(places_within(reader, ids, get_format(order.format).can)) < len(ids):
        return True
    if reader.user_id is None or not is_bulk(gathered, order.profile) or not requests.needs_two_persons("export"):
        return False
    return not is_approved(reader, gathered)


def is_approved(reader: Reader, gathered: Gathered) -> bool:
    """Say whether a request of this reader was approved that covers all of it and still runs."""
    return bool(requests.find_approved(reader, kind="export", conversations=gathered.conversations))


def checked(order: Order) -> Order:
    """Return an order that can be carried out, without signs that no database takes.

    Raises `Problem` for an unknown format, a watermark that is long, or too much that is hidden by hand.
    """
    get_format(order.format)
    blackouts.checked(order.blackout)
    if len(order.watermark) > LONGEST_WATERMARK:
        raise Problem("watermark-long", _("水印最多 %d 个字。") % LONGEST_WATERMARK)
    if order.profile is Profile.NONE:
        requests.checked_reason(order.why)
    query = order.selection.query
    selection = replace(order.selection, query=None if query is None else readable(query))
    return replace(order, selection=selection, why=readable(order.why), watermark=readable(order.watermark))
