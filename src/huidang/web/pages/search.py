"""Search: the box with its chips, the hits, the counts, and what the result does not cover."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huidang import records, search
from huidang.kernel.access import Can
from huidang.people import allowances, searches
from huidang.people.readers import Reader
from huidang.records import Listed
from huidang.search import Hit, Result, saved
from huidang.search.index import Sort
from huidang.search.operators import OPERATORS
from huidang.search.suggesting import last_word
from huidang.sources import imports
from huidang.web.asking import Asked, asked_of, changed, chips_of, noted, rest_of
from huidang.web.counting import facets_of, histogram_of, ways_of
from huidang.web.selection import number_of
from huidang.web.visitors import reader_of, wants_piece

PIECE = 20
MOST_AT_ONCE = 200
SHOWN_HITS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A hit with its address in the conversation; `seen`: the reader comes back from it."""

    hit: Hit
    place: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one conversation on a piece of the result."""

    conversation: Listed
    hits: list[Found]

    @property
    def shown(self) -> list[Found]:
        """Return the first hits, and the one that the reader comes back from."""
        return [each for at, each in enumerate(self.hits) if at < SHOWN_HITS or each.seen]

    @property
    def rest(self) -> int:
        """Return how many more there are on this piece."""
        return len(self.hits) - len(self.shown)


@dataclass(frozen=True, slots=True)
class Piece:
    """Which hits are shown: `limit` of them, beyond an id or, by score, from a place on; `ahead` stand before them."""

    limit: int = PIECE
    beyond: int | None = None
    offset: int = 0
    ahead: int = 0
    seen: int | None = None

    @property
    def further(self) -> bool:
        """Say whether it continues a result of which the reader has seen the counts."""
        return self.beyond is not None or self.offset > 0


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Show the hits of `q`; with `beyond` or `offset` the next piece of them, with `seen` as far as that message."""
    asked = asked_of(request)
    if (other := changed(request, asked)) is not None:
        return redirect(other.place())
    if not asked.text:
        return render(request, "search/page.html", _blank(asked))
    reader, piece = reader_of(request), _piece(request, asked)
    allowances.spend(allowances.SEARCHES, reader)
    result = search.find(
        reader, asked.text, sort=asked.sort, limit=piece.limit, beyond=piece.beyond, offset=piece.offset
    )
    asked = noted(reader, asked, result.total)
    facts = _hits(reader, asked, result, piece)
    if piece.further and wants_piece(request):
        return render(request, "search/hits.html", facts)
    return render(request, "search/page.html", facts | _around(reader, asked, result))


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """Count the hits of `q` by what narrows them: beside the hits, or as a page of its own."""
    asked, reader = asked_of(request), reader_of(request)
    if not asked.text:
        return redirect("search")
    if not searches.is_sealed(asked.text, by=reader, seal_of=asked.noted):
        allowances.spend(allowances.SEARCHES, reader)
    around = search.overview(reader, asked.text)
    asked = noted(reader, asked, around.total)
    facts = {"asked": asked, "facets": facets_of(asked, around), "histogram": histogram_of(asked, around)}
    return render(request, "search/counts.html" if wants_piece(request) else "search/counts_page.html", facts)


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Suggest what may complete the last word of `q`, as options of a list."""
    text = request.GET.get("q", "")[-search.LONGEST_TERM :]
    found = search.suggest(reader_of(request), text)
    return render(request, "search/suggestions.html", {"suggestions": found, "typed": last_word(text)})


def _blank(asked: Asked) -> dict[str, Any]:
    return {"asked": asked, "operators": [each for each in OPERATORS if each.exists]}


def _piece(request: HttpRequest, asked: Asked) -> Piece:
    beyond, offset, seen = (number_of(request, name) for name in ("beyond", "offset", "seen"))
    if seen is not None:
        return _piece_with(reader_of(request), asked, seen, number_of(request, "place"))
    if asked.sort == "score":
        return Piece(offset=min(offset or 0, search.DEEPEST))
    return Piece(beyond=beyond)


def _piece_with(reader: Reader, asked: Asked, seen: int, place: int | None) -> Piece:
    """Return all from the first hit to the one that was seen, or where that is too much, the piece around it."""
    ahead = search.beside(reader, asked.text, seen, sort=asked.sort, place=place).place - 1
    limit = (ahead // PIECE + 1) * PIECE
    if limit <= MOST_AT_ONCE or ahead < 0:
        return Piece(limit=max(PIECE, limit), seen=seen)
    if asked.sort == "score":
        return Piece(offset=limit - PIECE, ahead=limit - PIECE, seen=seen)
    return Piece(beyond=seen + 1 if asked.sort == "new" else seen - 1, ahead=ahead, seen=seen)


def _hits(reader: Reader, asked: Asked, result: Result, piece: Piece) -> dict[str, Any]:
    known = records.list_conversations(reader, {int(hit.shown.conversation) for hit in result.hits})
    return {
        "asked": asked,
        "result": result,
        "groups": _groups(asked, list(_found(asked, result, piece)), known),
        "following": _following(asked, result, piece),
        "ahead": piece.ahead,
        "from_start": asked.place(),
    }


def _found(asked: Asked, result: Result, piece: Piece) -> Iterator[Found]:
    for at, hit in enumerate(result.hits, piece.offset + 1):
        place = asked.message(hit.shown.conversation, hit.shown.id, place=at if asked.sort == "score" else "")
        yield Found(hit, place, hit.shown.id == str(piece.seen))


def _following(asked: Asked, result: Result, piece: Piece) -> str | None:
    if asked.sort == "score":
        further = piece.offset + piece.limit
        return asked.place(offset=further) if further < min(result.total, search.DEEPEST) else None
    return asked.place(beyond=result.next) if result.next else None


def _groups(asked: Asked, found: list[Found], known: dict[str, Listed]) -> list[Group]:
    """Put the hits of a conversation together, in the order of the best; or each run of them where rows are asked."""
    hits = [each for each in found if each.hit.shown.conversation in known]
    if asked.flat:
        runs = groupby(hits, lambda each: each.hit.shown.conversation)
        return [Group(known[conversation], list(run)) for conversation, run in runs]
    gathered: dict[str, list[Found]] = {}
    for each in hits:
        gathered.setdefault(each.hit.shown.conversation, []).append(each)
    return [Group(known[conversation], each) for conversation, each in gathered.items()]


def _around(reader: Reader, asked: Asked, result: Result) -> dict[str, Any]:
    return {
        "chips": chips_of(asked, result.query),
        "rest": rest_of(result.query),
        "orders": _orders(asked),
        "shapes": [
            (_("按会话"), Asked(asked.text, asked.sort).place(), not asked.flat),
            (_("逐条"), Asked(asked.text, asked.sort, flat=True).place(), asked.flat),
        ],
        "ways": [] if result.hits else ways_of(reader, asked, result),
        "departments": saved.departments_for(reader),
        "quarantined": imports.count_quarantined(reader) if reader.reach(Can.MANAGE) else 0,
    }


def _orders(asked: Asked) -> list[tuple[str, str, bool]]:
    named: tuple[tuple[Sort, str], ...] = (("new", _("最新")), ("old", _("最早")), ("score", _("相关")))
    return [(name, Asked(asked.text, sort, asked.flat).place(), asked.sort == sort) for sort, name in named]
