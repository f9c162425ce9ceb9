"""The three panes: the list of conversations, the transcript of one, its facts. The address holds the whole state.

htmx asks for a pane or a further piece of one; everybody else gets the same state as a whole page.
"""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from huidang import records, search
from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Problem
from huidang.records import Listed, Page
from huidang.records.passages import places_within
from huidang.web.asking import Asked, asked_of, noted
from huidang.web.found import FindBar, along_result, find_bar, marked
from huidang.web.frame import rail_of
from huidang.web.looks import keep_out_of_caches, read
from huidang.web.selection import Selection, number_of, selection_of
from huidang.web.tags import day_group
from huidang.web.transcript import TIME_BITS, piece_of
from huidang.web.visitors import reader_of, wants_piece

LIST_PIECE = 40
TALK_PIECE = 50


def start(request: HttpRequest) -> HttpResponse:
    """Lead to the conversations, or, where there is nothing to read, to keeping the house or filling it."""
    reader = reader_of(request)
    if rail_of(request).total or not reader.reach(Can.MANAGE):
        return redirect("conversations")
    return redirect("admin" if records.any_within(reader, Can.MANAGE) else "imports")


def conversations(request: HttpRequest) -> HttpResponse:
    """Show the list; with `before`, its next piece."""
    selection, before = selection_of(request), number_of(request, "before")
    facts = _rows(request, selection, before)
    if before is not None and wants_piece(request):
        return render(request, "conversations/rows.html", facts)
    return render(request, "conversations/page.html", facts | _heading(request, selection))


def conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Show a conversation at its latest message; `before` and `after` ask for further pieces, `on` for a day."""
    if request.GET.get("on"):
        return _at(request, conversation_id, _id_of_day(request.GET["on"]))
    before, after = number_of(request, "before"), number_of(request, "after")
    if "q" in request.GET and not (before or after):
        return _found(request, conversation_id, asked_of(request))
    page, looks = read(request, conversation_id, before=before, after=after, limit=TALK_PIECE)
    if wants_piece(request) and (before or after):
        facts = piece_of(page, looks, before=before, after=after)
        return keep_out_of_caches(render(request, "conversations/messages.html", facts), looks)
    return _opened(request, page, piece_of(page, looks) | {"from_start": after is not None})


def message(request: HttpRequest, conversation_id: int, message_id: int) -> HttpResponse:
    """Show a conversation around one message, which stands out for a moment."""
    asked, reader = asked_of(request), reader_of(request)
    if not asked.text:
        return _at(request, conversation_id, message_id)
    places = search.find_places(reader, asked.text, conversation_id)
    asked = noted(reader, asked, len(places))
    bar = find_bar(conversation_id, asked, places, message_id)
    return _at(request, conversation_id, message_id, along_result(reader, bar, message_id, number_of(request, "place")))


def _found(request: HttpRequest, conversation_id: int, asked: Asked) -> HttpResponse:
    """Open the newest place where a text stands in the conversation; where there is none, say so."""
    reader, places = reader_of(request), list[int]()
    if asked.text:
        places = search.find_places(reader, asked.text, conversation_id)
        asked = noted(reader, asked, len(places))
    finding = find_bar(conversation_id, asked, places, places[-1] if places else 0)
    if places:
        return _at(request, conversation_id, places[-1], finding)
    page, looks = read(request, conversation_id, limit=TALK_PIECE)
    return _opened(request, page, piece_of(page, looks) | {"find": finding})


def news(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Say what was written since the page was opened; nothing is pushed into it."""
    after = number_of(request, "after") or 0
    page = records.thread(conversation_id, reader_of(request), after=after, limit=TALK_PIECE)
    if not page.messages:
        return HttpResponse(status=204)
    told = {
        "count": len(page.messages),
        "more": page.more_after,
        "since": clock.at_ms(after >> TIME_BITS),
        "url": f"{reverse('conversation', args=[conversation_id])}?after={after}",
    }
    return render(request, "conversations/news.html", {"news": told})


