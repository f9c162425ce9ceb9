"""From the chat to the file and back: messages are ticked, excerpted, highlighted, exported, fetched and verified."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import Travel, Traveller


def test_an_excerpt_leaves_and_is_known_again(travel: Travel, tmp_path: Path) -> None:
    supervisor = travel("zhaolan")
    page = supervisor.page
    supervisor.go("/conversations")
    page.locator(".row-link").first.click()
    picks = page.locator(".msg-pick input")
    first, second = (picks.nth(at).get_attribute("value") for at in (0, 1))  # what is above them may be loaded yet
    page.locator(f".msg-pick input[value='{first}']").check(force=True)
    page.locator(f".msg-pick input[value='{second}']").click(modifiers=["Shift"], force=True)
    expect(page.locator(".pane-reader [data-selected]")).to_have_text("2")
    supervisor.check()
    page.keyboard.press("e")
    page.fill("#xc-title", "开头两句")
    page.locator("#drawer .btn-primary").click()
    bubble = page.locator(".pin .bubble .text").first
    bubble.select_text()
    words = page.locator("[data-highlight]").first
    expect(words.locator("[name=first]")).to_have_value("0")
    words.locator("button").click()
    expect(page.locator(".pin mark").first).to_be_visible()
    supervisor.check()
    page.locator(".page-head .btn-primary").click()
    page.locator("#drawer [name=format][value=xlsx]").check()
    supervisor.check()
    page.fill("#ex-why", "客诉处理")
    page.locator("#drawer .btn-primary").click()
    with page.expect_download() as fetched:
        page.locator(".export-files .btn").click()
    path = tmp_path / "fetched.xlsx"
    fetched.value.save_as(path)
    supervisor.check()
    _expect_known(supervisor, path, "一字不差")
    path.write_bytes(path.read_bytes() + b"\0")
    _expect_known(supervisor, path, "查不到回执|被改动过")


def _expect_known(supervisor: Traveller, path: Path, answer: str) -> None:
    supervisor.go("/receipts")
    supervisor.page.set_input_files("#rc-file", path)
    supervisor.page.locator(".btn-primary").click()
    expect(supervisor.page.locator(".notice").first).to_contain_text(re.compile(answer))
    supervisor.check()


def test_an_agent_orders_on_a_phone_in_english_and_is_told_to_wait(travel: Travel) -> None:
    agent = travel("zhoumin", language="en", width=390, dark=True)
    page = agent.page
    agent.go("/conversations")
    page.locator(".row-link").first.click()
    page.locator(".msg-pick input").first.check(force=True)
    page.locator(".pane-reader .actionbar button", has_text="Export").click()
    expect(page.locator("#drawer .notice")).to_contain_text("An approval is needed")
    agent.check()
    page.fill("#ex-why", "Refund dispute")
    page.locator("#drawer .btn-primary").click()
    expect(page.locator("#state")).to_contain_text("Waiting for approval")
    agent.check()
    page.locator("#state button").click()
    expect(page.locator("#state")).to_contain_text("Cancelled")
