"""`huidang verify FILE` verifies a package whole, knows its own archive's, and names what was changed."""

import json
import zipfile
from pathlib import Path

import pytest

from huidang.cli import main
from huidang.kernel import notes
from tests.exports.evidence.packages import files_of, fill, package

pytestmark = pytest.mark.django_db


def verify(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = main(["verify", str(path), "--json"])
    said: dict[str, object] = json.loads(capsys.readouterr().out)
    return code, said


def test_a_package_of_this_archive_passes_and_a_changed_one_fails(
    stamped: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = package(tmp_path, fill())
    code, said = verify(path, capsys)
    assert (code, said["ok"], said["own"]) == (0, True, True)
    assert said["stamped"]
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(changed, "w") as written:
        for name, content in files_of(path).items():
            written.writestr(name, content.replace("今天下午".encode(), "今天上午".encode()))
    code, said = verify(changed, capsys)
    assert (code, said["ok"]) == (1, False)
    assert "records.jsonl" in json.dumps(said["problems"])


def test_a_package_that_bears_our_name_and_another_key_is_called_forged(
    stamped: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = files_of(package(tmp_path, fill()))
    name = files["policy.txt"].decode().split()[1].partition("+")[0]
    files["policy.txt"] = f"log {notes.Signer(name, bytes(32)).verifier}\nquorum none\n".encode()
    with zipfile.ZipFile(tmp_path / "forged.zip", "w") as written:
        for each, content in files.items():
            written.writestr(each, content)
    code, said = verify(tmp_path / "forged.zip", capsys)
    assert code == 1
    assert "key-unknown" in json.dumps(said["problems"])
