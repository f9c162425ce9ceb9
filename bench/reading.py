"""Reading a transcript with the audit of views on and off: `python bench/reading.py [--reads N] [--json]`.

The same page of 50 messages is asked for through the whole stack (middleware, guard, lens, templates), on SQLite with
its writer really writing, in turns with and without the note, so that both see the same machine.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent / "src")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
_HOME = Path(tempfile.mkdtemp(prefix="huidang-bench-", dir=os.environ.get("TMPDIR", "/tmp")))
os.environ.update(HUIDANG_DATA=str(_HOME / "data"), HUIDANG_KEYS=str(_HOME / "keys"), HUIDANG_HOSTS="testserver")
(_HOME / "data").mkdir()

import django

django.setup()

from django.test import Client

from huidang import records
from huidang.kernel import gathering
from huidang.people import create_user, give, sightings
from huidang.people.models import Sighting
from huidang.records.drafts import ConversationDraft, Draft, SourceDraft
from huidang.records.models import Conversation
from huidang.upkeep.schema import bring_up_to_date

MESSAGES = 400
START_MS = 1_731_891_600_000


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reads", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    client, place = prepare()
    note = sightings.note
    took: dict[str, list[float]] = {"on": [], "off": []}
    for turn in range(arguments.reads + 20):
        for audit, values in took.items():
            sightings.note = note if audit == "on" else lambda *_stated, **_facts: None  # type: ignore[assignment]
            seconds = timed(lambda: client.get(place))
            if turn >= 20:
                values.append(seconds * 1000)
    sightings.note = note
    time.sleep(2 * gathering.SECONDS)
    tell(took, as_json=arguments.json)
    return 0


def prepare() -> tuple[Client, str]:
    """Fill an archive with one conversation and sign its reader in."""
    bring_up_to_date()
    said = [
        Draft(conversation="c", sent_ms=START_MS + at * 60_000, id=f"m{at}", sender=f"u{at % 3}",
              text=f"第 {at} 句，洗衣机脱水报错，电话 138123456{at % 90 + 10}")
        for at in range(MESSAGES)
    ]  # fmt: skip
    records.append([ConversationDraft("c", title="王秀兰"), *said], records.Origin(source=SourceDraft("slack", "w")))
    user = create_user("reader")
    give(user, "supervisor", everything=True)
    client = Client()
    client.force_login(user)
    conversation = Conversation.objects.unguarded("bench").get()
    return client, f"/conversations/{conversation.pk}"


def timed(step: Callable[[], object]) -> float:
    """Return how long a step takes, in seconds."""
    begin = time.perf_counter()
    step()
    return time.perf_counter() - begin


def tell(took: dict[str, list[float]], *, as_json: bool) -> None:
    """Print p50 and p95 of both in milliseconds, and that every look was counted."""
    figures = {
        f"{name}_{label}_ms": round(statistics.quantiles(values, n=100)[at], 2)
        for name, values in took.items()
        for label, at in (("p50", 49), ("p95", 94))
    }
    counted = sum(Sighting.objects.values_list("count", flat=True))
    figures |= {"reads": len(took["on"]), "counted": counted, "machine": platform.platform()}
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(f"{name:12} {value}")


if __name__ == "__main__":
    sys.exit(main())
