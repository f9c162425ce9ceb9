"""Import: upload, the job that reads, what it came to, the quarantine; for those who manage the house only."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from huidang.kernel.worker import Worker
from huidang.people import give
from huidang.people.models import User
from huidang.records.models import Conversation
from huidang.sources.models import Import, Quarantine
from tests.cast import Company

Visit = Callable[[str], Client]

HEADER = {
    "_type": "header",
    "chatlab": {"version": "0.0.2", "exportedAt": 1732000000},
    "meta": {"name": "洗衣机售后群", "platform": "wechat", "type": "group"},
}
MEMBER = {"_type": "member", "platformId": "u1", "accountName": "王秀兰"}


def said(text: str, number: int) -> dict[str, Any]:
    return {
        "_type": "message",
        "sender": "u1",
        "accountName": "王秀兰",
        "timestamp": 1731900000 + number,
        "type": 0,
        "content": text,
    }


def export(*lines: object) -> io.BytesIO:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    file = io.BytesIO(text.encode())
    file.name = "售后群.jsonl"
    return file


def work() -> None:
    Worker(kinds=["ingest"]).work_off()


@pytest.fixture
def admin(visit: Visit) -> Client:
    """Sign in as the administrator."""
    return visit("admin")


def test_only_managers_see_the_page(visit: Visit) -> None:
    assert visit("zhoumin").get("/imports").status_code == 403
    assert visit("zhoumin").post("/imports", {"files": export(HEADER)}).status_code == 403
    assert "/imports" not in visit("zhoumin").get("/conversations").text
    assert visit("admin").get("/imports").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_empty_archive_leads_to_the_import(client: Client, db: None) -> None:
    keeper = User.objects.create(username="linkai", name="林凯")
    give(keeper, "administrator", everything=True)
    client.force_login(keeper)
    assert client.get("/")["Location"] == "/imports"
    assert "steps" in client.get("/imports").text


def test_a_filled_archive_is_not_called_empty_to_whoever_reads_none_of_it(admin: Client) -> None:
    assert admin.get("/")["Location"] == "/admin"
    assert "steps" not in admin.get("/imports").text


def test_an_export_is_read_and_accounted_for(admin: Client, company: Company) -> None:
    department = company.departments["售后组"]
    file = export(HEADER, MEMBER, said("脱水报 E21", 1), said("我要退款", 2), "{broken", said("多久到账", 3))
    answer = admin.post("/imports", {"files": file, "department": department.pk, "timezone": "Asia/Shanghai"})
    row = Import.objects.get()
    assert answer["Location"] == f"/imports/{row.pk}"
    assert "排队中" in admin.get(answer["Location"]).text
    work()
    page = admin.get(answer["Location"]).text
    assert "已完成" in page
    assert (row.name, Import.objects.get().new, Import.objects.get().quarantined) == ("售后群.jsonl", 3, 1)
    assert Quarantine.objects.get().place in page
    talk = Conversation.objects.unguarded("test").get(title="洗衣机售后群")
    assert talk.department == department


@pytest.mark.django_db(transaction=True)
def test_what_was_mended_is_read_again_without_doubling(admin: Client) -> None:
    admin.post("/imports", {"files": export(HEADER, MEMBER, said("脱水报 E21", 1), "{broken"), "timezone": ""})
    work()
    row = Import.objects.get()
    assert admin.post(f"/imports/{row.pk}/rereadings").status_code == 302
    work()
    row.refresh_from_db()
    assert (row.state, row.new, row.known) == (Import.DONE, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_an_unknown_format_is_told_in_words(admin: Client) -> None:
    admin.post("/imports", {"files": io.BytesIO(b"\x00\x01\x02 nothing we know"), "timezone": ""})
    work()
    row = Import.objects.get()
    page = admin.get(f"/imports/{row.pk}").text
    assert row.state == Import.FAILED
    assert row.error
    assert row.error.split("：")[0] in page


@pytest.mark.django_db(transaction=True)
def test_a_table_is_mapped_by_hand(admin: Client) -> None:
    table = io.BytesIO("何时,谁说,说了什么\n2024-11-18 09:00:00,王秀兰,我要退款\n".encode())
    table.name = "记录.csv"
    admin.post("/imports", {"files": table, "timezone": ""})
    work()
    row = Import.objects.get()
    page = admin.get(f"/imports/{row.pk}")
    assert row.state == Import.FAILED
    assert page.context["table"].headers == ("何时", "谁说", "说了什么")
    chosen = {"time": "何时", "sender": "谁说", "text": "说了什么"}
    assert admin.post(f"/imports/{row.pk}/mappings", chosen)["Location"] == f"/imports/{row.pk}"
    work()
    row.refresh_from_db()
    assert (row.state, row.new) == (Import.DONE, 1)


def test_upload_stops_at_the_limit(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HOUSE", _with_limit(1000))
    answer = admin.post("/imports", {"files": io.BytesIO(b"x" * 200_000), "timezone": ""})
    assert answer.status_code == 400
    assert "文件超过允许的大小" in answer.text
    assert not Import.objects.exists()


def test_form_mistakes_are_told_on_the_form(admin: Client) -> None:
    assert "还没有选择文件" in admin.post("/imports", {"timezone": ""}).text
    assert "不认识这个时区" in admin.post("/imports", {"files": export(HEADER), "timezone": "Mars/Base"}).text


def test_upload_wants_its_token(company: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.users["admin"])
    assert client.post("/imports", {"files": export(HEADER)}).status_code == 403


def _with_limit(limit: int) -> object:
    return replace(settings.HOUSE, upload_bytes=limit)
