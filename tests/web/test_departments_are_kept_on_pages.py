"""Departments on pages: the tree, its steps and their undoing, the import, and who sees a department."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people import grants
from huidang.people.departments import create, move, paths
from huidang.people.models import Department, Entry
from huidang.shelves.lexicons import create_lexicon
from tests.cast import Company
from tests.web.forms import undo

pytestmark = pytest.mark.django_db

Visit = Callable[[str], Client]


def names() -> list[str]:
    return [path.rpartition("/")[2] for path in paths().values()]


def test_administration_is_one_place_for_those_who_keep_something(visit: Visit) -> None:
    admin = visit("admin")
    assert admin.get("/admin").headers["Location"] == "/departments"
    page = admin.get("/departments").text
    assert 'href="/admin" aria-current="page"' in page
    assert '<a href="/departments" aria-current="page">部门</a>' in page
    assert '<a href="/lexicons">词库</a>' in page
    assert visit("auditor").get("/admin").headers["Location"] == "/audit"
    assert visit("auditor").get("/departments").status_code == 404
    for name in ("zhoumin", "zhaolan", "fawu"):
        client = visit(name)
        assert "/admin" not in client.get("/conversations").text
        assert [client.get(place).status_code for place in ("/admin", "/departments")] == [404, 404]


def test_a_department_is_added_below_another(visit: Visit, company: Company) -> None:
    admin, centre = visit("admin"), company.departments["客服中心"]
    answer = admin.post("/departments/creations", {"name": "夜班组", "under": centre.pk}, follow=True)
    assert "已新建「夜班组」" in answer.text
    again = admin.post("/departments/creations", {"name": "夜班组", "under": centre.pk})
    assert again.status_code == 400
    assert "同一级已有部门「夜班组」" in again.text
    assert 'value="夜班组" aria-invalid="true"' in again.text


def test_an_empty_department_is_deleted_and_brought_back(visit: Visit, company: Company) -> None:
    admin, before = visit("admin"), paths()
    empty = create("夜班组", under=company.departments["客服中心"])
    move(empty, under=empty.parent, before=company.departments["售后组"])
    standing = paths()
    page = admin.post(f"/departments/{empty.pk}/removals", follow=True)
    assert "已删除「夜班组」" in page.text
    assert paths() == before
    assert "已恢复「夜班组」" in undo(admin, page).text
    assert list(paths().items()) == list(standing.items())
    assert admin.post(f"/departments/{empty.pk}/restorations").status_code == 404, "it stands already"
    what = Entry.objects.filter(about=f"department:{empty.pk}").order_by("pk").values_list("what", flat=True)
    assert list(what) == ["department-removed", "department-restored"]


def test_a_department_that_holds_something_says_what_to_do_first(visit: Visit, company: Company) -> None:
    admin, group = visit("admin"), company.departments["售后组"]
    company.users["zhoumin"].department = group
    company.users["zhoumin"].save()
    create_lexicon(name="售后用语", group="own", department_ids=[group.pk])
    create("夜班组", under=group)
    page = admin.post(f"/departments/{group.pk}/removals")
    assert page.status_code == 400
    told = "先移走下级部门、给归属这里的人换部门、收回这里的授权、移走里面的会话、从词库的适用部门里去掉它，再删除。"
    assert f"「售后组」还不是空的。{told}" in page.text
    assert group.pk in paths()


def test_rights_that_have_ended_keep_no_department(visit: Visit, company: Company) -> None:
    empty = create("夜班组")
    grants.give(company.users["chenwei"], "agent", over=empty, until_at=clock.now() + timedelta(days=1))
    with clock.frozen(clock.now() + timedelta(days=2)):
        visit("admin").post(f"/departments/{empty.pk}/removals")
    assert empty.pk not in paths()


def test_a_department_comes_back_only_below_one_that_stands(visit: Visit) -> None:
    admin, above = visit("admin"), create("夜班组")
    below = create("一组", under=above)
    admin.post(f"/departments/{below.pk}/removals")
    admin.post(f"/departments/{above.pk}/removals")
    refused = admin.post(f"/departments/{below.pk}/restorations")
    assert "它原来的上级也已删除，先恢复上级。" in refused.text


def test_a_step_is_taken_back(visit: Visit, company: Company) -> None:
    admin, group, before = visit("admin"), company.departments["售后组"], names()
    page = admin.post(f"/departments/{group.pk}/names", {"name": "售后一组"}, follow=True)
    assert "售后一组" in names()
    undo(admin, page)
    assert names() == before
    page = admin.post(f"/departments/{group.pk}/moves", {"under": company.departments["商务部"].pk}, follow=True)
    assert f"{paths()[group.pk]}" == "望山家电/商务部/售后组"
    undo(admin, page)
    assert names() == before
    first = company.departments["售前组"]
    page = admin.post(f"/departments/{first.pk}/moves", {"under": first.parent_id, "before": ""}, follow=True)
    assert names() != before
    undo(admin, page)
    assert names() == before


def test_a_ring_is_refused_in_place(visit: Visit, company: Company) -> None:
    centre, group = company.departments["客服中心"], company.departments["售后组"]
    answer = visit("admin").post(f"/departments/{centre.pk}/moves", {"under": group.pk})
    assert answer.status_code == 400
    assert "不能把上级移到自己的下级" in answer.text
    assert paths()[group.pk] == "望山家电/客服中心/售后组"
    gone = visit("admin").post(f"/departments/{centre.pk}/moves", {"under": 999})
    assert "没有这个部门" in gone.text


def test_who_sees_a_department_is_told_with_the_reason(visit: Visit, company: Company) -> None:
    page = visit("admin").get(f"/departments/{company.departments['售后组'].pk}").text
    assert "继承自上级 客服中心" in page
    assert "授权在本部门及下级" in page
    assert "授权范围是全公司" in page


def test_sales_is_narrowed_to_its_own_customers_and_back(visit: Visit, company: Company) -> None:
    admin, centre = visit("admin"), company.departments["客服中心"]
    assert "会改动 1 条授权" in admin.get(f"/departments/{centre.pk}").text
    page = admin.post(f"/departments/{centre.pk}/narrowings", follow=True)
    assert "1 条客服授权改为只看本人客户" in page.text
    assert company.reader("zhoumin").reach(Can.READ).own
    assert "另有 1 人看自己名下的会话" in page.text
    undo(admin, page)
    assert company.departments["售后组"].pk in company.reader("zhoumin").reach(Can.READ).departments


def test_a_chart_is_looked_at_before_it_is_imported(visit: Visit) -> None:
    admin, count = visit("admin"), Department.objects.count()
    chart = SimpleUploadedFile("部门.csv", "名称,上级\n夜班组,客服中心\n商务部,望山家电\n".encode())
    page = admin.post("/departments/imports", {"file": chart})
    assert "将新建 1 个部门" in page.text
    assert Department.objects.count() == count
    done = admin.post("/departments/imports", {"paths": page.context["chart"].text}, follow=True)
    assert "已新建 1 个部门" in done.text
    assert "夜班组" in names()


def test_a_wrong_chart_is_told_line_by_line(visit: Visit) -> None:
    admin = visit("admin")
    broken = SimpleUploadedFile("部门.csv", "名称,上级\n甲,无此部门\n".encode())
    page = admin.post("/departments/imports", {"file": broken}).text
    assert "1 行读不懂" in page
    assert "没有上级部门" in page
    nothing = admin.post("/departments/imports", {"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")})
    assert (nothing.status_code, "第一行要有列名" in nothing.text) == (400, True)
    assert admin.post("/departments/imports").status_code == 400
