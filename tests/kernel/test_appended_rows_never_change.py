"""Messages and raw batches are appended; only a door of its own name changes or deletes them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from huidang.kernel.access import Unguarded
from huidang.kernel.appending import Unchanging
from huidang.records.models import Message, RawBatch
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]

CHANGES: dict[str, Callable[[Any], Any]] = {
    "update": lambda rows: rows.update(pk=1),
    "bulk_update": lambda rows: rows.bulk_update(list(rows), [rows.model._meta.fields[-1].name]),
    "update_or_create": lambda rows: rows.update_or_create(pk=rows[0].pk, defaults={"pk": rows[0].pk}),
    "delete": lambda rows: rows.delete(),
    "save": lambda rows: rows[0].save(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_rows_do_not_change(change: Callable[[Any], Any], company: Company) -> None:
    for rows in (Message.objects.unguarded("test"), RawBatch.objects.all()):
        with pytest.raises((Unchanging, Unguarded)), transaction.atomic():
            change(rows)


def test_one_row_is_not_deleted(company: Company) -> None:
    with pytest.raises(Unchanging):
        RawBatch.objects.get().delete()
    with pytest.raises(Unguarded):
        Message.objects.unguarded("test")[0].delete()


def test_erasing_is_the_named_door(company: Company) -> None:
    everything = Message.objects.unguarded("test")
    assert everything.erasing("court order 7").filter(role="customer").update(text="") == 4
    assert everything.erasing("court order 7").filter(role="agent").delete()[0] == 4
    assert everything.count() == 4


def test_erasing_wants_a_reason_and_a_reader(company: Company) -> None:
    with pytest.raises(Unchanging):
        Message.objects.unguarded("test").erasing(" ").update(text="")
    with pytest.raises(Unguarded):
        Message.objects.erasing("court order 7").update(text="")
