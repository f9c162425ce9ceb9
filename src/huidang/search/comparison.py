"""The nightly look whether the index holds what the database holds: counts by month and platform."""

import logging
from collections import Counter
from typing import NamedTuple

from django.db import connection

from huidang.kernel.jobs import Run
from huidang.people.readers import local_operator
from huidang.records.models import Conversation, Message, Source
from huidang.search import index, indexer, reading
from huidang.search.documents import TIME_BITS, month_of

log = logging.getLogger(__name__)

_CELL_MS = 900_000
_MOST_MONTHS = 12_000
_ATTEMPTS = 5
_STORED = f"""SELECT o.platform, (m.id >> {TIME_BITS}) / {_CELL_MS}, count(*) FROM {Message._meta.db_table} m
  JOIN {Conversation._meta.db_table} c ON c.id = m.conversation_id JOIN {Source._meta.db_table} o ON o.id = c.source_id
  WHERE m.entry = 'message' AND m.leaf_index < %s GROUP BY 1, 2"""  # noqa: S608


class Difference(NamedTuple):
    """A month of a platform in which the index holds another number of messages than the database."""

    month: int
    platform: str
    stored: int
    indexed: int


def differences() -> list[Difference]:
    """Compare the index with the database as far as the index has come; nothing where it never stands still."""
    for _attempt in range(_ATTEMPTS):
        applied = indexer.applied_now()
        stored, indexed = _stored(applied), _indexed()
        if applied == indexer.applied_now():
            keys = sorted(stored.keys() | indexed.keys())
            return [Difference(*key, stored[key], indexed[key]) for key in keys if stored[key] != indexed[key]]
    return []


def compare(run: Run) -> None:
    """Compare, and build the index anew where it differs: the job `compare-index`. Raises Problem `index-busy`."""
    found = differences()
    if found:
        log.error("the index differs from the database: %s", found[:20])
        indexer.rebuild(progress=lambda *_: run.heartbeat())


def _stored(applied: int) -> Counter[tuple[int, str]]:
    counts: Counter[tuple[int, str]] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [applied])
        for platform, cell, number in cursor.fetchall():
            counts[month_of(cell * _CELL_MS << TIME_BITS), platform] += number
    return counts


def _indexed() -> Counter[tuple[int, str]]:
    engine, operator = reading.index(), local_operator()
    counts: Counter[tuple[int, str]] = Counter()
    if engine is None:
        return counts
    facets = engine.facets(operator, index.EVERYTHING, fields=["platform"], limit=_MOST_MONTHS)
    for platform, _number in facets["platform"]:
        tree = index.Among("platform", frozenset({platform}))
        months = engine.facets(operator, tree, fields=["month"], limit=_MOST_MONTHS)["month"]
        counts.update({(int(month), str(platform)): number for month, number in months})
    return counts
