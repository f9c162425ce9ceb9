"""A storm over the queue: workers and producers are killed and frozen at random, then the effects are counted.

`python -m tests.kernel.storm SECONDS SEED` in an environment of its own (HUIDANG_DATA, HUIDANG_DATABASE) ends with
one line of JSON. This process never opens the database; it forks those who do, so that a fresh one is there at once.
Every truth is taken from the database: `want:n` was written in the transaction that asked for `once:n`, and so on.
"""

import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
django.setup()

from django.db import DatabaseError, transaction  # noqa: E402  (needs the settings)

from huidang.kernel import clock, jobs  # noqa: E402
from huidang.kernel.jobs import Every, Handler, Run  # noqa: E402
from huidang.kernel.models import Change  # noqa: E402
from huidang.kernel.worker import Worker  # noqa: E402
from huidang.upkeep.schema import bring_up_to_date  # noqa: E402

WORKERS, PRODUCERS = 4, 2
LEASE_SECONDS = 2
LONGEST_SLEEP_SECONDS = 5.0  # far beyond the lease
PATIENCE_SECONDS = 60
KEYS, STEPS = 5, 4


def note(topic: str) -> None:
    Change.objects.create(topic=topic, at=clock.now())


def dawdle() -> None:
    """Give the storm time to strike in the middle."""
    time.sleep(random.random() * 0.03)


def do_once(run: Run) -> None:
    dawdle()
    with run.commit():
        note(f"once:{run.args['n']}")
        dawdle()


def do_in_steps(run: Run) -> None:
    for step in range(run.progress.get("step", 0), STEPS):
        dawdle()
        run.progress["step"] = step + 1
        with run.commit(last=step == STEPS - 1):
            note(f"step:{run.args['n']}:{step}")


def count_asked(run: Run) -> None:
    """Note how many had asked for this key: the last note must know all of them."""
    asked = Change.objects.filter(topic=f"ask:{run.key}").count()
    dawdle()
    with run.commit():
        note(f"seen:{run.key}:{asked}")


def tick(run: Run) -> None:
    with run.commit():
        note("tick")


def connect() -> None:
    functions = {"once": do_once, "steps": do_in_steps, "asked": count_asked, "tick": tick}
    storm = {kind: Handler(run, attempts=1000, lease_seconds=LEASE_SECONDS) for kind, run in functions.items()}
    jobs.HANDLERS.clear()
    jobs.SCHEDULES.clear()
    jobs.connect(storm, [Every("tick", seconds=1)])


def produce() -> None:
    while True:
        n = random.getrandbits(60)
        key = str(n % KEYS)
        try:
            with transaction.atomic():
                note(f"want:{n}")
                note(f"ask:{key}")
                jobs.enqueue("steps" if n % 4 == 0 else "once", n=n)
                jobs.enqueue("asked", key=key)
        except DatabaseError:
            continue
        time.sleep(0.02)


def work() -> None:
    Worker().run(threading.Event())


def drain() -> None:
    stop = threading.Event()
    threading.Thread(target=_stop_when_empty, args=(stop,), daemon=True).start()
    Worker(kinds=["once", "steps", "asked"]).run(stop)


def _stop_when_empty(stop: threading.Event) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and jobs.waiting(["once", "steps", "asked"]):
        time.sleep(0.2)
    stop.set()


def judge() -> dict[str, int]:
    """Compare what was asked for with what was done."""
    topics = Counter(Change.objects.values_list("topic", flat=True))
    wanted = {int(topic[5:]) for topic in topics if topic.startswith("want:")}
    owed = {topic for n in wanted for topic in effects_of(n)}
    done = Counter({topic: count for topic, count in topics.items() if topic.startswith(("once:", "step:"))})
    return {
        "asked": len(wanted),
        "effects": done.total(),
        "lost": len(owed - done.keys()),
        "unasked": len(done.keys() - owed),
        "doubled": sum(count - 1 for count in done.values()),
        "asks_overlooked": sum(topics[f"ask:{key}"] != last_seen(topics, key) for key in range(KEYS)),
        "ticks": topics["tick"],
        "left": jobs.waiting(["once", "steps", "asked"]) + jobs.failures().count(),
    }


def effects_of(n: int) -> list[str]:
    return [f"step:{n}:{step}" for step in range(STEPS)] if n % 4 == 0 else [f"once:{n}"]


def last_seen(topics: Counter[str], key: int) -> int:
    prefix = f"seen:{key}:"
    return max((int(topic.removeprefix(prefix)) for topic in topics if topic.startswith(prefix)), default=0)


def fork(function: Callable[[], Any]) -> int:
    """Run a function in a child process that ends with it, and return its id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    random.seed()
    failed = 1
    try:
        function()
        failed = 0
    finally:
        if failed:
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(failed)


def finish(function: Callable[[], Any]) -> None:
    _, status = os.waitpid(fork(function), 0)
    if status:
        raise SystemExit(f"{function.__name__} failed")


class Storm:
    """Keeps a crew of processes alive, and strikes at them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.crew = {fork(role): role for role in [work] * WORKERS + [produce] * PRODUCERS}
        self.asleep: dict[int, float] = {}
        self.kills = self.stops = 0

    def rage(self, seconds: float) -> None:
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            time.sleep(self.chance.uniform(0.02, 0.4))
            self.wake_those_due()
            victim = self.chance.choice(list(self.crew))
            if self.chance.random() < 0.6:
                self.kill(victim)
            elif victim not in self.asleep:
                self.freeze(victim)

    def kill(self, victim: int) -> None:
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        self.asleep.pop(victim, None)
        role = self.crew.pop(victim)
        self.crew[fork(role)] = role
        self.kills += 1

    def freeze(self, victim: int) -> None:
        os.kill(victim, signal.SIGSTOP)
        self.asleep[victim] = time.monotonic() + self.chance.uniform(0.1, LONGEST_SLEEP_SECONDS)
        self.stops += 1

    def wake_those_due(self) -> None:
        for victim, until in list(self.asleep.items()):
            if time.monotonic() > until:
                del self.asleep[victim]
                os.kill(victim, signal.SIGCONT)

    def calm(self) -> None:
        """End the producers, let the frozen workers wake into a world that has moved on, then end them too."""
        for pid in [pid for pid, role in self.crew.items() if role is produce]:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            del self.crew[pid]
        time.sleep(LEASE_SECONDS)
        for pid in self.crew:
            os.kill(pid, signal.SIGCONT)
        time.sleep(1)
        for pid in self.crew:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def main() -> None:
    seconds, seed = float(sys.argv[1]), int(sys.argv[2])
    connect()
    finish(bring_up_to_date)
    storm = Storm(seed)
    storm.rage(seconds)
    storm.calm()
    finish(drain)
    figures = {"seconds": seconds, "kills": storm.kills, "stops": storm.stops}
    finish(lambda: print(json.dumps({**figures, **judge()})))  # noqa: T201  (the result)


if __name__ == "__main__":
    main()
