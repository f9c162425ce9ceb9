"""Measure the way in: the real command on a corpus, into an archive without messages, beside raw SQLite on its rows.

    python bench/ingest.py [--messages N] [--format chatlab,slack] [--json]

Prints the rate from file to searchable and logged, the shares of parsing, appending and indexing by processor time,
the memory of all processes, and what the last tenth of the messages cost beside the first. `--json` ends with one
line of JSON. Results go to `bench/results/`.
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import corpus

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE_SECONDS = 0.5
MEMORY_SECONDS = 2.0  # adding up the pages of all processes takes 20 ms of what is measured
WARM_UP_MESSAGES = 30_000  # enough for the command to start all of its processes


@dataclass
class Watch:
    """What was seen of the processes of one run."""

    cpu: dict[str, dict[int, float]] = field(default_factory=dict)  # role -> process -> seconds
    peak_bytes: int = 0
    weighed_at: float = 0.0
    sizes: list[tuple[float, int]] = field(default_factory=list)  # moment -> messages in the database

    def look(self, root: int, database: Path) -> None:
        """Sample the tree of processes below `root`, and how far the import is."""
        processes = _tree(root)
        for process in processes:
            with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                self.cpu.setdefault(_role(process, root), {})[process] = _cpu(process)
        now = time.monotonic()
        if now - self.weighed_at >= MEMORY_SECONDS:
            self.weighed_at = now
            self.peak_bytes = max(self.peak_bytes, sum(map(_private, processes)))
        self.sizes.append((now, _count(database)))


def _tree(root: int) -> list[int]:
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                waiting.extend(map(int, task.read_text().split()))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def _role(process: int, root: int) -> str:
    if process == root:
        return "append"
    command = Path(f"/proc/{process}/cmdline").read_bytes()
    return "index" if b"--index-only" in command else "parse"


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _private(process: int) -> int:
    """Return the memory that is the process's own, its share of all pages without mapped files; 0 once it has ended."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    lines = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in rollup.splitlines()[1:] if ":" in line}
    return lines.get("Pss_Anon", 0)


def _count(database: Path) -> int:
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1) as connection:
            return int(connection.execute("SELECT size FROM kernel_log").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return 0


def warm_up(kind: str, folder: Path) -> None:
    """Run once on a small corpus, so that the program is compiled, as it is wherever it was installed.

    Leaves an archive without messages: its tables are made when the house is set up, not when messages come.
    """
    name, write = corpus.WRITERS[kind]
    write(folder / name, WARM_UP_MESSAGES)
    ingest(folder / name, folder)
    shutil.rmtree(folder / "data")
    shutil.rmtree(folder / "keys")
    if huidang(folder, "stats").wait():
        raise SystemExit("no archive")


def huidang(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    """Start the command on the archive in a folder."""
    environment = os.environ | {"HUIDANG_DATA": str(folder / "data"), "HUIDANG_KEYS": str(folder / "keys")}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "HUIDANG_DATABASE": ""}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "huidang", *words, "--json"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


def ingest(source: Path, folder: Path) -> tuple[dict[str, Any], Watch, float]:
    """Run the real command and watch it; return its result, what was seen, and the wall-clock seconds."""
    watch = Watch()
    began = time.monotonic()
    run = huidang(folder, "ingest", str(source))
    while run.poll() is None:
        watch.look(run.pid, folder / "data" / "huidang.sqlite3")
        time.sleep(SAMPLE_SECONDS)
    seconds = time.monotonic() - began
    assert run.stdout is not None
    if run.returncode:
        raise SystemExit("ingest failed")
    return json.loads(run.stdout.read()), watch, seconds


def slope(watch: Watch, messages: int) -> float:
    """Return what the last tenth of the messages cost in time, as a multiple of the first tenth."""
    tenth = messages // 10
    first = _reached(watch, tenth) - _reached(watch, 1)
    last = _reached(watch, messages) - _reached(watch, messages - tenth)
    return round(last / first, 2) if first else 0.0


def _reached(watch: Watch, count: int) -> float:
    """Return when that many messages were stored, interpolated between two samples."""
    before = (watch.sizes[0][0], 0)
    for moment, size in watch.sizes:
        if size >= count:
            share = (count - before[1]) / max(size - before[1], 1)
            return before[0] + share * (moment - before[0])
        before = (moment, size)
    return before[0]


def raw_sqlite(folder: Path) -> float:
    """Return how many messages a second plain `executemany` writes of the same rows, without index or log."""
    target = folder / "raw.sqlite3"
    with sqlite3.connect(folder / "data" / "huidang.sqlite3") as source:
        rows = source.execute("SELECT * FROM records_message ORDER BY leaf_index LIMIT 300000").fetchall()
    marks = ",".join("?" * len(rows[0]))
    with sqlite3.connect(target) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"CREATE TABLE message ({','.join(f'c{place}' for place in range(len(rows[0])))})")
        began = time.monotonic()
        connection.executemany(f"INSERT INTO message VALUES ({marks})", rows)
        connection.commit()
        return len(rows) / (time.monotonic() - began)


def measure(kind: str, messages: int) -> dict[str, Any]:
    """Write the corpus, ingest it, and return the figures."""
    folder = Path(tempfile.mkdtemp(prefix="huidang-bench-"))
    try:
        name, write = corpus.WRITERS[kind]
        warm_up(kind, folder)
        write(folder / name, messages)
        load = os.getloadavg()[0]
        result, watch, seconds = ingest(folder / name, folder)
        cpu = {role: sum(times.values()) for role, times in watch.cpu.items()}
        return {
            "format": kind,
            "messages": result["messages"]["new"],
            "seconds": round(seconds, 1),
            "messages_per_second": round(result["messages"]["new"] / seconds),
            "cpu_us_per_message": {role: round(spent / messages * 1e6, 1) for role, spent in cpu.items()},
            "share": {role: round(spent / sum(cpu.values()), 2) for role, spent in cpu.items()},
            "memory_peak_mb": round(watch.peak_bytes / 1e6),
            "last_tenth_to_first": slope(watch, messages),
            "raw_sqlite_messages_per_second": round(raw_sqlite(folder)),
            "load_before": round(load, 2),
        }
    finally:
        shutil.rmtree(folder)


def machine() -> dict[str, Any]:
    """Say what it ran on."""
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return {"cpu": cpu.partition(": ")[2], "cores": len(os.sched_getaffinity(0)), "python": platform.python_version()}


def main() -> None:
    """Measure the formats asked for and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--format", default="chatlab,slack")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    runs = [measure(kind, arguments.messages) for kind in arguments.format.split(",")]
    figures = {"machine": machine(), "runs": runs}
    results = Path(__file__).parent / "results" / f"ingest-{arguments.messages}.json"
    results.parent.mkdir(exist_ok=True)
    results.write_text(json.dumps(figures, indent=1) + "\n")
    for run in figures["runs"]:
        for name, value in run.items():
            print(f"{name:32} {value}")
        print()
    if arguments.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
