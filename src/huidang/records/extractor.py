"""The extractor: reads the text of one file in a process of its own, with limits on memory, time and output.

As a program it is told the path and the name of a file and writes `{"reason": …, "pages": [[place, text], …]}`. The
place is the number of a page, the name of a sheet, or null where a format has neither. It knows nothing of the house
and imports none of it: whatever a file does to its parser, it does to this process alone.
"""

import json
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

MOST_MEMORY = 1 << 30
MOST_SECONDS = 20
MOST_OUTPUT = 4 << 20
MOST_SIGNS = 200_000
"""Code points that are kept of a file."""

MOST_UNPACKED = 200 << 20
MOST_ROWS = 100_000
MOST_PAGES = 2000
PIECE_SIGNS = 4000
"""A text without pages is cut into pieces of about this length, between lines."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WORD_PARTS = ("document", "header", "footer", "footnotes", "endnotes", "comments")
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_SEALED = b"\xd0\xcf\x11\xe0"  # an Office file with a password is an OLE container

Piece = tuple[int | str | None, str]


class Unreadable(Exception):
    """The file has no text for us; its argument is the reason."""


def pieces_of(path: Path, name: str) -> Iterator[Piece]:
    """Yield the text of a file, told apart by its first bytes, then by its name. Raises `Unreadable`."""
    with path.open("rb") as file:
        head = file.read(1024)
    if b"%PDF-" in head:
        return _pdf(path)
    if head.startswith(b"PK"):
        return _office(path)
    if head.startswith(_SEALED):
        raise Unreadable("encrypted")
    if name.lower().endswith((".pdf", ".docx", ".xlsx", ".xlsm")):
        raise Unreadable("broken")
    text = _decoded(path.read_bytes())
    return _cut((_html(text) if name.lower().endswith((".html", ".htm")) else text).splitlines())


def _pdf(path: Path) -> Iterator[Piece]:
    import pypdfium2  # noqa: PLC0415  (after the limits, and only in the child)

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise Unreadable("encrypted" if error.err_code == _PASSWORD else "broken") from None
    for place in range(min(len(document), MOST_PAGES)):
        page = document[place]
        yield place + 1, page.get_textpage().get_text_bounded()
        page.close()
    if len(document) > MOST_PAGES:
        raise Unreadable("long")


def _office(path: Path) -> Iterator[Piece]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if sum(each.file_size for each in archive.infolist()) > MOST_UNPACKED:
            raise Unreadable("large")
    if "word/document.xml" in names:
        return _cut(_paragraphs(path, names))
    if "xl/workbook.xml" in names:
        return _xlsx(path)
    raise Unreadable("broken")


def _paragraphs(path: Path, names: list[str]) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for part in _WORD_PARTS:
            for name in sorted(names):
                if name.startswith(f"word/{part}") and name.endswith(".xml"):
                    with archive.open(name) as file:
                        yield from _paragraphs_of(file)


def _paragraphs_of(file: Any) -> Iterator[str]:
    from lxml import etree  # noqa: PLC0415

    said: list[str] = []
    for _event, element in etree.iterparse(file, resolve_entities=False, no_network=True, load_dtd=False):
        if element.tag == f"{_WORD}t":
            said.append(element.text or "")
        elif element.tag in {f"{_WORD}tab", f"{_WORD}br"}:
            said.append(" ")
        elif element.tag == f"{_WORD}p":
            yield "".join(said)
            said = []
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def _xlsx(path: Path) -> Iterator[Piece]:
    import openpyxl  # noqa: PLC0415

    book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a sheet says of its size is not to be trusted
        rows = sheet.iter_rows(values_only=True)
        for _none, text in _cut(map(_line, islice(rows, MOST_ROWS))):
            yield sheet.title, text
        if next(rows, None) is not None:
            raise Unreadable("long")


def _line(row: Iterable[Any]) -> str:
    return " ".join(_cell(value) for value in row if value is not None)


def _cell(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _html(text: str) -> str:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415

    tree = LexborHTMLParser(text)
    tree.strip_tags(["script", "style", "template", "noscript"])
    return tree.root.text(separator="\n") if tree.root else ""


def _decoded(content: bytes) -> str:
    """Read bytes as people's files are written: UTF-16 with its mark, UTF-8, else the Chinese national encoding."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    if "\0" in text:
        raise Unreadable("broken")
    return text


def _cut(lines: Iterable[str]) -> Iterator[Piece]:
    """Gather lines into pieces of a bearable length, a long line cut by force."""
    held: list[str] = []
    signs = 0
    for line in lines:
        for start in range(0, len(line), PIECE_SIGNS):
            part = line[start : start + PIECE_SIGNS].strip()
            if held and signs + len(part) > PIECE_SIGNS:
                yield None, "\n".join(held)
                held, signs = [], 0
            if part:
                held.append(part)
                signs += len(part)
    if held:
        yield None, "\n".join(held)


def _read(path: Path, name: str) -> dict[str, Any]:
    """Return what was read, also where the reading ended early."""
    kept: list[Piece] = []
    left, reason = MOST_SIGNS, ""
    try:
        for place, text in pieces_of(path, name):
            kept.append((place, text[:left]))
            left -= len(text)
            if left < 0:
                raise Unreadable("long")  # noqa: TRY301
    except Unreadable as refused:
        reason = str(refused)
    except MemoryError:
        reason = "memory"
    except Exception:  # noqa: BLE001  (whatever a parser raises, the file is broken)
        reason = "broken"
    return {"reason": reason, "pages": [(place, text) for place, text in kept if text.strip()]}


def _main(path: Path, name: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    said = json.dumps(_read(path, name), ensure_ascii=False)
    sys.stdout.buffer.write(said.encode("utf-8", "replace"))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2])
