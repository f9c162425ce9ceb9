"""Signing in through the pages: by password, by a link that previews do not burn, with a session of its own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from huidang.kernel import clock
from huidang.people.login.limits import PER_PAIR
from huidang.people.login.links import make_link
from huidang.people.models import Entry, User
from tests.cast import PASSWORD, Company

pytestmark = pytest.mark.django_db

STRONG = "Another-strong-one-9"


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post("/signin", {"username": "zhoumin", "password": password, **more})


def test_password_opens_a_new_session_and_goes_on(client: Client, zhoumin: User) -> None:
    client.get("/preferences/theme")
    client.session["visited"] = True
    before = client.session.session_key
    response = sign_in(client, next="/conversations")
    assert (response.status_code, response["Location"]) == (302, "/conversations")
    assert client.session.session_key != before
    assert client.get("/signin")["Location"] == reverse("start")


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_next_stays_in_the_house(client: Client, zhoumin: User, place: str) -> None:
    assert sign_in(client, next=place)["Location"] == reverse("start")


def test_wrong_password_is_said_and_never_echoed(client: Client, zhoumin: User) -> None:
    response = sign_in(client, "hunter2-hunter2")
    assert response.status_code == 400
    assert "账号或密码不对。" in response.content.decode()
    assert "hunter2" not in response.content.decode()


def test_too_often_says_when_to_come_back(client: Client, zhoumin: User) -> None:
    for _ in range(PER_PAIR):
        sign_in(client, "wrong")
    response = sign_in(client)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 900


def test_link_survives_a_preview_and_works_once(client: Client, company: Company) -> None:
    place = reverse("link", args=[make_link(company.users["zhoumin"], by=None)])
    for _ in range(3):
        page = client.get(place)
        assert "以周敏的身份登录" in page.content.decode()
        assert "no-store" in page["Cache-Control"]
    assert client.post(place)["Location"] == reverse("password")
    assert Client().post(place).status_code == 410
    assert Client().get(place).status_code == 410


def test_a_link_that_is_over_says_whom_to_ask(client: Client, company: Company) -> None:
    used, late = (reverse("link", args=[make_link(company.users["zhoumin"], by=None)]) for _ in range(2))
    Client().post(used)
    for place, moment in ((used, clock.now()), (late, clock.now() + timedelta(days=30)), ("/signin/x", clock.now())):
        with clock.frozen(moment):
            for answer in (client.get(place), client.post(place)):
                assert answer.status_code == 410
                assert "这个链接已用过、已过期或不完整，请管理员再发一个。" in answer.text
    assert client.get("/conversations").status_code == 302


def test_first_password_is_chosen_after_a_link(client: Client, company: Company) -> None:
    client.post(reverse("link", args=[make_link(company.users["zhoumin"], by=None)]))
    assert client.post("/account/password", {"new": STRONG, "again": STRONG + "x"}).status_code == 400
    assert client.post("/account/password", {"new": "short", "again": "short"}).status_code == 400
    assert client.post("/account/password", {"new": STRONG, "again": STRONG})["Location"] == reverse("start")
    assert sign_in(Client(), STRONG).status_code == 302


def test_another_password_ends_the_other_sessions(client: Client, zhoumin: User) -> None:
    elsewhere = Client()
    sign_in(client)
    sign_in(elsewhere)
    client.post("/account/password", {"old": PASSWORD, "new": STRONG, "again": STRONG})
    assert client.get("/account/password").status_code == 200
    assert elsewhere.get("/account/password").status_code == 302


def test_sign_out_ends_the_session_and_is_noted(client: Client, zhoumin: User) -> None:
    sign_in(client)
    assert client.get("/signout").status_code == 405
    client.post("/signout")
    assert client.get("/account/password").status_code == 302
    assert Entry.objects.filter(what="sign-out", user=zhoumin).exists()


def test_closed_account_is_out_at_once(client: Client, zhoumin: User) -> None:
    sign_in(client)
    User.objects.filter(pk=zhoumin.pk).update(is_active=False)
    assert client.get("/account/password").status_code == 302


def test_forms_want_their_token(company: Company, zhoumin: User) -> None:
    strict: Callable[..., HttpResponse] = Client(enforce_csrf_checks=True).post
    assert strict("/signin", {"username": "zhoumin", "password": PASSWORD}).status_code == 403
