"""Seconds and memory from the archive to a file, beside other printers.

`python bench/export.py [--json] [--messages N] [--formats pdf,xlsx,...] [--without-peers]`. The archive is made anew
from the corpus; each file is written in a process of its own (`written.py`): `seconds` run from the selection to the
finished file, through guard, lens and masks; `gather_seconds` tell what of it is reading alone, taken by themselves.
Memory is that of all processes together, shared pages counted once, at its highest. Peers get the same transcript
already in memory, read nothing, mask nothing, and write nothing but names, times and texts. On a busy machine compare
the seconds of the processor.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import corpus
from printers import PRINTERS

FORMATS = ("pdf", "xlsx", "docx", "html", "jsonl")
HUIDANG = [sys.executable, "-m", "huidang"]
PROMISED = 20_000
LIMITS = {"pdf": 4.0, "xlsx": 1.0, "docx": 1.0}
"""Seconds for that many messages, which the project promises."""


def run(command: list[str], environment: dict[str, str]) -> tuple[str, float]:
    """Run a command and return what it printed, with the peak memory in MB of it and its children."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.DEVNULL)
        highest = 0
        while process.poll() is None:
            highest = max(highest, sum(map(memory_of, family(process.pid))))
            time.sleep(0.05)
        said.seek(0)
        text = said.read().decode()
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed: {text}")
    return text, round(highest / 1024, 1)


def family(pid: int) -> list[int]:
    """Return a process and its descendants that run."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def memory_of(pid: int) -> int:
    """Return the proportional memory of a process in kB, 0 where it has ended."""
    try:
        rolled = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return int(rolled.split("Pss:")[1].split()[0]) if "Pss:" in rolled else 0


def make_archive(folder: Path, messages: int) -> dict[str, str]:
    """Store the corpus as one conversation and return the environment of its archive."""
    environment = os.environ | {"HUIDANG_DATA": str(folder / "data"), "HUIDANG_KEYS": str(folder / "keys")}
    environment["PYTHONPATH"] = str(Path(__file__).parent.parent / "src")
    corpus.write_chatlab(folder / "chat.jsonl", messages)
    run([*HUIDANG, "ingest", str(folder / "chat.jsonl"), "--json"], environment)
    return environment


def measure(folder: Path, environment: dict[str, str], name: str, messages: int) -> dict[str, Any]:
    """Gather and write the conversation in one format."""
    command = [sys.executable, str(Path(__file__).with_name("written.py")), name, str(folder)]
    said, memory = run(command, environment)
    figures = json.loads(said.strip().splitlines()[-1]) | {"memory_mb": memory}
    promised = LIMITS.get(name) if messages == PROMISED else None
    return figures | ({"within": figures["seconds"] <= promised} if promised else {})


def peers(folder: Path, messages: int) -> dict[str, dict[str, float]]:
    """Print the same transcript by other means."""
    found = {}
    for name in PRINTERS:
        command = [sys.executable, str(Path(__file__).with_name("printers.py")), name, str(messages)]
        said, memory = run([*command, str(folder / name)], dict(os.environ))
        found[name] = {"seconds": float(said), "memory_mb": memory}
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--without-peers", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huidang-bench-") as name:
        folder = Path(name)
        environment = make_archive(folder, arguments.messages)
        wanted = arguments.formats.split(",")
        figures: dict[str, Any] = {each: measure(folder, environment, each, arguments.messages) for each in wanted}
        figures |= {} if arguments.without_peers else {"peers": peers(folder, arguments.messages)}
    figures |= {"messages": arguments.messages, "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    if not arguments.json:
        print("\n".join(f"{key:12} {value}" for key, value in figures.items()))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
