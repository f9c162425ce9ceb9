"""The audit for its readers: entries as sentences, found by person, kind, object, time and address, and taken along."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel.ledger import Checkpoint
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit, auditing, searches
from huidang.people.auditing import Wanted
from huidang.people.models import Entry
from huidang.records import masking
from huidang.web import deeds, fields, tables
from huidang.web.objects import Objects
from huidang.web.selection import number_of
from huidang.web.tags import full
from huidang.web.undo import tell
from huidang.web.visitors import reader_of

PIECE = 50
MOST_ROWS = 100_000
_BATCH = 500
_WRITERS: dict[str, Callable[[str, Sequence[str], Iterator[Sequence[str]]], HttpResponse]] = {
    "csv": tables.as_csv,
    "xlsx": tables.as_xlsx,
}
_FIELDS = ("person", "kind", "about", "address", "since", "until")


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the list shows it."""

    entry: Entry
    sentence: SafeString
    why: str


@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """List entries, the latest first, and say how far they are proved."""
    try:
        rows, refusal = auditing.find_entries(reader_of(request), _wanted(request)), ""
    except Absent:
        raise
    except Problem as problem:
        rows, refusal = Entry.objects.none(), _(problem.text)
    before = number_of(request, "before")
    found = list((rows.filter(pk__lt=before) if before else rows)[: PIECE + 1])
    stated = {name: request.GET.get(name, "").strip() for name in _FIELDS}
    query = urlencode({name: value for name, value in stated.items() if value})
    facts: dict[str, Any] = {
        "lines": _lines(request, found[:PIECE]),
        "total": rows.count(),
        "following": found[PIECE - 1].pk if len(found) > PIECE else None,
        "stated": stated,
        "query": query,
        "groups": [(name, title) for name, (title, _words) in deeds.GROUPS.items()],
        "refusal": refusal,
    }
    return render(request, "admin/audit.html", facts | _proved(), status=400 if refusal else 200)


@require_safe
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show everything that one entry holds."""
    return _one(request, entry_id)


@require_POST
def erasures(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Erase the words of a search; the entry stays."""
    try:
        searches.erase(reader_of(request), entry_id, why=fields.text(request, "why"))
    except Absent:
        raise
    except Problem as problem:
        return _one(request, entry_id, problem)
    tell(request, _("已清除检索词，记录和证明都还在"))
    return redirect("entry", entry_id)


@require_safe
def export(request: HttpRequest, suffix: str) -> HttpResponse:
    """Hand out the entries that are wanted as a table; that it was done is an entry."""
    reader = reader_of(request)
    wanted = _wanted(request)
    rows = auditing.find_entries(reader, wanted)
    if suffix not in _WRITERS:
        raise Absent
    count = rows.count()
    if count > MOST_ROWS:
        raise Problem("audit-too-long", _("超过 100,000 条，请缩小时间范围再导出。"))
    heading = [_("编号"), _("时间"), _("账号"), _("姓名"), _("做了什么"), _("事由"), _("来自"), _("细节")]
    response = _WRITERS[suffix]("audit", heading, _rows(request, rows.iterator(_BATCH)))
    stated = {name: value for name in _FIELDS if (value := request.GET.get(name, "").strip())}
    audit.note("audit-exported", by=reader, format=suffix.upper(), count=count, filter=stated)
    return response


def _one(request: HttpRequest, entry_id: int, problem: Problem | None = None) -> HttpResponse:
    found = auditing.get_entry(reader_of(request), entry_id)
    (line,) = _lines(request, [found])
    named = Objects(reader_of(request), [found]).may_name(found)
    facts = {
        "line": line,
        "facts": deeds.facts_of(found, named=named),
        "erasable": found.pk in searches.texts_of([found]),
        "refusal": _(problem.text) if problem else "",
        "typed": fields.text(request, "why"),
    }
    return render(request, "admin/entry.html", facts, status=problem.status if problem else 200)


def _lines(request: HttpRequest, rows: Sequence[Entry]) -> list[Line]:
    objects, texts = Objects(reader_of(request), rows), searches.texts_of(rows)
    return [Line(row, deeds.sentence(row, objects.of(row), texts.get(row.pk)), masking.masked(row.why)) for row in rows]


def _rows(request: HttpRequest, found: Iterator[Entry]) -> Iterator[Sequence[str]]:
    while batch := list(islice(found, _BATCH)):
        objects, texts = Objects(reader_of(request), batch), searches.texts_of(batch)
        for row in batch:
            yield (
                str(row.pk),
                full(row.at),
                row.name,
                row.user.name if row.user else "",
                deeds.plain_sentence(row, str(objects.of(row)), texts.get(row.pk)),
                masking.masked(row.why),
                row.address,
                "; ".join(f"{name}: {value}" for name, value in deeds.facts_of(row, named=objects.may_name(row))),
            )


def _proved() -> dict[str, Any]:
    """Return the last checkpoint and the last verification."""
    return {
        "checkpoint": Checkpoint.objects.order_by("-size").first(),
        "verified": Entry.objects.filter(what="verified").order_by("-pk").first(),
    }


def _wanted(request: HttpRequest) -> Wanted:
    """Read what is wanted from the address. Raises `Problem` day-unreadable."""
    _title, words = deeds.GROUPS.get(request.GET.get("kind", ""), ("", ()))
    until = _day(request, "until")
    return Wanted(
        person=request.GET.get("person", "").strip(),
        words=words,
        about=_about(request.GET.get("about", "").strip()),
        address=request.GET.get("address", "").strip(),
        since=_day(request, "since"),
        until=until + timedelta(days=1) if until else None,
    )


def _about(text: str) -> str:
    """Read an object: `lexicon:3` as entries name it, or the address or number of a conversation or message."""
    found = re.search(r"(?:messages/(\d+)|conversations/(\d+)|^(\d+)$)", text)
    if found is None:
        return text
    return f"message:{found[1]}" if found[1] else f"conversation:{found[2] or found[3]}"


def _day(request: HttpRequest, name: str) -> datetime | None:
    text = request.GET.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), timezone.get_current_timezone())
    except ValueError as problem:
        raise Problem("day-unreadable", "日期应写作 2026-11-22。") from problem
