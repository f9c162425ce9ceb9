"""Pruning: entries of the audit older than the house keeps them lose their rows; their leaves stay in the log.

Only what a checkpoint sealed before the limit is pruned, whole and from the beginning, and an entry says how far. So
a verification tells what was pruned from what was taken out, and nobody can pass the one off as the other: see
`audit.pruned_size`.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction

from huidang.kernel import clock
from huidang.kernel.ledger import Checkpoint, Leaf
from huidang.people import audit
from huidang.people.models import Entry, SearchText

_BATCH = 500


def kept() -> timedelta:
    """Return how long entries are kept: what is set, but never less than the law's floor."""
    return max(audit.FLOOR, timedelta(days=settings.HOUSE.audit_days))


def daily(_run: object) -> None:
    """Prune: the job `prune-audit`."""
    prune()


def prune() -> int:
    """Delete the rows of entries that are too old, and return how many."""
    sealed = Checkpoint.objects.filter(created_at__lte=clock.now() - kept()).order_by("-size").first()
    begin = audit.pruned_size()
    if sealed is None or sealed.size <= begin:
        return 0
    with transaction.atomic():
        old = Leaf.objects.filter(kind=audit.KIND, index__gte=begin, index__lt=sealed.size)
        count = sum(_delete(ids) for ids in _batches(list(old.values_list("subject_id", flat=True))))
        if count:
            audit.note(audit.PRUNED, by=None, size=sealed.size, count=count, kept_days=kept().days)
    return count


def _batches(ids: list[int]) -> list[list[int]]:
    return [ids[at : at + _BATCH] for at in range(0, len(ids), _BATCH)]


def _delete(ids: list[int]) -> int:
    SearchText.objects.filter(pk__in=ids).delete()
    deleted, _by_model = Entry.objects.erasing("older than entries are kept").filter(pk__in=ids).delete()
    return deleted
