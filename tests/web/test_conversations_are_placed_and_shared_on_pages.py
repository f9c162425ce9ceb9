"""Where a conversation belongs, on pages: moved, given an owner, shared until a day, taken back; and who may at all."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.people import grants, rights
from huidang.people.models import Loan
from huidang.records.models import Conversation
from tests.cast import MOBILE, Company
from tests.web.forms import undo

pytestmark = pytest.mark.django_db

Visit = Callable[[str], Client]


def at(company: Company, name: str = "售后", page: str = "placements") -> str:
    return f"/conversations/{company.conversations[name].pk}/{page}"


def soon(days: int = 3) -> str:
    return f"{clock.now() + timedelta(days=days):%Y-%m-%d}"


def sees(visit: Visit, who: str, title: str = "售后群") -> bool:
    return title in visit(who).get("/conversations").text


def test_the_panel_offers_what_the_reader_may_do(visit: Visit, company: Company) -> None:
    piece = {"HX-Request": "true"}
    panels = {name: visit(name).get(at(company), headers=piece).text for name in ("zhoumin", "zhaolan", "fawu")}
    assert all("为什么能看到？" in panel and "<html" not in panel for panel in panels.values())
    assert "移到别的部门" in panels["zhoumin"]
    assert "商务部" not in panels["zhoumin"].partition("共享给同事")[0]
    assert 'value="">待分拣' not in panels["zhaolan"]
    assert "移到别的部门" not in panels["fawu"]
    assert "共享给同事" not in panels["fawu"]
    assert visit("chenwei").get(at(company)).status_code == 404


def test_a_move_is_seen_at_once_and_taken_back(visit: Visit, company: Company) -> None:
    sent = {"department": company.departments["售前组"].pk, "why": f"客户电话{MOBILE}问的是售前"}
    page = visit("zhaolan").post(at(company), sent, follow=True)
    assert "已移到「售前组」" in page.text
    assert page.redirect_chain[0][0] == f"/conversations/{company.conversations['售后'].pk}"
    assert not sees(visit, "zhoumin")
    history = visit("zhaolan").get(at(company)).text
    assert "望山家电/客服中心/售前组" in history
    assert MOBILE not in history
    undo(visit("zhaolan"), page)
    assert sees(visit, "zhoumin")


def test_nobody_moves_where_they_do_not_file(visit: Visit, company: Company) -> None:
    page = visit("zhaolan").post(at(company), {"department": company.departments["商务部"].pk, "why": "转商务"})
    assert page.status_code == 403
    assert "只能移到自己也能归档的部门" in page.text
    assert 'value="转商务"' in page.text
    for who in ("fawu", "chenwei", "auditor"):
        assert visit(who).post(at(company), {"department": ""}).status_code == 404
    assert "没有这个部门" in visit("zhaolan").post(at(company), {"department": 999}).text


def test_who_keeps_rights_places_without_reading(visit: Visit, company: Company) -> None:
    admin = visit("admin")
    page = admin.get(at(company, "待分拣"))
    assert "你只能看归属与权限，看不到内容" in page.text
    assert "待分拣群" not in page.text
    moved = admin.post(at(company, "待分拣"), {"department": company.departments["售后组"].pk, "back": "page"})
    assert moved.headers["Location"] == at(company, "待分拣")
    assert sees(visit, "zhoumin", "待分拣群")


def test_an_earlier_department_is_named_to_those_who_know_it(visit: Visit, company: Company) -> None:
    visit("admin").post(at(company, "商务"), {"department": company.departments["售后组"].pk})
    assert "商务部" in visit("fawu").get(at(company, "商务")).text
    history = visit("zhoumin").get(at(company, "商务")).text.partition('id="history"')[2]
    assert "其他部门" in history
    assert "商务部" not in history


def test_the_owner_is_named_and_taken_back(visit: Visit, company: Company) -> None:
    grants.give(company.users["chenwei"], "agent", own=True)
    page = visit("zhaolan").post(at(company, page="owners"), {"owner": "陈未"}, follow=True)
    assert "已归到 陈未 名下" in page.text
    assert sees(visit, "chenwei")
    undo(visit("zhaolan"), page)
    assert not sees(visit, "chenwei")
    wrong = visit("zhaolan").post(at(company, page="owners"), {"owner": "无此人", "why": "接手"})
    assert (wrong.status_code, "没有叫「无此人」" in wrong.text, 'value="接手"' in wrong.text) == (400, True, True)


def test_a_share_opens_for_a_person_and_is_taken_back(visit: Visit, company: Company) -> None:
    sent = {"person": "chenwei", "until": soon(), "why": "一起看"}
    page = visit("zhoumin").post(at(company, page="shares"), sent, follow=True)
    assert "已共享给 1 人" in page.text
    assert sees(visit, "chenwei")
    with clock.frozen(clock.now() + timedelta(days=5)):
        assert not sees(visit, "chenwei")
    assert "陈未" in visit("zhaolan").get(at(company)).text
    ended = visit("zhaolan").post(at(company, page="shares/endings"), {"loan": Loan.objects.get().pk}, follow=True)
    assert not sees(visit, "chenwei")
    undo(visit("zhaolan"), ended)
    assert sees(visit, "chenwei")


def test_a_share_with_a_department_means_its_people_now(visit: Visit, company: Company) -> None:
    rights.set_home(company.reader("admin"), company.users["chenwei"], company.departments["商务部"])
    sent = {"department": company.departments["商务部"].pk, "until": soon(), "why": "转商务跟进"}
    page = visit("zhoumin").post(at(company, page="shares"), sent, follow=True)
    assert sees(visit, "chenwei")
    undo(visit("zhoumin"), page)
    assert not sees(visit, "chenwei")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"person": ""}, "选出要共享给谁"),
        ({"until": "2020-01-01"}, "截止日应在今天之后"),
        ({"until": ""}, "截止日应在今天之后"),
        ({"until": "31/12/2026"}, "日期应写作"),
        ({"why": ""}, "事由"),
        ({"person": "zhoumin"}, "选出要共享给谁"),
    ],
)
def test_a_wrong_share_is_refused_in_place(visit: Visit, company: Company, change: dict[str, str], said: str) -> None:
    sent = {"person": "chenwei", "until": soon(), "why": "一起看"} | change
    page = visit("zhoumin").post(at(company, page="shares"), sent)
    assert page.status_code == 400
    assert said in page.text
    assert f'value="{sent["person"]}"' in page.text
    assert page.text.count('aria-invalid="true" aria-describedby="refused-share" autofocus') == 1
    assert not Loan.objects.exists()


def test_a_borrower_neither_shares_nor_moves(visit: Visit, company: Company) -> None:
    visit("zhoumin").post(at(company, page="shares"), {"person": "chenwei", "until": soon(), "why": "一起看"})
    client = visit("chenwei")
    assert client.post(at(company, page="shares"), {"person": "fawu", "until": soon(), "why": "看"}).status_code == 404
    assert client.post(at(company), {"department": ""}).status_code == 404
    assert client.post(at(company, page="shares/endings"), {"loan": Loan.objects.get().pk}).status_code == 404
    assert Conversation.objects.readable_by(company.reader("chenwei")).count() == 1
