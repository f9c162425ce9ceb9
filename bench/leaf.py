"""How fast messages become leaves: the text's root, the whole leaf with sealed raw bytes, and computing it again.

    python bench/leaf.py [--messages 20000] [--length 31] [--processes 2] [--json]

Texts are seeded Chinese sentences of a fixed number of code points; raw bytes are 400 bytes of JSON. Each figure is
the best of five rounds in messages a second of processor time, so that a busy machine does not spoil it; only
the figure for several processes is by the clock. With --json the last line is one line of JSON.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
django.setup()

from huidang.records import codepoints, leaves
from huidang.records.leaves import Facts

WORDS = "您好请问这个订单什么时候发货可以帮我查一下物流吗已经三天没有更新了麻烦尽快处理谢谢退款售后发票地址电话号码"
RAW = b'{"msgid":"1234567890","payload":"' + b"x" * 364 + b'"}'
ROUNDS = 5


def make(count: int, length: int) -> list[Facts]:
    """Return seeded facts of messages."""
    chance = random.Random(20_241_122)
    return [
        Facts(
            source=("wecom", "wangshan", ""),
            conversation=f"room-{number % 500}",
            id=f"m{number:012d}",
            entry="message",
            target="",
            kind="text",
            sender=f"user-{number % 300}",
            sender_name="王女士",
            role="customer",
            reply="",
            thread="",
            sent_ms=1_732_000_000_000 + number * 1000,
            precision="s",
            zone="Asia/Shanghai",
            received_ms=1_732_500_000_000,
            as_of_ms=1_732_000_000_000 + number * 1000,
            text="".join(chance.choices(WORDS, k=length)),
            details={},
        )
        for number in range(count)
    ]


def measure(count: int, work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> int:
    """Return messages a second: the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = clock()
        work()
        best = min(best, clock() - begun)
    return round(count / best)


def seal_all(facts: list[Facts]) -> list[bytes]:
    """Make the leaves of a share of messages, as a worker process does."""
    return [leaves.seal(each, RAW).leaf for each in facts]


def _in_processes(facts: list[Facts], processes: int) -> int:
    shares = [facts[start::processes] for start in range(processes)]
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(seal_all, [facts[:10]] * processes))  # start-up is not counted
        return measure(len(facts), lambda: list(pool.map(seal_all, shares)), time.perf_counter)


def run(count: int, length: int, processes: int) -> dict[str, Any]:
    """Measure everything and return the figures with their units."""
    facts = make(count, length)
    sealed = [leaves.seal(each, RAW) for each in facts]
    salts = leaves.text_salts(sealed[0].secret, length)
    return {
        "unit": "messages/s",
        "messages": count,
        "code points": length,
        "text root": measure(count, lambda: [codepoints.root(codepoints.commit(each.text, salts)) for each in facts]),
        "whole leaf, sealed": measure(count, lambda: seal_all(facts)),
        "computed again": measure(
            count, lambda: [leaves.leaf_hash(each, RAW, s.secret) for each, s in zip(facts, sealed, strict=True)]
        ),
        f"whole leaf, sealed, {processes} processes": _in_processes(facts, processes),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=20_000)
    options.add_argument("--length", type=int, default=31)
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    figures = run(given.messages, given.length, given.processes)
    for name, value in figures.items():
        print(f"{name:38} {value}")
    if given.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
