"""Accounts and roles on pages: found, invited, closed, given rights one by one and in bulk; each step can be undone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people import grants
from huidang.people.models import Grant, Role, User
from huidang.people.roles import get_role
from tests.cast import Company
from tests.web.forms import undo

pytestmark = pytest.mark.django_db

Visit = Callable[[str], Client]


def usernames(page: str) -> list[str]:
    return re.findall(r'<small class="mono">(\w+)</small>', page)


def test_only_who_manages_the_house_comes_in(visit: Visit, company: Company) -> None:
    grants.give(company.users["chenwei"], "administrator", over=company.departments["客服中心"])
    here = company.users["zhoumin"].pk
    for name in ("zhaolan", "fawu", "auditor", "chenwei"):
        client = visit(name)
        for place in ("/accounts", "/accounts/creations", f"/accounts/{here}", "/roles", "/roles/1"):
            assert client.get(place).status_code == 404, place
        for place in ("closings", "reopenings", "links", "grants", "names"):
            assert client.post(f"/accounts/{here}/{place}").status_code == 404, place
        for place in ("/accounts/grants", "/accounts/withdrawals", "/roles/creations"):
            assert client.post(place).status_code == 404, place
    assert visit("admin").get("/accounts/999").status_code == 404


def test_accounts_are_found(visit: Visit, company: Company) -> None:
    admin = visit("admin")
    grants.close_account(company.users["fawu"])
    assert len(usernames(admin.get("/accounts").text)) == 6
    for asked, found in (
        ("q=周", ["zhoumin"]),
        ("q=ZHAO", ["zhaolan"]),
        ("role=supervisor", ["zhaolan"]),
        ("role=none", ["chenwei"]),
        ("state=closed", ["fawu"]),
        ("state=new&role=agent", ["zhoumin"]),
        (f"department={company.departments['客服中心'].pk}", []),
        ("page=9223372036854775807", []),
        ("department=9223372036854775807", []),
        ("department=x&state=x&role=x", []),
        ("department=9999999999999999999&role=supervisor", ["zhaolan"]),
    ):
        assert usernames(admin.get(f"/accounts?{asked}").text) == found, asked


def test_an_invited_person_comes_in_once_with_the_first_role(visit: Visit, company: Company) -> None:
    sent = {"name": "林雪", "username": "linxue", "role": "agent", "where": "below", "until": "2099-01-31"}
    over = company.departments["售前组"].pk
    page = visit("admin").post("/accounts/creations", sent | {"department": over, "home": over})
    link = re.search(r'value="http://testserver(/signin/[^"]+)"', page.text)
    assert link is not None
    (held,) = Grant.objects.filter(user__username="linxue")
    assert (held.role.name, held.department_id, held.children) == ("agent", over, True)
    assert "到 2099-01-31" in page.text
    assert link[1] not in visit("admin").get(f"/accounts/{held.user_id}").text
    newcomer = Client(headers={"accept-language": "zh-hans"})
    assert newcomer.post(link[1]).status_code == 302
    assert "售前群" in newcomer.get("/conversations").text
    assert "售后群" not in newcomer.get("/conversations").text
    assert newcomer.post(link[1]).status_code == 410


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": "zhoumin"}, "已有账号「zhoumin」"),
        ({"username": "林 雪"}, "账号只能用字母"),
        ({"name": " "}, "姓名写 1 到 100 个字"),
        ({"role": "agent", "where": "below"}, "选出授权在哪个部门"),
        ({"role": "agent", "where": "own", "until": "2020-01-01"}, "截止日不能早于今天"),
        ({"role": "agent", "where": "own", "until": "明天"}, "日期应写作"),
        ({"role": "无此角色", "where": "own"}, "没有名为「无此角色」的角色"),
    ],
)
def test_a_wrong_invitation_makes_nothing_and_keeps_what_was_typed(
    visit: Visit, wrong: dict[str, str], said: str
) -> None:
    sent = {"name": "林雪", "username": "linxue"} | wrong
    page = visit("admin").post("/accounts/creations", sent)
    assert page.status_code == 400
    assert said in page.text
    assert f'value="{sent["username"]}"' in page.text
    assert page.text.count('aria-invalid="true" aria-describedby="refused-create" autofocus') == 1
    assert User.objects.count() == 6


def test_a_role_is_given_to_several_at_once_and_taken_back(visit: Visit, company: Company) -> None:
    admin = visit("admin")
    who = [company.users[name].pk for name in ("chenwei", "fawu", "zhoumin")]
    sent = {"account": who, "role": "agent", "where": "only", "department": company.departments["商务部"].pk}
    page = admin.post("/accounts/grants?role=agent", sent, follow=True)
    assert page.request["QUERY_STRING"] == "role=agent"
    assert "已授权 3 人" in page.text
    again = admin.post("/accounts/grants", sent | {"account": who[:2]}, follow=True)
    assert "已授权 0 人，另有 2 人本来就有" in again.text
    assert Grant.objects.filter(user__in=who, department=company.departments["商务部"]).count() == 3
    back = undo(admin, page)
    assert "已收回 3 条授权" in back.text
    assert not company.reader("chenwei").reach(Can.READ)
    undo(admin, back)
    assert company.reader("chenwei").reach(Can.READ).departments == {company.departments["商务部"].pk}
    assert "先选中要授权的人" in admin.post("/accounts/grants", sent | {"account": []}).text


def test_a_grant_given_until_a_day_ends_with_that_day(visit: Visit, company: Company) -> None:
    chenwei, today = company.users["chenwei"], f"{clock.now() + timedelta(hours=8):%Y-%m-%d}"
    page = visit("admin").post(
        f"/accounts/{chenwei.pk}/grants", {"role": "agent", "where": "own", "until": today}, follow=True
    )
    assert f"到 {today}" in page.text
    (held,) = Grant.objects.filter(user=chenwei)
    assert held.until_at is not None
    assert clock.now() < held.until_at <= clock.now() + timedelta(days=1)
    with clock.frozen(held.until_at):
        assert "已到期" in visit("admin").get(f"/accounts/{chenwei.pk}").text


def test_a_withdrawn_grant_is_given_again_by_its_undo(visit: Visit, company: Company) -> None:
    admin, zhoumin = visit("admin"), company.users["zhoumin"]
    before = company.reader("zhoumin").reaches
    page = admin.post("/accounts/withdrawals", {"grant": Grant.objects.get(user=zhoumin).pk}, follow=True)
    assert "没有任何授权" in page.text
    undo(admin, page)
    assert company.reader("zhoumin").reaches == before
    assert admin.post("/accounts/withdrawals", {"grant": 999}).status_code == 404
    assert admin.post("/accounts/withdrawals").status_code == 404


def test_the_last_administrator_stays(visit: Visit, company: Company) -> None:
    admin, me = visit("admin"), company.users["admin"]
    taken = admin.post("/accounts/withdrawals", {"grant": Grant.objects.get(user=me).pk})
    closed = admin.post(f"/accounts/{me.pk}/closings")
    assert (taken.status_code, closed.status_code) == (403, 403)
    assert all("这是最后一位管理员" in page.text for page in (taken, closed))
    role = get_role("administrator")
    emptied = admin.post(f"/roles/{role.pk}/capabilities", {"can": ["audit"]})
    assert "这样就没有管理员了" in emptied.text
    assert 'value="audit" checked' in emptied.text
    assert get_role("administrator").capabilities == ["manage"]


def test_a_closed_account_is_out_at_once_and_back_by_the_undo(visit: Visit, company: Company) -> None:
    admin, person = visit("admin"), visit("zhoumin")
    page = admin.post(f"/accounts/{company.users['zhoumin'].pk}/closings", follow=True)
    assert "已停用 周敏" in page.text
    assert person.get("/conversations").status_code == 302
    assert "这个账号已停用" in admin.post(f"/accounts/{company.users['zhoumin'].pk}/links").text
    undo(admin, page)
    assert "售后群" in visit("zhoumin").get("/conversations").text


def test_name_and_home_change_together_and_back(visit: Visit, company: Company) -> None:
    admin, zhoumin = visit("admin"), company.users["zhoumin"]
    home = company.departments["商务部"]
    page = admin.post(f"/accounts/{zhoumin.pk}/names", {"name": "周小敏", "department": home.pk}, follow=True)
    zhoumin.refresh_from_db()
    assert (zhoumin.name, zhoumin.department_id) == ("周小敏", home.pk)
    undo(admin, page)
    zhoumin.refresh_from_db()
    assert (zhoumin.name, zhoumin.department_id) == ("周敏", None)
    assert "姓名写 1 到 100 个字" in admin.post(f"/accounts/{zhoumin.pk}/names", {"name": ""}).text


def test_a_house_makes_roles_of_its_own(visit: Visit, company: Company) -> None:
    admin = visit("admin")
    admin.post("/roles/creations", {"name": "质检", "can": ["read", "audit", "无此权限"]})
    role = Role.objects.get(name="质检")
    assert role.capabilities == ["audit", "read"]
    page = admin.post(f"/roles/{role.pk}/capabilities", {"can": ["read"]}, follow=True)
    undo(admin, page)
    role.refresh_from_db()
    assert role.capabilities == ["audit", "read"]
    undo(admin, admin.post(f"/roles/{role.pk}/names", {"name": "质量"}, follow=True))
    assert Role.objects.filter(name="质检").exists()
    undo(admin, admin.post(f"/roles/{role.pk}/removals", follow=True))
    assert Role.objects.filter(name="质检").exists()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "质检"}, "至少选一项权限"),
        ({"name": "", "can": "read"}, "角色要有名称"),
        ({"name": "主管", "can": "read"}, "已有角色「主管」"),
        ({"name": "agent", "can": "read"}, "已有角色「agent」"),
    ],
)
def test_a_wrong_role_is_refused_in_place(visit: Visit, sent: dict[str, str], said: str) -> None:
    page = visit("admin").post("/roles/creations", sent)
    assert (page.status_code, said in page.text) == (400, True)


def test_standing_and_held_roles_stay(visit: Visit, company: Company) -> None:
    admin, agent = visit("admin"), get_role("agent")
    assert "自带的角色不能删除" in admin.post(f"/roles/{agent.pk}/removals").text
    assert "自带的角色不能改名" in admin.post(f"/roles/{agent.pk}/names", {"name": "坐席"}).text
    assert "看会话与消息" in admin.get(f"/roles/{agent.pk}").text
    assert "<small>1 人</small>" in admin.get("/roles").text
