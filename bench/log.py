"""How fast the log grows, proves and is verified, on a fresh SQLite archive.

    python bench/log.py [--leaves 1000000] [--batch 4000] [--messages 20000] [--json]

Appends leaves in batches (one transaction each, inner nodes and the durable commit included), makes and verifies
inclusion proofs at the full size, then stores messages and runs the whole verification over them. Times are processor
time, so that a busy machine does not spoil them. With --json the last line is one line of JSON.
"""

import argparse
import hashlib
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

HOME = tempfile.TemporaryDirectory(prefix="huidang-bench-")
os.environ["HUIDANG_DATA"] = str(Path(HOME.name) / "data")
os.environ["HUIDANG_KEYS"] = str(Path(HOME.name) / "keys")
os.environ["DJANGO_SETTINGS_MODULE"] = "huidang.settings"
Path(os.environ["HUIDANG_DATA"]).mkdir()

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from huidang.kernel import ledger
from huidang.records import Origin, append
from huidang.records.drafts import Draft, SourceDraft
from huidang.upkeep.verify import verify_archive

PROOFS = 1000


def make_tables() -> None:
    """Make the tables of a fresh archive."""
    call_command("migrate", run_syncdb=True, verbosity=0)


def grow(count: int, batch: int) -> dict[str, Any]:
    """Append leaves and return how fast."""
    hashes = [hashlib.sha256(b"%d" % number).digest() for number in range(count)]
    times = []
    for start in range(0, count, batch):
        entries = [(value, "bench", start) for value in hashes[start : start + batch]]
        begun = time.process_time()
        with transaction.atomic():
            ledger.append(entries)
        times.append(time.process_time() - begun)
    tenth = max(1, len(times) // 10)
    return {
        "leaves/s": round(count / sum(times)),
        "leaves/s at the best batch": round(batch / min(times)),
        "cost of last tenth / first": round(sum(times[-tenth:]) / sum(times[:tenth]), 2),
    }


def prove(count: int) -> dict[str, Any]:
    """Make proofs at random places, each with a tree of its own, then many with one."""
    chance, root = random.Random(7), ledger.root(count)
    places = [chance.randrange(count) for _ in range(PROOFS)]
    times = []
    for place in places:
        begun = time.process_time()
        proof = ledger.inclusion_proof(place, count)
        times.append(time.process_time() - begun)
        leaf = bytes(ledger.Leaf.objects.values_list("hash", flat=True).get(index=place))
        assert ledger.verify_inclusion(leaf, place, count, proof, root)
    tree, begun = ledger.Tree(), time.process_time()
    for place in range(count - min(count, 5000), count):
        tree.inclusion_proof(place, count)
    together = (time.process_time() - begun) / min(count, 5000)
    begun = time.process_time()
    ledger.consistency_proof(count // 3, count)
    return {
        "proof alone, median ms": round(statistics.median(times) * 1000, 3),
        "proof alone, p99 ms": round(sorted(times)[int(PROOFS * 0.99)] * 1000, 3),
        "proof among neighbours, ms": round(together * 1000, 3),
        "consistency proof, ms": round((time.process_time() - begun) * 1000, 3),
    }


def verify(count: int) -> dict[str, Any]:
    """Store messages in the emptied log and verify the archive."""
    with connection.cursor() as cursor:
        for table in (ledger.Leaf, ledger.Node):
            cursor.execute(f'DELETE FROM "{table._meta.db_table}"')
    ledger.Log.objects.update(size=0)
    origin = Origin(source=SourceDraft("bench"))
    begun = time.process_time()
    for start in range(0, count, 2000):
        numbers = range(start, min(start + 2000, count))
        append(
            [Draft(f"room-{n % 500}", 1_732_000_000_000 + n, id=f"m{n}", text="您好" * 15 + "呀") for n in numbers],
            origin,
        )
    appended = time.process_time() - begun
    ledger.checkpoint()
    begun = time.process_time()
    assert verify_archive()["ok"]
    return {
        "append from drafts, messages/s": round(count / appended),
        "verify, messages/s": round(count / (time.process_time() - begun)),
    }


def _say(number: int) -> Draft:
    return Draft(f"room-{number % 500}", 1_732_000_000_000 + number, id=f"m{number}", text="您好" * 15 + "呀")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--leaves", type=int, default=1_000_000)
    options.add_argument("--batch", type=int, default=4_000)
    options.add_argument("--messages", type=int, default=20_000)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    make_tables()
    figures = {"leaves": given.leaves, "batch": given.batch} | grow(given.leaves, given.batch)
    figures |= prove(given.leaves) | verify(given.messages)
    for name, value in figures.items():
        print(f"{name:34} {value}")
    if given.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
