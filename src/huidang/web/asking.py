"""What is asked of the search, as addresses: the whole state of a result stands in its URL."""

from dataclasses import dataclass, replace
from functools import cache
from typing import get_args
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from huidang import search
from huidang.people import searches
from huidang.people.readers import Reader
from huidang.search import Query, refining
from huidang.search.index import Sort
from huidang.search.operators import BY_NAME
from huidang.search.query import Condition, Node, Not
from huidang.web.selection import LONGEST

_SORTS: dict[str, Sort] = {name: name for name in get_args(Sort)}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with the order and the shape of its result; `noted` is the seal of a search that the audit knows."""

    text: str
    sort: Sort = "new"
    flat: bool = False
    noted: str = ""

    @property
    def values(self) -> dict[str, str]:
        """Return what an address or a form states of it; what is usual is left out."""
        stated = {"q": self.text, "sort": "" if self.sort == "new" else self.sort, "rows": "1" if self.flat else ""}
        return {name: value for name, value in stated.items() if value}

    @property
    def beside(self) -> dict[str, str]:
        """Return what a form that asks for another query keeps."""
        return {name: value for name, value in self.values.items() if name != "q"}

    def query(self, **more: object) -> str:
        """Return the query string, with more values at its end."""
        stated = self.values | ({"noted": self.noted} if self.noted else {})
        return urlencode(stated | {name: str(value) for name, value in more.items() if value})

    def place(self, text: str | None = None, **more: object) -> str:
        """Return the address of the result, for another text where one is given."""
        asked = self if text is None else replace(self, text=text, noted="")
        stated = asked.query(**more)
        return f"{_address()}?{stated}" if stated else _address()

    def message(self, conversation: str | int, message: str | int, **more: object) -> str:
        """Return the address of a hit in its conversation."""
        return f"{reverse('message', args=[conversation, message])}?{self.query(**more)}"


@cache
def _address() -> str:
    return reverse("search")


def asked_of(request: HttpRequest) -> Asked:
    """Read from an address what is asked; what cannot be read is as usual."""
    values: QueryDict = request.GET
    text = refining.joined(values.getlist("with"), values.get("q", "").strip())
    return Asked(text, sort_of(values.get("sort", "")), values.get("rows") == "1", values.get("noted", ""))


def noted(reader: Reader, asked: Asked, total: int) -> Asked:
    """Note a search in the audit, unless what is asked is more of one that was, and return it with its seal."""
    if searches.is_sealed(asked.text, by=reader, seal_of=asked.noted):
        return asked
    searches.note(asked.text, by=reader, total=total)
    return replace(asked, noted=searches.seal(asked.text, by=reader))


def sort_of(name: str) -> Sort:
    """Return an order by its name; what is none is the newest first."""
    return _SORTS.get(name, "new")


def changed(request: HttpRequest, asked: Asked) -> Asked | None:
    """Return what a form on the page makes of the query: a chip edited, days chosen, conditions joined; else None.

    `edit` is the number of a part with its new `value` and `not`; `first` and `last` are days.
    """
    values = request.GET
    understood = search.parse(asked.text)
    at = values.get("edit", "")
    if at.isascii() and at.isdecimal() and len(at) < LONGEST:
        text = refining.replaced(understood, int(at), values.get("value", ""), excluded=values.get("not") == "1")
        return replace(asked, text=text, noted="")
    if values.get("first") or values.get("last"):
        days = f"{values.get('first', '')}..{values.get('last', '')}"
        text = refining.toggled(refining.without(understood, refining.DATES), _during(days))
        return replace(asked, text=text, noted="")
    return asked if "with" in values else None


def _during(days: str) -> Condition:
    return Condition("during", days)


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of a query that can be edited by itself; `at` is its number among the parts."""

    at: int
    name: str
    value: str
    written: str
    without: str
    excluded: bool

    @property
    def choice(self) -> str | None:
        """Return the value by its first name, where the operator takes only some."""
        return BY_NAME[self.name].choose(self.value)


def chips_of(asked: Asked, understood: Query) -> list[Chip]:
    """Return the parts of a query that are conditions."""
    return [
        _chip(asked, understood, at, part) for at, part in enumerate(understood.conditions) if refining.name_of(part)
    ]


def rest_of(understood: Query) -> str:
    """Return what stands in the box beside the chips."""
    parts = [part for part in understood.conditions if not refining.name_of(part)]
    return str(parts[0]) if len(parts) == 1 else refining.written(parts)


def _chip(asked: Asked, understood: Query, at: int, part: Node) -> Chip:
    bare = part.part if isinstance(part, Not) else part
    name, value = (bare.name, bare.value) if isinstance(bare, Condition) else ("", str(bare))
    written = refining.written([part])
    without = asked.place(refining.without_part(understood, at))
    return Chip(at, name, value, written, without, isinstance(part, Not))
