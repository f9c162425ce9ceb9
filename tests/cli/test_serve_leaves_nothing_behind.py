"""`serve` runs one web process and one worker, brings a dead worker back, and stops both together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from huidang.cli.serve import Companion

PATIENCE_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def descendants(pid: int) -> list[int]:
    """Ask every thread for its children: whichever noticed the last worker's death has started the next."""
    tasks = Path(f"/proc/{pid}/task")
    found = {child for task in tasks.iterdir() for child in map(int, (task / "children").read_text().split())}
    return sorted(found)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    environment = os.environ | {"HUIDANG_DATA": str(tmp_path / "data"), "HUIDANG_KEYS": str(tmp_path / "keys")}
    environment["HUIDANG_DATABASE"] = ""
    command = [sys.executable, "-m", "huidang", "serve", "--port", str(free_port())]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        assert "http://127.0.0.1:" in process.stdout.readline()
        wait_for(lambda: descendants(process.pid))
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_both(server: "subprocess.Popen[str]", number: signal.Signals) -> None:
    (worker,) = descendants(server.pid)
    server.send_signal(number)
    assert server.wait(PATIENCE_SECONDS) == 0
    wait_for(lambda: not is_alive(worker))


def test_a_dead_worker_comes_back(server: "subprocess.Popen[str]") -> None:
    (worker,) = descendants(server.pid)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: [child for child in descendants(server.pid) if child != worker and is_alive(child)])


def test_a_killed_server_leaves_no_orphan(server: "subprocess.Popen[str]") -> None:
    (worker,) = descendants(server.pid)
    server.kill()
    wait_for(lambda: not is_alive(worker))


def test_a_helper_gives_way_and_does_not_hear_the_terminal() -> None:
    with Companion([sys.executable, "-c", "input()"], niceness=3) as helper:
        child = helper.child.pid
        assert os.getpriority(os.PRIO_PROCESS, child) == min(os.nice(0) + 3, 19)
        assert os.getpgid(child) != os.getpgid(0)
        assert os.getsid(child) == os.getsid(0)
    assert not is_alive(child)
