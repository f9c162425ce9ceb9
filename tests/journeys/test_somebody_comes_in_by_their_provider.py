"""Single sign-on in a browser: an administrator sets a provider, a known person walks there and back, others do not."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Travel, Traveller
from tests.web.provider import CLIENT, SECRET, OpenIdProvider, open_provider

WORDS = {"zh-CN": "没有与你对应的账号", "en": "No account here belongs to you"}


@pytest.fixture
def provider(travel: Travel) -> Iterator[OpenIdProvider]:
    """Serve a provider, have an administrator set it, and take it away again."""
    with open_provider() as opened:
        opened.people = {name: {"sub": f"of {name}", "preferred_username": name} for name in ("zhoumin", "unknown")}
        admin = travel("admin")
        page = admin.page
        admin.go("/signins")
        page.fill("#name", "公司账号")
        page.fill("#issuer", opened.address)
        page.fill("#client", CLIENT)
        page.fill("#secret", SECRET)
        admin.check()
        page.click("form[action='/signins/providers'] .btn-primary")
        expect(page.locator("main")).to_contain_text("已启用")
        admin.check()
        yield opened
        page.click("form[action='/signins/providers/removals'] button")
        expect(page.locator("main")).not_to_contain_text("已启用")


def stranger(browser: Browser, address: str, language: str) -> Traveller:
    """Return somebody before the door."""
    context = browser.new_context(locale=language)
    context.set_default_timeout(10_000)
    return Traveller(context.new_page(), address)


def walk(page: Page, provider: OpenIdProvider, who: str) -> None:
    """Press the button of the provider, and sign in on its own page."""
    page.click("a[href^='/signin/provider']")
    page.wait_for_url(f"{provider.address}/authorize**")
    page.fill("#who", who)
    page.click("button")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_who_is_known_comes_in_and_an_unknown_one_is_told(
    provider: OpenIdProvider, browser: Browser, address: str, language: str
) -> None:
    visitor = stranger(browser, address, language)
    page = visitor.page
    visitor.go("/signin?next=/search")
    visitor.check()
    walk(page, provider, "unknown")
    expect(page.locator(".notice-bad:visible")).to_contain_text(WORDS[language])
    visitor.check()
    visitor.go("/conversations")
    page.wait_for_url("**/signin?next=/conversations")
    walk(page, provider, "zhoumin")
    page.wait_for_url("**/conversations")
    expect(page.locator(".rail-foot")).to_contain_text("周敏")
    visitor.go("/account/sessions")
    expect(page.locator("tbody")).to_contain_text(re.compile("单点登录|Single sign-on"))  # as the account chose
    page.context.close()
    assert [len(asked["nonce"]) > 20 for asked in provider.asked] == [True, True]
    assert len({asked["nonce"] for asked in provider.asked}) == len(provider.asked)


def test_an_answer_with_another_nonce_lets_nobody_in(provider: OpenIdProvider, browser: Browser, address: str) -> None:
    visitor = stranger(browser, address, "zh-CN")
    provider.lies["nonce"] = "another"
    visitor.go("/signin")
    walk(visitor.page, provider, "zhoumin")
    expect(visitor.page.locator(".notice-bad:visible")).to_be_visible()
    visitor.go("/conversations")
    visitor.page.wait_for_url("**/signin?next=/conversations")
    visitor.page.context.close()
