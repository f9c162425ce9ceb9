"""What forms send, read into values of the domain, and kept for the page that has to refuse it."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from huidang.kernel.problems import Problem
from huidang.people.models import Department
from huidang.web.selection import whole


def text(request: HttpRequest, name: str) -> str:
    """Return a field without the space around it."""
    return request.POST.get(name, "").strip()


def numbers(request: HttpRequest, name: str) -> list[int]:
    """Return the ids of a field that may stand several times, each once; what is no number is left out."""
    sent = dict.fromkeys(map(whole, request.POST.getlist(name)))
    return [each for each in sent if each is not None]


def department(request: HttpRequest, name: str) -> Department | None:
    """Return the department that a field names, None where it is empty. Raises `Problem` department-unknown."""
    if not text(request, name):
        return None
    found = Department.objects.filter(pk__in=numbers(request, name)).first()
    if found is None:
        raise Problem("department-unknown", "没有这个部门，可能刚被改动，刷新后再选。")
    return found


def end_of_day(request: HttpRequest, name: str) -> datetime | None:
    """Return the moment after a day, in the person's zone, None where the field is empty. Raises `Problem`."""
    if not text(request, name):
        return None
    try:
        following = date.fromisoformat(text(request, name)) + timedelta(days=1)
    except (ValueError, OverflowError) as problem:
        raise Problem("day-unreadable", "日期应写作 2026-11-22。") from problem
    return datetime.combine(following, time(), timezone.get_current_timezone())


def last_day(until_at: datetime) -> str:
    """Return the day with which something ends, as `end_of_day` reads it."""
    return f"{timezone.localtime(until_at) - timedelta(microseconds=1):%Y-%m-%d}"


def place(request: HttpRequest) -> dict[str, Any]:
    """Return over what a role is given, as `people.rights.give` takes it. Raises `Problem` grant-department."""
    where = text(request, "where")
    if where in ("own", "intake", "everything"):
        return {where: True}
    over = department(request, "department")
    if over is None:
        raise Problem("grant-department", "选出授权在哪个部门。")
    return {"over": over, "children": where != "only"}


def refused(request: HttpRequest, form: str, problem: Problem) -> dict[str, Any]:
    """Return what a page needs to show a form again: the sentence, the form, the field to mend, what was typed."""
    return {
        "refusal": _(problem.text),
        "refused": form,
        "field": _FIELDS.get(problem.code, ""),
        "stated": request.POST,
        "status": problem.status,
    }


_FIELDS = {
    "name-wanted": "name",
    "name-unusable": "name",
    "department-exists": "name",
    "department-cycle": "under",
    "person-name": "name",
    "role-name": "name",
    "role-exists": "name",
    "user-exists": "username",
    "username-unusable": "username",
    "role-unknown": "role",
    "grant-department": "department",
    "department-unknown": "department",
    "until-past": "until",
    "day-unreadable": "until",
    "share-until": "until",
    "share-nobody": "person",
    "person-unknown": "person",
    "person-ambiguous": "person",
    "reason-wanted": "why",
}
"""Which field a refusal is about."""
