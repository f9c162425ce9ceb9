"""Which receipt a file belongs to, and whether it is the file that left: by its hash, else by the number in it."""

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

import pypdfium2

from huidang.exports import keeping
from huidang.exports.models import Export, File
from huidang.exports.receipts import NUMBER
from huidang.kernel import proofs
from huidang.kernel.ledger import Leaf
from huidang.people import audit
from huidang.people.models import Entry

LOOKED_THROUGH = 64 << 20
"""Bytes of a file, unpacked, in which a number is looked for."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FLATE = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_NUMBER = re.compile(NUMBER.pattern.encode())
_WIDE = re.compile(rb"H\x00?D\x00?-\x00?(?:[0-9A-Z]\x00?){5}-\x00?(?:[0-9A-Z]\x00?){5}")
_PAGES = 3  # at either end of a PDF whose text is read


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a file. Without `export` no receipt is; `unchanged` says that the hash is the receipt's."""

    sha256: str
    export: Export | None = None
    file: File | None = None
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the entry that is the receipt is what the log holds, and the proof; `unsigned` before a checkpoint."""

    intact: bool
    pruned: bool = False
    leaf_index: int | None = None
    proof: str = ""
    opening: dict[str, Any] | None = None

    @property
    def unsigned(self) -> bool:
        """Say whether no checkpoint covers the receipt yet."""
        return self.intact and not self.proof


def identify(path: Path) -> Verdict:
    """Return what is known of a file: by its hash, else by a number that stands in it."""
    sha256 = keeping.sha256_of(path)
    verdict = find_by_hash(sha256)
    if verdict.export is not None:
        return verdict
    numbers = dict.fromkeys(_numbers_in(path))
    export = Export.objects.filter(receipt__in=numbers, state=Export.State.DONE).first()
    return Verdict(sha256, export)


def find(text: str) -> Verdict:
    """Return what is known of a hash or a receipt's number that somebody typed or pasted."""
    plain = text.strip()
    if _SHA256.fullmatch(plain.lower()):
        return find_by_hash(plain.lower())
    if not NUMBER.fullmatch(plain.upper()):
        return Verdict("")
    return Verdict("", Export.objects.filter(receipt=plain.upper(), state=Export.State.DONE).first())


def find_by_hash(sha256: str) -> Verdict:
    """Return the receipt of the file with this hash."""
    file = File.objects.filter(sha256=sha256).select_related("export").first()
    return Verdict(sha256, file.export, file, unchanged=True) if file else Verdict(sha256)


def stand(export: Export) -> Standing:
    """Compare the entry of a receipt with the log, and prove its place in it."""
    if export.entry_id is None or export.leaf_index is None:
        return Standing(intact=False)
    leaf = Leaf.objects.filter(index=export.leaf_index, kind=audit.KIND, subject_id=export.entry_id).first()
    entry = Entry.objects.filter(pk=export.entry_id).first()
    if leaf is None or (entry is not None and audit.leaf_hash(entry) != bytes(leaf.hash)):
        return Standing(intact=False)
    if entry is None:
        return Standing(intact=False, pruned=True, leaf_index=leaf.index)
    if not _says(entry, export):
        return Standing(intact=False, leaf_index=leaf.index)
    proof = ""
    with suppress(proofs.Unsigned):
        proof = proofs.write_proof(leaf.index)
    return Standing(intact=True, leaf_index=leaf.index, proof=proof, opening=audit.opening(entry))


def _says(entry: Entry, export: Export) -> bool:
    """Say whether the entry states the hashes that the rows state."""
    stated = {file["sha256"] for file in entry.facts.get("files", ())}
    rows = set(File.objects.filter(export=export).values_list("sha256", flat=True))
    return entry.about == f"receipt:{export.receipt}" and stated == rows


def _numbers_in(path: Path) -> Iterator[str]:
    for content in _contents(path):
        yield from (found.decode("ascii") for found in _NUMBER.findall(content))
        yield from (found.replace(b"\0", b"").decode("ascii") for found in _WIDE.findall(content))


def _contents(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, what is packed in it, and the text of a PDF."""
    with path.open("rb") as file:
        plain = file.read(LOOKED_THROUGH)
    yield plain
    if is_zipfile(path):
        yield from _packed(path)
    if plain.startswith(b"%PDF"):
        yield from _streams(plain)
        yield from _pages(path)


def _packed(path: Path) -> Iterator[bytes]:
    left = LOOKED_THROUGH
    with (
        suppress(BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error),
        ZipFile(path) as archive,
    ):
        for name in archive.namelist():
            with archive.open(name) as member:
                content = member.read(left)
            left -= len(content)
            yield content


def _streams(content: bytes) -> Iterator[bytes]:
    left = LOOKED_THROUGH
    for found in _FLATE.finditer(content):
        with suppress(zlib.error):
            inflated = zlib.decompressobj().decompress(found[1], max(left, 1))
            left -= len(inflated)
            yield inflated


def _pages(path: Path) -> Iterator[bytes]:
    with suppress(pypdfium2.PdfiumError):
        book = pypdfium2.PdfDocument(path)
        numbers = sorted({*range(min(_PAGES, len(book))), *range(max(0, len(book) - _PAGES), len(book))})
        for number in numbers:
            yield book[number].get_textpage().get_text_range().encode("utf-8", "replace")
