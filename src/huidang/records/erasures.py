"""Which entries were erased: asked for whenever something is shown, taken in or proved."""

from collections.abc import Iterable, Sequence
from typing import Any

from huidang.kernel import bulk
from huidang.records.models import Erasure, Message
from huidang.records.states import Place

_REASON = "whether an entry was erased, for whoever reached it"
_ERASED = f"""SELECT m.conversation_id, m.key FROM {{wanted}} wanted CROSS JOIN "{Message._meta.db_table}" m
  JOIN "{Erasure._meta.db_table}" e ON e.entry_id = m.id
  WHERE m.conversation_id = wanted.conversation AND m.key = wanted.key"""  # noqa: S608


def any_erased() -> bool:
    """Say whether anything was ever erased."""
    return bool(Erasure.objects.unguarded(_REASON).exists())


def erased_at(ids: Iterable[int]) -> dict[int, Any]:
    """Return when entries were erased, for those that were."""
    return {row.entry_id: row.at for row in erasures_of(ids).values()}


def erasures_of(ids: Iterable[int]) -> dict[int, Erasure]:
    """Return the erasures of entries, for those that were erased."""
    return {row.entry_id: row for row in Erasure.objects.unguarded(_REASON).filter(pk__in=bulk.among(list(ids)))}


def erased_among(places: Sequence[Place]) -> set[Place]:
    """Return which of these places hold an erased entry."""
    if not places:
        return set()
    conversations, keys = zip(*places, strict=True)
    wanted, parameters = bulk.table_of(conversation=("bigint", conversations), key=("text", keys))
    return {(row[0], row[1]) for row in bulk.select(_ERASED.format(wanted=wanted), parameters)}
