"""What the command prints: a result as lines or JSON on standard output, everything else on standard error."""

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from huidang.kernel.problems import Problem

PATIENCE_SECONDS = 1.0  # what is done by then needs no bar
REDRAW_SECONDS = 0.1
BAR_WIDTH = 30


class Terminal:
    """One run's way to speak to the person or script behind it."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, value: dict[str, Any], lines: Iterable[str]) -> None:
        """Print `value` as one line of JSON where that was asked for, else `lines`."""
        if self.as_json:
            print(json.dumps(value, ensure_ascii=False, default=str))
            return
        for line in lines:
            print(line)

    def say(self, line: str) -> None:
        """Print a line at once: for what a person reads while the command goes on."""
        print(line, flush=True)

    def note(self, line: str) -> None:
        """Print a line beside the result."""
        print(line, file=sys.stderr, flush=True)

    def refuse(self, problem: Problem) -> None:
        """Print a problem: one line for people, and JSON for scripts that asked for it."""
        self.note(f"huidang: {problem.text}")
        if self.as_json:
            stated = {"code": problem.code, "text": problem.text, "facts": problem.facts}
            print(json.dumps({"problem": stated}, ensure_ascii=False, default=str))

    @contextmanager
    def progress(self, label: str) -> Iterator["Progress"]:
        """Show a bar on a terminal while the block runs, if it runs longer than a second."""
        bar = Progress(label, shown=sys.stderr.isatty())
        try:
            yield bar
        finally:
            bar.clear()


class Progress:
    """A bar that is drawn in place; call it with the share done, 0 to 1, and perhaps a word on what is done."""

    def __init__(self, label: str, *, shown: bool) -> None:
        self.label = label
        self.shown = shown
        self.next_at = time.monotonic() + PATIENCE_SECONDS
        self.drawn = False

    def __call__(self, share: float, words: str = "") -> None:
        """Draw, at most ten times a second."""
        if not self.shown or time.monotonic() < self.next_at:
            return
        self.next_at = time.monotonic() + REDRAW_SECONDS
        self.drawn = True
        share = min(max(share, 0.0), 1.0)
        done = round(share * BAR_WIDTH)
        bar = "━" * done + "─" * (BAR_WIDTH - done)
        sys.stderr.write(f"\r\x1b[K{self.label} {bar} {share:4.0%} {words}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the bar away."""
        if self.drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def table(rows: Iterable[tuple[str, object]]) -> Iterator[str]:
    """Yield `name  value` lines with the values in one column, a Han character counting two columns."""
    kept = list(rows)
    width = max((columns(name) for name, _ in kept), default=0)
    for name, value in kept:
        yield f"{name}{' ' * (width - columns(name))}  {value}"


def columns(text: str) -> int:
    """Return how many columns a terminal gives a text."""
    return sum(2 if ord(sign) > WIDE_FROM else 1 for sign in text)


WIDE_FROM = 0x2E7F  # CJK radicals begin after this; all that this command pads is Han or ASCII


def mute_broken_pipe() -> None:
    """Let the interpreter flush into nothing once the reader of our output has gone (`huidang show 7 | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
