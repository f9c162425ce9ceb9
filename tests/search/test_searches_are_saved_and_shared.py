"""Saved searches: one's own in an order, shared with a department, each seen with the reader's own reach."""

from datetime import timedelta

import pytest

from huidang.kernel import clock
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Absent, Problem
from huidang.people.models import Entry
from huidang.people.readers import local_operator
from huidang.search import indexer, saved
from huidang.search.saved import Draft
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("writer")]
REFUNDS = Draft(name="登记", query="登记 OR 电话", sort="old")


def names(company: Company, username: str) -> list[str]:
    return [row.name for row in saved.visible(company.reader(username))]


def test_ones_own_stand_in_their_order(company: Company) -> None:
    reader = company.reader("zhoumin")
    rows = [saved.save(reader, Draft(name=name, query=name)) for name in ("甲", "乙", "丙")]
    saved.move(reader, rows[2].pk, by=-2)
    assert names(company, "zhoumin") == ["丙", "甲", "乙"]
    saved.move(reader, rows[2].pk, by=50)
    saved.rename(reader, rows[0].pk, "  甲   一 ")
    assert names(company, "zhoumin") == ["甲 一", "乙", "丙"]
    assert names(company, "zhaolan") == []


def test_who_is_given_one_sees_it_with_their_own_reach(company: Company) -> None:
    group = company.departments["售后组"]
    row = saved.save(company.reader("zhaolan"), REFUNDS, department_id=group.pk)
    saved.save(company.reader("zhaolan"), Draft(name="只有我", query="登记"))
    indexer.catch_up()
    assert names(company, "zhoumin") == ["登记"]
    company.users["chenwei"].department = group
    company.users["chenwei"].save()
    assert names(company, "chenwei") == ["登记"]
    assert names(company, "auditor") == names(company, "fawu") == []
    counted = [saved.counts(company.reader(name), [row])[row.pk] for name in ("zhaolan", "zhoumin", "chenwei")]
    assert counted == sorted(counted, reverse=True)
    assert counted[2] == 0
    assert Entry.objects.filter(what="view-share", about=f"view:{row.pk}").count() == 1


def test_only_the_owner_changes_one(company: Company) -> None:
    row = saved.save(company.reader("zhaolan"), REFUNDS, department_id=company.departments["售后组"].pk)
    guest, stranger = company.reader("zhoumin"), company.reader("auditor")
    assert saved.get_saved(guest, row.pk).query == REFUNDS.query
    with pytest.raises(Absent):
        saved.get_saved(stranger, row.pk)
    for change in (
        lambda: saved.rename(guest, row.pk, "别的"),
        lambda: saved.share(guest, row.pk, None),
        lambda: saved.remove(guest, row.pk),
        lambda: saved.move(guest, row.pk, by=1),
        lambda: saved.restore(guest, row.pk),
    ):
        with pytest.raises(Absent):
            change()


def test_nobody_shares_with_a_department_out_of_reach(company: Company) -> None:
    with pytest.raises(Absent):
        saved.save(company.reader("zhoumin"), REFUNDS, department_id=company.departments["商务部"].pk)
    assert names(company, "zhoumin") == []


def test_a_removed_one_can_be_restored_for_a_month(company: Company) -> None:
    reader = company.reader("zhoumin")
    row = saved.save(reader, REFUNDS)
    saved.remove(reader, row.pk)
    assert names(company, "zhoumin") == []
    saved.restore(reader, row.pk)
    assert names(company, "zhoumin") == ["登记"]
    saved.remove(reader, row.pk)
    with clock.frozen(clock.now() + timedelta(days=31)):
        saved.forget_removed(Run.__new__(Run))
    with pytest.raises(Absent):
        saved.restore(reader, row.pk)


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft(name=" ", query="退费"), "view-name-wanted"),
        (Draft(name="空", query=" "), "view-query-wanted"),
    ],
)
def test_what_cannot_be_saved_is_refused(company: Company, draft: Draft, code: str) -> None:
    with pytest.raises(Problem) as refused:
        saved.save(company.reader("zhoumin"), draft)
    assert refused.value.code == code


def test_the_local_operator_has_none() -> None:
    assert saved.visible(local_operator()) == []
    with pytest.raises(Problem):
        saved.save(local_operator(), REFUNDS)
