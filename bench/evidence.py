"""How long an evidence package takes: 1,000 messages to a signed ZIP, one proof, and the verification of it.

Usage: python bench/evidence.py [--messages 1000] [--json]
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = ["src", "."]
_home = Path(tempfile.mkdtemp(prefix="huidang-bench-"))
os.environ |= {"HUIDANG_DATA": str(_home / "data"), "HUIDANG_KEYS": str(_home / "keys"), "HUIDANG_DATABASE": ""}
os.environ["DJANGO_SETTINGS_MODULE"] = "huidang.settings"
(_home / "data").mkdir()

import django

django.setup()

from django.core.management import call_command
from tests.exports.evidence.packages import fill, package

from huidang.exports.evidence.verify import verify
from huidang.kernel import ledger, proofs
from huidang.records import Profile


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    stated = parser.parse_args()
    call_command("migrate", run_syncdb=True, verbosity=0)
    conversation = fill(stated.messages)
    package(_home / "warm", conversation)
    figures: dict[str, float | int | str] = {"messages": stated.messages, "python": platform.python_version()}
    for profile in (Profile.NONE, Profile.OUTSIDE):
        begun, used = time.perf_counter(), sum(os.times()[:4])
        path = package(_home / profile, conversation, profile)
        figures[f"package_{profile}_s"] = round(time.perf_counter() - begun, 2)
        figures[f"package_{profile}_cpu_s"] = round(sum(os.times()[:4]) - used, 2)
        figures[f"package_{profile}_bytes"] = path.stat().st_size
    begun = time.perf_counter()
    assert verify(path)["ok"]
    figures["verify_s"] = round(time.perf_counter() - begun, 2)
    tree, size, note = ledger.Tree(), ledger.size(), proofs.latest_checkpoint()
    begun = time.perf_counter()
    for index in range(1000):
        proofs.write(index % size, tree.inclusion_proof(index % size, size), note)
    figures["proof_ms"] = round(time.perf_counter() - begun, 4)
    for name, figure in figures.items():
        print(f"{name:24} {figure}")
    if stated.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
