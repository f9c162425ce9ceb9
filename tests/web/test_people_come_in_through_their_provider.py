"""OpenID Connect end to end, against a real provider on loopback: who is let in, as whom, and what is refused."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from huidang.kernel import clock
from huidang.people.login import factors, totp
from huidang.people.models import Entry, Grant, Identity, Provider, User
from tests.cast import Company
from tests.web.provider import CLIENT, SECRET, OpenIdProvider, new_key, open_provider

pytestmark = pytest.mark.django_db
Visit = Callable[[str], Client]


@pytest.fixture
def provider(settings: Settings) -> Iterator[OpenIdProvider]:
    """Serve a provider that the house may reach."""
    settings.HOUSE = replace(settings.HOUSE, allow_addresses=(ip_network("127.0.0.0/8"),))
    with open_provider() as opened:
        opened.claims = {"sub": "7", "preferred_username": "zhoumin", "name": "周敏"}
        yield opened


def set_up(visit: Visit, provider: OpenIdProvider, **more: str) -> Any:
    form = {"name": "公司账号", "issuer": provider.address, "client": CLIENT, "secret": SECRET}
    return visit("admin").post("/signins/providers", form | {"claim": "preferred_username"} | more)


def go(client: Client, provider: OpenIdProvider, **asked: str) -> Any:
    """Walk to the provider and back."""
    return client.get(back_from(provider, ask(client, **asked)))


def ask(client: Client, **asked: str) -> dict[str, str]:
    """Return what the house sends to the provider."""
    there = client.get("/signin/provider", asked)
    assert there.status_code == 302, there.text
    return dict(parse_qsl(urlsplit(there["Location"]).query))


def back_from(provider: OpenIdProvider, sent: dict[str, str]) -> str:
    return provider.authorize(sent).replace("http://testserver", "")


def is_in(client: Client) -> bool:
    return client.get("/conversations").status_code == 200


def test_an_account_is_met_by_its_name_and_kept_by_its_subject(
    visit: Visit, provider: OpenIdProvider, client: Client, company: Company
) -> None:
    assert set_up(visit, provider).status_code == 302
    assert "公司账号" in client.get("/signin").text
    assert go(client, provider, next="/search")["Location"] == "/search"
    assert is_in(client)
    provider.claims |= {"preferred_username": "fawu"}
    again = Client()
    go(again, provider)
    assert "周敏" in again.get("/account").text, "a new name there is no other account here"
    provider.claims |= {"sub": "8", "preferred_username": "zhoumin"}
    assert go(Client(), provider).status_code == 400, "a name given anew opens nobody's account"
    assert Identity.objects.get().subject == "7"
    assert Entry.objects.filter(what="sign-in", user=company.users["zhoumin"]).count() == 2


def test_nobody_without_an_open_account_gets_in(visit: Visit, provider: OpenIdProvider, company: Company) -> None:
    set_up(visit, provider)
    provider.claims["preferred_username"] = "stranger"
    client = Client(headers={"accept-language": "zh-hans"})
    assert "没有与你对应的账号" in go(client, provider).text
    User.objects.filter(username="zhoumin").update(is_active=False)
    provider.claims["preferred_username"] = "zhoumin"
    assert go(client, provider).status_code == 400
    assert not is_in(client)
    assert not User.objects.filter(username="stranger").exists()


def test_accounts_are_made_only_where_the_setting_says_so_and_hold_nothing(
    visit: Visit, provider: OpenIdProvider, client: Client
) -> None:
    set_up(visit, provider, creates="1")
    provider.claims |= {"preferred_username": "newcomer", "sub": "99"}
    go(client, provider)
    assert is_in(client)
    assert not Grant.objects.filter(user__username="newcomer").exists()


def test_an_address_counts_only_when_it_is_verified(visit: Visit, provider: OpenIdProvider, company: Company) -> None:
    User.objects.filter(username="zhoumin").update(username="zhoumin@wangshan.example")
    set_up(visit, provider, claim="email")
    provider.claims["email"] = "zhoumin@wangshan.example"
    assert go(Client(), provider).status_code == 400
    provider.claims["email_verified"] = True
    client = Client()
    go(client, provider)
    assert is_in(client)


NOW = clock.now_ms() // 1000
LIES: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "somebody-else"},
    "another issuer": {"iss": "https://evil.example"},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "long over": {"exp": NOW - 3600, "iat": NOW - 7200},
    "meant for another party": {"azp": "somebody-else"},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_for_us_opens_nothing(
    visit: Visit, provider: OpenIdProvider, client: Client, lie: str
) -> None:
    set_up(visit, provider)
    provider.lies = LIES[lie]
    assert go(client, provider).status_code == 400
    assert not is_in(client)


def test_a_token_signed_by_another_key_opens_nothing(visit: Visit, provider: OpenIdProvider, client: Client) -> None:
    set_up(visit, provider)
    provider.signs_with = new_key()
    assert go(client, provider).status_code == 400
    assert not is_in(client)


def test_an_answer_belongs_to_the_browser_that_asked_and_works_once(visit: Visit, provider: OpenIdProvider) -> None:
    set_up(visit, provider)
    mine, theirs = Client(), Client()
    back = back_from(provider, ask(mine))
    assert theirs.get(back).status_code == 400
    assert mine.get(back.replace("state=", "state=x")).status_code == 400
    assert mine.get(back).status_code == 400, "the first answer used the question up"
    assert not is_in(mine)


def test_a_code_without_the_verifier_of_this_browser_is_worthless(
    visit: Visit, provider: OpenIdProvider, client: Client
) -> None:
    set_up(visit, provider)
    sent = ask(client)
    assert (sent["code_challenge_method"], len(sent["code_challenge"])) == ("S256", 43)
    sent["code_challenge"] = "x" * 43
    assert client.get(back_from(provider, sent)).status_code == 400


def test_a_second_step_is_asked_for_here_too(
    visit: Visit, provider: OpenIdProvider, client: Client, company: Company
) -> None:
    set_up(visit, provider)
    user = company.users["zhoumin"]
    factors.begin_app(user)
    secret = factors.pending_secret(user)
    factors.confirm_app(user, totp.code_at(secret, clock.now_ms() // 30_000 - 1), address="::1")
    assert go(client, provider)["Location"] == "/signin/second"
    client.post("/signin/second", {"code": totp.code_at(secret, clock.now_ms() // 30_000)})
    assert is_in(client)


def test_leaving_leads_out_of_the_provider_too(visit: Visit, provider: OpenIdProvider, client: Client) -> None:
    set_up(visit, provider)
    go(client, provider)
    assert client.post("/signout")["Location"] == "/signin/provider/leaving"
    assert not is_in(client)
    assert f"{provider.address}/end?client_id=huidang" in client.get("/signin/provider/leaving").text


def test_a_provider_is_set_only_when_it_answers_as_itself(visit: Visit, provider: OpenIdProvider) -> None:
    for issuer, text in (
        (f"{provider.address}/", "逐字相同"),
        ("http://example.com", "https"),
        ("https://10.0.0.7/realm", "内部网络"),
        ("ftp://example.com", "https"),
    ):
        answer = set_up(visit, provider, issuer=issuer)
        assert (answer.status_code, text in answer.text) == (400, True), issuer
        assert issuer in answer.text, "what was typed stays"
        assert SECRET not in answer.text
    assert not Provider.objects.exists()


def test_the_secret_is_sealed_and_kept_when_left_empty(visit: Visit, provider: OpenIdProvider) -> None:
    set_up(visit, provider)
    set_up(visit, provider, name="新名称", secret="")
    row = Provider.objects.get()
    assert row.name == "新名称"
    assert SECRET.encode() not in bytes(row.secret)
    client = Client()
    go(client, provider)
    assert is_in(client)
    assert not any(SECRET in str(entry.facts) for entry in Entry.objects.all())
