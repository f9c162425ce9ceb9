"""The page of the log in a browser: signed, deposited, verified, read on a phone; and a deletion asked for and read."""

from playwright.sync_api import expect

from tests.journeys.conftest import Travel


def test_a_manager_signs_and_an_auditor_has_it_verified(travel: Travel) -> None:
    manager = travel("admin")
    page = manager.page
    manager.go("/log")
    page.locator(".sec-head .btn-primary").click()
    expect(page.locator(".table tbody tr").first).to_be_visible()
    manager.check()
    for summary in page.locator("details.facts summary").all():
        summary.click()
    manager.check()
    form = page.locator("form", has=page.locator("#anchor_url"))
    form.locator("#anchor").fill("公证处")
    form.locator("#anchor_url").fill("https://10.0.0.1/evidence")
    form.locator("#more").fill("[]")
    form.locator(".btn-primary").click()
    expect(page.locator(".notice-bad").first).to_contain_text("附加字段应为一个 JSON 对象")
    expect(page.locator("#anchor_url")).to_have_value("https://10.0.0.1/evidence")
    auditor = travel("auditor", language="en", width=390, dark=True)
    auditor.go("/log")
    expect(auditor.page.locator("main form .btn-primary")).to_have_count(0)
    auditor.page.get_by_role("button", name="Verify now").click()
    auditor.check()
    assert auditor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_lawyer_asks_for_a_deletion_and_reads_what_was_asked(travel: Travel) -> None:
    lawyer = travel("fawu")
    page = lawyer.page
    lawyer.go("/conversations")
    page.locator(".row-link").first.click()
    page.locator("a[href$='/deletions']").first.click(force=True)
    lawyer.check()
    page.locator("[name=ground][value=pipl-47-consent]").check(force=True)
    page.fill("#why", "客户来函撤回同意")
    page.locator(".form-foot .btn-danger").click()
    expect(page.locator(".page-head .state")).to_have_text("待审批")
    lawyer.check()
