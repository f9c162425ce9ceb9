"""A problem is a page of the product with the right status, or a pane where htmx asked."""

from typing import ClassVar

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from huidang.kernel.problems import Absent, Problem, Refused
from huidang.urls import urlpatterns as known

pytestmark = pytest.mark.django_db


def _raise(problem: Exception) -> "object":
    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        raise problem

    return view


class Routes:
    urlpatterns: ClassVar = [
        path("absent", _raise(Absent())),
        path("refused", _raise(Refused("refused", "只有管理员可以导入。"))),
        path("plain", _raise(Problem("file-empty", "文件是空的。"))),
        path("defect", _raise(RuntimeError("boom"))),
        *known,
    ]
    handler404 = "huidang.web.problems.absent"
    handler500 = "huidang.web.problems.broken"


@override_settings(ROOT_URLCONF=Routes)
@pytest.mark.parametrize(
    ("place", "status", "words"),
    [
        ("absent", 404, "无权查看"),
        ("refused", 403, "只有管理员"),
        ("plain", 400, "文件是空的"),
        ("none", 404, "链接可能有误"),
    ],
)
def test_problem_is_a_page_with_its_sentence(client: Client, place: str, status: int, words: str) -> None:
    response = client.get(f"/{place}", headers={"accept-language": "zh-hans"})
    assert response.status_code == status
    assert words in response.text
    assert '<nav class="rail"' in response.text


@override_settings(ROOT_URLCONF=Routes)
def test_an_absent_thing_is_told_in_english_too(client: Client) -> None:
    assert "There is no such record" in client.get("/absent", headers={"accept-language": "en"}).text


@override_settings(ROOT_URLCONF=Routes)
def test_htmx_gets_the_pane_alone(client: Client) -> None:
    response = client.get("/absent", headers={"HX-Request": "true"})
    assert response.status_code == 404
    assert "<html" not in response.text
    assert 'role="alert"' in response.text


@override_settings(ROOT_URLCONF=Routes)
def test_defect_is_a_calm_page_without_a_trace() -> None:
    response = Client(raise_request_exception=False).get("/defect", headers={"accept-language": "en"})
    assert response.status_code == 500
    assert "boom" not in response.text
    assert "Something broke" in response.text


def test_form_without_token_is_refused_with_a_way_on() -> None:
    response = Client(enforce_csrf_checks=True).post("/preferences/theme", headers={"accept-language": "en"})
    assert response.status_code == 403
    assert "Nothing was changed" in response.text
