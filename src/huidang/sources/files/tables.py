"""Tables of messages (CSV, TSV, XLSX): one message a row, columns found by header or named by a person."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal

import msgspec

from huidang.kernel.problems import Problem
from huidang.records.drafts import (
    Broken,
    ConversationDraft,
    Draft,
    Fact,
    MediaDraft,
    ParticipantDraft,
    RawMessage,
    Role,
    SourceDraft,
)
from huidang.sources.files.columns import constants, header_row, mapped, missing
from huidang.sources.files.exports import FileExport
from huidang.sources.files.moments import Moment, from_epoch, from_serial, from_text, in_zone
from huidang.sources.files.outline import Outline
from huidang.sources.files.reading import Item, Reading
from huidang.sources.files.sheets import Workbook, book_cells, delimiter_of, is_workbook, spooled, text_cells, text_rows
from huidang.sources.source import ImportOptions

_LOOKED_AT = 30
_SHOWN = 20
_CLOCK = re.compile(r"\d{1,2}[:：时]\d{1,2}.*")
# Names and numbers of message types, WeChat's numbers among them -> our kinds.
_KINDS = {
    "text": ("text", "文本", "文字", "文本消息", "1", "markdown"),
    "image": ("image", "picture", "图片", "图片消息", "3", "照片"),
    "voice": ("voice", "audio", "语音", "语音消息", "34"),
    "video": ("video", "视频", "视频消息", "43"),
    "file": ("file", "文件", "文件消息"),
    "sticker": ("sticker", "emoji", "emotion", "表情", "动画表情", "表情消息", "47"),
    "link": ("link", "链接", "链接消息", "分享", "49"),
    "location": ("location", "位置", "地理位置", "48"),
    "card": ("card", "名片", "卡片", "42"),
    "call": ("call", "通话", "语音通话", "视频通话", "50"),
    "redpacket": ("redpacket", "红包", "转账"),
    "forward": ("forward", "聊天记录", "合并转发", "转发"),
    "system": ("system", "系统", "系统消息", "通知", "撤回", "10000"),
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}
_ROLES: dict[Role, tuple[str, ...]] = {
    "agent": ("agent", "客服", "坐席", "员工", "人工客服", "staff", "servicer", "企业成员"),
    "customer": ("customer", "客户", "顾客", "买家", "访客", "用户", "visitor", "user", "外部联系人"),
    "robot": ("robot", "bot", "机器人", "智能客服"),
    "system": ("system", "系统"),
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}
_TRUE = frozenset({"1", "true", "是", "yes", "y"})
_MEDIA: dict[str, Literal["image", "voice", "video", "file", "sticker"]] = {
    "image": "image",
    "voice": "voice",
    "video": "video",
    "file": "file",
    "sticker": "sticker",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as understood: where its header stands, field -> column, and what is missing."""

    name: str
    header: int | None
    headers: tuple[str, ...]
    mapping: dict[str, int]
    rows: tuple[tuple[str, ...], ...] = ()

    def missing(self) -> list[str]:
        """Return the required fields that no column fills."""
        return missing(self.mapping)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person sees before importing a table: the first sheet that looks like messages.

    `mapping` names the header that fills each field, `missing` the required fields that none fills, `rows` are the
    first ones under the header as text, `sheets` all sheets of a workbook.
    """

    sheet: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mapping: dict[str, str]
    missing: list[str]
    encoding: str
    delimiter: str
    sheets: list[str] = field(default_factory=list)


class TableParser(msgspec.Struct, frozen=True):
    """Parses the rows of one table. `layouts` holds field -> column for each sheet; `stated` the values of a person."""

    layouts: dict[str, dict[str, int]]
    stated: dict[str, str]
    delimiter: str  # "" = the rows are JSON lists from a workbook
    zone: str
    title: str
    agents: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def parse(self, item: RawMessage) -> list[Fact]:
        """See `Parser`. `about` is the sheet."""
        cells = text_cells(item.data, self.delimiter) if self.delimiter else book_cells(item.data)
        layout = self.layouts[item.about]
        row = {name: cells[column] for name, column in layout.items() if 0 <= column < len(cells)}
        return self._facts({name: value for name, value in row.items() if value not in (None, "")} | self.stated)

    def _facts(self, row: dict[str, Any]) -> list[Fact]:
        moment = self._moment(row)
        conversation = self._conversation(row)
        kind = _kind(row)
        sender = _written(row, "sender_id") or _written(row, "sender")
        person = self._person(row, sender)
        draft = Draft(
            conversation=conversation.id,
            sent_ms=moment.ms,
            id=_written(row, "message_id"),
            kind=kind,
            sender=sender,
            sender_name=_written(row, "sender"),
            role=person.role if person.ground in {"column", "isSend"} else "",
            text=_written(row, "text"),
            precision=moment.precision,
            zone=moment.zone,
            reply_to=_written(row, "reply_to"),
            media=self._media(row, kind),
            details={} if kind != "other" else {"type": _written(row, "type")},
        )
        return [conversation, person, draft] if sender else [conversation, draft]

    def _moment(self, row: dict[str, Any]) -> Moment:
        value = row.get("time", row.get("date"))
        if value is None:
            raise Problem("no-time", "这一行没有时间。")
        if "date" in row and isinstance(value, str) and _CLOCK.fullmatch(value.strip()):
            value = f"{str(row['date']).split(' ')[0]} {value}"
        if isinstance(value, int | float) or (isinstance(value, str) and _is_serial(value)):
            return self._counted(float(value))
        return from_text(str(value), self.zone)

    def _counted(self, number: float) -> Moment:
        """Read a number as Excel's days where it can be one, else as seconds or milliseconds since 1970."""
        serial = from_serial(number)
        if serial is None:
            return from_epoch(int(number) if number.is_integer() else number)
        return in_zone(_naive(serial.ms), serial.precision, self.zone)

    def _conversation(self, row: dict[str, Any]) -> ConversationDraft:
        title = _written(row, "conversation")
        identity = _written(row, "conversation_id") or title or self.title
        return ConversationDraft(identity, title or identity)

    def _person(self, row: dict[str, Any], sender: str) -> ParticipantDraft:
        name = _written(row, "sender") or sender
        role = _ROLE_OF.get(_written(row, "role").lower(), "")
        if role:
            return ParticipantDraft(sender, name, role, "column")
        if _written(row, "is_self").lower() in _TRUE:
            return ParticipantDraft(sender, name, "agent", "isSend")
        named = bool({name, sender} & self.agents)
        return ParticipantDraft(sender, name, "agent" if named else "", "--agent" if named else "")

    def _media(self, row: dict[str, Any], kind: str) -> tuple[MediaDraft, ...]:
        path = _written(row, "attachment")
        ours = _MEDIA.get(kind) or ("file" if path else None)
        if ours is None:
            return ()
        name = PurePosixPath(path.replace("\\", "/")).name
        held = path.removeprefix("./") if path.removeprefix("./") in self.files else ""
        return (MediaDraft(ours, name, ref=held, missing="" if held else "not-in-export"),)


