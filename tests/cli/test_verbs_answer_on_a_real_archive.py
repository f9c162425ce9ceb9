"""The verbs, run in one process on an archive with the standing cast: their JSON is the contract."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from huidang.cli import errand
from huidang.cli.grammar import build_parser
from huidang.kernel import clock, ledger, merkle
from huidang.people import local_operator, requests
from huidang.people.models import Entry, User
from huidang.records.models import FileText, Message
from huidang.search import indexer
from huidang.sources.models import Quarantine
from tests import cast
from tests.cast import Company, set_stage
from tests.exports.evidence.packages import fill
from tests.search import rows
from tests.search.conftest import writer

__all__ = ["writer"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_prepared", "writer")]


@pytest.fixture
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errand, "prepare", lambda **_: None)


@pytest.fixture
def company() -> Company:
    return set_stage()


def run(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    assert errand.carry_out(build_parser().parse_args([*words, "--json"])) == code
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_show_prints_a_transcript(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    conversation = company.conversations["售后"]
    told = run(capsys, "show", str(conversation.pk))
    assert [message["sender"] for message in told["messages"]] == ["王女士", "周敏"]
    assert Entry.objects.get(what="show").about == f"conversation:{conversation.pk}"


def test_show_hides_what_a_reader_may_not_see(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    conversation = str(company.conversations["商务"].pk)
    assert run(capsys, "show", conversation, "--as", "zhoumin", code=1)["problem"]["code"] == "absent"
    assert run(capsys, "show", "999999", "--as", "zhoumin", code=1)["problem"]["code"] == "absent"


def test_stats_count_within_reach(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "stats")["conversations"] == 4
    assert run(capsys, "stats", "--as", "zhoumin")["departments"] == {"售后组": 2}
    assert run(capsys, "stats", "--as", "chenwei")["messages"] == 0


def test_a_user_is_made_with_a_link(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    told = run(capsys, "user", "add", "sunli", "--name", "孙丽", "--role", "agent", "--department", "售前组")
    assert told["path"].startswith("/signin/")
    assert User.objects.get(username="sunli").name == "孙丽"
    listed = run(capsys, "user", "list")["users"]
    assert {
        "username": "sunli",
        "name": "孙丽",
        "active": True,
        "roles": [{"role": "agent", "over": "售前组"}],
    } in listed
    assert run(capsys, "user", "invite", "sunli")["path"] != told["path"]


def test_departments_are_made_by_path(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "department", "add", "望山家电/望山学堂")
    listed = run(capsys, "department", "list")["departments"]
    assert [row["name"] for row in listed][-1] == "望山学堂"


def test_sources_are_listed(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "source", "list")["sources"][0]["workspace"] == "wangshan"


def test_the_doctor_examines_everything(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    told = run(capsys, "doctor", code=1)
    assert not told["ok"]
    findings = {finding["code"]: finding["ok"] for finding in told["findings"]}
    assert findings["database"]
    assert not findings["worker"]
    assert set(findings) >= {"key", "disk", "jobs", "index", "quarantine", "checkpoint"}


def test_the_doctor_misses_a_checkpoint_after_an_hour(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    def told() -> tuple[bool, str]:
        findings = run(capsys, "doctor", code=1)["findings"]
        return next((each["ok"], each["text"]) for each in findings if each["code"] == "checkpoint")

    now = clock.now()
    assert told() == (True, "日志是空的，还没有检查点。")
    with clock.frozen(now), transaction.atomic():
        ledger.append([(merkle.leaf_hash(b"1"), "test", 1)])
        assert told() == (True, "日志有 1 条，还没有检查点。")
    with clock.frozen(now + timedelta(hours=2)):
        assert told() == (False, "日志有 1 条，还没有检查点。")
        ledger.checkpoint()
        assert told() == (True, "检查点覆盖全部日志。")


def test_the_doctor_says_where_a_record_is(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(capsys, "doctor", "--person", "王女士", "--around", "2024-11-18 09:00", "--text", "您好")
    assert {finding["code"] for finding in found["findings"]} == {"record-found"}
    assert len(found["findings"]) == 4


def test_the_doctor_says_why_a_record_is_not_here(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    told = run(capsys, "doctor", "--person", "郑一", "--around", "2024-01-01 09:00", code=1)
    assert [finding["code"] for finding in told["findings"]] == ["record-absent", "person", "around"]
    assert run(capsys, "doctor", "--around", "昨天", code=1)["problem"]["code"] == "time-unreadable"


def test_a_file_goes_in_and_is_found(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    message = {"msgid": "m1", "action": "send", "from": "zhoumin", "tolist": ["wmAAAAAAAAAAAA"], "roomid": ""}
    lines = [{**message, "msgtime": 1_700_000_000_000, "msgtype": "text", "text": {"content": "退款已经批准"}}]
    file = tmp_path / "chat.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{broken\n", "utf-8")
    assert run(capsys, "ingest", str(file))["messages"] == {"read": 2, "new": 1, "known": 0, "quarantined": 1}
    assert run(capsys, "ingest", str(file))["messages"]["new"] == 0
    found = run(capsys, "search", "退款 批准")
    assert found["complete"]
    assert [hit["text"] for hit in found["hits"]] == ["退款已经批准"]
    assert Quarantine.objects.count() == 1
    assert run(capsys, "verify")["ok"]
    assert run(capsys, "index", "rebuild")["applied"] > 0


def test_a_word_inside_a_file_names_its_page(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    (said,) = rows.append(company.conversations["售后"], "合同发您了")
    cast.attach(said, kind="file", name="服务协议.pdf", mime="application/pdf", sha256="a" * 64)
    FileText.objects.create(sha256="a" * 64, pages=[[1, "封面"], [3, "保修条款：整机三年"]])
    indexer.catch_up()
    (hit,) = run(capsys, "search", "保修条款")["hits"]
    assert hit["file"] == {"name": "服务协议.pdf", "place": 3, "snippet": "保修条款：整机三年"}


def test_erase_asks_as_a_person_and_erases_where_one_is_enough(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = fill()
    rows = Message.objects.unguarded("the stage is ours").filter(conversation=talk)
    first, second = rows.order_by("pk").values_list("pk", flat=True)[:2]
    words = ("--ground", "pipl-47-consent", "--reason", "客户撤回同意")
    refused = run(capsys, "erase", "--message", str(first), *words, code=1)
    assert refused["problem"]["code"] == "person-wanted"
    asked = run(capsys, "erase", "--message", str(first), *words, "--as", "fawu")
    assert (asked["state"], asked["messages"], asked["request"] is not None) == ("asked", 1, True)
    assert (
        run(capsys, "erase", "--message", str(first), *words, "--as", "zhaolan", code=1)["problem"]["code"] == "absent"
    )
    requests.set_two_persons("deletion", needed=False, by=local_operator())
    done = run(capsys, "erase", "--message", str(second), *words)
    assert (done["state"], done["request"]) == ("done", None)
    assert Entry.objects.get(what="erase").facts["door"] == "command"
