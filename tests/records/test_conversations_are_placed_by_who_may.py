"""Department and owner of a conversation change by hand of who may, are dated, noted, and indexed again."""

import pytest

from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import grants, rights
from huidang.people.models import Entry
from huidang.records import placing
from huidang.records.models import Conversation
from huidang.search.models import Stale
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def move(company: Company, who: str, name: str, to: str | None, why: str = "分错了") -> None:
    department = company.departments[to] if to else None
    placing.move(company.reader(who), company.conversations[name].pk, department=department, why=why)


def where(company: Company, name: str) -> tuple[int | None, int | None]:
    row = Conversation.objects.unguarded("test").get(pk=company.conversations[name].pk)
    return row.department_id, row.owner_id


def test_a_move_changes_who_reads_and_is_dated_noted_and_indexed(company: Company) -> None:
    move(company, "zhaolan", "售后", "售前组")
    pk, place = company.conversations["售后"].pk, company.departments
    assert where(company, "售后")[0] == place["售前组"].pk
    assert not Conversation.objects.readable_by(company.reader("zhoumin")).filter(pk=pk).exists()
    stays = placing.history(pk, company.reader("zhaolan"))
    assert [(stay.department_id, stay.by, stay.why) for stay in stays] == [
        (place["售前组"].pk, "赵岚", "分错了"),
        (place["售后组"].pk, "", ""),
    ]
    entry = Entry.objects.get(what="conversation-moved")
    assert (entry.about, entry.facts["before"]["department_id"]) == (f"conversation:{pk}", place["售后组"].pk)
    assert Stale.objects.filter(conversation_id=pk).count() == 1


@pytest.mark.parametrize(
    ("who", "name"), [("zhoumin", "售前"), ("fawu", "售后"), ("auditor", "售后"), ("chenwei", "售后")]
)
def test_who_does_not_file_there_places_nothing(company: Company, who: str, name: str) -> None:
    with pytest.raises(Absent):
        move(company, who, name, "商务部")
    with pytest.raises(Absent):
        placing.give_to(company.reader(who), company.conversations[name].pk, owner=company.users["zhoumin"])


@pytest.mark.parametrize("to", ["商务部", None])
def test_nobody_pushes_a_record_where_they_do_not_file(company: Company, to: str | None) -> None:
    with pytest.raises(Refused):
        move(company, "zhaolan", "售后", to)


def test_a_manager_places_without_reading(company: Company) -> None:
    move(company, "admin", "待分拣", "商务部")
    assert where(company, "待分拣")[0] == company.departments["商务部"].pk
    move(company, "admin", "待分拣", None)
    assert where(company, "待分拣")[0] is None
    names = [row.name for row in placing.departments_for(company.reader("zhaolan"), [*company.departments.values()])]
    assert names == ["客服中心", "售前组", "售后组"]


def test_a_given_conversation_is_its_owners(company: Company) -> None:
    grants.give(company.users["chenwei"], "agent", own=True)
    pk = company.conversations["售后"].pk
    placing.give_to(company.reader("zhaolan"), pk, owner=company.users["chenwei"], why="客户经理")
    assert company.reader("chenwei").reach(Can.READ).own
    assert Conversation.objects.readable_by(company.reader("chenwei")).filter(pk=pk).exists()
    placing.give_to(company.reader("zhaolan"), pk, owner=None)
    assert [stay.owner for stay in placing.history(pk, company.reader("zhaolan"))] == ["", "陈未", ""]
    assert Stale.objects.filter(conversation_id=pk).count() == 2


def test_nothing_changed_is_nothing_noted(company: Company) -> None:
    move(company, "zhaolan", "售后", "售后组")
    placing.give_to(company.reader("zhaolan"), company.conversations["售后"].pk, owner=None)
    assert not Entry.objects.filter(what__startswith="conversation-").exists()


def test_nobody_widens_their_own_rights_by_taking_a_conversation(company: Company) -> None:
    pk, zhoumin = company.conversations["售后"].pk, company.users["zhoumin"]
    placing.give_to(company.reader("zhoumin"), pk, owner=zhoumin)
    placing.give_to(company.reader("zhoumin"), pk, owner=None)
    grants.give(zhoumin, "supervisor", own=True)
    with pytest.raises(Refused, match="扩大"):
        placing.give_to(company.reader("zhoumin"), pk, owner=zhoumin)


def test_a_closed_account_owns_nothing_new(company: Company) -> None:
    rights.close_account(company.reader("admin"), company.users["chenwei"])
    with pytest.raises(Problem, match="停用"):
        placing.give_to(company.reader("zhaolan"), company.conversations["售后"].pk, owner=company.users["chenwei"])
