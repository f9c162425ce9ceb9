"""Why can I, why can they, why can they not: told in sentences to those who may ask."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.people import grants
from tests.cast import Company

pytestmark = pytest.mark.django_db

Visit = Callable[[str], Client]


def at(company: Company, name: str = "售后") -> str:
    return f"/conversations/{company.conversations[name].pk}/grounds"


def test_oneself_is_told_by_which_grant(visit: Visit, company: Company) -> None:
    assert "「客服」授权就在会话所属的售后组" in visit("zhoumin").get(at(company)).text
    assert "「主管」授权在上级客服中心，连同下级" in visit("zhaolan").get(at(company)).text
    assert "「法务」授权范围是全公司" in visit("fawu").get(at(company)).text
    admin = visit("admin").get(at(company)).text
    assert "管理员看不到会话内容" in admin
    assert "售后群" not in admin
    assert visit("chenwei").get(at(company)).status_code == 404
    assert visit("zhoumin").get(at(company, "商务")).status_code == 404


def test_everybody_who_sees_is_told_to_who_may_ask(visit: Visit, company: Company) -> None:
    for who in ("zhoumin", "zhaolan", "fawu", "admin", "auditor"):
        page = visit(who).get(at(company)).text.partition("现在谁能看到")[2]
        assert all(name in page for name in ("zhoumin", "zhaolan", "fawu"))
        assert "chenwei" not in page
    last = f"{clock.now() + timedelta(days=3):%Y-%m-%d}"
    visit("zhoumin").post(
        f"/conversations/{company.conversations['售后'].pk}/shares",
        {"person": "chenwei", "until": last, "why": "一起看"},
    )
    borrower = visit("chenwei").get(at(company)).text
    assert f"同事共享了这个会话，到 {last}" in borrower
    assert "现在谁能看到" not in borrower


@pytest.mark.parametrize("asker", ["zhaolan", "admin"])
def test_no_is_explained(visit: Visit, company: Company, asker: str) -> None:
    assert "没有任何授权、共享或获批的申请" in visit(asker).get(f"{at(company)}?who=chenwei").text
    grants.give(company.users["chenwei"], "agent", over=company.departments["商务部"])
    grants.give(company.users["chenwei"], "agent", own=True)
    page = visit(asker).get(f"{at(company)}?who=陈未").text
    assert "陈未看不到这个会话：" in page
    assert "「客服」授权在商务部，管不到这个会话" in page
    assert "「客服」授权只管本人名下，这个会话不在其名下" in page
    grants.close_account(company.users["zhoumin"])
    assert "账号已停用" in visit(asker).get(f"{at(company)}?who=zhoumin").text
    assert "没有叫「无此人」" in visit(asker).get(f"{at(company)}?who=无此人").text


def test_an_account_page_answers_for_a_conversation(visit: Visit, company: Company) -> None:
    admin, zhoumin = visit("admin"), company.users["zhoumin"].pk
    pk = company.conversations["售后"].pk
    for asked in (pk, f"https://archive.example/conversations/{pk}/messages/7?q=x"):
        assert "「客服」授权就在会话所属的售后组" in admin.get(f"/accounts/{zhoumin}", {"conversation": asked}).text
    other = company.conversations["商务"].pk
    assert "周敏看不到这个会话：" in admin.get(f"/accounts/{zhoumin}", {"conversation": other}).text
    for asked in ("9" * 18, "9" * 30, "售后群"):
        page = admin.get(f"/accounts/{zhoumin}", {"conversation": asked})
        assert (page.status_code, "没有这个会话" in page.text) == (400, True)
