"""The rules of masking: what each profile leaves of each kind, and the company's own patterns, tried before use."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel.problems import Absent, Problem
from huidang.people.readers import Reader
from huidang.records import Kind, Part, Profile, maskrules, rulebook
from huidang.records.rulebook import Keep
from huidang.search import indexer, trying
from huidang.web import fields
from huidang.web.undo import tell
from huidang.web.visitors import address_of, reader_of

PROFILES = (Profile.INSIDE, Profile.OUTSIDE)
KINDS = (
    Kind.RESIDENT, Kind.MOBILE, Kind.CARD, Kind.LANDLINE, Kind.EMAIL, Kind.NAME, Kind.PLATE, Kind.COMPANY,
    Kind.PASSPORT, Kind.WECHAT, Kind.QQ, Kind.ADDRESS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """What a profile leaves of a kind, and how much it may."""

    kind: Kind
    name: str
    keep: Keep
    most: Keep | None
    shown: bool
    may_be_shown: bool


@require_safe
def masks(request: HttpRequest) -> HttpResponse:
    """Show the rules."""
    return _page(request)


@require_POST
def keeps(request: HttpRequest) -> HttpResponse:
    """Say what a profile leaves of every kind."""
    reader, profile = _manager(request), _profile(request)
    before = {cell.kind: cell for cell in _cells(profile)}
    given: dict[Kind, Keep | None] = {}
    try:
        for kind, cell in before.items():
            keep = _stated(request, cell)
            if keep != (None if cell.shown else cell.keep):
                given[kind] = keep
        if given:
            maskrules.set_keeps(profile, given, by=reader, address=address_of(request))
    except Problem as problem:
        return _page(request, fields.refused(request, f"keeps-{profile}", problem))
    was = {name: value for kind in given for name, value in _sent(before[kind])}
    tell(request, _("已改遮盖规则，正在按新规则重建索引"), reverse("mask-keeps"), profile=str(profile), **was)
    return redirect("masks")


@require_POST
def creations(request: HttpRequest) -> HttpResponse:
    """Try a pattern on text (`try`), or add it."""
    reader = _manager(request)
    name, pattern = fields.text(request, "name"), fields.text(request, "pattern")
    try:
        if "try" in request.POST:
            return _page(
                request, {"stated": request.POST, "trial": _tried(reader, pattern, request.POST.get("text", ""))}
            )
        made = maskrules.add_pattern(name, pattern, by=reader, address=address_of(request))
    except Absent:
        raise
    except Problem as problem:
        return _page(request, fields.refused(request, "pattern", problem))
    tell(request, _("已加规则「%s」，正在重建索引") % made.name, reverse("mask-pattern-removals", args=[made.pk]))
    return redirect("masks")


@require_POST
def states(request: HttpRequest, pattern_id: int) -> HttpResponse:
    """Switch a pattern on or off."""
    enabled = request.POST.get("enabled") == "1"
    maskrules.set_pattern(pattern_id, enabled=enabled, by=_manager(request), address=address_of(request))
    told = _("已启用") if enabled else _("已停用，它遮过的文字会重新显示")
    tell(request, told, reverse("mask-pattern-states", args=[pattern_id]), enabled="" if enabled else "1")
    return redirect("masks")


@require_POST
def removals(request: HttpRequest, pattern_id: int) -> HttpResponse:
    """Delete a pattern."""
    reader = _manager(request)
    row = maskrules.patterns().filter(pk=pattern_id).first()
    maskrules.remove_pattern(pattern_id, by=reader, address=address_of(request))
    assert row is not None
    told = _("已删除规则「%s」") % row.name
    tell(request, told, reverse("mask-pattern-creations"), name=row.name, pattern=row.pattern)
    return redirect("masks")


def _manager(request: HttpRequest) -> Reader:
    reader = reader_of(request)
    if not maskrules.may_change(reader):
        raise Absent
    return reader


def _profile(request: HttpRequest) -> Profile:
    sent = request.POST.get("profile", "")
    if sent not in PROFILES:
        raise Absent
    return Profile(sent)


def _cells(profile: Profile) -> list[Cell]:
    book = rulebook.current()
    shown = book.shown.get(profile, frozenset())
    return [
        Cell(
            kind, str(kind), book.keep(profile, kind), rulebook.LIMITS.get(kind), kind in shown,
            kind in rulebook.MAY_BE_SHOWN,
        )
        for kind in KINDS
    ]  # fmt: skip


def _stated(request: HttpRequest, cell: Cell) -> Keep | None:
    """Return what a form says of a kind; a field that is not there changes nothing."""
    if f"{cell.name}-head" not in request.POST and f"{cell.name}-hidden" not in request.POST:
        return None if cell.shown else cell.keep
    if cell.may_be_shown and request.POST.get(f"{cell.name}-hidden", "1") == "0":
        return None
    head, tail = (fields.numbers(request, f"{cell.name}-{end}") for end in ("head", "tail"))
    return Keep(head[0] if head else 0, tail[0] if tail else 0)


def _sent(cell: Cell) -> list[tuple[str, str]]:
    """Return what a form would send to have a kind as it was."""
    hidden = [(f"{cell.name}-hidden", "0" if cell.shown else "1")] if cell.may_be_shown else []
    return [*hidden, (f"{cell.name}-head", str(cell.keep.head)), (f"{cell.name}-tail", str(cell.keep.tail))]


def _tried(reader: Reader, pattern: str, text: str) -> dict[str, Any]:
    """Return what a pattern would hide: in the text that was typed, and in messages as this reader sees them."""
    compiled = rulebook.Pattern("", pattern, rulebook.compiled(rulebook.checked(pattern)))
    lines = [trying.marked([Part(line)], compiled) for line in text.splitlines()[:200] if line.strip()]
    return {"lines": lines, "stored": trying.find_stored(reader, compiled)}


def _page(request: HttpRequest, facts: dict[str, Any] | None = None) -> HttpResponse:
    _manager(request)
    book = maskrules.refresh()
    values = {
        "profiles": [(profile, _cells(profile)) for profile in PROFILES],
        "patterns": maskrules.patterns(),
        "version": book.version,
        "current": indexer.masks_are_current(),
    }
    return render(request, "admin/masks.html", values | (facts or {}), status=(facts or {}).get("status", 200))
