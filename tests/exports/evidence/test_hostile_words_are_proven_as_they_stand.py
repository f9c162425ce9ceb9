"""Whatever people write stands in a package as they wrote it, is proven, and runs nowhere."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from huidang.exports.evidence.verify import verify
from huidang.records import Origin, append
from huidang.records.drafts import ConversationDraft, Draft
from huidang.records.models import Conversation
from tests.exports.evidence.packages import AT, SOURCE, files_of, package
from tests.exports.test_hostile_content_prints_as_text import HOSTILE
from tests.journeys.conftest import CHROMIUM, FLAGS

pytestmark = pytest.mark.django_db

MARKUP = '</td><script>document.title="run"</script><img src=x onerror="document.title=1">'


def test_a_package_of_hostile_words(tmp_path: Path) -> None:
    said = [MARKUP, *HOSTILE]
    drafts = [
        Draft("room", AT + number, id=f"m{number}", sender="u1", sender_name=MARKUP[:60], text=text)
        for number, text in enumerate(said)
    ]
    append([ConversationDraft("room", MARKUP, "group"), *drafts], Origin(source=SOURCE, custody={"file": MARKUP}))
    path = package(tmp_path, Conversation.objects.unguarded("the stage is ours").get(), title=MARKUP, why=MARKUP)
    assert verify(path)["ok"]
    files = files_of(path)
    records = [json.loads(line) for line in files["records.jsonl"].rstrip(b"\n").split(b"\n")]
    assert [record["text"]["text"] for record in records] == [text.replace("\0", "\ufffd") for text in said]
    (tmp_path / "verify.html").write_bytes(files["verify.html"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(offline=True, locale="zh-CN").new_page()
        page.goto((tmp_path / "verify.html").as_uri())
        title = page.title()
        page.set_input_files("#file", path)
        expect(page.locator("#verdict")).to_contain_text("通过 · Verified", timeout=30_000)
        expect(page.locator("#rows")).to_contain_text(MARKUP)
        assert page.title() == title
        browser.close()
