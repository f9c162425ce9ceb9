"""A bit turned anywhere in the archive is found by `huidang verify`, or changed nothing that the log speaks of."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

DATABASE = "huidang.sqlite3"
SPOKEN_OF = (
    "records_message", "records_attachment", "records_rawbatch", "records_messagekey", "records_erasure",
    "records_conversation(id,source_id,platform_id,key)", "records_source(id,platform,workspace,account)",
    "records_participant(id,source_id,platform_id)", "kernel_leaf", "kernel_node", "kernel_checkpoint",
    "kernel_handover", "kernel_log", "people_entry",
)  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("archive")
    (home / "data").mkdir()
    run(home, "-m", "tests.upkeep.archive_on_disk")
    with sqlite3.connect(home / "data" / DATABASE) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    return home


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    own = {"HUIDANG_DATA": str(home / "data"), "HUIDANG_KEYS": str(home / "keys"), "HUIDANG_DATABASE": ""}
    paths = os.pathsep.join(["src", ".", os.environ.get("PYTHONPATH", "")])
    environment = os.environ | own | {"PYTHONPATH": paths}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)


def meaning(home: Path) -> Any:
    """Return everything that the log speaks of, read past the indexes; what cannot be read is a meaning of its own."""
    told: list[Any] = []
    try:
        with sqlite3.connect(home / "data" / DATABASE) as database:
            for table in SPOKEN_OF:
                name, _, columns = table.rstrip(")").partition("(")
                told += database.execute(f"SELECT {columns or '*'} FROM {name} NOT INDEXED ORDER BY rowid").fetchall()
    except (sqlite3.Error, UnicodeError) as problem:
        return str(problem)
    return told


def turn_bits(archive: Path, tmp_path: Path, times: int, seed: int) -> None:
    """Turn one bit each time, run the whole command over it, and print how it went."""
    chance, honest, counted = random.Random(seed), meaning(archive), Counter[str]()
    files = sorted(path for path in (archive / "data").rglob("*") if path.is_file() and path.stat().st_size)
    files = [path for path in files if path.name == DATABASE or "blobs" in path.parts]
    for number in range(times):
        home = tmp_path / str(number)
        shutil.copytree(archive, home)
        chosen = next(path for path in files if path.name == DATABASE) if number % 2 else chance.choice(files)
        path = home / chosen.relative_to(archive)
        path.chmod(0o600)
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        altered = "blobs" in path.parts or meaning(home) != honest
        done = run(home, "-m", "huidang", "verify", "--json")
        assert done.returncode or not altered, (path, number)
        counted[f"{path.suffix or 'blob'}: {'named' if done.returncode else 'changed nothing'}"] += 1
        counted["altered a meaning"] += altered
        if done.returncode and done.stdout.startswith("{"):
            assert json.loads(done.stdout)["problems"]
        shutil.rmtree(home)
    sys.stdout.write(f"{dict(counted)}\n")


def test_an_honest_archive_passes(archive: Path) -> None:
    done = run(archive, "-m", "huidang", "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr


def test_some_turned_bits_are_named(archive: Path, tmp_path: Path) -> None:
    turn_bits(archive, tmp_path, 4, seed=5)


@pytest.mark.soak
def test_five_hundred_turned_bits_are_named(archive: Path, tmp_path: Path) -> None:
    turn_bits(archive, tmp_path, 500, seed=6)
