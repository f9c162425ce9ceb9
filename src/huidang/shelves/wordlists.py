"""Word lists as files: text (one a line, `!` before an allowed phrase, `#` a comment), CSV and XLSX."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from huidang.kernel.problems import Problem
from huidang.shelves.lexicons import Change, add_entries, checked
from huidang.shelves.models import Lexicon

BYTES_AT_MOST = 20 * 1024**2
SAMPLE = 24
HEADERS = ("词语", "允许")
_WORD = {"词语", "词", "敏感词", "关键词", "word", "text", "term"}
_ALLOWED = {"允许", "白名单", "allowed", "allow"}
_YES = {"1", "是", "y", "yes", "true", "允许"}


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do, before anything is changed."""

    new: int
    known: int
    allowed: int
    sample: tuple[str, ...]


def preview(lexicon: Lexicon, content: bytes) -> Preview:
    """Count the words of a file. Raises `Problem` as `import_words` does, and for words that cannot be taken."""
    entries = {checked(word): allowed for word, allowed in read_words(content) if word.strip()}
    if not entries:
        raise Problem("wordlist-empty", _("词表里没有词语。"))
    known = entries.keys() & set(lexicon.words.values_list("text", flat=True))
    fresh = [word for word in entries if word not in known]
    return Preview(len(fresh), len(known), sum(entries.values()), tuple(fresh[:SAMPLE]))


def import_words(lexicon: Lexicon, file: IO[bytes]) -> Change:
    """Add the words of a file, recognised by content. Raises `Problem` and adds nothing where it cannot be read."""
    content = file.read(BYTES_AT_MOST + 1)
    if len(content) > BYTES_AT_MOST:
        raise Problem("wordlist-large", _("词表文件不能超过 20 MB。"))
    return add_entries(lexicon, read_words(content))


def read_words(content: bytes) -> Iterator[tuple[str, bool]]:
    """Yield (word, allowed) of a word list. Raises `Problem` where it is not text, CSV or XLSX."""
    if content.startswith(b"PK\x03\x04"):
        yield from _of_rows(_xlsx(content))
        return
    text = _decoded(content)
    rows = list(csv.reader(io.StringIO(text)))
    if rows and any(cell.strip().casefold() in _WORD for cell in rows[0]):
        yield from _of_rows(iter(rows))
        return
    for line in text.splitlines():
        word = line.strip()
        if word and not word.startswith("#"):
            yield word.removeprefix("!"), word.startswith("!")


def write_text(lexicon: Lexicon) -> str:
    """Return a lexicon as text that `import_words` reads back."""
    return "".join(f"{'!' if allowed else ''}{word}\n" for word, allowed in _words(lexicon))


def write_csv(lexicon: Lexicon) -> bytes:
    """Return a lexicon as CSV with a BOM, so that Excel opens it in Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADERS)
    writer.writerows((_plain(word), "1" if allowed else "") for word, allowed in _words(lexicon))
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(lexicon: Lexicon) -> bytes:
    """Return a lexicon as a workbook; every cell is text, so no word becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(lexicon.name[:31])
    sheet.append(HEADERS)
    for word, allowed in _words(lexicon):
        sheet.append([_plain(word), "1" if allowed else ""])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(word: str) -> str:
    return f"'{word}" if word.startswith(("=", "+", "-", "@")) else word


def _words(lexicon: Lexicon) -> Iterator[tuple[str, bool]]:
    yield from lexicon.words.order_by("text").values_list("text", "allowed")


def _decoded(content: bytes) -> str:
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Problem("wordlist-encoding", _("认不出词表的文字编码，请另存为 UTF-8。"))


def _xlsx(content: bytes) -> Iterator[list[str]]:
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as problem:
        raise Problem("wordlist-broken", _("词表文件打不开，可能不完整。")) from problem
    for row in sheet.iter_rows(values_only=True):
        yield ["" if cell is None else str(cell) for cell in row]


def _of_rows(rows: Iterator[list[str]]) -> Iterator[tuple[str, bool]]:
    header = [cell.strip().casefold() for cell in next(rows, [])]
    word_at = next((place for place, cell in enumerate(header) if cell in _WORD), None)
    allowed_at = next((place for place, cell in enumerate(header) if cell in _ALLOWED), None)
    if word_at is None:
        raise Problem("wordlist-column", _("词表第一行没有「词语」一列。"))
    for row in rows:
        if len(row) > word_at and row[word_at].strip():
            stated = row[allowed_at] if allowed_at is not None and len(row) > allowed_at else ""
            yield row[word_at].strip().removeprefix("'"), stated.strip().casefold() in _YES
