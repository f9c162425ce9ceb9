"""Who lacks a right asks; a holder decides, never the asker; it ends by itself; each step is an entry."""

from datetime import timedelta

import pytest

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import requests
from huidang.people.models import Entry
from huidang.people.requests import Place
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def place_of(company: Company, name: str) -> Place:
    conversation = company.conversations[name]
    return Place(conversation.pk, conversation.department_id, conversation.owner_id)


def ask(company: Company, *, who: str = "zhoumin", name: str = "售后", why: str = "核对收件电话") -> requests.Request:
    return requests.ask(
        company.reader(who), kind="reveal", can=Can.UNMASK, places=[place_of(company, name)], why=why, minutes=10
    )


def may_unmask(company: Company, who: str, name: str) -> bool:
    return company.reader(who).may(Can.UNMASK, **place_of(company, name)._asdict())


def test_an_approved_request_lends_the_right_and_takes_it_back(company: Company) -> None:
    request = ask(company)
    assert not may_unmask(company, "zhoumin", "售后")
    requests.approve(company.reader("zhaolan"), request.pk, places=[place_of(company, "售后")])
    assert may_unmask(company, "zhoumin", "售后")
    assert not may_unmask(company, "zhoumin", "售前")
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert not may_unmask(company, "zhoumin", "售后")


def test_a_refusal_lends_nothing_and_says_why(company: Company) -> None:
    request = ask(company)
    requests.refuse(company.reader("zhaolan"), request.pk, places=[place_of(company, "售后")], note="无需查看")
    assert not may_unmask(company, "zhoumin", "售后")
    assert requests.asked_by(company.reader("zhoumin")).get().note == "无需查看"


def test_the_asker_never_decides(company: Company) -> None:
    request = ask(company, who="zhaolan")
    with pytest.raises(Refused):
        requests.approve(company.reader("zhaolan"), request.pk, places=[place_of(company, "售后")])
    assert requests.for_decision_by(company.reader("zhaolan")) == []
    assert requests.for_decision_by(company.reader("fawu")) == [request]


@pytest.mark.parametrize("who", ["zhoumin", "admin", "chenwei"])
def test_only_holders_of_the_right_decide(company: Company, who: str) -> None:
    request = ask(company)
    with pytest.raises((Absent, Refused)):
        requests.approve(company.reader(who), request.pk, places=[place_of(company, "售后")])


def test_a_lent_right_cannot_be_passed_on(company: Company) -> None:
    first = ask(company)
    requests.approve(company.reader("zhaolan"), first.pk, places=[place_of(company, "售后")])
    second = ask(company, who="zhaolan")
    with pytest.raises(Absent):
        requests.approve(company.reader("zhoumin"), second.pk, places=[place_of(company, "售后")])


def test_a_decision_is_for_all_the_conversations_or_none(company: Company) -> None:
    both = [place_of(company, "售后"), place_of(company, "商务")]
    request = requests.ask(company.reader("fawu"), kind="export", can=Can.EXPORT, places=both, why="监管检查")
    with pytest.raises(Absent):
        requests.approve(company.reader("zhaolan"), request.pk, places=both)
    with pytest.raises(Absent):
        requests.approve(company.reader("zhaolan"), request.pk, places=both[:1])


def test_nobody_asks_about_what_lies_outside_their_reach(company: Company) -> None:
    with pytest.raises(Absent):
        ask(company, name="商务")


def test_a_request_is_decided_once(company: Company) -> None:
    request = ask(company)
    requests.approve(company.reader("zhaolan"), request.pk, places=[place_of(company, "售后")])
    with pytest.raises(Problem, match="处理过"):
        requests.approve(company.reader("fawu"), request.pk, places=[place_of(company, "售后")])


def test_an_old_request_is_decided_by_nobody(company: Company) -> None:
    request = ask(company)
    with clock.frozen(clock.now() + timedelta(days=8)), pytest.raises(Problem, match="过期"):
        requests.approve(company.reader("zhaolan"), request.pk, places=[place_of(company, "售后")])


def test_taking_a_request_back_ends_what_it_gave(company: Company) -> None:
    request = ask(company)
    requests.approve(company.reader("zhaolan"), request.pk, places=[place_of(company, "售后")])
    requests.withdraw(company.reader("zhoumin"), request.pk)
    assert not may_unmask(company, "zhoumin", "售后")


def test_the_same_question_waits_once(company: Company) -> None:
    assert ask(company) == ask(company, why="再问一次")


@pytest.mark.parametrize("why", ["", "  ", "x"])
def test_a_reason_is_wanted(company: Company, why: str) -> None:
    with pytest.raises(Problem):
        ask(company, why=why)


def test_every_step_is_an_entry(company: Company) -> None:
    request = ask(company)
    requests.approve(company.reader("zhaolan"), request.pk, places=[place_of(company, "售后")], note="同意")
    entries = Entry.objects.filter(about=f"request:{request.pk}").order_by("pk")
    assert [(entry.what, entry.name, entry.why) for entry in entries] == [
        ("request", "zhoumin", "核对收件电话"),
        ("request-approved", "zhaolan", "同意"),
    ]


def test_bulk_work_needs_two_persons_until_the_house_says_otherwise(company: Company) -> None:
    assert requests.needs_two_persons("export")
    requests.set_two_persons("export", needed=False, by=company.reader("admin"))
    assert not requests.needs_two_persons("export")
    assert not requests.needs_two_persons("reveal")


def export_of(company: Company, query: str) -> requests.Request:
    return requests.ask(
        company.reader("zhaolan"), kind="export", can=Can.EXPORT, places=[place_of(company, "售后")], why="监管检查",
        facts={"query": query, "format": "pdf"},
    )  # fmt: skip


def test_what_it_is_for_is_told_and_found_again_until_it_ends(company: Company) -> None:
    request = export_of(company, "退款")
    assert request != export_of(company, "投诉")
    assert requests.for_decision_by(company.reader("fawu"))[0].facts == {"query": "退款", "format": "pdf"}
    asker, conversations = company.reader("zhaolan"), [company.conversations["售后"].pk]
    assert requests.find_approved(asker, kind="export", conversations=conversations) == []
    requests.approve(company.reader("fawu"), request.pk, places=[place_of(company, "售后")])
    assert requests.find_approved(asker, kind="export", conversations=conversations) == [request]
    assert requests.find_approved(asker, kind="deletion", conversations=conversations) == []
    assert requests.find_approved(asker, kind="export", conversations=[*conversations, 999]) == []
    assert requests.find_approved(company.reader("fawu"), kind="export", conversations=conversations) == []
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert requests.find_approved(asker, kind="export", conversations=conversations) == []


def test_only_asker_and_deciders_know_of_a_request(company: Company) -> None:
    request, places = ask(company), [place_of(company, "售后")]
    assert requests.get_request(company.reader("zhoumin"), request.pk, places) == request
    assert requests.get_request(company.reader("zhaolan"), request.pk, places) == request
    for who in ("admin", "auditor", "chenwei"):
        with pytest.raises(Absent):
            requests.get_request(company.reader(who), request.pk, places)


def test_only_who_manages_sets_what_needs_two_persons(company: Company) -> None:
    with pytest.raises(Absent):
        requests.set_two_persons("export", needed=False, by=company.reader("fawu"))
