"""Every entry has its leaf in the log; what is changed, removed or slipped in afterwards is found."""

import pytest
from django.db import transaction

from huidang.kernel import clock, ledger
from huidang.kernel.appending import Unchanging
from huidang.people import audit
from huidang.people.models import Entry, User
from huidang.people.readers import local_operator
from huidang.upkeep.verify import verify_archive
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def entries(company: Company) -> list[Entry]:
    zhaolan = company.users["zhaolan"]
    return [
        audit.note("reveal", by=zhaolan, about="message:1", why="客户要求核对", address="203.0.113.7", seconds=300),
        audit.note("export", by=local_operator(), count=12, formats=["pdf", "xlsx"]),
    ]


def test_entries_say_who_and_join_the_log(entries: list[Entry]) -> None:
    assert [(entry.name, entry.user is None) for entry in entries] == [("zhaolan", False), ("system", True)]
    leaves = ledger.Leaf.objects.filter(kind="audit", subject_id__in=[entry.pk for entry in entries])
    assert {bytes(leaf.hash) for leaf in leaves} == {audit.leaf_hash(entry) for entry in entries}
    assert audit.altered() == []
    assert verify_archive()["checked"]["audit entries"] == Entry.objects.count()


@pytest.mark.parametrize(
    "change",
    [
        {"what": "view"},
        {"name": "zhoumin"},
        {"about": ""},
        {"address": "127.0.0.1"},
        {"why": ""},
        {"facts": {}},
        {"at": clock.at_ms(0)},
        {"user": None},
    ],
)
def test_a_change_of_any_field_is_found(entries: list[Entry], change: dict[str, object]) -> None:
    Entry.objects.erasing("tampering").filter(pk=entries[0].pk).update(**change)
    assert audit.altered() == [entries[0].pk]


def test_a_removal_is_found(entries: list[Entry]) -> None:
    pk = entries[1].pk
    with pytest.raises(Unchanging):
        Entry.objects.filter(pk=pk).delete()
    Entry.objects.erasing("tampering").filter(pk=pk).delete()
    assert audit.altered() == [pk]
    assert ("audit-changed", pk) in {(each["code"], each.get("entry")) for each in verify_archive()["problems"]}


def test_an_entry_slipped_in_is_found(entries: list[Entry]) -> None:
    slipped = Entry.objects.create(at=clock.now(), name="system", what="view", salt=b"")
    assert audit.altered() == [slipped.pk]


def test_an_undone_act_is_not_noted(company: Company) -> None:
    class Undone(Exception):
        pass

    def undo() -> None:
        with transaction.atomic():
            audit.note("export", by=User.objects.first())
            raise Undone

    with pytest.raises(Undone):
        undo()
    assert not Entry.objects.filter(what="export").exists()
