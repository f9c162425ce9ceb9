"""`huidang export` and `huidang verify FILE`: their JSON is the contract."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from huidang.cli import errand
from huidang.cli.grammar import build_parser
from huidang.people.models import Entry
from tests.cast import MOBILE, Company, set_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_prepared")]


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


def test_a_conversation_is_written_masked_and_noted(
    company: Company, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    conversation = str(company.conversations["售后"].pk)
    path = tmp_path / "out.jsonl"
    told = run(capsys, "export", "--conversation", conversation, "--format", "jsonl", "-o", str(path))
    assert told["path"] == str(path)
    assert told["messages"] == 2
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert told["seconds"] >= 0
    assert MOBILE not in path.read_text("utf-8")
    entry = Entry.objects.get(what="export")
    assert (entry.name, entry.facts["door"], entry.facts["mask"]) == ("system", "command", "inside")


def test_several_formats_are_several_files(
    company: Company, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    conversation = str(company.conversations["售后"].pk)
    words = ("export", "--conversation", conversation, "--format", "xlsx,jsonl", "-o", str(tmp_path / "out"))
    told = run(capsys, *words)
    assert [Path(each["path"]).name for each in told["files"]] == ["out.xlsx", "out.jsonl"]
    told = run(capsys, "export", "--conversation", conversation, "--format", "xlsx", "-o", str(tmp_path))
    assert Path(told["path"]).name == f"售后群 {told['receipt']}.xlsx"


def test_a_stretch_of_time(company: Company, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["export", "--conversation", str(company.conversations["售后"].pk), "--format", "jsonl"]
    words += ["-o", str(tmp_path / "out.jsonl")]
    assert run(capsys, *words, "--from", "2024-11-18 09:01", "--to", "2024-11-18 09:02")["messages"] == 1
    problem = run(capsys, *words, "--to", "2020-01-01", code=1)["problem"]
    assert problem["code"] == "export-empty"
    assert run(capsys, *words, "--from", "昨天下午", code=1)["problem"]["code"] == "time-unreadable"


def test_masks_are_lifted_for_a_reason_only(
    company: Company, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "out.jsonl"
    words = ["export", "--conversation", str(company.conversations["售后"].pk), "--format", "jsonl", "-o", str(path)]
    assert run(capsys, *words, "--mask", "none", code=1)["problem"]["code"] == "reason-wanted"
    run(capsys, *words, "--mask", "none", "--reason", "法院调取")
    assert MOBILE in path.read_text("utf-8")
    assert Entry.objects.get(what="export").why == "法院调取"
    assert (
        run(capsys, *words, "--mask", "none", "--reason", "好奇", "--as", "zhoumin", code=1)["problem"]["code"]
        == "unmask-wanted"
    )
    assert run(capsys, *words, "--as", "zhoumin", code=1)["problem"]["code"] == "approval-wanted"
    assert run(capsys, *words, "--as", "chenwei", code=1)["problem"]["code"] == "absent"


def test_wrong_words_are_told(company: Company, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["export", "--conversation", str(company.conversations["售后"].pk), "-o"]
    assert run(capsys, *words, str(tmp_path / "a"), "--format", "doc", code=1)["problem"]["code"] == "format-unknown"
    absent = str(tmp_path / "no" / "a.xlsx")
    assert run(capsys, *words, absent, "--format", "xlsx", code=1)["problem"]["code"] == "folder-absent"
    with pytest.raises(SystemExit):
        build_parser().parse_args(["export", "--format", "xlsx", "-o", "x"])


def test_a_file_is_verified(company: Company, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    words = ("export", "--conversation", str(company.conversations["售后"].pk), "--format", "jsonl", "-o", str(path))
    made = run(capsys, *words)
    told = run(capsys, "verify", str(path))
    assert (told["ok"], told["receipt"]["number"]) == (True, made["receipt"])
    path.write_bytes(path.read_bytes() + b"\n")
    told = run(capsys, "verify", str(path), code=1)
    assert [problem["code"] for problem in told["problems"]] == ["file-changed"]
    path.write_bytes(b"something else")
    assert run(capsys, "verify", str(path), code=1)["problems"][0]["code"] == "file-unknown"
    assert run(capsys, "verify", str(tmp_path / "absent"), code=1)["problem"]["code"] == "file-absent"
