"""What every page shows around its sheet: organisation, theme, the person, the places they can go."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Place:
    """One page in the rail and the tab bar."""

    name: str
    icon: str
    url: str
    here: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the template values of `base.html`; theme "" follows the system."""
    chosen = request.COOKIES.get("theme", "")
    user = getattr(request, "user", None)
    return {
        "organisation": settings.HOUSE.organisation,
        "theme": chosen if chosen in THEMES else "",
        "person": user if user and user.is_authenticated else None,
        "places": SimpleLazyObject(lambda: _places(request)),
    }


def _places(request: HttpRequest) -> list[Place]:
    known: list[tuple[str, str, str]] = []
    return [_place(request, name, icon, reverse(to)) for name, icon, to in known]


def _place(request: HttpRequest, name: str, icon: str, url: str) -> Place:
    return Place(name, icon, url, here=request.path == url or request.path.startswith(f"{url}/"))
