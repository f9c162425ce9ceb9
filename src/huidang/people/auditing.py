"""Reading the audit: for holders of AUDIT over the whole house, who can read every entry and change none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people.models import Entry
from huidang.people.readers import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries: of whom, whose words begin with one of these, about what, from where, from and before when."""

    person: str = ""
    words: tuple[str, ...] = ()
    about: str = ""
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERY = Wanted()


def is_auditor(reader: Reader) -> bool:
    """Say whether a reader reads the audit. It tells of everybody, so a part of the house is not enough."""
    return reader.reach(Can.AUDIT).everything


def require_auditor(reader: Reader) -> None:
    """Raise `Absent` for everybody else, as if there were no audit."""
    if not is_auditor(reader):
        raise Absent


def find_entries(reader: Reader, wanted: Wanted = EVERY) -> "QuerySet[Entry]":
    """Return the entries that are wanted, the latest first. Raises `Absent` for who is no auditor."""
    require_auditor(reader)
    rows: QuerySet[Entry] = Entry.objects.filter(_condition(wanted)).select_related("user").order_by("-pk")
    return rows


def get_entry(reader: Reader, entry_id: int) -> Entry:
    """Return one entry. Raises `Absent`."""
    entry = find_entries(reader).filter(pk=entry_id).first()
    if entry is None:
        raise Absent
    return entry


def _condition(wanted: Wanted) -> Q:
    chosen = Q()
    if wanted.person:
        chosen &= Q(name__icontains=wanted.person) | Q(user__name__icontains=wanted.person)
    if wanted.words:
        chosen &= _any(Q(what__startswith=word) for word in wanted.words)
    if wanted.about:
        chosen &= Q(about=wanted.about) | Q(facts__conversation=wanted.about.removeprefix("conversation:"))
    if wanted.address:
        chosen &= Q(address__startswith=wanted.address)
    if wanted.since:
        chosen &= Q(at__gte=wanted.since)
    if wanted.until:
        chosen &= Q(at__lt=wanted.until)
    return chosen


def _any(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
