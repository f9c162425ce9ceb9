"""Requests on pages: asked in the transcript, decided by a holder of the right, ending by themselves."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people import requests
from huidang.people.models import Request
from huidang.records.placing import place_of
from tests.cast import MOBILE, Company

pytestmark = pytest.mark.django_db

Visit = Callable[[str], Client]


@pytest.fixture
def asked(visit: Visit, company: Company) -> Request:
    place = f"/conversations/{company.conversations['售后'].pk}"
    visit("zhoumin").post(f"{place}/requests", {"why": "核对收件电话", "minutes": "30"})
    return Request.objects.get()


def approve(client: Client, asked: Request, decision: str = "approve", note: str = "") -> int:
    return client.post(f"/requests/{asked.pk}/decisions", {"decision": decision, "note": note}).status_code


def test_a_decider_sees_who_asks_for_what_and_why(visit: Visit, asked: Request) -> None:
    page = visit("zhaolan").get("/requests").text
    for text in ("周敏", "查看遮盖的原文", "30 分钟", "核对收件电话", "售后群", "待审批"):
        assert text in page
    assert '<span class="count-new">1</span>' in visit("zhaolan").get("/conversations").text
    assert '<span class="count-new">' not in visit("zhoumin").get("/conversations").text


def test_what_an_export_holds_is_told_in_words(visit: Visit, asked: Request) -> None:
    Request.objects.filter(pk=asked.pk).update(facts={"format": "evidence", "mask": "outside"})
    page = visit("zhaolan").get("/requests").text
    assert "存证包" in page
    assert "对外标准" in page
    assert "outside" not in page


def test_an_approval_lets_the_asker_look_until_it_ends(visit: Visit, company: Company, asked: Request) -> None:
    agent, place = visit("zhoumin"), f"/conversations/{company.conversations['售后'].pk}"
    assert approve(visit("zhaolan"), asked) == 302
    assert "已获准查看原文" in agent.get(place).text
    assert MOBILE not in agent.get(place).text
    agent.post(f"{place}/reveals", {"why": "核对收件电话", "minutes": "30"})
    assert MOBILE in agent.get(place).text
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert MOBILE not in agent.get(place).text
        assert "已到期" in agent.get("/requests?view=own").text


def test_a_refusal_wants_words(visit: Visit, asked: Request) -> None:
    assert approve(visit("zhaolan"), asked, "refuse") == 400
    assert approve(visit("zhaolan"), asked, "refuse", "不需要") == 302
    page = visit("zhoumin").get("/requests?view=own").text
    assert "已拒绝" in page
    assert "不需要" in page
    assert "不需要" in visit("zhaolan").get("/requests?view=decided").text


def test_an_approval_is_taken_back(visit: Visit, company: Company, asked: Request) -> None:
    supervisor = visit("zhaolan")
    approve(supervisor, asked)
    supervisor.post(f"/requests/{asked.pk}/revocations", {"note": "误批"})
    assert "已收回" in visit("zhoumin").get(f"/requests/{asked.pk}").text
    assert not company.reader("zhoumin").reach(Can.UNMASK)


def test_the_asker_takes_it_back(visit: Visit, asked: Request) -> None:
    visit("zhoumin").post(f"/requests/{asked.pk}/withdrawals")
    assert "没有等你审批的申请" in visit("zhaolan").get("/requests?view=waiting").text
    assert approve(visit("zhaolan"), asked) == 400


def test_the_asker_never_decides(visit: Visit, company: Company) -> None:
    place = place_of(company.conversations["售后"].pk, company.reader("zhaolan"))
    own = requests.ask(company.reader("zhaolan"), kind="export", can=Can.EXPORT, places=[place], why="监管检查")
    assert 'name="decision"' not in visit("zhaolan").get(f"/requests/{own.pk}").text
    assert approve(visit("zhaolan"), own) == 403


@pytest.mark.parametrize("username", ["admin", "auditor", "chenwei"])
def test_to_everybody_else_a_request_is_absent(visit: Visit, asked: Request, username: str) -> None:
    client = visit(username)
    answers = [client.get(f"/requests/{asked.pk}"), client.get("/requests/999")]
    answers += [client.post(f"/requests/{asked.pk}/{what}") for what in ("decisions", "revocations", "withdrawals")]
    assert {answer.status_code for answer in answers} == {404}
    assert "核对收件电话" not in client.get("/requests").text


def test_who_lost_sight_of_the_conversation_does_not_decide(visit: Visit, company: Company, asked: Request) -> None:
    talk = company.conversations["售后"]
    type(talk).objects.unguarded("test").filter(pk=talk.pk).update(department=company.departments["商务部"])
    assert approve(visit("zhaolan"), asked) == 404
    assert approve(visit("fawu"), asked) == 302


def test_nobody_asks_about_what_they_cannot_see(visit: Visit, company: Company) -> None:
    place = f"/conversations/{company.conversations['商务'].pk}/requests"
    assert visit("zhoumin").get(place).status_code == 404
    assert visit("zhoumin").post(place, {"why": "核对收件电话"}).status_code == 404


def test_an_old_request_says_that_nobody_decided(visit: Visit, asked: Request) -> None:
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert "已过期，无人审批" in visit("zhoumin").get("/requests?view=own").text


def test_a_form_keeps_what_was_typed(visit: Visit, company: Company) -> None:
    place = f"/conversations/{company.conversations['售后'].pk}/requests"
    answer = visit("zhoumin").post(place, {"why": "x", "minutes": "60", "kind": "recalled"})
    assert answer.status_code == 400
    assert 'value="60" checked' in answer.text
    assert "查看撤回的原文" in answer.text
