"""Exports on pages: ordered in a form, watched, fetched, cancelled, told again by hash; within one's rights alone."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from huidang.exports import keeping
from huidang.exports.models import Export, File
from huidang.kernel.worker import Worker
from huidang.people.models import Entry
from tests.cast import MOBILE, Company

Visit = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(keeping, "_root", lambda: tmp_path / "exports")


def order(client: Client, company: Company, name: str = "售后", **more: object) -> str:
    stated = {
        "conversation": company.conversations[name].pk,
        "format": "jsonl",
        "mask": "outside",
        "why": "客诉处理",
    } | more
    return client.post("/exports", stated).headers.get("Location", "")


def work() -> None:
    Worker(kinds=["export", "export-decision"]).work_off()


def test_an_order_is_written_and_fetched(visit: Visit, company: Company) -> None:
    client = visit("zhaolan")
    place = order(client, company)
    assert 'hx-trigger="every 1s"' in client.get(place).text
    assert "已写 0 / 2 条" in client.get(place, headers={"hx-request": "true"}).text
    work()
    page = client.get(place).text
    assert "已完成" in page
    assert "对外标准" in page
    assert "outside" not in page
    assert Export.objects.get().receipt in page
    fetched = client.get(f"{place}/files/{_file_id()}")
    content = b"".join(fetched.streaming_content)  # type: ignore[arg-type]
    assert MOBILE.encode() not in content
    assert int(fetched.headers["Content-Length"]) == len(content)
    assert "attachment" in fetched.headers["Content-Disposition"]
    assert Entry.objects.filter(what="download").count() == 1


def _file_id() -> int:
    return File.objects.get().pk


def test_the_form_says_what_is_in_it_and_keeps_what_was_typed(visit: Visit, company: Company) -> None:
    client, conversation = visit("zhaolan"), company.conversations["售后"].pk
    page = client.get(f"/exports/new?conversation={conversation}").text
    assert "2 条消息" in page
    assert "需要审批" not in page
    refused = client.post(
        "/exports",
        {"conversation": conversation, "format": "xlsx", "mask": "outside", "why": "", "watermark": "仅供调解"},
    )
    assert refused.status_code == 400
    assert "写明事由" in refused.text
    assert "仅供调解" in refused.text
    assert "需要审批" in visit("zhoumin").get(f"/exports/new?conversation={conversation}").text


def test_nobody_orders_or_sees_what_is_not_theirs(visit: Visit, company: Company) -> None:
    foreign = company.conversations["商务"].pk
    assert visit("zhoumin").get(f"/exports/new?conversation={foreign}").status_code == 404
    assert order(visit("zhoumin"), company, "商务") == ""
    assert visit("zhoumin").get("/exports/new?conversation=9999999").status_code == 404
    place = order(visit("zhaolan"), company)
    work()
    for username in ("zhoumin", "fawu", "admin"):
        for address in (place, f"{place}/files/{_file_id()}", f"{place}/proof"):
            assert visit(username).get(address).status_code == 404
    assert visit("auditor").get(place).status_code == 200
    assert visit("auditor").get(f"{place}/files/{_file_id()}").status_code == 404
    assert "全部回执" in visit("auditor").get("/exports").text
    assert "全部回执" not in visit("fawu").get("/exports").text


def test_news_come_once(visit: Visit, company: Company) -> None:
    client = visit("zhaolan")
    order(client, company)
    assert "/exports/news" in client.get("/conversations").text
    work()
    page = client.get("/conversations").text
    assert "/exports/news" not in page
    assert 'class="count-new">1<' in page
    assert "已写好" in client.get("/exports/news").text
    assert "已写好" not in client.get("/exports/news").text
    assert 'class="count-new"' not in client.get("/conversations").text


def test_an_open_export_is_cancelled(visit: Visit, company: Company) -> None:
    client = visit("zhoumin")
    place = order(client, company)
    assert "待审批" in client.get(place).text
    assert visit("fawu").post(f"{place}/cancellations").status_code == 404
    assert client.post(f"{place}/cancellations").headers["Location"] == place
    assert "已取消" in client.get(place).text


def test_a_file_is_told_again(visit: Visit, company: Company) -> None:
    client = visit("zhaolan")
    place = order(client, company)
    work()
    content = b"".join(client.get(f"{place}/files/{_file_id()}").streaming_content)  # type: ignore[arg-type]
    for sent, answer in ((content, "一字不差"), (content + b" ", "被改动过"), (b"else", "查不到回执")):
        file = io.BytesIO(sent)
        file.name = "out.jsonl"
        page = visit("zhoumin").post("/receipts", {"file": file}).text
        assert answer in page
        assert "客诉处理" not in page
    export = Export.objects.get()
    assert "找到回执" in client.get(f"/receipts?q={export.receipt}").text
    assert "客诉处理" in client.get(f"/receipts?q={export.receipt}").text
    assert "还没有选择文件" in client.post("/receipts", {}).text
    assert "查不到回执" in client.get("/receipts?q=HD-00000-00000").text


def test_a_search_and_chosen_conversations_are_ordered(visit: Visit, company: Company) -> None:
    client = visit("zhaolan")
    both = [company.conversations[name].pk for name in ("售后", "售前")]
    page = client.get("/exports/new", {"conversation": both}).text
    assert "2 个会话" in page
    assert "需要审批" in page
    place = client.post(
        "/exports", {"conversation": both, "format": "xlsx", "mask": "outside", "why": "季度复盘"}
    ).headers["Location"]
    assert "待审批" in client.get(place).text
