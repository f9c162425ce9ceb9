"""What part of the archive the list shows, as the address states it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from huidang.people.departments import subtrees
from huidang.records.listing import View
from huidang.records.shown import Rail
from huidang.web.words import platform_name

VIEWS: dict[str, View] = {"own": "own", "intake": "intake"}


@dataclass(frozen=True, slots=True)
class Selection:
    """A source, a department with those below it, or a view; nothing chosen means everything within reach."""

    source: int | None = None
    department: int | None = None
    view: View = "all"

    @property
    def query(self) -> str:
        """Return the selection as links carry it, `?department=3` or empty."""
        stated = {"source": self.source, "department": self.department, "view": VIEWS.get(self.view)}
        known = {name: value for name, value in stated.items() if value is not None}
        return f"?{urlencode(known)}" if known else ""

    @property
    def departments(self) -> frozenset[int] | None:
        """Return the chosen department with all below it, None where none was chosen."""
        return None if self.department is None else subtrees([self.department])

    def heading(self, rail: Rail) -> tuple[str, int]:
        """Return the name of the selection and how many conversations it holds, as far as the reader reaches."""
        if self.view == "own":
            return _("我的会话"), rail.own
        if self.view == "intake":
            return _("待分拣"), rail.intake
        for place in rail.departments:
            if place.id == str(self.department):
                return place.name, place.count
        for place in rail.sources:
            if place.id == str(self.source):
                return place.name or platform_name(place.platform), place.count
        return _("全部会话"), rail.total if self == EVERYTHING else 0


EVERYTHING = Selection()
LARGEST = 2**63 - 1
LONGEST = len(str(LARGEST))


def selection_of(request: HttpRequest) -> Selection:
    """Read the selection from the address; what cannot be read is left out."""
    view = VIEWS.get(request.GET.get("view", ""), "all")
    return Selection(number_of(request, "source"), number_of(request, "department"), view)


def number_of(request: HttpRequest, name: str) -> int | None:
    """Return an id that stands in the address, None where it is absent or no number."""
    return whole(request.GET.get(name, ""))


def whole(text: str) -> int | None:
    """Return the id that a text states, None where it is no number or larger than any id."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else None
    return number if number is not None and number <= LARGEST else None
