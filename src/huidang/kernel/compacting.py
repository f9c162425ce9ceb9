"""Rewrites SQLite's file, so that nothing is left in it of what was erased.

An erased row is overwritten at once, but pages that were split or moved before may still hold an older copy of it.
The whole file is written anew in the night that follows, since writers wait meanwhile; PostgreSQL vacuums by itself.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from huidang.kernel import clock, jobs
from huidang.kernel.jobs import Run

AT = time(3)
"""When, in the zone of the house."""


def ask() -> None:
    """Have the file written anew in the coming night, in the caller's transaction."""
    if connection.vendor == "sqlite":
        jobs.enqueue("compact", key="compact", due_at=_coming_night(clock.now()))


def compact(_run: Run) -> None:
    """Write the database file anew: the job `compact`."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA temp_store = FILE")  # a copy in memory would be as large as the archive
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA temp_store = MEMORY")
    empty_journal()


def empty_journal() -> None:
    """Move what SQLite's journal holds into the file, and cut the journal to nothing."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _coming_night(now: datetime) -> datetime:
    there = now.astimezone(ZoneInfo(settings.HOUSE.timezone))
    night = datetime.combine(there.date(), AT, there.tzinfo)
    return night if night > there else night + timedelta(days=1)
