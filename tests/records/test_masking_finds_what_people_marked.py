"""Precision and recall, kind by kind, on messages that were written and marked by hand.

`marked/sensitive.txt` holds service talk with every sensitive piece marked, `⟦mobile:138 1234 5678⟧`, in every way of
writing; `marked/lookalikes.txt` holds order and tracking numbers, dates, prices, addresses of machines, floors, titles
of people and the like, in which nothing may be found. Numbers are nobody's. `-s` prints the figures.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from huidang.records.masking import Kind, find

FOLDER = Path(__file__).parent / "marked"
MARK = re.compile(r"⟦(\w+):([^⟧]*)⟧")
NUMBERS = (Kind.RESIDENT, Kind.MOBILE, Kind.CARD)
OTHERS = sorted(set(Kind) - {*NUMBERS, Kind.OWN, Kind.HAND})

Place = tuple[int, int, str]


def read(name: str) -> list[tuple[str, set[Place]]]:
    """Return the messages of a file, each with what is marked in it."""
    return [_read(line) for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()]


def _read(line: str) -> tuple[str, set[Place]]:
    text, places, end = "", set(), 0
    for mark in MARK.finditer(line):
        text += line[end : mark.start()]
        places.add((len(text), len(text) + len(mark[2]), mark[1]))
        text, end = text + mark[2], mark.end()
    return text + line[end:], places


MESSAGES = read("sensitive") + read("lookalikes")


@pytest.fixture(scope="module")
def counts() -> dict[str, Counter[str]]:
    """Count, kind by kind, what was hit exactly, missed, and found where nothing of the kind is marked."""
    found: dict[str, Counter[str]] = {name: Counter() for name in ("hit", "missed", "false")}
    for text, marks in MESSAGES:
        spans = {(span.start, span.end, str(span.kind)) for span in find(text)}
        for name, group in (("hit", spans & marks), ("missed", marks - spans), ("false", spans - marks)):
            found[name].update(kind for _, _, kind in group)
    return found


def figures(counts: dict[str, Counter[str]], kind: str) -> tuple[float, float]:
    """Return recall and precision, and print them."""
    hit, missed, false = (counts[name][kind] for name in ("hit", "missed", "false"))
    recall, precision = hit / (hit + missed), hit / (hit + false)
    sys.stdout.write(f"\n{kind:9} marked {hit + missed:4} recall {recall:.3f} precision {precision:.3f}\n")
    return recall, precision


def test_the_set_is_large_and_no_message_stands_twice() -> None:
    assert len({text for text, _marks in MESSAGES}) == len(MESSAGES) >= 1200
    assert sum(not marks for _text, marks in MESSAGES) >= 400


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_are_found_and_nothing_else(counts: dict[str, Counter[str]], kind: str) -> None:
    recall, precision = figures(counts, kind)
    assert recall >= 0.99
    assert precision >= 0.98


@pytest.mark.parametrize("kind", OTHERS)
def test_the_other_kinds(counts: dict[str, Counter[str]], kind: str) -> None:
    recall, precision = figures(counts, kind)
    assert recall >= 0.95
    assert precision >= 0.95
