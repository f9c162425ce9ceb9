"""A conversation is shared with people of other departments until a date, by whoever files it, never by a borrower."""

from datetime import datetime, timedelta

import pytest

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem
from huidang.people import rights, sharing
from huidang.people.models import Entry, Loan
from huidang.people.requests import Place
from huidang.records.models import Conversation
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def place_of(company: Company, name: str = "售后") -> Place:
    conversation = company.conversations[name]
    return Place(conversation.pk, conversation.department_id, conversation.owner_id)


def soon(days: int = 7) -> datetime:
    return clock.now() + timedelta(days=days)


def share(company: Company, who: str = "zhaolan", *, to: str = "chenwei", days: int = 7, why: str = "联合处理") -> Loan:
    until_at = soon(days)
    users = [company.users[to]]
    return sharing.share(company.reader(who), place_of(company), users=users, until_at=until_at, why=why)[0]


def reads(company: Company, who: str = "chenwei") -> list[str]:
    return list(Conversation.objects.readable_by(company.reader(who)).values_list("title", flat=True))


def test_a_share_opens_one_conversation_for_reading_until_its_date(company: Company) -> None:
    share(company)
    assert reads(company) == ["售后群"]
    assert not company.reader("chenwei").reach(Can.UNMASK)
    with clock.frozen(soon(8)):
        assert reads(company) == []


@pytest.mark.parametrize("who", ["fawu", "admin", "auditor", "chenwei"])
def test_only_who_reads_and_files_it_shares_it(company: Company, who: str) -> None:
    with pytest.raises(Absent):
        share(company, who, to="zhoumin")


def test_a_share_cannot_be_passed_on(company: Company) -> None:
    share(company)
    with pytest.raises(Absent):
        share(company, "chenwei", to="auditor")


@pytest.mark.parametrize(("days", "why"), [(0, "联合处理"), (400, "联合处理"), (7, "")])
def test_an_end_and_a_reason_are_wanted(company: Company, days: int, why: str) -> None:
    with pytest.raises(Problem):
        share(company, days=days, why=why)


def test_sharing_with_oneself_or_the_closed_is_sharing_with_nobody(company: Company) -> None:
    rights.close_account(company.reader("admin"), company.users["chenwei"])
    for name in ("zhaolan", "chenwei"):
        with pytest.raises(Problem, match="共享给谁"):
            share(company, to=name)


def test_shared_again_is_one_share_and_ending_it_is_at_once(company: Company) -> None:
    share(company)
    loan = share(company, days=30)
    assert list(sharing.shares_of(place_of(company).conversation_id)) == [loan]
    with pytest.raises(Absent):
        sharing.end_share(company.reader("fawu"), place_of(company), loan.pk)
    sharing.end_share(company.reader("zhoumin"), place_of(company), loan.pk)
    assert reads(company) == []
    entries = Entry.objects.filter(about=f"conversation:{place_of(company).conversation_id}").order_by("pk")
    assert [(entry.what, entry.why) for entry in entries] == [
        ("shared", "联合处理"), ("shared", "联合处理"), ("share-ended", ""),
    ]  # fmt: skip


def test_a_department_means_the_people_who_belong_to_it(company: Company) -> None:
    rights.set_home(company.reader("admin"), company.users["chenwei"], company.departments["售前组"])
    assert list(sharing.members_of([company.departments["客服中心"]])) == [company.users["chenwei"]]
