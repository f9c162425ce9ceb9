"""An administrator makes a department, invites a person with a role, moves a conversation; the person sees just it."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Travel, Traveller

WORDS = {
    "zh-CN": {"moved": "已移到", "why": "授权就在会话所属的", "undo": "撤销", "agent": "客服"},
    "en": {"moved": "Moved to", "why": "where the conversation lies", "undo": "Undo", "agent": "Agent"},
}


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en", 1024)], ids=["zh", "en"])
def test_an_invited_person_sees_exactly_what_was_moved(
    travel: Travel, browser: Browser, language: str, width: int
) -> None:
    words, team, person = WORDS[language], f"夜班组 {language}", f"linxue.{language.lower()}"
    admin = travel("admin", language=language, width=width)
    page = admin.page
    admin.go("/admin")
    page.wait_for_url("**/departments")
    admin.check()
    page.fill("#add-name", team)
    page.select_option("#add-under", label="望山家电/客服中心")
    page.click("form[action$='/creations'] .btn-primary")
    expect(page.locator(".tree [aria-current]")).to_contain_text(team)
    admin.check()

    admin.go("/accounts/creations")
    page.fill("#name", "林雪")
    page.fill("#username", person)
    page.select_option("#role", label=words["agent"])
    page.select_option("#over", label=f"望山家电/客服中心/{team}")
    admin.check()
    page.click(".btn-primary")
    link = page.locator("#link").input_value()
    expect(page.locator("[data-copy]")).to_be_visible()
    admin.check()

    admin.go("/conversations")
    page.click(".row-link:has-text('商务群')")
    if width < 1360:
        page.click("[data-details]")
    page.click(".change summary >> nth=0")
    page.select_option("#place-department", label=f"望山家电/客服中心/{team}")
    admin.check()
    page.click(".change[open] .btn-primary")
    expect(page.locator(".toast")).to_contain_text(words["moved"])

    newcomer = _enter(admin, browser, link, language)
    expect(newcomer.page.locator(".row-link")).to_have_count(1)
    expect(newcomer.page.locator(".row-link")).to_contain_text("商务群")
    newcomer.page.click(".row-link")
    newcomer.page.click(".leads a")
    newcomer.page.wait_for_url("**/grounds")
    expect(newcomer.page.locator("main")).to_contain_text(words["why"])
    newcomer.check()

    page.click(f".toast button:has-text('{words['undo']}')")
    expect(page.locator(".toast")).to_contain_text(words["moved"])
    newcomer.go("/conversations")
    expect(newcomer.page.locator(".row-link")).to_have_count(0)
    newcomer.page.context.close()


def test_rights_are_kept_on_a_phone_in_the_dark(travel: Travel) -> None:
    admin = travel("admin", width=390, dark=True)
    page = admin.page
    for place in ("/departments", "/departments/imports", "/accounts", "/accounts/1", "/roles", "/roles/1"):
        admin.go(place)
        admin.check()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
    page.goto(f"{admin.address}/accounts")
    page.check("td input[name=account] >> nth=0")
    expect(page.locator("[data-picked]")).to_contain_text("已选 1 人")


def _enter(admin: Traveller, browser: Browser, link: str, language: str) -> Traveller:
    """Open a one-time link in a browser of its own."""
    context = browser.new_context(locale=language, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    newcomer = Traveller(context.new_page(), admin.address)
    newcomer.page.goto(link)
    newcomer.page.click(".btn-primary")
    newcomer.page.wait_for_url(lambda url: "/signin" not in url)
    newcomer.go("/conversations")
    return newcomer
