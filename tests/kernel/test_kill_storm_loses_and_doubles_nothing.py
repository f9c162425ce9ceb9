"""SIGKILL and SIGSTOP at random over workers and producers: no effect is lost, none is doubled."""

import json
import logging
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.database


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


def test_short_storm(own_archive: dict[str, str]) -> None:
    figures = rage(own_archive, seconds=5)
    check(figures)
    assert figures["kills"] >= 5


@pytest.mark.soak
def test_long_storm(own_archive: dict[str, str]) -> None:
    figures = rage(own_archive, seconds=300)
    logging.getLogger(__name__).warning(json.dumps(figures))
    check(figures)
    assert figures["kills"] >= 300