def _naive(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).replace(tzinfo=None)


def _is_serial(value: str) -> bool:
    """Whole days and fractions as text, as a workbook saved to CSV without formats has them."""
    return bool(re.fullmatch(r"[3-7]\d{4}(?:\.\d{1,12})?", value.strip()))


def _written(row: dict[str, Any], name: str) -> str:
    value = row.get(name, "")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value.strip() if isinstance(value, str) else str(value)


def _kind(row: dict[str, Any]) -> str:
    stated = _written(row, "type").lower()
    if not stated:
        return "file" if "attachment" in row and "text" not in row else "text"
    return _KIND_OF.get(stated, "other")


def _texts(cells: Sequence[Any]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in cells)


def _layout(name: str, rows: list[tuple[str, ...]], options: ImportOptions) -> Sheet:
    place = header_row(rows, options.columns)
    if place is None:
        return Sheet(name, None, rows[0] if rows else (), {}, tuple(rows[1:]))
    mapping = mapped(rows[place], options.columns)
    given = dict.fromkeys(constants(options.columns), -1)
    return Sheet(name, place, rows[place], given | mapping, tuple(rows[place + 1 :]))


def _text_sheet(head: bytes, delimiter: str, options: ImportOptions) -> Sheet:
    lines = [line for line in head.splitlines() if line.strip()][:_LOOKED_AT]
    rows = []
    for line in lines:
        try:
            rows.append(tuple(text_cells(line, delimiter)))
        except Problem:
            rows.append(())
    return _layout("", rows, options)


def _book_sheets(book: Workbook, options: ImportOptions) -> list[Sheet]:
    return [
        _layout(name, [_texts(book_cells(row.data)) for row in islice(book.rows(name), _LOOKED_AT)], options)
        for name in book.sheets()
    ]


def is_table(shape: Outline) -> bool:
    """Return whether text is a table: delimited, with at least two headers that are known."""
    delimiter = delimiter_of(shape.head) if b"\0" not in shape.head else ""
    if not delimiter or shape.head.lstrip()[:1] in {b"{", b"["}:
        return False
    return _text_sheet(shape.head, delimiter, ImportOptions()).header is not None


def is_delimited(head: bytes) -> bool:
    """Return whether text has columns at all, so that a person may say what they hold."""
    return b"\0" not in head and bool(delimiter_of(head)) and head.lstrip()[:1] not in {b"{", b"["}


