"""Two steps in a browser: an app by its secret, a passkey by Chromium's own virtual key, in both languages."""

import pytest
from playwright.sync_api import Page, expect

from huidang.people.login import totp
from tests.journeys.conftest import Travel
from tests.journeys.stage import PASSWORD


def code_of(secret: str, page: Page, later: int = 0) -> str:
    return totp.code_at(secret, int(page.evaluate("Date.now()")) // 30_000 + later)


@pytest.mark.parametrize(("username", "language"), [("sunli", "zh-CN"), ("chenwei", "en")])
def test_an_app_is_set_up_and_asked_for(travel: Travel, username: str, language: str) -> None:
    person = travel(username, language=language)
    page = person.page
    for place in ("/account", "/account/sessions", "/account/tokens", "/account/factors"):
        person.go(place)
        person.check()
    page.click("form[action='/account/factors/app/creations'] button")
    page.wait_for_url("**/account/factors/app")
    expect(page.locator("img.qr")).to_have_js_property("complete", value=True)
    assert page.evaluate("document.querySelector('img.qr').naturalWidth") > 0
    person.check()
    secret = page.input_value("#secret")
    page.fill("#code", code_of(secret, page, -1))
    page.click("main .btn-primary")
    assert len(page.input_value("#codes").split()) == 10
    person.check()
    page.click(".rail-foot form[action='/signout'] button")
    page.wait_for_url("**/signin")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.click("form[action='/signin'] .btn-primary")
    page.wait_for_url("**/signin/second")
    person.check()
    page.fill("#code", code_of(secret, page))
    page.click(".btn-primary")
    page.wait_for_url("**/conversations")


def test_a_passkey_opens_the_door_alone(travel: Travel) -> None:
    person = travel("zhaolan")
    page = person.page
    named = person.address.replace("127.0.0.1", "localhost")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    told = {"options": key | {"isUserVerified": True, "automaticPresenceSimulation": True}}
    devtools.send("WebAuthn.addVirtualAuthenticator", told)
    page.goto(f"{named}/signin")
    page.fill("#username", "zhaolan")
    page.fill("#password", PASSWORD)
    page.click("form[action='/signin'] .btn-primary")
    page.wait_for_url("**/conversations")
    page.goto(f"{named}/account/factors")
    page.fill("#key-name", "办公室电脑")
    page.click("form[data-makes] button")
    expect(page.locator("#codes")).to_be_visible()
    page.click("main .btn-primary")
    expect(page.locator("main")).to_contain_text("办公室电脑")
    page.click(".rail-foot form[action='/signout'] button")
    page.wait_for_url("**/signin")
    page.click("form[action='/signin/passkeys'] button")
    page.wait_for_url("**/conversations")
    page.goto(f"{named}/account/sessions")
    expect(page.locator("tbody")).to_contain_text("通行密钥 · 两步验证")
    page.goto(f"{named}/account/factors")
    page.click("form[action$='/removals'] button")
    expect(page.locator("main")).not_to_contain_text("办公室电脑")
