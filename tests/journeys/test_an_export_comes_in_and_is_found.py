"""Bringing in: upload in the page, watch it being read, see the quarantine, search, jump to the place and back."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Travel

PATIENCE_MS = 60_000


def export(folder: Path, name: str) -> Path:
    """Write a ChatLab export of thirty messages with one line that cannot be read."""
    header = {"_type": "header", "chatlab": {"version": "0.0.2", "exportedAt": 1732000000}}
    header["meta"] = {"name": name, "platform": "wechat", "type": "group"}
    lines = [json.dumps(header, ensure_ascii=False)]
    lines += [json.dumps({"_type": "member", "platformId": "u1", "accountName": "欧阳建国"}, ensure_ascii=False)]
    for number in range(30):
        text = f"滤网差价按原路退回第 {number} 次" if number % 10 == 0 else f"空调又报警了，第 {number} 次"
        message = {"_type": "message", "sender": "u1", "accountName": "欧阳建国", "type": 0, "content": text}
        lines.append(json.dumps(message | {"timestamp": 1731900000 + number * 600}, ensure_ascii=False))
    path = folder / f"{name}.jsonl"
    path.write_text("\n".join([*lines[:20], f'{{"_type": "message", broken {name}', *lines[20:]]), "utf-8")
    return path


@pytest.mark.parametrize(
    ("language", "done", "back"),
    [("zh-CN", "已完成", "返回搜索结果"), ("en", "Done", "Back to the results")],
    ids=["zh", "en"],
)
def test_an_export_is_uploaded_read_and_found(
    travel: Travel, tmp_path: Path, language: str, done: str, back: str
) -> None:
    admin = travel("admin", language=language)
    page = admin.page
    admin.go("/imports")
    admin.check()
    name = f"空调群-{language}"
    page.set_input_files("#files", export(tmp_path, name))
    expect(page.locator("[data-files]")).to_contain_text(name)
    page.click("main .btn-primary")
    page.wait_for_url("**/imports/*")
    expect(page.locator("#state .state-ok")).to_have_text(done, timeout=PATIENCE_MS)
    page.reload()
    expect(page.locator(".quarantined tbody tr")).to_have_count(1)
    expect(page.locator(".quarantined")).to_contain_text("21")
    admin.check()
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    admin.check()
    for _attempt in range(60):
        admin.go(f"/search?q=差价按原路 in:{name}")
        if page.locator(".hit").count() == 3:
            break
        page.wait_for_timeout(1000)
    expect(page.locator(".hit mark").first).to_have_text("差价按原路")
    admin.check()
    page.click(".hit >> nth=1")
    page.wait_for_url("**/messages/*")
    expect(page.locator(".msg-hit mark")).to_have_text("差价按原路")
    expect(page.locator(".msg-hit")).to_be_in_viewport()
    expect(page.locator(".find-bar")).to_contain_text("2")
    page.keyboard.press("n")
    expect(page.locator(".msg-hit")).to_contain_text("20")
    admin.check()
    page.click(f"[aria-label='{back}']")
    page.wait_for_url("**/search?*")
    expect(page.locator(".hit").first).to_be_visible()
