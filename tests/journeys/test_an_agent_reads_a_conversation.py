"""Reading: sign in, open, go back in time without a jump, jump to a day, use the keyboard, on a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Travel


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "更早的消息"), ("en", "Earlier messages")], ids=["zh", "en"])
def test_an_agent_opens_a_conversation_and_reads_back(travel: Travel, language: str, word: str) -> None:
    agent = travel("zhoumin", language=language)
    page = agent.page
    agent.check()
    page.click(".row-link:has-text('王秀兰')")
    expect(page.locator("#reader h1")).to_have_text("王秀兰")
    expect(page.locator(".row-link[aria-current]")).to_contain_text("王秀兰")
    expect(page.locator(".people")).to_contain_text("周敏")
    agent.check()
    talk = page.locator(".talk")
    last = page.locator("article.msg").last
    assert talk.evaluate("talk => talk.scrollTop + talk.clientHeight >= talk.scrollHeight - 2"), "opens at the end"
    expect(last).to_be_visible()
    first = page.locator("article.msg").first.get_attribute("id")
    page.locator(f"#{first}").scroll_into_view_if_needed()
    expect(page.locator("article.msg").first).not_to_have_id(first or "")
    expect(page.locator(f"#{first}")).to_be_in_viewport()
    assert page.get_by_text(word).count() <= 1
    days = page.locator("h2.day").evaluate_all("days => days.map(day => day.id)")
    assert len(days) == len(set(days))
    agent.check()


def test_a_permalink_opens_at_its_message(travel: Travel) -> None:
    agent = travel("zhoumin")
    page = agent.page
    page.click(".row-link:has-text('王秀兰')")
    page.click(".quote")
    page.wait_for_url("**/messages/*")
    expect(page.locator(".msg-hit")).to_contain_text("三天能到账吗")
    expect(page.locator(".msg-hit")).to_be_in_viewport()
    agent.check()


def test_a_day_is_found_in_the_calendar(travel: Travel) -> None:
    agent = travel("zhoumin")
    page = agent.page
    page.click(".row-link:has-text('王秀兰')")
    page.click("[data-menu=calendar]")
    expect(page.locator(".calendar")).to_contain_text("2024 年 11 月")
    agent.check()
    page.click(".calendar td a >> text='18'")
    page.wait_for_url("**?on=2024-11-18")
    expect(page.locator(".talk")).to_contain_text("第 0 句")


def test_the_keyboard_is_enough(travel: Travel) -> None:
    agent = travel("zhoumin")
    page = agent.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#reader .talk")).to_be_visible()
    page.keyboard.press("i")
    expect(page.locator("#details")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    agent.check()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_everything_works_without_a_script(travel: Travel) -> None:
    agent = travel("zhoumin")
    plain = agent.page.context.browser
    assert plain is not None
    cookies = agent.page.context.storage_state()
    context = plain.new_context(java_script_enabled=False, locale="zh-CN", storage_state=cookies)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{agent.address}/conversations")
    page.click(".row-link:has-text('王秀兰')")
    page.click("text=更早的消息")
    expect(page.locator("article.msg").first).to_be_visible()
    page.click("a[href$='/calendar']")
    page.click(".calendar td a >> text='18'")
    expect(page.locator(".talk")).to_contain_text("第 0 句")
    context.close()


def test_a_phone_shows_one_pane_at_a_time(travel: Travel) -> None:
    agent = travel("zhoumin", width=390, dark=True)
    page = agent.page
    agent.check()
    page.click(".row-link:has-text('王秀兰')")
    expect(page.locator("#reader h1")).to_be_visible()
    expect(page.locator("#list")).to_be_hidden()
    agent.check()
    page.click("[data-details]")
    expect(page.locator("#details")).to_be_visible()
    agent.check()
    page.click("[data-details-close]")
    page.click("[data-back]")
    expect(page.locator("#list")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_language_and_theme_are_one_press_away(travel: Travel) -> None:
    agent = travel("zhoumin")
    page = agent.page
    page.click("[data-theme-form] button")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.click("text=English")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    agent.check()