def _usable(sheets: list[Sheet], name: str) -> list[Sheet]:
    """Return the sheets that hold messages. Raises `Problem` that names what the best one lacks."""
    usable = [sheet for sheet in sheets if sheet.header is not None and not sheet.missing()]
    if usable:
        return usable
    best = max(sheets, key=lambda sheet: len(sheet.mapping), default=Sheet("", None, (), {}))
    lacking = best.missing()
    words = "、".join({"time": "时间", "text": "内容"}[one] for one in lacking)
    text = f"「{name}」里找不到{words}列，请在预览中指定各列的含义。"
    code = "table-no-time" if "time" in lacking else "table-no-text"
    raise Problem(code, text, missing=lacking, headers=list(best.headers))


def open_text(reading: Reading, name: str) -> FileExport:
    """Open a delimited text file. Raises `Problem("table-no-time")` or `("table-no-text")`."""
    head = reading.head(name)
    delimiter = delimiter_of(head)
    sheet = _usable([_text_sheet(head, delimiter, reading.options)], name)[0]

    def cut(opened: Reading) -> Iterator[Item]:
        opened.plan([name])
        skipped = (sheet.header or 0) + 1
        for item in text_rows(opened, name, delimiter):
            if isinstance(item, RawMessage) and (skipped > 0 or not item.data.strip()):
                skipped -= bool(item.data.strip())
                continue
            yield item

    return _export(reading, name, "table-text", {"": sheet.mapping}, delimiter, cut)


def open_workbook(reading: Reading, name: str) -> FileExport:
    """Open an XLSX workbook; every sheet that holds messages is read. Raises `Problem`."""
    book = Workbook(_seekable(reading, name))
    try:
        sheets = _usable(_book_sheets(book, reading.options), name)
    finally:
        book.close()

    def cut(opened: Reading) -> Iterator[Item]:
        opened.plan([name])
        yield from _book_rows(opened, name, sheets)
        opened.meter.read = opened.meter.planned

    layouts = {sheet.name: sheet.mapping for sheet in sheets}
    return _export(reading, name, "table-xlsx", layouts, "", cut)


def holds_workbook(reading: Reading, name: str) -> bool:
    """Return whether a packed member is an XLSX workbook."""
    stream = _seekable(reading, name)
    try:
        return is_workbook(stream)
    finally:
        stream.close()


def _seekable(reading: Reading, name: str) -> IO[bytes]:
    stream = reading.container.open(name)
    return stream if stream.seekable() and len(reading.container.names()) == 1 else spooled(stream)


def _book_rows(reading: Reading, name: str, sheets: list[Sheet]) -> Iterator[Item]:
    book = Workbook(_seekable(reading, name))
    try:
        for sheet in sheets:
            rows = islice(book.rows(sheet.name), (sheet.header or 0) + 1, None)
            yield from (RawMessage(row.place, row.data, sheet.name) for row in rows)
    except Problem as problem:
        yield Broken(name, problem.code, problem.text)
    finally:
        book.close()


def _export(
    reading: Reading,
    name: str,
    form: str,
    layouts: dict[str, dict[str, int]],
    delimiter: str,
    cut: Callable[[Reading], Iterator[Item]],
) -> FileExport:
    options = reading.options
    files = reading.container.names()
    parser = TableParser(
        layouts=layouts,
        stated=constants(options.columns),
        delimiter=delimiter,
        zone=options.timezone,
        title=Path(name).stem,
        agents=options.agents,
        files=frozenset(files) if len(files) > 1 else frozenset(),
    )
    source = SourceDraft("table", workspace=options.workspace)
    return FileExport(form, name, source, parser, reading, cut)


def preview_text(reading: Reading, name: str) -> Preview:
    """Return what a delimited text file holds. Raises `Problem` where it has no columns."""
    head = reading.head(name)
    delimiter = delimiter_of(head)
    if not delimiter:
        raise Problem("format-unknown", f"「{name}」不是表格。", name=name)
    return _preview(_text_sheet(head, delimiter, reading.options), reading.encoding(name)[0], delimiter)


def preview_workbook(reading: Reading, name: str) -> Preview:
    """Return what a workbook holds. Raises `Problem`."""
    book = Workbook(_seekable(reading, name))
    try:
        sheets = _book_sheets(book, reading.options)
    finally:
        book.close()
    if not sheets:
        raise Problem("file-empty", f"「{name}」里没有工作表。", name=name)
    best = max(sheets, key=lambda sheet: len(sheet.mapping))
    return _preview(best, "xlsx", "", [sheet.name for sheet in sheets])


def _preview(sheet: Sheet, encoding: str, delimiter: str, sheets: list[str] | None = None) -> Preview:
    named = {key: sheet.headers[column] for key, column in sheet.mapping.items() if column >= 0}
    rows = sheet.rows[:_SHOWN]
    return Preview(sheet.name, sheet.headers, rows, named, sheet.missing(), encoding, delimiter, sheets or [])
