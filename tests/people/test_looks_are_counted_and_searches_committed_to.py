"""What somebody looked at is one entry with a count; what they searched for is committed to, and can be erased."""

from datetime import timedelta

import pytest

from huidang.kernel import clock
from huidang.people import audit, searches, sightings
from huidang.people.models import Entry, SearchText, Sighting
from huidang.upkeep.verify import verify_archive
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def look(company: Company, who: str = "zhoumin", about: str = "conversation:1", address: str = "203.0.113.7") -> None:
    with audit.asked_from(address):
        sightings.note("view", by=company.reader(who), about=about)


def told() -> list[tuple[str, str, str, int]]:
    rows = Entry.objects.filter(what="view").order_by("name", "about", "address", "at")
    return [(row.name, row.about, row.address, row.facts["count"]) for row in rows]


def test_looks_within_minutes_become_one_entry_with_a_count(company: Company) -> None:
    begun = clock.now()
    with clock.frozen(begun):
        look(company)
    with clock.frozen(begun + timedelta(minutes=4)):
        look(company)
        sightings.settle()
        assert told() == []
    with clock.frozen(begun + timedelta(minutes=6)):
        look(company)
        sightings.settle()
    assert told() == [("zhoumin", "conversation:1", "203.0.113.7", 2)]
    entry = Entry.objects.get(what="view")
    assert abs(entry.at - begun) < timedelta(milliseconds=2)
    assert Sighting.objects.get().count == 1
    assert audit.altered() == []


def test_other_people_things_and_addresses_are_counted_apart(company: Company) -> None:
    look(company)
    look(company, who="zhaolan")
    look(company, about="conversation:2")
    look(company, address="203.0.113.8")
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        sightings.settle()
    assert [count for *_key, count in told()] == [1, 1, 1, 1]


def test_the_words_of_a_search_stand_beside_its_entry(company: Company) -> None:
    searches.note("退款 138", by=company.reader("zhoumin"), total=3)
    entry = Entry.objects.get(what="search")
    assert searches.texts_of([entry]) == {entry.pk: "退款 138"}
    assert (entry.facts["total"], entry.name) == (3, "zhoumin")
    assert "退款" not in str(entry.facts)
    assert audit.altered() + searches.altered() == []


def test_erased_words_leave_the_entry_and_its_proof(company: Company) -> None:
    searches.note("退款", by=company.reader("zhoumin"), total=0)
    searches.note("投诉", by=company.reader("zhoumin"), total=0)
    entry = Entry.objects.filter(what="search").order_by("pk")[0]
    searches.erase(company.reader("auditor"), entry.pk, why="客户要求删除")
    assert list(searches.texts_of(Entry.objects.filter(what="search")).values()) == ["投诉"]
    erased = Entry.objects.get(what="search-erased")
    assert (erased.about, erased.name, erased.why) == (f"entry:{entry.pk}", "auditor", "客户要求删除")
    assert audit.altered() + searches.altered() == []


def test_other_words_than_were_searched_for_are_found(company: Company) -> None:
    searches.note("退款", by=company.reader("zhoumin"), total=0)
    SearchText.objects.update(text="投诉")
    entry = Entry.objects.get(what="search")
    assert ("search-changed", entry.pk) in {(each["code"], each.get("entry")) for each in verify_archive()["problems"]}
