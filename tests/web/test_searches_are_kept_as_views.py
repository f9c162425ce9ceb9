"""Views: the search on the page is saved, stands in the rail with its count, is shared, and comes back when removed."""

from collections.abc import Callable

import pytest
from django.test import Client

from huidang.search.models import SavedSearch
from tests.cast import Company

Visit = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("writer")


def keep(client: Client, name: str = "登记", **more: str) -> SavedSearch:
    answer = client.post("/views/creations", {"q": "登记 type:文字", "sort": "old", "rows": "1", "name": name, **more})
    assert answer.status_code == 302
    return SavedSearch.objects.get(name=name)


def test_a_search_is_saved_and_opened_again(visit: Visit) -> None:
    client = visit("zhoumin")
    row = keep(client)
    page = client.get("/search?q=登记 type:文字&sort=old&rows=1")
    assert f'id="view-count-{row.pk}"' in page.text
    assert "已存为视图「登记」" in page.text
    opened = client.get(f"/views/{row.pk}")
    assert opened.headers["Location"] == "/search?q=%E7%99%BB%E8%AE%B0+type%3A%E6%96%87%E5%AD%97&sort=old&rows=1"
    assert f'id="view-count-{row.pk}" hx-swap-oob' in client.get("/views/counts").text


def test_views_are_kept_on_a_page(visit: Visit, company: Company) -> None:
    client, group = visit("zhaolan"), company.departments["售后组"].pk
    row, other = keep(client), keep(client, "第二")
    client.post(f"/views/{row.pk}/changes", {"name": "改名", "department": str(group)})
    client.post(f"/views/{other.pk}/moves", {"direction": "up"})
    page = client.get("/views")
    assert [each.name for each in page.context["own"]] == ["第二", "改名"]
    assert [each.name for each in visit("zhoumin").get("/views").context["shared"]] == ["改名"]


def test_a_removed_view_comes_back_by_undo(visit: Visit) -> None:
    client = visit("zhoumin")
    row = keep(client)
    page = client.post(f"/views/{row.pk}/removals", follow=True)
    assert page.context["own"] == []
    assert f'action="/views/{row.pk}/restorations"' in page.text
    client.post(f"/views/{row.pk}/restorations")
    assert len(client.get("/views").context["own"]) == 1


def test_a_refusal_keeps_what_was_typed(visit: Visit) -> None:
    page = visit("zhoumin").post("/views/creations", {"q": "登记", "name": " "})
    assert page.status_code == 400
    assert "视图需要一个名称" in page.text
    assert 'name="q" value="登记"' in page.text


def test_others_find_nothing(visit: Visit) -> None:
    row = keep(visit("zhaolan"))
    client = visit("zhoumin")
    answers = [client.get(f"/views/{pk}") for pk in (999999, row.pk)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert all("没有这条记录，或者无权查看" in answer.text for answer in answers)
    for noun in ("changes", "moves", "removals", "restorations"):
        assert client.post(f"/views/{row.pk}/{noun}", {"name": "x"}).status_code == 404
