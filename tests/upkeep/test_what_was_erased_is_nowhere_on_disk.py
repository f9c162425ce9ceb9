"""What two persons erased is found by nobody, and no file of the archive holds it any more, open or in free pages."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.upkeep.erasing_on_disk import COUNT, FILE_SECRET, KEPT, SECRET

GONE = (COUNT + 6) // 7


def step(home: Path, name: str) -> dict[str, Any]:
    own = {"HUIDANG_DATA": str(home / "data"), "HUIDANG_KEYS": str(home / "keys"), "HUIDANG_DATABASE": ""}
    paths = os.pathsep.join(["src", ".", os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "tests.upkeep.erasing_on_disk", name]
    done = subprocess.run(command, env=os.environ | own | {"PYTHONPATH": paths}, capture_output=True, text=True)  # noqa: PLW1510
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def holding(home: Path, text: str) -> list[str]:
    """Return the files of the archive in which a text stands, in any way that it might be written."""
    wanted = [text.encode(), text[:2].encode(), text.encode("utf-16-le"), json.dumps(text).strip('"').encode()]
    files = sorted(path for path in (home / "data").rglob("*") if path.is_file())
    return [str(path.relative_to(home)) for path in files if any(each in path.read_bytes() for each in wanted)]


def generations(home: Path) -> set[str]:
    """Return the indexes on the disk; their words are packed, so that nobody finds them by their bytes."""
    return {path.name for path in (home / "data" / "index").iterdir() if path.is_dir()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("erasing")
    (home / "data").mkdir()
    return home


def test_from_the_upload_to_the_night_after(home: Path) -> None:
    before = step(home, "fill")["found"]
    assert (before[f"fawu {SECRET}"], before[f"agent {SECRET}"], before[f"fawu {FILE_SECRET}"]) == (GONE, GONE, 1)
    assert any(name.endswith(".sqlite3") for name in holding(home, SECRET)), "the test would not find it at all"
    written_before = generations(home)
    assert list((home / "data" / "exports").glob("[0-9a-f]*"))
    erased = step(home, "erase")
    assert erased["state"] == "done"
    assert {count for name, count in erased["found"].items() if KEPT not in name} == {0}
    tidy = step(home, "tidy")
    assert tidy["left"] == []
    assert tidy["verified"]["ok"], tidy["verified"]["problems"][:3]
    assert tidy["verified"]["checked"]["erased"] == GONE + 1
    assert tidy["found"][f"fawu {KEPT}"] == COUNT - GONE
    assert not written_before & generations(home)
    assert (holding(home, SECRET), holding(home, FILE_SECRET)) == ([], [])
    assert list((home / "data" / "exports").glob("[0-9a-f]*")) == []
