"""The records of a package: every leaf with its openings as a line of JSON, and the files that go with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from huidang.exports.document import Document, Line, Progress, Section
from huidang.exports.evidence.bundle import encoded
from huidang.exports.evidence.verify import canonical
from huidang.exports.testimony import Exhibit
from huidang.people import Reader
from huidang.records.codepoints import MaskedText
from huidang.records.disclosing import Disclosure, Opening, disclose
from huidang.records.leaves import FILE_KIND
from huidang.records.shown import Enclosure

_AT_ONCE = 200


@dataclass(slots=True)
class Collected:
    """What was read of a document: its sections with their lines, records as lines of JSON, places in the log."""

    sections: list[Section] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    media: dict[str, Path] = field(default_factory=dict)
    exhibits: list[Exhibit] = field(default_factory=list)
    hidden: int = 0
    erasures: dict[int, int] = field(default_factory=dict)

    def messages(self) -> Iterator[Line]:
        """Yield every line."""
        for section in self.sections:
            yield from section.lines


def collect(document: Document, reader: Reader, progress: Progress) -> Collected:
    """Walk through a document once and open the leaves behind it. Raises as `records.disclosing.disclose`."""
    found = Collected()
    for section in document.sections:
        lines: list[Line] = []
        batch: list[Line] = []
        for line in section.lines:
            lines.append(line)
            batch.append(line)
            if len(batch) == _AT_ONCE:
                _open(found, batch, document, reader)
                progress(line.number)
                batch = []
        _open(found, batch, document, reader)
        found.sections.append(Section(section.conversation, lines))
    return found


def _open(found: Collected, batch: Sequence[Line], document: Document, reader: Reader) -> None:
    by_id = {line.message.id: line for line in batch}
    for each in disclose([line.message for line in batch], reader, document.profile) if batch else ():
        line = by_id[each.message]
        record: dict[str, Any] = {"index": each.index, "kind": each.kind, "number": line.number}
        if each.erasure:
            index, said, entry = each.erasure
            record |= {"leaf_hash": entry.hex(), "erased": {"index": index, "leaf": said.decode()}}
            found.erasures[each.index] = index
        else:
            record |= {"leaf": each.leaf.decode(), "disclosed": _opened(each)}
        if each.text is not None:
            record["text"] = _text(each.text)
            found.hidden += sum(stop - start for start, stop in each.text.hidden)
        if each.kind == FILE_KIND:
            _take_file(found, each, line, document, record)
        found.lines.append(canonical(record) + b"\n")
        found.places.append(each.index)


def _opened(each: Disclosure) -> dict[str, list[str]]:
    return {group: [opening.salt.hex(), _value(group, opening)] for group, opening in each.openings.items()}


def _value(group: str, opening: Opening) -> str:
    return encoded(opening.value) if group == "raw" else opening.value.decode()


def _text(text: MaskedText) -> dict[str, Any]:
    hidden = [list(each) for each in text.hidden]
    return {
        "text": text.text,
        "hidden": hidden,
        "salts": encoded(text.salts),
        "commitments": encoded(text.commitments),
    }


def _take_file(found: Collected, each: Disclosure, line: Line, document: Document, record: dict[str, Any]) -> None:
    """Take a file's bytes along where this copy may hold them; else neither bytes nor hash."""
    enclosure = next((one for one in line.message.attachments if one.id == each.enclosure), None)
    path = document.media(line.message, each.enclosure) if enclosure and "content" in each.openings else None
    if enclosure is None or path is None:
        record["disclosed"].pop("content", None)
        name, kind = (enclosure.name, enclosure.kind) if enclosure else ("", "file")
        note = _("此副本不含这份文件，也不含它的哈希")
        found.exhibits.append(Exhibit(line.number, name, kind, None, note=note))
        return
    name = f"media/{each.index}{_suffix(enclosure)}"
    found.media[name] = path
    record["path"] = name
    sha256 = each.openings["content"].value.decode().strip('"')
    size = path.stat().st_size
    found.exhibits.append(Exhibit(line.number, enclosure.name or name, enclosure.kind, size, sha256, note=name))


def _suffix(enclosure: Enclosure) -> str:
    suffix = PurePosixPath(enclosure.name.replace("\\", "/")).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 6 else ""  # noqa: PLR2004
