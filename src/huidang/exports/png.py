"""PNG: a conversation as long pictures, like a chat on a phone, cut between messages where they grow too tall.

A few pictures are files of their own; many are one ZIP.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from django.utils.translation import gettext as _
from django.utils.translation import override

from huidang.exports import watermark
from huidang.exports.document import Document, Progress
from huidang.exports.fonts import printable
from huidang.exports.pictures import Album
from huidang.exports.setting import Form, Volume, press, volumes_of
from huidang.exports.wording import facts_of
from huidang.kernel.problems import Problem

MOST_MESSAGES = 20_000
MOST_FILES = 30
LINES_AT_ONCE = 1000
TALLEST = 5000.0
"""Points of one picture, two dots each: what phones and chat programs still show."""

_FORM = Form(template="long.typ", kind="png", ppi=144)
_SIGNS_A_LINE = 26
_LONGEST_LINE = 3000  # signs of one message on one picture; the rest goes on in further bubbles


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the pictures and return them: `path` alone, `…-1.png`, `…-2.png` beside it, or many in one `….zip`.

    Raises `Problem` picture-long above `MOST_MESSAGES` messages, and what `progress` raises.
    """
    if document.messages > MOST_MESSAGES:
        text = _("长图最多 %d 条消息。缩短时间范围，或改用 PDF。") % MOST_MESSAGES
        raise Problem("picture-long", text, messages=document.messages)
    with override(document.language), tempfile.TemporaryDirectory(dir=path.parent, prefix=".paper-") as name:
        folder = Path(name)
        watermark.draw(document.watermark, folder / "watermark.png", width=390, height=560, size=11)
        drawn = _drawn(document, folder, progress)
        return _bundled(drawn, path.with_suffix(".zip")) if len(drawn) > MOST_FILES else _moved(drawn, path)


def _drawn(document: Document, folder: Path, progress: Progress) -> list[Path]:
    """Draw the pictures, piece by piece of the document, and return them in order."""
    drawn: list[Path] = []
    told = 0
    for at, volume in enumerate(volumes_of(document, Album(folder), progress=progress, at_once=LINES_AT_ONCE), 1):
        told += volume.lines
        content = _content(document, list(_pieces(volume)), number=len(drawn) + 1)
        with press(folder, _FORM, f"long-{at}-{{0p}}.png", content, document) as machine:
            machine.answer(tick=lambda told=told: progress(told))  # type: ignore[misc]
        drawn += sorted(folder.glob(f"long-{at}-*.png"))
    return drawn


def _bundled(drawn: list[Path], path: Path) -> list[Path]:
    with ZipFile(path, "w", ZIP_STORED) as bundle:
        for number, picture in enumerate(drawn, 1):
            bundle.write(picture, f"{number:04d}.png")
    return [path]


def _moved(drawn: list[Path], path: Path) -> list[Path]:
    if len(drawn) == 1:
        return [Path(shutil.move(drawn[0], path))]
    targets = [path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(1, len(drawn) + 1)]
    return [Path(shutil.move(source, target)) for source, target in zip(drawn, targets, strict=True)]


def _content(document: Document, pieces: list[dict[str, Any]], *, number: int) -> dict[str, Any]:
    return {
        "foot": printable(" · ".join(" ".join(line.split()) for line in document.watermark)),
        "number": number,
        "facts": facts_of(document, printable),
        "words": {"note": _("批注"), "spoken": _("转写"), "colon": _("：")},
        "pieces": pieces,
    }


def _pieces(volume: Volume) -> Iterator[dict[str, Any]]:
    """Yield what stands on one picture each, by a careful guess of how tall messages are."""
    sections: list[dict[str, Any]] = []
    tall = 0.0
    for section in volume.sections:
        sections.append({**section, "lines": []})
        for line in (part for told in section["lines"] for part in _parts(told)):
            needed = _height(line)
            if tall and tall + needed > TALLEST:
                yield {"sections": sections}
                sections, tall = [{**section, "lines": []}], 0.0
            sections[-1]["lines"].append(line)
            tall += needed
    yield {"sections": sections}


def _parts(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a message, or several where its text alone would be taller than a picture may be."""
    text = line["text"]
    if isinstance(text, str):
        cut: list[Any] = [text[at : at + _LONGEST_LINE] for at in range(0, len(text), _LONGEST_LINE)]
    else:
        cut = list(_portions(text))
    if len(cut) < 2:  # noqa: PLR2004
        yield line
        return
    yield {**line, "text": cut[0], "files": []}
    for at, portion in enumerate(cut[1:], 2):
        files = line["files"] if at == len(cut) else []
        yield {**line, "text": portion, "files": files, "day": "", "more": True, "withdrawn": "", "instead": ""}


def _portions(pieces: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield marked pieces in portions of bearable length, cut inside a piece where it is too long itself."""
    portion: list[dict[str, Any]] = []
    length = 0
    for piece in pieces:
        whole = piece["t"]
        step = _LONGEST_LINE if isinstance(whole, str) else _LONGEST_LINE // 24
        for start in range(0, len(whole), step):
            part = whole[start : start + step]
            signs = _signs(part)
            if portion and length + signs > _LONGEST_LINE:
                yield portion
                portion, length = [], 0
            portion.append({"t": part, "m": piece["m"]})
            length += signs
    if portion:
        yield portion


def _height(line: dict[str, Any]) -> float:
    text = line["text"]
    pieces = [text] if isinstance(text, str) else [piece["t"] for piece in text]
    rows = sum(_signs(piece) / _SIGNS_A_LINE + _breaks(piece) for piece in pieces)
    files = sum(260 if "picture" in file else 40 for file in line["files"])
    return 36 + 18 * rows + files + 60 * len(line["versions"])


def _signs(piece: str | list[str]) -> int:
    return len(piece) if isinstance(piece, str) else sum(map(len, piece))


def _breaks(piece: str | list[str]) -> int:
    return piece.count("\n") if isinstance(piece, str) else 0
