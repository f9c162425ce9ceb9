"""Who may unmask looks with a reason; each look is an entry, and ends by time, by hand or with the right."""

from datetime import timedelta

import pytest

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import grants, requests, reveals
from huidang.people.models import Entry, Request
from huidang.people.requests import Place
from huidang.records.placing import place_of as stored_place
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]

WHY = "核对收件电话"


def place_of(company: Company, name: str = "售后") -> Place:
    return stored_place(company.conversations[name].pk, company.reader("fawu"))


def approved(company: Company, who: str, *, kind: str, minutes: int = 10, by: str = "fawu") -> Request:
    place = place_of(company)
    asked = requests.ask(company.reader(who), kind=kind, can=Can.UNMASK, places=[place], why=WHY, minutes=minutes)
    return requests.approve(company.reader(by), asked.pk, places=[place])


def test_a_look_is_an_entry_and_ends(company: Company) -> None:
    reader, place = company.reader("zhaolan"), place_of(company)
    begun = reveals.reveal(reader, place, message_id=7, why=WHY)
    assert reveals.running(reader, place) == [begun]
    entry = Entry.objects.get(what="reveal")
    assert (entry.name, entry.about, entry.why) == ("zhaolan", "message:7", WHY)
    assert entry.facts["until"] == begun.until_at.isoformat()
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert reveals.running(reader, place) == []


def test_it_can_be_ended_by_hand_and_only_by_oneself(company: Company) -> None:
    reader, place = company.reader("zhaolan"), place_of(company)
    begun = reveals.reveal(reader, place, message_id=7, why=WHY)
    with pytest.raises(Absent):
        reveals.end(company.reader("fawu"), begun.pk)
    reveals.end(reader, begun.pk)
    reveals.end(reader, begun.pk)
    assert reveals.running(reader, place) == []
    assert Entry.objects.filter(what="reveal-ended").count() == 1


@pytest.mark.parametrize("who", ["zhoumin", "admin", "auditor", "chenwei"])
def test_who_may_not_unmask_looks_at_nothing(company: Company, who: str) -> None:
    with pytest.raises(Absent):
        reveals.reveal(company.reader(who), place_of(company), message_id=7, why=WHY)


def test_nothing_is_shown_once_the_right_is_gone(company: Company) -> None:
    reveals.reveal(company.reader("zhaolan"), place_of(company), message_id=7, why=WHY)
    for grant in grants.valid_grants().filter(user=company.users["zhaolan"]):
        grants.withdraw(grant)
    assert reveals.running(company.reader("zhaolan"), place_of(company)) == []


@pytest.mark.parametrize(("why", "minutes"), [("", 5), ("x", 5), (WHY, 7)])
def test_a_reason_and_a_known_length_are_wanted(company: Company, why: str, minutes: int) -> None:
    with pytest.raises(Problem):
        reveals.reveal(company.reader("zhaolan"), place_of(company), message_id=7, why=why, minutes=minutes)


def test_a_whole_conversation_wants_a_second_person(company: Company) -> None:
    place = place_of(company)
    with pytest.raises(Refused, match="另一个人"):
        reveals.reveal(company.reader("zhaolan"), place, why=WHY)
    approved(company, "zhaolan", kind=reveals.BULK)
    begun = reveals.reveal(company.reader("zhaolan"), place, why=WHY)
    assert begun.message_id is None


def test_a_house_may_do_without(company: Company) -> None:
    requests.set_two_persons(reveals.BULK, needed=False, by=company.reader("admin"))
    assert reveals.reveal(company.reader("zhaolan"), place_of(company), why=WHY)


def test_a_lent_right_ends_the_look_with_it(company: Company) -> None:
    request = approved(company, "zhoumin", kind="reveal", minutes=3, by="zhaolan")
    begun = reveals.reveal(company.reader("zhoumin"), place_of(company), why=WHY)
    assert begun.until_at == request.until_at


def test_taking_a_right_back_ends_the_look(company: Company) -> None:
    request = approved(company, "zhoumin", kind="reveal", by="zhaolan")
    place = place_of(company)
    reveals.reveal(company.reader("zhoumin"), place, why=WHY)
    requests.revoke(company.reader("zhaolan"), request.pk, places=[place], note="误批")
    assert reveals.running(company.reader("zhoumin"), place) == []
    with pytest.raises(Problem, match="处理过"):
        requests.revoke(company.reader("zhaolan"), request.pk, places=[place], note="误批")


def test_recent_reasons_come_back(company: Company) -> None:
    reader = company.reader("zhaolan")
    for why in ("核对地址", WHY, "核对地址"):
        reveals.reveal(reader, place_of(company), message_id=7, why=why)
    assert reveals.recent_reasons(reader) == ["核对地址", WHY]
