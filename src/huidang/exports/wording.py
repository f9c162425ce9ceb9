"""How a message is told on paper, alike in every format: who, when, what, and what became of it.

A writer gets plain words; it only places them. Everything that people wrote passes `clean`, which each writer chooses
by what its medium can show.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huidang.exports import words
from huidang.exports.document import Document, Line
from huidang.records import Listed, Part, Shown
from huidang.records.shown import Enclosure
from huidang.records.words import kind_name, missing_reason, platform_name, role_name, thread_name

Clean = Callable[[str], str]

RUN = timedelta(minutes=5)
"""Messages of one sender closer than this stand under one name."""

WEEKDAYS = "一二三四五六日"
_KILO = 1024


class Piece(NamedTuple):
    """Text with one mark: empty, `m` hidden, `h` highlighted, `s` a word of a lexicon."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message: its name, a line about it, and whether there are bytes that the document may hold."""

    enclosure: Enclosure
    name: str
    about: str
    held: bool


class Told(NamedTuple):
    """One message in words. `day` is set where it begins a day, `more` where it goes on under the name above."""

    number: int
    message: Shown
    day: str
    more: bool
    name: str
    role: str
    time: str
    pieces: tuple[Piece, ...]
    instead: str
    withdrawn: str
    quote: tuple[str, str] | None
    edited: str
    versions: tuple[tuple[str, tuple[Piece, ...]], ...]
    files: tuple[File, ...]
    hit: bool
    note: str


class Teller:
    """Tells the lines of one conversation, in order; `exact` also says the milliseconds that a source states."""

    def __init__(self, zone: str, clean: Clean, *, exact: bool = False) -> None:
        self._exact = exact
        self._zone = ZoneInfo(zone)
        self._clean = clean
        self._before: Shown | None = None
        self._day: date | None = None
        self._senders: dict[tuple[str, str], tuple[str, str]] = {}

    def tell(self, line: Line) -> Told:
        """Return the next line in words."""
        message, clean = line.message, self._clean
        local = message.sent_at.astimezone(self._zone)
        day = local.date()
        began, runs = day != self._day, self._runs_on(message)
        self._day, self._before = day, message
        name, role = self._sender(message)
        return Told(
            number=line.number,
            message=message,
            day=day_heading(day) if began else "",
            more=runs and not began,
            name=name,
            role=role,
            time=self._time(local, message.precision),
            pieces=self._pieces(message.parts),
            instead=self._instead(message),
            withdrawn=self._withdrawn(message),
            quote=self._quote(message),
            edited=_("已编辑 %(at)s") % {"at": self.moment(message.edited_at)} if message.edited_at else "",
            versions=tuple((self.moment(each.as_of_at), self._pieces(each.parts)) for each in message.versions),
            files=tuple(self._file(each) for each in message.attachments),
            hit=line.hit,
            note=clean(line.note) if line.note else "",
        )

    def moment(self, at: datetime, precision: str = "s") -> str:
        """Return a moment in the zone of the document, never longer than it is known."""
        local = at.astimezone(self._zone)
        return f"{local:%Y-%m-%d}" if precision == "day" else f"{local:%Y-%m-%d} {self._time(local, precision)}"

    def _time(self, local: datetime, precision: str) -> str:
        if precision == "day":
            return _("时刻未记录")
        exact = self._exact and precision == "ms"
        return local.time().isoformat("milliseconds" if exact else "seconds")

    def _sender(self, message: Shown) -> tuple[str, str]:
        """Return name and role; they are few, and looked up for each message."""
        sender = message.sender
        stated = sender.name, sender.role
        if stated not in self._senders:
            name = self._clean(sender.name) or _("未知发送人")
            self._senders[stated] = (name, role_name(sender.role) if sender.role else "")
        return self._senders[stated]

    def _runs_on(self, message: Shown) -> bool:
        before = self._before
        if before is None or message.sent_at - before.sent_at >= RUN:
            return False
        return before.sender is message.sender or before.sender == message.sender

    def _pieces(self, parts: Iterable[Part]) -> tuple[Piece, ...]:
        return tuple(Piece(self._clean(part.text), _mark(part)) for part in parts if part.text)

    def _instead(self, message: Shown) -> str:
        """Return what stands where a message has neither text nor file: its kind, and what only this kind has."""
        if message.parts or message.attachments or _gone(message):
            return ""
        return " · ".join([kind_name(message.kind), *(self._clean(each) for each in _particulars(message.details))])

    def _withdrawn(self, message: Shown) -> str:
        if message.concealed:
            return _("此副本隐去整条消息")
        if message.erased_at:
            return _("内容已依法删除，存证哈希仍在")
        if message.deleted_at:
            said = _("已删除 %(at)s") % {"at": self.moment(message.deleted_at)}
        elif message.recalled_at:
            said = _("已撤回 %(at)s") % {"at": self.moment(message.recalled_at)}
        else:
            return ""
        return said if message.original else f"{said} · {_('原文仅授权可见')}"

    def _quote(self, message: Shown) -> tuple[str, str] | None:
        quote = message.quote
        if quote is None:
            return None
        if not quote.id:
            return "", _("回复的消息不在档案里")
        if quote.recalled and not quote.text:
            return "", _("回复了一条已撤回的消息")
        return self._clean(quote.sender), self._clean(quote.text) or kind_name(quote.kind)

    def _file(self, file: Enclosure) -> File:
        about = [kind_name(file.kind)]
        if file.seconds:
            about.append(f"{file.seconds // 60}:{file.seconds % 60:02d}")
        if file.withheld:
            about.append(_("可能含敏感内容，仅授权可见"))
        elif file.missing:
            about.append(missing_reason(file.missing))
        elif file.size is not None:
            about.append(size_of(file.size))
        held = not (file.withheld or file.missing)
        return File(file, self._clean(file.name) or _("未命名文件"), " · ".join(about), held)


def day_heading(day: date) -> str:
    """Return a day in full: a paper is read on any later day."""
    if get_language() == "en":
        return date_format(day, "l, j F Y")
    return f"{day.year} 年 {day.month} 月 {day.day} 日 星期{WEEKDAYS[day.weekday()]}"


def size_of(size: int) -> str:
    """Return a number of bytes as people say it: `1.2 MB`."""
    value, unit = float(size), "B"
    for larger in ("KB", "MB", "GB"):
        if value < _KILO:
            break
        value, unit = value / _KILO, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"  # noqa: PLR2004


def about_conversation(conversation: Listed, clean: Clean) -> str:
    """Return in one line where a conversation took place."""
    names = [platform_name(conversation.platform), conversation.source_name, thread_name(conversation.kind)]
    return " · ".join(clean(name) for name in dict.fromkeys(names) if name)


def facts_of(document: Document, clean: Clean) -> list[tuple[str, str]]:
    """Return what a paper says about itself below its title: name and value, in order."""
    return [(name, clean(value)) for name, value in list(words.facts_of(document))[1:] if value]


def _mark(part: Part) -> str:
    if part.hit:
        return "h"
    return "m" if part.kind else "s" if part.sensitive else ""


def _gone(message: Shown) -> bool:
    return bool(message.erased_at) or (bool(message.recalled_at or message.deleted_at) and not message.original)


def _particulars(details: Any) -> list[str]:
    if not isinstance(details, dict):
        return []
    return [f"{name} {value}" for name, value in details.items() if isinstance(value, str | int | float) and value]
