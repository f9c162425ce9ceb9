"""Exports and excerpts through the API: the same rights, jobs and receipts as on the pages."""

from pathlib import Path

import pytest

from huidang.exports import keeping
from huidang.kernel.worker import Worker
from tests.api.conftest import Call
from tests.cast import MOBILE, Company

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(keeping, "_root", lambda: tmp_path / "exports")


def test_an_export_is_ordered_written_and_fetched(call: Call, company: Company) -> None:
    program, talk = call("zhaolan"), company.conversations["售后"].pk
    asked = {"conversations": [str(talk)], "format": "jsonl", "why": "每日归集"}
    answer = program.post("/api/v1/exports", asked, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    place = f"/api/v1/exports/{answer.json()['id']}"
    Worker(kinds=["export"]).work_off()
    told = program.get(place).json()
    assert (told["state"], told["messages"], told["mask"]) == ("done", 2, "outside")
    [file] = told["files"]
    fetched = b"".join(program.get(f"{place}/files/{file['id']}").streaming_content)  # type: ignore[arg-type]
    assert (len(fetched), MOBILE.encode() in fetched) == (file["size"], False)
    assert call("fawu").get(place).status_code == 404
    receipt = call("zhoumin").get(f"/api/v1/receipts/{file['sha256']}").json()
    assert (receipt["number"], receipt["intact"], receipt["why"]) == (told["receipt"], True, None)
    assert program.get(f"/api/v1/receipts/{told['receipt']}").json()["why"] == "每日归集"
    assert program.post(f"{place}/cancellations").json()["code"] == "export-ended"
    assert [each["id"] for each in program.get("/api/v1/exports").json()["exports"]] == [told["id"]]


def test_what_may_not_leave_is_refused_or_waits(call: Call, company: Company) -> None:
    agent, talk = call("zhoumin"), str(company.conversations["售后"].pk)
    asked = {"conversations": [talk], "format": "xlsx", "why": "对账"}
    post = lambda **more: agent.post("/api/v1/exports", asked | more, content_type="application/json")  # noqa: E731
    assert post().json()["state"] == "asked"
    assert post(mask="none").json()["code"] == "unmask-wanted"
    assert post(format="doc").json()["code"] == "format-unknown"
    assert post(query="退款").json()["code"] == "selection-unclear"
    assert post(why=" ").json()["code"] == "reason-wanted"
    assert post(conversations=[str(company.conversations["商务"].pk)]).status_code == 404
    assert post(since_at="9999-12-31T23:59:59", until_at=None).json()["code"] == "export-empty"


def test_an_excerpt_is_kept_and_read(call: Call, company: Company) -> None:
    talk = company.conversations["售后"]
    asked = {"conversation": str(talk.pk), "messages": [str(talk.first_message_id)], "title": "首句", "note": "开场"}
    made = call("zhoumin").post("/api/v1/excerpts", asked, content_type="application/json")
    assert made.status_code == 201
    place = f"/api/v1/excerpts/{made.json()['id']}"
    told = call("fawu").get(place).json()
    assert (told["excerpt"]["title"], told["messages"][0]["message"]["text"]) == ("首句", "您好，我的电话是138****5678")
    assert call("chenwei").get(place).status_code == 404
    assert call("zhoumin").get(f"/api/v1/excerpts?conversation={talk.pk}").json()["excerpts"][0]["note"] == "开场"
    assert call("fawu").post(f"{place}/removals").status_code == 404
    assert call("zhoumin").post(f"{place}/removals").status_code == 200
    assert call("zhoumin").get(place).status_code == 404
    assert call("zhoumin").post(f"{place}/restorations").status_code == 200
