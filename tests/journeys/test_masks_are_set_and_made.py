"""Masks in a browser: an administrator tries and keeps a pattern, a supervisor blacks out a word and takes it back."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Travel

WORDS = {
    "zh-CN": {"broken": "这条规则读不了", "kept": "启用", "stopped": "停用", "undo": "撤销", "hidden": "已遮盖"},
    "en": {"broken": "This pattern cannot be read", "kept": "On", "stopped": "Off", "undo": "Undo", "hidden": "Hidden"},
}


@pytest.mark.parametrize(
    ("language", "width", "dark"), [("zh-CN", 1440, False), ("en", 390, True)], ids=["zh", "en-phone-dark"]
)
def test_a_pattern_is_tried_kept_and_stopped(travel: Travel, language: str, width: int, *, dark: bool) -> None:
    words, name = WORDS[language], f"会员号 {language}"
    admin = travel("admin", language=language, width=width, dark=dark)
    page = admin.page
    admin.go("/masks")
    admin.check()
    page.fill("#name", name)
    page.fill("#pattern", "WS-(")
    page.click("button[name='try']")
    expect(page.locator("#refused-pattern")).to_contain_text(words["broken"])
    admin.complaints.clear()  # the browser notes the 400
    admin.check()
    page.fill("#pattern", r"WS-\d{8}")
    page.fill("#text", "会员WS-12345678查一下")
    page.click("button[name='try']")
    expect(page.locator(".notice mark")).to_be_visible()
    admin.check()
    page.click("form[action='/masks/patterns'] .btn-primary")
    row = page.locator("tr", has_text=name)
    expect(row.locator(".state")).to_contain_text(words["kept"])
    admin.check()
    row.locator("form[action$='/states'] button").click()
    expect(row.locator(".state")).to_contain_text(words["stopped"])
    row.locator("form[action$='/removals'] button").click()
    expect(row).to_have_count(0)


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en", 390)], ids=["zh", "en-phone"])
def test_a_word_is_blacked_out_and_shown_again(travel: Travel, language: str, width: int) -> None:
    words = WORDS[language]
    supervisor = travel("zhaolan", language=language, width=width)
    page = supervisor.page
    supervisor.go("/conversations")
    page.click(".row-link:has-text('售前群')")
    place = page.locator(".msg", has_text="已经帮您登记").first.get_attribute("data-marks")
    supervisor.go(str(place))
    supervisor.check()
    page.fill("[name='seen']", "登记")
    page.click("form[action$='/black-outs'] button")
    expect(page.locator(".toast")).to_contain_text(words["hidden"])
    expect(page.locator("main")).not_to_contain_text("登记")
    supervisor.check()
    page.click(f".toast button:has-text('{words['undo']}')")
    expect(page.locator("main")).to_contain_text("登记")
