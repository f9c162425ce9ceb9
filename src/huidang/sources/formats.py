"""Every file format on one page: how it is recognised by content and opened."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from huidang.kernel.problems import Problem
from huidang.sources.dingtalk import dws, robot
from huidang.sources.files import chatlab, tables
from huidang.sources.files.containers import Container, Folder, LoneFile, Refusal, Zip, open_zip
from huidang.sources.files.exports import FileExport
from huidang.sources.files.outline import Outline, outline
from huidang.sources.files.reading import Reading
from huidang.sources.files.sheets import WORKBOOK
from huidang.sources.files.spill import Spill, forget
from huidang.sources.slack import export as slack
from huidang.sources.source import Export, ImportOptions
from huidang.sources.wecom import archive

_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


@dataclass(frozen=True, slots=True)
class Format:
    """A format of one member: `sniff` looks at the shape of its first bytes, `open` may raise `Problem`."""

    sniff: Callable[[Outline], bool]
    open: Callable[[Reading, str], FileExport]


# Keys under which platforms' tools wrap the document proper.
WRAPPERS = frozenset({"result", "data"})
# In this order: the first that recognises the head opens the member.
FORMATS = (
    Format(chatlab.is_lines, chatlab.open_lines),
    Format(chatlab.is_document, chatlab.open_document),
    Format(archive.is_archive, archive.open_archive),
    Format(robot.is_callbacks, robot.open_callbacks),
    Format(dws.is_events, dws.open_events),
    Format(dws.is_history, dws.open_history),
    Format(tables.is_table, tables.open_text),
)


@dataclass(slots=True)
class Opened:
    """What was found in a file, folder or ZIP: its exports, and the members that are none, with the reason."""

    exports: list[Export] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def open_exports(source: Path | str | IO[bytes], options: ImportOptions | None = None, spill: Spill = forget) -> Opened:
    """Return every export in a file, folder or ZIP, given by path or as an open upload with a `name`.

    `spill` stores the bytes of over-long items. Raises `Problem` where nothing can be read: `file-absent`,
    `file-empty`, `format-unknown`, `zip-…`, or the refusal of the only member.
    """
    container = _container(source)
    opened = Opened(refused=list(container.refused))
    options = options or ImportOptions()
    rest = _open_slack(container, options, spill, opened)
    for name in rest:
        _open_member(Reading(container, options, spill), name, opened)
    if not opened.exports:
        container.close()
        raise _nothing(container, opened)
    container.holders = len(opened.exports)
    return opened


def open_export(source: Path | str | IO[bytes], options: ImportOptions | None = None, spill: Spill = forget) -> Export:
    """Return the export in `source`; where there are several, use `open_exports`. Raises `Problem`."""
    opened = open_exports(source, options, spill)
    if len(opened.exports) > 1:
        for export in opened.exports:
            export.close()
        raise Problem("several-exports", f"其中有 {len(opened.exports)} 份导出，请逐份导入。")
    return opened.exports[0]


def _container(source: Path | str | IO[bytes]) -> Container:
    if not isinstance(source, Path | str):
        source.seek(0)
        name = Path(str(getattr(source, "name", "") or "upload")).name
        zipped = _is_zip(source.read(4))
        source.seek(0)
        lone = LoneFile(name, None, source)
        return _unpacked(lone, source) if zipped else lone
    path = Path(source)
    if path.is_dir():
        return Folder(path)
    if not path.is_file():
        raise Problem("file-absent", f"没有这个文件：{path}", path=str(path))
    lone = LoneFile(path.name, path)
    with lone.open(path.name) as stream:
        zipped = _is_zip(stream.read(4))
    return _unpacked(lone, lone.open(path.name)) if zipped else lone


def _unpacked(lone: LoneFile, stream: IO[bytes]) -> Container:
    """Return the ZIP as a container of its members; a workbook stays one file."""
    container = open_zip(lone.name, stream)
    return lone if isinstance(container, Zip) and container.holds(*WORKBOOK) else container


def _is_zip(head: bytes) -> bool:
    return head in _ZIP_MARKS


def _open_slack(container: Container, options: ImportOptions, spill: Spill, opened: Opened) -> list[str]:
    """Open the Slack exports in a container and return the members that belong to none."""
    taken: set[str] = set()
    for root in slack.find_roots(Reading(container)):
        reading = Reading(container, options, spill)
        opened.exports.append(slack.open_root(reading, root))
        taken.update(slack.members_of(reading, root))
    return [name for name in container.names() if name not in taken]


def _open_member(reading: Reading, name: str, opened: Opened) -> None:
    try:
        opened.exports.append(_recognised(reading, name))
    except Problem as problem:
        opened.refused.append(Refusal(name, problem))


def _recognised(reading: Reading, name: str) -> FileExport:
    if _is_packed(reading, name):
        if tables.holds_workbook(reading, name):
            return tables.open_workbook(reading, name)
        raise Problem("zip-nested", f"“{name}”是压缩包里的压缩包，请先解开。", name=name)
    head = reading.head(name)
    if not head.strip(b" \t\r\n\0"):
        raise Problem("file-empty", f"“{name}”是空文件。", name=name)
    shape = outline(head, into=WRAPPERS)
    for form in FORMATS:
        if form.sniff(shape):
            return form.open(reading, name)
    if reading.options.columns and tables.is_delimited(head):
        return tables.open_text(reading, name)
    raise Problem("format-unknown", f"认不出“{name}”的格式。", name=name)


def _is_packed(reading: Reading, name: str) -> bool:
    stream = reading.container.open(name)
    try:
        return _is_zip(stream.read(4))
    finally:
        stream.close()


def preview(source: Path | str | IO[bytes], options: ImportOptions | None = None) -> tables.Preview:
    """Return how the table in `source` would be read: headers, first rows, mapping, what is missing.

    `options.columns` overrides the guess. Raises `Problem` where it is no table.
    """
    container = _container(source)
    reading = Reading(container, options or ImportOptions())
    try:
        name = container.names()[0] if container.names() else container.name
        if not container.names():
            raise Problem("file-empty", f"“{name}”里没有文件。", name=name)
        packed = _is_packed(reading, name)
        return tables.preview_workbook(reading, name) if packed else tables.preview_text(reading, name)
    finally:
        container.close()


def _nothing(container: Container, opened: Opened) -> Problem:
    if len(opened.refused) == 1:
        return opened.refused[0].problem
    if not opened.refused:
        return Problem("file-empty", f"“{container.name}”里没有文件。", name=container.name)
    if opened.refused[0].problem.code == "zip-truncated":
        return Problem("zip-truncated", "压缩包不完整，读不出其中的聊天记录，请重新导出或重新上传。")
    reasons = {refusal.problem.code for refusal in opened.refused}
    code = reasons.pop() if len(reasons) == 1 else "format-unknown"
    return Problem(code, f"“{container.name}”里没有可以导入的聊天记录：{opened.refused[0].problem.text}")
