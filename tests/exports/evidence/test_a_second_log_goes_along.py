"""A package of a house that keeps a second log proves its records there too, by SM3, and names what was turned."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from huidang.exports.evidence.verify import verify
from tests.exports.evidence.packages import files_of, fill, package

pytestmark = pytest.mark.django_db


def test_records_are_proven_in_both_logs(settings: Settings, tmp_path: Path) -> None:
    settings.HOUSE = replace(settings.HOUSE, sm3=True)
    path = package(tmp_path, fill())
    found = verify(path)
    assert found["ok"], found["problems"]
    assert found["checked"]["sm3 proofs"] == found["checked"]["records"]
    zipfile.ZipFile(path).extractall(tmp_path / "unpacked")
    for name, change, code in (
        ("sm3/proofs/3.tlog-proof", (b"index 4", b"index 5"), "sm3-changed"),
        ("sm3/checkpoint", (b"/sm3\n", b"/sm4\n"), "sm3-changed"),
        ("sm3/beginnings/0.json", (b'"size":0', b'"size":1'), "sm3-changed"),
        ("records.jsonl", ("上午".encode(), "下午".encode()), "record-changed"),
    ):
        whole = (tmp_path / "unpacked" / name).read_bytes()
        assert change[0] in whole, name
        (tmp_path / "unpacked" / name).write_bytes(whole.replace(*change))
        assert code in {problem["code"] for problem in verify(tmp_path / "unpacked")["problems"]}, name
        (tmp_path / "unpacked" / name).write_bytes(whole)
    (tmp_path / "unpacked" / "sm3" / "checkpoint").unlink()
    assert "sm3-changed" in {problem["code"] for problem in verify(tmp_path / "unpacked")["problems"]}


def test_without_it_a_package_holds_none(tmp_path: Path) -> None:
    path = package(tmp_path, fill())
    assert verify(path)["ok"]
    assert not [name for name in files_of(path) if name.startswith("sm3/")]
