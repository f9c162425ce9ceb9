"""Where an index lies on disk: generations beside each other, a pointer to the one that answers, a mark in each.

    index/current            name of the generation that readers use
    index/00000001/mark.json what it was built by, and how far into the log it has come
    index/00000001/engine/   the engine's own files

A mark is written after the engine's commit. Work between the two is done again, which changes nothing. All of it may
be deleted at any time: it is built anew from the database.
"""

import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from huidang.records import maskrules
from huidang.search import labels, tokens
from huidang.search.engines import tantivy as engine
from huidang.settings import HOUSE


def folder() -> Path:
    """Return the folder of the index."""
    return HOUSE.data / "index"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an index has come: leaves of the log below `applied`; and what it must have been built by to be used.

    `stamp` is the engine's own count at that commit: where the engine has another, it was killed before the mark.
    `labels` is the edition of the labels when the index was begun, `masks` the version of the rules of masking; with
    older ones it stays usable.
    """

    applied: int = 0
    stamp: int = 0
    labels: int = 0
    masks: str = ""
    norm: str = tokens.NORM
    schema: str = engine.SCHEMA
    library: str = version("tantivy")

    def fits(self) -> bool:
        """Say whether this program reads what was built by then."""
        return replace(self, applied=0, stamp=0, labels=0, masks="") == Mark()


@dataclass(frozen=True, slots=True)
class Generation:
    """One index on disk."""

    path: Path

    @property
    def engine(self) -> Path:
        """The folder of the engine."""
        return self.path / "engine"

    def mark(self) -> Mark | None:
        """Return how far it has come; None where it is gone or cannot be read."""
        try:
            return Mark(**json.loads((self.path / "mark.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_mark(self, mark: Mark) -> None:
        """Record how far it has come, after the engine's commit. Raises OSError where the folder is gone."""
        _replace(self.path / "mark.json", json.dumps(asdict(mark)))

    def remove(self) -> None:
        """Delete it; who still reads it keeps what they have open."""
        shutil.rmtree(self.path, ignore_errors=True)


def current() -> Generation | None:
    """Return the generation that readers use, None before there is one."""
    try:
        name = (folder() / "current").read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return Generation(folder() / name) if name.isdecimal() else None


def create() -> Generation:
    """Begin an empty generation beside the others; readers do not see it before `adopt`."""
    folder().mkdir(parents=True, exist_ok=True)
    taken = [int(each.name) for each in folder().iterdir() if each.name.isdecimal()]
    generation = Generation(folder() / f"{max(taken, default=0) + 1:08d}")
    generation.engine.mkdir(parents=True)
    generation.write_mark(Mark(labels=labels.labeller().edition(), masks=maskrules.refresh().version))
    return generation


def adopt(generation: Generation) -> None:
    """Let readers use a generation from now on, and delete all others."""
    _replace(folder() / "current", generation.path.name)
    for each in folder().iterdir():
        if each.name.isdecimal() and each != generation.path:
            Generation(each).remove()


def _replace(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
