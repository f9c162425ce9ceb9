"""SIGKILL and SIGSTOP at random over workers and producers: no effect is lost, none is doubled."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from huidang.settings import HOUSE

pytestmark = pytest.mark.database


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give the storm an archive of its own, on the database that the tests run on."""
    own = {**os.environ, "HUIDANG_DATA": str(tmp_path / "data"), "HUIDANG_KEYS": str(tmp_path / "keys")}
    if not HOUSE.database:
        yield own
        return
    name = f"storm_{os.getpid()}"
    with psycopg.connect(HOUSE.database, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield {**own, "HUIDANG_DATABASE": f"{HOUSE.database.rpartition('/')[0]}/{name}"}
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def rage(environment: dict[str, str], *, seconds: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.kernel.storm", str(seconds), "20240511"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def check(figures: dict[str, Any]) -> None:
    assert figures["asked"] > 0
    assert figures["effects"] >= figures["asked"]
    for fault in ("lost", "doubled", "unasked", "asks_overlooked", "left"):
        assert figures[fault] == 0, figures
    assert 1 <= figures["ticks"] <= figures["seconds"] + 10


def test_short_storm(environment: dict[str, str]) -> None:
    figures = rage(environment, seconds=5)
    check(figures)
    assert figures["kills"] >= 5


@pytest.mark.soak
def test_long_storm(environment: dict[str, str]) -> None:
    figures = rage(environment, seconds=300)
    logging.getLogger(__name__).warning(json.dumps(figures))
    check(figures)
    assert figures["kills"] >= 300
