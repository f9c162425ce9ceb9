"""A look behind masks: an agent asks, a supervisor decides, the agent sees, it ends, the auditor reads every step."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.cast import MOBILE
from tests.journeys.conftest import Travel, Traveller

HIDDEN = "138****5678"


@pytest.fixture
def let_time_pass(archive: Path) -> Callable[[int], None]:
    """Return a function that moves the ends of looks and loans some seconds closer."""

    def move(seconds: int) -> None:
        with sqlite3.connect(archive / "data" / "huidang.sqlite3", timeout=30) as database:
            for table in ("people_reveal", "people_loan", "people_request"):
                statement = f"UPDATE {table} SET until_at = datetime(until_at, ?) WHERE until_at IS NOT NULL"
                database.execute(statement, (f"-{seconds} seconds",))

    return move


def open_masked(person: Traveller) -> None:
    person.go("/conversations")
    person.page.click(".row-link:has-text('售后群')")
    person.page.locator(".mask", has_text=HIDDEN).wait_for()


def test_who_may_not_asks_and_sees_until_it_ends(travel: Travel, let_time_pass: Callable[[int], None]) -> None:
    agent, supervisor = travel("zhoumin"), travel("zhaolan")
    open_masked(agent)
    agent.page.click(f".mask:has-text('{HIDDEN}')")
    drawer = agent.page.locator("#drawer")
    expect(drawer.locator("textarea")).to_be_focused()
    agent.check()
    drawer.locator("textarea").fill("核对收件电话")
    drawer.get_by_text("提交申请").click()
    expect(drawer).to_be_hidden()

    supervisor.go("/conversations")
    expect(supervisor.page.locator(".rail .count-new")).to_have_text("1")
    supervisor.page.click(".rail a[href='/requests']")
    expect(supervisor.page.locator(".asked")).to_contain_text("核对收件电话")
    supervisor.check()
    supervisor.page.get_by_role("button", name="批准").click()
    expect(supervisor.page.locator(".toast")).to_contain_text("已批准")

    open_masked(agent)
    agent.page.get_by_role("button", name="查看原文").click()
    expect(agent.page.locator(".mask[data-shown]")).to_have_text(MOBILE)
    expect(agent.page.locator(".look [data-left] b")).to_be_visible()
    agent.check()
    let_time_pass(3600)
    agent.page.reload()
    expect(agent.page.locator(".mask", has_text=HIDDEN)).to_be_visible()
    assert MOBILE not in agent.page.content()
    agent.go("/requests?view=own")
    expect(agent.page.locator(".asked")).to_contain_text("已到期")

    auditor = travel("auditor")
    auditor.go("/audit?kind=reveals")
    steps = auditor.page.locator(".audit-table tbody tr")
    for text in ("申请查看遮盖的原文", "批准申请", "的原文，至"):
        expect(steps.filter(has_text=text).first).to_be_visible()
    assert MOBILE not in auditor.page.content()
    auditor.check()
    steps.first.get_by_text("细节").click()
    auditor.check()


def test_who_may_looks_and_masks_again_in_english(travel: Travel) -> None:
    supervisor = travel("zhaolan", language="en", dark=True)
    open_masked(supervisor)
    supervisor.page.click(f".mask:has-text('{HIDDEN}')")
    drawer = supervisor.page.locator("#drawer")
    supervisor.check()
    drawer.locator("textarea").fill("x")
    drawer.get_by_role("button", name="Show").click()
    expect(drawer.locator("[role=alert]")).to_have_text("State a reason.")
    drawer.locator("textarea").fill("Address check")
    drawer.get_by_role("button", name="Show").click()
    expect(supervisor.page.locator(".mask[data-shown]").first).to_have_text(MOBILE)
    supervisor.complaints.clear()  # the browser reports the refusal of the empty reason
    supervisor.check()
    supervisor.page.get_by_role("button", name="Mask again").click()
    expect(supervisor.page.locator(".mask[data-shown]")).to_have_count(0)


def test_a_look_works_without_a_script_and_on_a_phone(travel: Travel) -> None:
    supervisor = travel("zhaolan", width=390)
    browser = supervisor.page.context.browser
    assert browser is not None
    state = supervisor.page.context.storage_state()
    plain = browser.new_context(
        java_script_enabled=False, locale="zh-CN", storage_state=state, viewport={"width": 390, "height": 800}
    )
    page = plain.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{supervisor.address}/conversations")
    page.click(".row-link:has-text('售后群')")
    page.click(f".mask:has-text('{HIDDEN}')")
    page.fill("textarea", "核对收件电话")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.locator(".mask[data-shown]").first).to_have_text(MOBILE)
    page.get_by_role("button", name="遮回").click()
    expect(page.locator(".mask[data-shown]")).to_have_count(0)
    plain.close()
    supervisor.go("/requests?view=own")
    supervisor.check()
    assert supervisor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
