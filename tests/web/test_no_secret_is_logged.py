"""With every logger as low as our settings let it, no password, link, code, token or client secret is logged."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from huidang import settings as house
from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people import create_token
from huidang.people.login import factors, totp
from huidang.people.login.links import make_link
from huidang.people.models import User
from tests.cast import PASSWORD, Company
from tests.web.provider import CLIENT, SECRET, OpenIdProvider, open_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Settings) -> Iterator[OpenIdProvider]:
    settings.HOUSE = replace(settings.HOUSE, allow_addresses=(ip_network("127.0.0.0/8"),))
    with open_provider() as opened:
        opened.claims = {"sub": "7", "preferred_username": "zhaolan"}
        yield opened


def test_nothing_secret_is_said(
    caplog: pytest.LogCaptureFixture,
    company: Company,
    zhoumin: User,
    visit: Callable[[str], Client],
    provider: OpenIdProvider,
) -> None:
    caplog.set_level(logging.DEBUG)
    held = {name for name, stated in house.LOGGING["loggers"].items() if "level" in stated}
    for name in set(logging.root.manager.loggerDict) - held:
        logging.getLogger(name).setLevel(logging.DEBUG)
    secrets = [PASSWORD, SECRET]
    secrets += sign_in_by_steps(zhoumin)
    secrets += sign_in_by_link(company.users["fawu"])
    secrets += ask_by_token(company.users["zhaolan"])
    secrets += go_through_provider(visit("admin"), provider)
    assert "Bad Request" in caplog.text, "the log was listening"
    assert [secret for secret in secrets if secret in caplog.text] == []


def sign_in_by_steps(user: User) -> list[str]:
    factors.begin_app(user)
    secret = factors.pending_secret(user)
    codes = factors.confirm_app(user, totp.code_at(secret, clock.now_ms() // 30_000 - 1), address="::1")
    client = Client()
    client.post("/signin", {"username": "zhoumin", "password": "mistyped-" + PASSWORD})
    client.post("/signin", {"username": "zhoumin", "password": PASSWORD})
    code = totp.code_at(secret, clock.now_ms() // 30_000)
    client.post("/signin/second", {"code": "wrong-code-1"})
    client.post("/signin/second", {"code": codes[0]})
    return [secret, codes[0], codes[0].replace("-", ""), "wrong-code-1", f"code={code}"]


def sign_in_by_link(user: User) -> list[str]:
    token = make_link(user, by=None)
    assert Client(enforce_csrf_checks=True).post(f"/signin/{token}").status_code == 403
    for _ in range(2):
        Client().post(f"/signin/{token}")
    return [token]


def ask_by_token(user: User) -> list[str]:
    _token, secret = create_token(user, "测试", [Can.READ], clock.now() + timedelta(days=1))
    assert Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/me").status_code == 200
    Client(headers={"authorization": f"Bearer {secret}x"}).get("/api/v1/me")
    return [secret]


def go_through_provider(admin: Client, provider: OpenIdProvider) -> list[str]:
    form = {
        "name": "公司",
        "issuer": provider.address,
        "client": CLIENT,
        "secret": SECRET,
        "claim": "preferred_username",
    }
    assert admin.post("/signins/providers", form).status_code == 302
    client = Client()
    sent = dict(parse_qsl(urlsplit(client.get("/signin/provider")["Location"]).query))
    back = provider.authorize(sent)
    (code,) = provider.codes
    assert client.get(back.replace("http://testserver", "")).status_code == 302
    client.get(back.replace("http://testserver", ""))
    return [code, sent["nonce"]]
