"""Where a conversation belongs: its department, its owner, with whom it is shared, and why somebody can see it.

The pieces stand in the panel beside the transcript and on a page of their own, which also serves those who keep
rights without reading chats.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huidang import records
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import accounts, departments, sharing
from huidang.people import grounds as why
from huidang.people.models import Department, Loan, User
from huidang.people.readers import Reader
from huidang.people.requests import Place
from huidang.records import placing
from huidang.web import fields
from huidang.web.undo import tell
from huidang.web.visitors import reader_of, user_of, wants_piece

NAMES_OFFERED = 300


@require_http_methods(["GET", "POST"])
def placements(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Show where a conversation belongs; put it into another department."""
    if request.method == "GET":
        return _page(request, conversation_id)

    def move() -> None:
        was = placing.place_of(conversation_id, reader_of(request)).department_id
        into = fields.department(request, "department")
        placing.move(reader_of(request), conversation_id, department=into, why=fields.text(request, "why"))
        told = _("已移到「%s」") % (into.name if into else _("待分拣"))
        tell(request, told, reverse("placements", args=[conversation_id]), department=was, why=_("撤销"))

    return _done(request, conversation_id, "move", move)


@require_POST
def owners(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Name the owner of a conversation, or nobody."""

    def give() -> None:
        was = _owner(placing.place_of(conversation_id, reader_of(request)))
        named = fields.text(request, "owner")
        owner = accounts.find_user(named) if named else None
        placing.give_to(reader_of(request), conversation_id, owner=owner, why=fields.text(request, "why"))
        told = _("已归到 %s 名下") % owner.name if owner else _("已取消归属人")
        before = was.username if was else ""
        tell(request, told, reverse("conversation-owners", args=[conversation_id]), owner=before, why=_("撤销"))

    return _done(request, conversation_id, "owner", give)


@require_POST
def shares(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Share a conversation with a person or the people of a department, until a day."""

    def share() -> None:
        until_at = fields.end_of_day(request, "until")
        if until_at is None:
            raise Problem("share-until", "截止日应在今天之后、一年之内。")
        place = placing.place_of(conversation_id, reader_of(request), Can.READ)
        lent = sharing.share(
            reader_of(request), place, users=_people(request), until_at=until_at, why=fields.text(request, "why")
        )
        told = ngettext("已共享给 %(count)d 人", "已共享给 %(count)d 人", len(lent)) % {"count": len(lent)}
        tell(request, told, reverse("share-endings", args=[conversation_id]), loan=[loan.pk for loan in lent])

    return _done(request, conversation_id, "share", share)


@require_POST
def share_endings(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Take shares back."""

    def end() -> None:
        place = placing.place_of(conversation_id, reader_of(request), Can.READ)
        ended = sharing.end_share(reader_of(request), place, *fields.numbers(request, "loan"))
        told = ngettext("已收回 %(count)d 人的共享", "已收回 %(count)d 人的共享", len(ended)) % {"count": len(ended)}
        tell(request, told, reverse("shares", args=[conversation_id]), **_sharing_again(ended))

    return _done(request, conversation_id, "share", end)


@require_safe
def grounds(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Say why oneself and others see a conversation; with `who`, why that person can or cannot."""
    reader = reader_of(request)
    place = placing.place_of(conversation_id, reader)
    facts = _heading(reader, place) | {"mine": why.explain(user_of(request), place), "others": None}
    if why.may_ask_about_others(reader, place):
        facts |= {"others": why.who_sees(place), "offered": _offered()} | _asked(request, place)
    return render(request, "placing/grounds.html", facts)


def _asked(request: HttpRequest, place: Place) -> dict[str, Any]:
    who = request.GET.get("who", "").strip()
    if not who:
        return {}
    try:
        return {"who": who, "answer": why.explain(accounts.find_user(who, closed=True), place)}
    except Problem as problem:
        return {"who": who, "refusal": _(problem.text), "refused": "who"}


def _done(request: HttpRequest, conversation_id: int, form: str, step: Callable[[], None]) -> HttpResponse:
    """Take a step and lead back to where it was taken; where it is refused, show the page with what was typed."""
    try:
        step()
    except Absent:
        raise
    except Problem as problem:
        return _page(request, conversation_id, fields.refused(request, form, problem))
    return redirect(_way_back(request, conversation_id))


def _way_back(request: HttpRequest, conversation_id: int) -> str:
    """Return the page or the transcript, whichever the reader may still see."""
    try:
        if request.POST.get("back") != "page":
            records.get_conversation(reader_of(request), conversation_id)
            return reverse("conversation", args=[conversation_id])
        placing.place_of(conversation_id, reader_of(request))
        return reverse("placements", args=[conversation_id])
    except Absent:
        return reverse("conversations")


def _page(request: HttpRequest, conversation_id: int, refusal: dict[str, Any] | None = None) -> HttpResponse:
    facts = _facts(request, conversation_id)
    if wants_piece(request):
        return render(request, "placing/panel.html", facts)
    status = refusal["status"] if refusal else 200
    return render(request, "placing/page.html", facts | {"whole": True} | (refusal or {}), status=status)


def _facts(request: HttpRequest, conversation_id: int) -> dict[str, Any]:
    reader = reader_of(request)
    place = placing.place_of(conversation_id, reader)
    facts = _heading(reader, place) | {"owner": _owner(place), "history": _history(reader, place)}
    facts["mine"] = why.explain(user_of(request), place)
    if placing.may_place(reader, place):
        facts |= {"may_place": True, "into": _destinations(reader), "offered": _offered()}
        facts["into_intake"] = placing.may_place(reader, place._replace(department_id=None, owner_id=None))
    if sharing.may_share(reader, place):
        facts |= {"may_share": True, "shares": sharing.shares_of(conversation_id), "branches": departments.outline()}
    return facts


def _heading(reader: Reader, place: Place) -> dict[str, Any]:
    """Return how a page names a conversation: by its title only to those who read it."""
    department = Department.objects.filter(pk=place.department_id or 0).first()
    try:
        title = records.get_conversation(reader, place.conversation_id).title
    except Absent:
        return {"place": place, "department": department, "title": "", "reads": False}
    return {"place": place, "department": department, "title": title, "reads": True}


def _history(reader: Reader, place: Place) -> list[tuple[placing.Stay, str]]:
    """Return where the conversation lay, with the names of those departments that the reader knows."""
    paths = departments.paths()
    return [
        (stay, _named(reader, stay.department_id, paths)) for stay in placing.history(place.conversation_id, reader)
    ]


def _named(reader: Reader, department_id: int | None, paths: dict[int, str]) -> str:
    if department_id is None:
        return _("待分拣")
    reaches = [reader.reach(can) for can in placing.SEEN_BY]
    known = any(reach.everything or department_id in reach.departments for reach in reaches)
    return paths.get(department_id, _("已不存在的部门")) if known else _("其他部门")


def _destinations(reader: Reader) -> list[departments.Branch]:
    allowed = {each.pk for each in placing.departments_for(reader, list(Department.objects.all()))}
    return [branch for branch in departments.outline() if branch.id in allowed]


def _offered() -> list[tuple[str, str]]:
    rows = User.objects.filter(is_active=True).order_by("name", "username")
    return list(rows.values_list("username", "name")[:NAMES_OFFERED])


def _owner(place: Place) -> User | None:
    return User.objects.filter(pk=place.owner_id or 0).first()


def _people(request: HttpRequest) -> list[User]:
    """Return those a form shares with: the named people, and who belongs to the named department."""
    named = [accounts.find_user(each) for each in request.POST.getlist("person") if each.strip()]
    department = fields.department(request, "department")
    return named + (list(sharing.members_of([department])) if department else [])


def _sharing_again(ended: list[Loan]) -> dict[str, Any]:
    last = max(loan.until_at for loan in ended)
    return {"person": [loan.user.username for loan in ended], "until": fields.last_day(last), "why": _("撤销收回")}
