"""Searching: typing with suggestions, chips, days on the bars, walking the hits, the way back, a view that stays."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Travel, Traveller


def asked(page: Page) -> str:
    """Return the query in the address."""
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]


def searching(travel: Travel, query: str, **more: object) -> Traveller:
    """Open a result as 赵岚, once the index has come so far."""
    supervisor = travel("zhaolan", **more)
    for _attempt in range(60):
        supervisor.go(f"/search?q={query}")
        if supervisor.page.locator(".hit").count():
            return supervisor
        supervisor.page.wait_for_timeout(1000)
    raise AssertionError("nothing was found")


def test_conditions_are_suggested_and_edited_in_their_place(travel: Travel) -> None:
    supervisor = searching(travel, "滤芯")
    page, box = supervisor.page, supervisor.page.locator("[data-query]")
    supervisor.check()
    page.locator("h1").evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type(" zhouque")
    expect(page.locator("[role=option]")).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    supervisor.check()
    box.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("周阙")
    box.press("Enter")
    expect(page.locator(".query-box .op")).to_have_count(1)
    expect(box).to_have_value("滤芯")
    box.press("Enter")
    page.wait_for_url(re.compile("from"))
    assert asked(page) == "from:=周阙 滤芯"
    page.locator(".op-edit summary").click()
    supervisor.check()
    page.locator(".op-pop input[name=value]").fill("=吴霁")
    page.locator(".op-pop input[name=value]").press("Enter")
    page.wait_for_url(lambda place: "吴霁" in unquote(place))
    assert asked(page) == "from:=吴霁 滤芯"
    box.press("Home")
    box.press("Backspace")
    expect(box).to_have_value("from:=吴霁 滤芯")
    box.press("Escape")
    box.press("Enter")
    expect(page.locator(".query-box .op")).to_have_count(1)
    page.locator(".op-x").click()
    page.wait_for_url(lambda place: "from" not in place)
    assert asked(page) == "滤芯"


def test_no_key_is_taken_from_an_input_method(travel: Travel) -> None:
    supervisor = searching(travel, "滤芯")
    box = supervisor.page.locator("[data-query]")
    box.press("End")
    box.press_sequentially(" 周")
    expect(supervisor.page.locator("[role=option]").first).to_be_visible()
    box.press("ArrowDown")
    taken = box.evaluate(
        """(box) => {
          const told = { key: 'Enter', isComposing: true, bubbles: true, cancelable: true };
          const key = new KeyboardEvent('keydown', told);
          box.dispatchEvent(key);
          return key.defaultPrevented;
        }"""
    )
    assert taken is False
    expect(supervisor.page.locator(".query-box .op")).to_have_count(0)


def test_days_are_drawn_on_the_bars(travel: Travel) -> None:
    supervisor = searching(travel, "滤芯")
    page, drawing = supervisor.page, supervisor.page.locator("[data-histogram]")
    field = drawing.bounding_box()
    assert field
    across = [field["x"] + field["width"] * share for share in (0.3, 0.6)]
    page.mouse.move(across[0], field["y"] + 20)
    page.mouse.down()
    page.mouse.move(across[0] + 40, field["y"] + 22)
    page.mouse.move(across[1], field["y"] + 24)
    page.mouse.up()
    page.wait_for_url(re.compile("during"))
    drawn = asked(page)
    assert re.fullmatch(r"滤芯 during:2024-\d\d-\d\d\.\.2024-\d\d-\d\d", drawn)
    supervisor.check()
    page.locator("[data-edge=last]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda place: asked_of(place) != drawn)
    assert asked(page) < drawn
    page.locator(".days .link").click()
    page.wait_for_url(lambda place: "during" not in place)


def test_counts_come_after_the_hits_and_narrow_them(travel: Travel) -> None:
    supervisor = searching(travel, "滤芯")
    page = supervisor.page
    page.locator("#facets .facet-link").first.click()
    page.wait_for_url(lambda place: asked_of(place) != "滤芯")
    expect(page.locator(".query-box .op")).to_have_count(1)
    expect(page.locator("#facets .facet-link[aria-current=true]")).to_be_visible()
    page.route("**/search/counts*", lambda route: route.fulfill(status=204))
    supervisor.go("/search?q=滤芯")
    expect(page.locator(".hit").first).to_be_visible()
    page.unroute("**/search/counts*")
    page.locator("#facets .late .link").click()
    page.wait_for_url("**/search/counts?*")
    expect(page.locator("[data-histogram]")).to_be_visible()
    supervisor.check()


def asked_of(place: str) -> str:
    return parse_qs(urlsplit(place).query).get("q", [""])[0]


@pytest.mark.parametrize(("language", "width", "dark"), [("zh-CN", 1440, False), ("en", 390, True)], ids=["zh", "en"])
def test_hits_are_walked_and_the_way_back_is_kept(travel: Travel, language: str, width: int, *, dark: bool) -> None:
    supervisor = searching(travel, "滤芯", language=language, width=width, dark=dark)
    page = supervisor.page
    page.locator(".more").scroll_into_view_if_needed()
    expect(page.locator(".hit")).to_have_count(40)
    chosen = page.locator(".hit").nth(35)
    chosen.scroll_into_view_if_needed()
    top = (chosen.bounding_box() or {})["y"]
    number = chosen.get_attribute("data-hit")
    chosen.click()
    page.wait_for_url("**/messages/*")
    expect(page.locator(".msg-hit mark").first).to_have_text("滤芯")
    supervisor.check()
    page.keyboard.press("]")
    page.wait_for_url(lambda place: f"/messages/{number}" not in place)
    page.keyboard.press("[")
    page.wait_for_url(lambda place: f"/messages/{number}" in place)
    page.click("[data-results]")
    page.wait_for_url("**/search?*")
    seen = page.locator(".hit-seen")
    expect(seen).to_have_attribute("data-hit", number or "")
    expect(seen).to_be_in_viewport()
    page.wait_for_function(f"Math.abs(document.querySelector('.hit-seen').getBoundingClientRect().top - {top}) < 4")
    supervisor.check()
    seen.click()
    page.wait_for_url("**/messages/*")
    page.go_back()
    page.wait_for_url("**/search?*")
    expect(page.locator(".hit-seen")).to_be_in_viewport()


def test_a_search_stays_as_a_view(travel: Travel) -> None:
    supervisor = searching(travel, "滤芯 发件人:周阙")
    page = supervisor.page
    page.locator(".save-menu summary").click()
    supervisor.check()
    page.fill("#view-name", "周阙的滤芯")
    page.locator(".save-pop .btn-primary").click()
    view = page.locator(".rail .nav-item", has_text="周阙的滤芯")
    expect(view).to_have_attribute("aria-current", "true")
    expect(view.locator(".count")).to_have_text("40")
    supervisor.go("/views")
    supervisor.check()
    page.locator("[action$=removals] button").click()
    expect(page.locator(".toast")).to_contain_text("已删除视图")
    expect(view).to_have_count(0)
    page.locator(".toast form button").click()
    view.click()
    page.wait_for_url("**/search?*")
    expect(page.locator("[role=status]").first).to_contain_text("40")
