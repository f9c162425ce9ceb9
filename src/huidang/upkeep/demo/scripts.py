"""The grammar of what is said: scripts in text files, drawn into the lines of one dialogue.

A file holds blocks that begin with `= title | team | product | scene | 群`. A line is a speaker and what is said;
`[a|b]` draws one, `{slot}` is filled, a leading `?` says the line in half of all cases, `+ name` inserts one of the
shared blocks of that name, `~ 20m` lets time pass. After the speaker, `图:` `音:` `文件:` `卡片:` `位:` `表情:` send
something else than text, `撤:` is recalled again, `改:old=>new` is corrected, `引:` answers the last line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from huidang.upkeep.demo.slots import Slots

FOLDER: Final = Path(__file__).parent / "scripts"
PLATFORM_OF: Final = {"dealers": "dingtalk", "overseas": "slack"}
SHARED: Final = "blocks"
ACTS: Final = {
    "图": "image",
    "音": "voice",
    "文件": "file",
    "卡片": "card",
    "位": "location",
    "表情": "sticker",
    "撤": "recall",
    "改": "edit",
    "引": "reply",
    "img": "image",
    "file": "file",
    "rm": "recall",
    "ed": "edit",
    "re": "reply",
}
_LINE: Final = re.compile(r"(?P<perhaps>\?)?\s*(?P<speaker>[客服机师主财CABS])\s+(?:(?P<act>[^\W\d]+):)?(?P<said>.+)")
_INSERT: Final = re.compile(r"(?P<perhaps>\?)?\+\s*(?P<name>.+)")
_PAUSE: Final = re.compile(r"~\s*(\d+)([mhd])")
_CHOICE: Final = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_SECONDS: Final = {"m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Script:
    """One block: a matter of a team, or a shared piece of many matters."""

    title: str
    team: str = ""
    product: str = ""
    scene: str = ""
    group: bool = False
    platform: str = "wecom"
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What one speaker does; `pause_seconds` passes before it beyond the usual delay."""

    speaker: str
    act: str
    text: str
    pause_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Library:
    """Every script, and the shared blocks by name."""

    scripts: tuple[Script, ...]
    blocks: dict[str, list[Script]] = field(default_factory=dict)


@cache
def read_library() -> Library:
    """Read the files once."""
    shared: dict[str, list[Script]] = {}
    for block in _read(FOLDER / f"{SHARED}.txt"):
        shared.setdefault(block.title, []).append(block)
    files = sorted(path for path in FOLDER.glob("*.txt") if path.stem != SHARED)
    return Library(tuple(script for path in files for script in _read(path)), shared)


def _read(path: Path) -> Iterator[Script]:
    for block in re.split(r"(?m)^= ", path.read_text("utf-8"))[1:]:
        head, *lines = [line.strip() for line in block.splitlines() if line.strip()]
        title, *more = [part.strip() for part in head.split("|")]
        team, product, scene, group = (*more, "", "", "", "")[:4]
        platform = PLATFORM_OF.get(path.stem, "wecom")
        yield Script(title, team, product, scene, bool(group), platform, tuple(lines))


def draw(script: Script, slots: Slots, chance: Random) -> list[Line]:
    """Return the lines of one dialogue. Raises KeyError for a slot or block that does not exist."""
    return list(_draw(script.lines, slots, chance))


def _draw(lines: tuple[str, ...], slots: Slots, chance: Random) -> Iterator[Line]:
    pause = 0
    for written in lines:
        if passed := _PAUSE.fullmatch(written):
            pause = int(passed[1]) * _SECONDS[passed[2]]
            continue
        for line in _said(written, slots, chance):
            yield replace(line, pause_seconds=line.pause_seconds + pause)
            pause = 0


def _said(written: str, slots: Slots, chance: Random) -> Iterator[Line]:
    insert = _INSERT.fullmatch(written)
    found = insert or _LINE.fullmatch(written)
    assert found, written
    if found["perhaps"] and chance.random() < 1 / 2:
        return
    if insert:
        yield from _draw(chance.choice(read_library().blocks[found["name"]]).lines, slots, chance)
        return
    act = ACTS.get(found["act"] or "")
    said = found["said"] if act or not found["act"] else f"{found['act']}:{found['said']}"
    yield Line(found["speaker"], act or "text", fill(said, slots, chance))


def fill(said: str, slots: Slots, chance: Random) -> str:
    """Draw the choices of a line and fill its slots."""
    while found := _CHOICE.search(said):
        said = said[: found.start()] + chance.choice(found[1].split("|")) + said[found.end() :]
    return re.sub(r"\{([^{}]+)\}", lambda slot: slots[slot[1]], said)
