"""A witness for tests: the real command in a process of its own, on loopback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Running(NamedTuple):
    """Where a witness answers, and the key it signs with."""

    url: str
    verifier: str


@contextmanager
def witnessing(folder: Path, *logs: str) -> Iterator[Running]:
    """Run a witness of some logs inside the block."""
    words = [word for log in logs for word in ("--log", log)]
    command = [sys.executable, "-m", "huidang", "witness", "--folder", str(folder), "--port", "0", *words]
    home = {"HUIDANG_DATA": str(folder / "no-archive"), "HUIDANG_KEYS": str(folder / "no-keys")}
    with subprocess.Popen(command, env=os.environ | home, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            said = [process.stdout.readline() for _ in range(3)]
            yield Running(said[0].split()[1], said[2].strip())
        finally:
            process.terminate()
            process.wait(15)
