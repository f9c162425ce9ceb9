"""The second step in the pages: set up, asked for, owed by rule; nothing else opens before."""

import pytest
from django.test import Client
from django.urls import reverse

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people.login import factors, policy, totp
from huidang.people.models import User
from tests.cast import PASSWORD, Company

pytestmark = pytest.mark.django_db


def sign_in(client: Client, **more: str) -> str:
    return client.post("/signin", {"username": "zhoumin", "password": PASSWORD, **more})["Location"]


def code_of(secret: str, later: int = 0) -> str:
    return totp.code_at(secret, clock.now_ms() // 30_000 + later)


def set_up(client: Client, user: User) -> tuple[str, str]:
    """Go through the pages; return the secret and the page with the recovery codes."""
    assert client.post("/account/factors/app/creations")["Location"] == "/account/factors/app"
    secret = factors.pending_secret(user)
    assert secret in client.get("/account/factors/app").text
    picture = client.get("/account/factors/app/qr.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert "sandbox" in picture["Content-Security-Policy"]
    assert client.post("/account/factors/app", {"code": "000000"}).status_code == 400
    return secret, client.post("/account/factors/app", {"code": code_of(secret)}).text


def test_it_is_set_up_and_then_asked_for(client: Client, zhoumin: User) -> None:
    assert sign_in(client) == reverse("start")
    secret, page = set_up(client, zhoumin)
    assert page.count("-") >= 20
    assert client.get("/account/factors/app").status_code == 404, "the secret is told once"
    elsewhere = Client()
    assert sign_in(elsewhere, next="/search") == "/signin/second"
    assert elsewhere.get("/conversations")["Location"].startswith("/signin?")
    assert elsewhere.get("/api/v1/me").status_code == 401
    assert elsewhere.post("/signin/second", {"code": "123"}).status_code == 400
    assert elsewhere.post("/signin/second", {"code": code_of(secret, 1)})["Location"] == "/search"
    assert elsewhere.get("/conversations").status_code == 200


def test_the_first_step_alone_lasts_minutes_and_not_beyond_another_password(client: Client, zhoumin: User) -> None:
    sign_in(client)
    secret, _page = set_up(client, zhoumin)
    elsewhere = Client()
    sign_in(elsewhere)
    zhoumin.set_password("Another-strong-one-9")
    zhoumin.save()
    assert elsewhere.post("/signin/second", {"code": code_of(secret, 1)})["Location"] == "/signin"


def test_who_owes_it_reaches_nothing_else(client: Client, company: Company, zhoumin: User) -> None:
    policy.want_factor_for(company.reader("admin"), [Can.READ], address="::1")
    sign_in(client)
    for place in ("/conversations", "/account/tokens", "/api/v1/docs", "/"):
        assert client.get(place)["Location"] == "/account/factors", place
    assert client.get("/api/v1/conversations").status_code == 401
    assert "先开启两步验证" in client.get("/account/factors").text
    set_up(client, zhoumin)
    assert client.get("/conversations").status_code == 200


def test_a_session_from_before_the_rule_shows_what_it_has(client: Client, company: Company, zhoumin: User) -> None:
    client.force_login(zhoumin)
    factors.begin_app(zhoumin)
    secret = factors.pending_secret(zhoumin)
    factors.confirm_app(zhoumin, code_of(secret, -1), address="::1")
    policy.want_factor_for(company.reader("admin"), [Can.READ], address="::1")
    assert client.get("/account/factors")["Location"] == "/signin/second", "nobody swaps a factor they have not shown"
    assert client.post("/signin/second", {"code": code_of(secret)})["Location"] == reverse("start")
    assert client.get("/conversations").status_code == 200


def test_a_rule_for_others_touches_nobody_else(client: Client, company: Company, zhoumin: User) -> None:
    policy.want_factor_for(company.reader("admin"), [Can.MANAGE, Can.AUDIT, Can.UNMASK], address="::1")
    sign_in(client)
    assert client.get("/conversations").status_code == 200
