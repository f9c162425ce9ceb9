"""Lexicons, for those who manage the house: list, words, allow-list, departments, import after a preview, export.

Who manages only some departments changes only lexicons of those; to everybody else a lexicon is absent.
"""

from collections.abc import Callable
from typing import Any

from django.core import signing
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit
from huidang.people.departments import Branch, outline
from huidang.people.models import Department
from huidang.people.readers import Reader
from huidang.shelves import lexicons as shelf
from huidang.shelves import previews, starters, wordlists
from huidang.shelves.models import Lexicon
from huidang.web.selection import number_of
from huidang.web.visitors import address_of, reader_of

PIECE = 200
_TYPES: dict[str, tuple[str, Callable[[Lexicon], str | bytes]]] = {
    "txt": ("text/plain; charset=utf-8", wordlists.write_text),
    "csv": ("text/csv; charset=utf-8", wordlists.write_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", wordlists.write_xlsx),
}


@require_safe
def lexicons(request: HttpRequest) -> HttpResponse:
    """List the lexicons."""
    return _list(request)


@require_POST
def creations(request: HttpRequest) -> HttpResponse:
    """Make an empty lexicon and open it."""
    reader = _manager(request)
    try:
        departments = _departments(request, reader)
        lexicon = shelf.create_lexicon(
            name=_name(request), group=request.POST.get("group", ""), department_ids=departments
        )
    except Problem as problem:
        return _list(request, refusal=problem)
    _note(request, "lexicon-create", lexicon, name=lexicon.name, group=lexicon.group, departments=departments)
    return redirect("lexicon", lexicon.pk)


@require_POST
def starting(request: HttpRequest) -> HttpResponse:
    """Install the starters that are missing."""
    if not _manager(request).reach(Can.MANAGE).everything:
        raise Absent
    for lexicon in starters.install():
        _note(request, "lexicon-create", lexicon, name=lexicon.name, group=lexicon.group, starter=True)
    return redirect("lexicons")


@require_safe
def lexicon(request: HttpRequest, lexicon_id: int) -> HttpResponse:
    """Show a lexicon with its words."""
    return _one(request, _lexicon(request, lexicon_id))


@require_POST
def additions(request: HttpRequest, lexicon_id: int) -> HttpResponse:
    """Add the lines of a form as words, or as phrases that are allowed."""
    found = _lexicon(request, lexicon_id)
    allowed = request.POST.get("allowed") == "1"
    words = request.POST.get("words", "").splitlines()
    try:
        change = shelf.add_words(found, words, allowed=allowed)
    except Problem as problem:
        return _one(request, found, refusal=problem)
    _note(request, "lexicon-words", found, added=change.added, known=change.known, allowed=allowed)
    return redirect("lexicon", found.pk)


@require_POST
def word_removals(request: HttpRequest, lexicon_id: int) -> HttpResponse:
    """Take the chosen words out."""
    found = _lexicon(request, lexicon_id)
    removed = shelf.remove_words(found, request.POST.getlist("word"))
    _note(request, "lexicon-words", found, removed=removed)
    return redirect("lexicon", found.pk)


@require_POST
def settings(request: HttpRequest, lexicon_id: int) -> HttpResponse:
    """Switch a lexicon on or off and say where it applies."""
    found = _lexicon(request, lexicon_id)
    enabled = request.POST.get("enabled") == "1"
    departments = _departments(request, reader_of(request))
    shelf.change_lexicon(found, enabled=enabled, department_ids=departments)
    _note(request, "lexicon-change", found, enabled=enabled, departments=departments)
    return redirect("lexicon", found.pk)


@require_POST
def removals(request: HttpRequest, lexicon_id: int) -> HttpResponse:
    """Delete a lexicon."""
    found = _lexicon(request, lexicon_id)
    _note(request, "lexicon-remove", found, name=found.name, words=found.words.count())
    shelf.remove_lexicon(found)
    return redirect("lexicons")


@require_POST
def imports(request: HttpRequest, lexicon_id: int) -> HttpResponse:
    """Show what a word list would change; with the `ticket` of that preview, change it."""
    found = _lexicon(request, lexicon_id)
    try:
        if ticket := request.POST.get("ticket"):
            return _import(request, found, ticket)
        return _preview(request, found)
    except Problem as problem:
        return _one(request, found, refusal=problem)


@require_safe
def export(request: HttpRequest, lexicon_id: int, suffix: str) -> HttpResponse:
    """Hand out a lexicon as text, CSV or XLSX."""
    found = _lexicon(request, lexicon_id)
    if suffix not in _TYPES:
        raise Absent
    mime, write = _TYPES[suffix]
    response = HttpResponse(write(found), content_type=mime)
    name = content_disposition_header(as_attachment=True, filename=f"{found.name}.{suffix}")
    response.headers["Content-Disposition"] = name or "attachment"
    _note(request, "lexicon-export", found, format=suffix)
    return response


def _preview(request: HttpRequest, found: Lexicon) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        raise Problem("file-wanted", _("选一个词表文件。"))
    content = file.read(wordlists.BYTES_AT_MOST + 1)
    if len(content) > wordlists.BYTES_AT_MOST:
        raise Problem("wordlist-large", _("词表文件不能超过 20 MB。"))
    facts: dict[str, Any] = {"preview": wordlists.preview(found, content), "file_name": file.name}
    stated = {"lexicon": found.pk, "user": reader_of(request).user_id, "file": previews.keep(content)}
    return _one(request, found, ticket=signing.dumps(stated, salt="lexicon-import"), **facts)


def _import(request: HttpRequest, found: Lexicon, ticket: str) -> HttpResponse:
    try:
        stated = signing.loads(ticket, salt="lexicon-import", max_age=previews.SECONDS)
    except signing.BadSignature as problem:
        raise Problem("preview-expired", _("预览已过期，重新选文件。")) from problem
    if (stated["lexicon"], stated["user"]) != (found.pk, reader_of(request).user_id):
        raise Absent
    kept = previews.find(stated["file"])
    if kept is None:
        raise Problem("preview-expired", _("预览已过期，重新选文件。"))
    with kept.open("rb") as file:
        change = wordlists.import_words(found, file)
    _note(request, "lexicon-import", found, added=change.added, known=change.known)
    kept.unlink(missing_ok=True)
    return redirect("lexicon", found.pk)


def _manager(request: HttpRequest) -> Reader:
    """Return the reader, if they manage anything at all. Raises `Absent`."""
    reader = reader_of(request)
    if not reader.reach(Can.MANAGE):
        raise Absent
    return reader


def _within(reader: Reader) -> "QuerySet[Lexicon]":
    """Return the lexicons a reader may change: those that apply nowhere beyond what they manage."""
    reach = reader.reach(Can.MANAGE)
    if reach.everything:
        return Lexicon.objects.all()
    beyond = Department.objects.exclude(pk__in=reach.departments)
    return Lexicon.objects.exclude(departments=None).exclude(departments__in=beyond)


def _lexicon(request: HttpRequest, lexicon_id: int) -> Lexicon:
    found = _within(_manager(request)).filter(pk=lexicon_id).first()
    if found is None:
        raise Absent
    return found


def _departments(request: HttpRequest, reader: Reader) -> list[int]:
    """Return the departments of a form, all within what the reader manages. Raises `Problem` where they are not."""
    chosen = sorted({int(each) for each in request.POST.getlist("department") if each.isascii() and each.isdecimal()})
    reach = reader.reach(Can.MANAGE)
    if not reach.everything and not (chosen and set(chosen) <= reach.departments):
        raise Problem("department-wanted", _("选你管理的部门。"))
    if Department.objects.filter(pk__in=chosen).count() != len(chosen):
        raise Problem("department-wanted", _("选你管理的部门。"))
    return chosen


def _name(request: HttpRequest) -> str:
    name = " ".join(request.POST.get("name", "").split())
    if not 1 <= len(name) <= 60:  # noqa: PLR2004 (the length of the column)
        raise Problem("lexicon-name", _("词库名写 1 到 60 个字。"))
    return name


def _note(request: HttpRequest, what: str, found: Lexicon, **facts: Any) -> None:
    about = f"lexicon:{found.pk}"
    audit.note(what, by=reader_of(request), address=address_of(request), about=about, **facts)


def _list(request: HttpRequest, *, refusal: Problem | None = None) -> HttpResponse:
    reader = _manager(request)
    rows = _within(reader).annotate(
        banned=Count("words", filter=Q(words__allowed=False), distinct=True),
        excepted=Count("words", filter=Q(words__allowed=True), distinct=True),
    )
    facts = {
        "lexicons": rows.prefetch_related("departments").order_by("group", "name"),
        "groups": Lexicon.Group.choices,
        "departments": _offered(reader),
        "starters": starters.missing() if reader.reach(Can.MANAGE).everything else [],
        "refusal": refusal,
        "stated": request.POST,
    }
    return render(request, "lexicons/page.html", facts, status=refusal.status if refusal else 200)


def _one(request: HttpRequest, found: Lexicon, *, refusal: Problem | None = None, **more: Any) -> HttpResponse:
    asked, after = request.GET.get("q", "").strip(), number_of(request, "after") or 0
    rows = found.words.filter(text__icontains=asked, pk__gt=after).order_by("pk")[: PIECE + 1]
    words = list(rows)
    facts = {
        "lexicon": found,
        "q": asked,
        "words": words[:PIECE],
        "after": words[PIECE - 1].pk if len(words) > PIECE else None,
        "total": found.words.count(),
        "chosen": set(found.departments.values_list("pk", flat=True)),
        "departments": _offered(reader_of(request)),
        "refusal": refusal,
        "typed": request.POST.get("words", ""),
    }
    return render(request, "lexicons/one.html", facts | more, status=refusal.status if refusal else 200)


def _offered(reader: Reader) -> list[Branch]:
    reach = reader.reach(Can.MANAGE)
    return [each for each in outline() if reach.everything or each.id in reach.departments]
