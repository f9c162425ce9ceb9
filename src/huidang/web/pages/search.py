"""Search: the box, what was understood, the hits, the counts, and what the result does not cover."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any, get_args
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from huidang import records, search
from huidang.people import searches
from huidang.records import Listed
from huidang.search import Count, Hit, Result
from huidang.search.index import Field, Sort
from huidang.search.operators import OPERATORS
from huidang.search.query import Condition
from huidang.web.selection import number_of
from huidang.web.visitors import reader_of, wants_piece
from huidang.web.words import kind_name, platform_name

PIECE = 50
SHOWN_HITS = 3
FACETS: dict[Field, tuple[Any, str]] = {
    "platform": (lazy("来源"), "platform"),
    "department": (lazy("部门"), "dept"),
    "kind": (lazy("内容"), "type"),
    "sender": (lazy("发送人"), "from"),
    "month": (lazy("月份"), "during"),
}
"""What results are counted by, each with its heading and the operator that narrows to it."""


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one conversation on a piece of the result."""

    conversation: Listed
    hits: list[Hit]

    @property
    def shown(self) -> list[Hit]:
        """Return the first hits."""
        return self.hits[:SHOWN_HITS]

    @property
    def rest(self) -> int:
        """Return how many more there are on this piece."""
        return max(0, len(self.hits) - SHOWN_HITS)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that hits are counted by, with the address of the search that it narrows or widens."""

    label: str
    count: int
    place: str
    chosen: bool


def find(request: HttpRequest) -> HttpResponse:
    """Show the hits of `q`; with `beyond`, the next piece of them."""
    text = request.GET.get("q", "").strip()
    if not text:
        return render(request, "search/page.html", {"q": "", "operators": [each for each in OPERATORS if each.exists]})
    sort, beyond = _sort(request), number_of(request, "beyond")
    reader = reader_of(request)
    result = search.find(reader, text, sort=sort, limit=PIECE, beyond=beyond, facets=beyond is None)
    if beyond is None:
        searches.note(text, by=reader, total=result.total)
    known = records.list_conversations(reader, {int(hit.shown.conversation) for hit in result.hits})
    flat = request.GET.get("rows") == "1"
    facts = {"q": text, "sort": sort, "flat": flat, "result": result, "groups": _groups(result, known, flat=flat)}
    facts["following"] = _place(text, sort, flat=flat, beyond=result.next) if result.next else None
    if beyond is not None and wants_piece(request):
        return render(request, "search/hits.html", facts)
    return render(request, "search/page.html", facts | _surroundings(text, result, sort, flat=flat))


def _sort(request: HttpRequest) -> Sort:
    asked = request.GET.get("sort", "")
    known: dict[str, Sort] = {name: name for name in get_args(Sort)}
    return known.get(asked, "new")


def _groups(result: Result, known: dict[str, Listed], *, flat: bool) -> list[Group]:
    """Put the hits of a conversation together, in the order of the best; or each run of them where rows are asked."""
    hits = [hit for hit in result.hits if hit.shown.conversation in known]
    if flat:
        runs = groupby(hits, lambda hit: hit.shown.conversation)
        return [Group(known[conversation], list(run)) for conversation, run in runs]
    gathered: dict[str, list[Hit]] = {}
    for hit in hits:
        gathered.setdefault(hit.shown.conversation, []).append(hit)
    return [Group(known[conversation], found) for conversation, found in gathered.items()]


def _surroundings(text: str, result: Result, sort: Sort, *, flat: bool) -> dict[str, Any]:
    return {
        "chips": _chips(text, result),
        "facets": _facets(text, result),
        "bars": _bars(text, result),
        "orders": [
            (_("最新"), _place(text, "new", flat=flat), sort == "new"),
            (_("最早"), _place(text, "old", flat=flat), sort == "old"),
            (_("相关"), _place(text, "score", flat=flat), sort == "score"),
        ],
        "shapes": [
            (_("按会话"), _place(text, sort), not flat),
            (_("逐条"), _place(text, sort, flat=True), flat),
        ],
        "wider": [_place(_terms(result), sort)] if _terms(result) and _terms(result) != text else [],
    }


def _chips(text: str, result: Result) -> list[tuple[str, str]]:
    """Return the conditions that were understood, each with the address of the search without it."""
    parts = [str(part) for part in result.query.conditions]
    return [
        (part, _place(" ".join(parts[:at] + parts[at + 1 :])))
        for at, part in enumerate(parts)
        if isinstance(result.query.conditions[at], Condition)
    ]


def _terms(result: Result) -> str:
    return " ".join(str(term) for term in result.query.terms)


def _facets(text: str, result: Result) -> list[tuple[Any, list[Choice], int]]:
    """Return the counts by heading, each value with the search it leads to, and the largest count for the bars."""
    found = []
    for name, (heading, operator) in FACETS.items():
        counts = result.facets.get(name, ())
        if counts:
            choices = [_choice(text, result, name, operator, count) for count in counts]
            found.append((heading, choices, max(count.count for count in counts)))
    return found


def _choice(text: str, result: Result, name: Field, operator: str, count: Count) -> Choice:
    condition = str(Condition(operator, str(count.value) if name in {"platform", "kind"} else count.label))
    parts = [str(part) for part in result.query.conditions]
    chosen = condition in parts
    narrowed = " ".join(part for part in parts if part != condition) if chosen else f"{text} {condition}"
    return Choice(_label(name, count), count.count, _place(narrowed), chosen)


def _label(name: Field, count: Count) -> str:
    if name == "platform":
        return platform_name(count.label)
    return kind_name(count.label) if name == "kind" else count.label


def _bars(text: str, result: Result) -> list[dict[str, Any]]:
    """Return the bars of the histogram in a field of 1160 by 50, each a link to its days."""
    bars = result.histogram
    if len(bars) < 2:  # noqa: PLR2004 (one bar tells nothing)
        return []
    highest, width = max(bar.count for bar in bars) or 1, 1160 / len(bars)
    return [
        {
            "x": round(at * width + width * 0.1, 1),
            "y": round(50 - 48 * bar.count / highest, 1),
            "width": round(width * 0.8, 1),
            "height": round(48 * bar.count / highest, 1),
            "bar": bar,
            "place": _place(f"{text} {Condition('during', f'{bar.first}..{bar.last}')}"),
        }
        for at, bar in enumerate(bars)
    ]


def _place(text: str, sort: Sort = "new", *, flat: bool = False, beyond: int | None = None) -> str:
    stated = {"q": text, "sort": "" if sort == "new" else sort, "rows": "1" if flat else "", "beyond": beyond or ""}
    return f"{reverse('search')}?{urlencode({name: value for name, value in stated.items() if value})}"