def calendar(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Show a month with the days on which something was written."""
    reader = reader_of(request)
    listed = records.get_conversation(reader, conversation_id)
    newest = timezone.localtime(clock.at_ms(int(listed.cursor or 0) >> TIME_BITS))
    month = request.GET.get("month") or f"{newest:%Y-%m}"
    days = {day.date: day for day in records.days(conversation_id, reader, month)}
    first = date.fromisoformat(f"{month}-01")
    facts = {"conversation": listed, "month": first, "weeks": _weeks(first, days)}
    facts |= {"previous": first - timedelta(days=1), "next": (first + timedelta(days=32)).replace(day=1)}
    template = "conversations/calendar.html" if wants_piece(request) else "conversations/calendar_page.html"
    return render(request, template, facts)


def facts(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Show who takes part, when, and where the conversation stands in the log."""
    reader = reader_of(request)
    values: dict[str, Any] = {"conversation": records.get_conversation(reader, conversation_id)}
    values["about"] = records.about(conversation_id, reader)
    values["may_erase"] = bool(places_within(reader, [conversation_id], Can.EVIDENCE))
    return render(
        request, "conversations/facts.html" if wants_piece(request) else "conversations/facts_page.html", values
    )


def _weeks(first: date, days: dict[str, Any]) -> list[list[tuple[date, Any] | None]]:
    """Return the weeks of a month, Monday first, each day with what was written on it."""
    length = ((first + timedelta(days=32)).replace(day=1) - first).days
    cells: list[tuple[date, Any] | None] = [None] * first.weekday()
    for step in range(length):
        day = first + timedelta(days=step)
        cells.append((day, days.get(day.isoformat())))
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def _at(request: HttpRequest, conversation_id: int, message_id: int, finding: FindBar | None = None) -> HttpResponse:
    page, looks = read(request, conversation_id, around=message_id, limit=TALK_PIECE)
    at = next((int(shown.id) for shown in page.messages if int(shown.id) >= message_id), None)
    if finding:
        page = marked(page, finding.text)
    return _opened(request, page, piece_of(page, looks, at=at) | {"find": finding})


def _id_of_day(day: str) -> int:
    try:
        start_of_day = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=timezone.get_current_timezone())
    except ValueError as problem:
        raise Problem("day-unreadable", "日期应写作 2026-11-22。", day=day) from problem
    return int(start_of_day.timestamp() * 1000) << TIME_BITS


def _opened(request: HttpRequest, page: Page, facts: dict[str, Any]) -> HttpResponse:
    """Return a conversation as panes for htmx, or with the list beside it."""
    selection = selection_of(request)
    facts["may_print"] = bool(reader_of(request).reach(Can.EXPORT))
    facts |= {"filters": selection.query, "details_closed": request.COOKIES.get("details") == "closed"}
    if wants_piece(request):
        return keep_out_of_caches(render(request, "conversations/opened.html", facts), facts["looks"])
    facts = _rows(request, selection) | _heading(request, selection) | facts
    return keep_out_of_caches(render(request, "conversations/page.html", facts), facts["looks"])


def _rows(request: HttpRequest, selection: Selection, before: int | None = None) -> dict[str, Any]:
    found = records.find_conversations(
        reader_of(request),
        source=selection.source,
        department=selection.departments,
        view=selection.view,
        before=before,
        limit=LIST_PIECE + 1,
    )
    rows, query = found[:LIST_PIECE], selection.query
    following = f"{reverse('conversations')}{query}{'&' if query else '?'}before={rows[-1].cursor}" if rows else None
    return {
        "groups": _groups(rows, before),
        "next_rows": following if len(found) > LIST_PIECE else None,
        "continued": before is not None,
        "filters": query,
    }


def _groups(rows: list[Listed], before: int | None) -> list[dict[str, Any]]:
    """Put rows under days and months; a heading that stands above the piece already is not repeated."""
    above = _group_of(before) if before else ""
    groups = [(heading, list(group)) for heading, group in groupby(rows, lambda row: _group_of(int(row.cursor)))]
    return [{"heading": "" if heading == above else heading, "rows": group} for heading, group in groups]


def _group_of(message_id: int) -> str:
    return day_group(clock.at_ms(message_id >> TIME_BITS))


def _heading(request: HttpRequest, selection: Selection) -> dict[str, Any]:
    heading, total = selection.heading(rail_of(request))
    return {"heading": heading, "total": total, "selection": selection}
