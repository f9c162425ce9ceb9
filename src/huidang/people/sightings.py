"""Sightings: what somebody looked at, gathered so that reading stays fast, and told by the audit as one entry.

A look is stored within a second (`kernel.gathering`). Looks of one person at one thing from one address within
`WINDOW` are counted together; once the window is over they become one entry of the log, dated by the first of them.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F

from huidang.kernel import clock
from huidang.kernel.gathering import Gathering
from huidang.people import audit
from huidang.people.models import Entry, Sighting
from huidang.people.readers import Reader

WINDOW = timedelta(minutes=5)
_BATCH = 500


class _Seen(NamedTuple):
    """Who looked at what from where: looks that are equal in all of it are counted together."""

    what: str
    about: str
    user_id: int | None
    name: str
    address: str
    facts: tuple[tuple[str, Any], ...]


def note(what: str, *, by: Reader, about: str, **facts: Any) -> None:
    """Remember that somebody looked at something (`view`, `download`), from the address of the moment."""
    entry = audit.draft(what, by=by, about=about, **facts)
    _GATHERED.add(_Seen(what, about, entry.user_id, entry.name, entry.address, tuple(sorted(entry.facts.items()))))


def settle(_run: object = None) -> None:
    """Turn the sightings whose window is over into entries: the job `settle-sightings`."""
    over = Sighting.objects.filter(first_at__lte=clock.now() - WINDOW).order_by("first_at", "pk")
    while True:
        with transaction.atomic():
            rows = list(over.select_for_update()[:_BATCH])
            audit.append([_entry(row) for row in rows])
            Sighting.objects.filter(pk__in=[row.pk for row in rows]).delete()
        if len(rows) < _BATCH:
            return


def _entry(row: Sighting) -> Entry:
    facts = row.facts | {"count": row.count, "last_at": row.last_at.isoformat()}
    return Entry(
        at=row.first_at, user_id=row.user_id, name=row.name, what=row.what, about=row.about, address=row.address,
        facts=facts,
    )  # fmt: skip


def _store(seen: Sequence[_Seen]) -> None:
    now = clock.at_ms(clock.now_ms())
    with transaction.atomic():
        for each, count in Counter(seen).items():
            _count(each, count, now)


def _count(seen: _Seen, count: int, now: Any) -> None:
    stated = seen._asdict() | {"facts": dict(seen.facts)}
    rows = Sighting.objects.filter(**{**stated, "first_at__gt": now - WINDOW})
    if not rows.update(count=F("count") + count, last_at=now):
        Sighting.objects.create(**stated, first_at=now, last_at=now, count=count)


_GATHERED: Gathering[_Seen] = Gathering(_store)
