"""Deleting on legal grounds: one holder of the right asks on a page, another decides, and only the proof stays."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from huidang import search
from huidang.exports.evidence.checking import check
from huidang.kernel import ledger
from huidang.kernel.models import Job
from huidang.kernel.worker import Worker
from huidang.people import departments, grants, reader_for, requests
from huidang.people.models import Entry, Request, User
from huidang.people.readers import local_operator
from huidang.records.models import Conversation, Deletion, Message, MessageKey, Participant
from huidang.upkeep.verify import verify_archive
from tests.cast import Company, hire
from tests.exports.evidence.packages import fill, package
from tests.search.conftest import writer

__all__ = ["writer"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("writer")]

Visit = Callable[[str], Client]
FORM = {"ground": "pipl-47-consent", "why": "客户来函撤回同意"}


@pytest.fixture
def company(transactional_db: None) -> Company:
    """Hire everybody, and a second lawyer; nothing is stored that was never logged."""
    company = Company()
    for name in ("望山家电/客服中心/售后组", "望山家电/商务部"):
        company.departments[name.rpartition("/")[2]] = departments.ensure(name)
    company.departments["客服中心"] = company.departments["售后组"].parent  # type: ignore[assignment]
    hire(company)
    company.users["lvshi"] = User.objects.create(username="lvshi", name="孙律师", password="!")
    grants.give(company.users["lvshi"], "compliance", everything=True)
    return company


@pytest.fixture
def talk(company: Company) -> Conversation:
    talk = fill()
    Conversation.objects.unguarded("the stage is ours").filter(pk=talk.pk).update(
        department=company.departments["售后组"]
    )
    return talk


def message(key: str) -> Message:
    found: Message = Message.objects.unguarded("the stage is ours").get(key=key)
    return found


def place(talk: Conversation, key: str = "m0") -> str:
    return f"/conversations/{talk.pk}/messages/{message(key).pk}"


def work() -> None:
    Worker(kinds=("erase", "index", "forget-files", "forget-uploads")).work_off()


def hits(company: Company, username: str, text: str) -> int:
    return search.find(reader_for(company.users[username]), text).total


def test_one_asks_another_approves_and_the_proof_stays(
    visit: Visit, company: Company, talk: Conversation, tmp_path: Path
) -> None:
    earlier = package(tmp_path / "earlier", talk)
    work()
    assert hits(company, "fawu", "手机号") == hits(company, "zhoumin", "手机号") == 1
    asker, decider = visit("fawu"), visit("lvshi")
    assert "申请删除" in asker.get(f"{place(talk)}/deletions").text
    answer = asker.post(f"{place(talk)}/deletions", FORM)
    asked = Request.objects.get()
    assert answer.headers["Location"] == f"/deletions/{asked.facts['deletion']}"
    own = asker.post(f"/requests/{asked.pk}/decisions", {"decision": "approve"})
    assert (own.status_code, "不能审批自己的申请" in own.text) == (403, True)
    work()
    assert MessageKey.objects.filter(message_id=message("m0").pk).exists()
    page = decider.get("/requests").text
    for text in ("删除记录", "客户来函撤回同意", "个人撤回同意", "逐条看要删除的消息"):
        assert text in page
    assert "手机号" in decider.get(f"/deletions/{asked.facts['deletion']}").text
    assert decider.post(f"/requests/{asked.pk}/decisions", {"decision": "approve"}).status_code == 302
    work()
    assert "已删除" in asker.get(f"/deletions/{asked.facts['deletion']}").text
    shown = asker.get(place(talk)).text
    assert "内容已依法删除，存证哈希仍在" in shown
    assert "手机号" not in shown
    assert hits(company, "fawu", "手机号") == hits(company, "zhoumin", "手机号") == 0
    assert Entry.objects.get(what="erase").user_id == company.users["fawu"].pk
    report = verify_archive()
    assert (report["ok"], report["checked"]["erased"]) == (True, 1), report["problems"]
    assert check(earlier)["ok"]
    later = check(package(tmp_path / "later", talk))
    assert (later["ok"], later["checked"]["erased"]) == (True, 1), later["problems"]


def test_all_messages_of_a_customer_go_and_those_of_others_stay(
    visit: Visit, company: Company, talk: Conversation
) -> None:
    customer, agent = Participant.objects.get(name="王女士"), Participant.objects.get(name="周敏")
    asker = visit("fawu")
    address = f"/conversations/{talk.pk}/people/{customer.pk}/deletions"
    assert address in asker.get(f"/conversations/{talk.pk}/facts").text
    assert "王女士 的全部消息" in asker.get(address).text
    assert asker.get(f"/conversations/{talk.pk}/people/{agent.pk}/deletions").status_code == 404
    asker.post(address, FORM)
    asked = Request.objects.get()
    visit("lvshi").post(f"/requests/{asked.pk}/decisions", {"decision": "approve"})
    work()
    rows = Message.objects.unguarded("the stage is ours").filter(entry="message")
    assert not rows.filter(sender=customer).exclude(text="").exists()
    assert rows.filter(sender=agent).exclude(text="").exists()
    assert verify_archive()["ok"]


def test_a_refusal_or_a_withdrawal_leaves_everything(visit: Visit, talk: Conversation) -> None:
    asker = visit("fawu")
    for key, end in (("m0", "decisions"), ("m2", "withdrawals")):
        asker.post(f"{place(talk, key)}/deletions", FORM)
        who = visit("lvshi") if end == "decisions" else asker
        who.post(f"/requests/{Request.objects.latest('pk').pk}/{end}", {"decision": "refuse", "note": "仍在保存期"})
        work()
    assert list(Deletion.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "cancelled"]
    assert message("m0").text
    assert message("m2").text
    assert "仍在保存期" in asker.get(f"/deletions/{Deletion.objects.earliest('pk').pk}").text


def test_the_same_question_is_one_request_and_names_its_ground(visit: Visit, talk: Conversation) -> None:
    asker = visit("fawu")
    assert "选一个删除依据" in asker.post(f"{place(talk)}/deletions", {"why": "撤回"}).text
    assert "写明事由" in asker.post(f"{place(talk)}/deletions", FORM | {"why": ""}).text
    for _again in range(2):
        asker.post(f"{place(talk)}/deletions", FORM)
    assert Deletion.objects.count() == Request.objects.count() == 1


def test_one_person_is_enough_where_the_house_says_so(visit: Visit, talk: Conversation) -> None:
    requests.set_two_persons("deletion", needed=False, by=local_operator())
    visit("fawu").post(f"{place(talk)}/deletions", FORM)
    assert message("m0").text == ""
    assert not Request.objects.exists()
    assert Deletion.objects.get().state == "done"


def test_only_holders_of_the_right_know_of_it(visit: Visit, talk: Conversation) -> None:
    visit("fawu").post(f"{place(talk)}/deletions", FORM)
    made = Deletion.objects.get()
    for username in ("zhoumin", "zhaolan", "admin", "auditor", "chenwei"):
        client = visit(username)
        assert client.get(f"{place(talk)}/deletions").status_code == 404
        assert client.post(f"{place(talk)}/deletions", FORM).status_code == 404
        assert client.get(f"/deletions/{made.pk}").status_code == 404
    assert "/deletions" not in visit("zhaolan").get(place(talk)).text


def test_the_deletion_waits_for_its_second_person_whatever_the_log_does(visit: Visit, talk: Conversation) -> None:
    visit("fawu").post(f"{place(talk)}/deletions", FORM)
    size = ledger.size()
    Job.objects.filter(kind="erase").delete()
    work()
    assert (ledger.size(), message("m0").text != "") == (size, True)
