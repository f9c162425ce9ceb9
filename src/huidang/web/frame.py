"""What every page shows around its sheet: organisation, theme, the person, the places they can go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huidang import records
from huidang.exports import asking
from huidang.kernel.access import Can
from huidang.people import requests
from huidang.records.shown import Place as Department
from huidang.records.shown import Rail
from huidang.search import saved
from huidang.search.models import SavedSearch
from huidang.web import admin
from huidang.web.visitors import reader_of

ASKABLE = (Can.READ, Can.UNMASK, Can.RECALLED, Can.EXPORT, Can.EVIDENCE)
"""Who holds one of these may have asked for something, or decides what others ask for."""

THEMES = ("light", "dark")
MOST_SAVED = 30
"""Saved searches in the rail; the page of them shows all."""


@dataclass(frozen=True, slots=True)
class Place:
    """One page in the rail and the tab bar."""

    name: str
    icon: str
    url: str
    here: bool
    count: int = 0


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the template values of `base.html`; theme "" follows the system."""
    chosen = request.COOKIES.get("theme", "")
    user = getattr(request, "user", None)
    return {
        "organisation": settings.HOUSE.organisation,
        "theme": chosen if chosen in THEMES else "",
        "person": user if user and user.is_authenticated else None,
        "places": SimpleLazyObject(lambda: _places(request)),
        "exports_open": SimpleLazyObject(lambda: _watches_exports(request)),
        "administration": SimpleLazyObject(lambda: admin.tabs(request)),
        "rail": SimpleLazyObject(lambda: _tree(request)) if user and user.is_authenticated else None,
    }


def rail_of(request: HttpRequest) -> Rail:
    """Return what the rail counts, asked for once a request."""
    held: Rail | None = getattr(request, "_rail", None)
    if held is None:
        held = request._rail = records.rail(reader_of(request))  # type: ignore[attr-defined]  # noqa: SLF001
    return held


def saved_of(request: HttpRequest) -> list[SavedSearch]:
    """Return the saved searches in the rail, asked for once a request."""
    held: list[SavedSearch] | None = getattr(request, "_saved", None)
    if held is None:
        held = request._saved = saved.visible(reader_of(request))[:MOST_SAVED]  # type: ignore[attr-defined]  # noqa: SLF001
    return held


@dataclass(frozen=True, slots=True)
class Branch:
    """A department in the rail with its depth, 1 at the top."""

    place: Department
    depth: int


def _tree(request: HttpRequest) -> dict[str, Any]:
    rail = rail_of(request)
    return {"rail": rail, "branches": list(_branches(rail.departments, "", 1)), "saved": saved_of(request)}


def _branches(departments: Sequence[Department], parent: str, depth: int) -> Iterator[Branch]:
    """Yield the departments depth first, each below its parent."""
    for place in departments:
        if place.parent == parent:
            yield Branch(place, depth)
            yield from _branches(departments, place.id, depth + 1)


def _places(request: HttpRequest) -> list[Place]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    known = [(_("会话"), "chat", "conversations"), (_("搜索"), "search", "search")]
    found = [_place(request, name, icon, reverse(to)) for name, icon, to in known]
    reader = reader_of(request)
    if any(reader.reach(can) for can in ASKABLE):
        count = len(requests.for_decision_by(reader))
        found.append(replace(_place(request, _("申请"), "key", reverse("requests")), count=count))
    found.append(_place(request, pgettext("rail", "摘录"), "excerpt", reverse("excerpts")))
    exported = _place(request, pgettext("rail", "导出"), "export", reverse("exports"))
    found.append(replace(exported, count=asking.count_ready(reader_of(request))))
    kept = admin.tabs(request)
    if kept:
        found.append(Place(_("管理"), "sliders", reverse("admin"), here=any(tab.here for tab in kept)))
    return found


def _watches_exports(request: HttpRequest) -> bool:
    """Say whether the page should ask for news of exports that run; the pages of exports themselves do so anyway."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.path.startswith(reverse("exports")):
        return False
    return asking.is_running(reader_of(request))


def _place(request: HttpRequest, name: str, icon: str, url: str) -> Place:
    return Place(name, icon, url, here=request.path == url or request.path.startswith(f"{url}/"))
