"""Objects of entries: what `about` names, in words and with a link, as far as the reader of the audit may see it.

A conversation that lies outside their reach keeps its number alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from huidang import records
from huidang.exports import asking
from huidang.people.models import Department, Entry, User
from huidang.people.readers import Reader
from huidang.people.rights import is_manager
from huidang.records import Listed
from huidang.records.passages import places_within
from huidang.web.asked import request_name

_PLACES = {
    "lexicon": (lazy("词库 {n}"), "lexicon"),
    "request": (lazy("申请 #{n}"), "request"),
    "entry": (lazy("审计记录 {n}"), "entry"),
}
_NUMBERED = {
    "token": lazy("令牌 {n}"),
    "role": lazy("角色 {n}"),
    "import": lazy("导入 {n}"),
    "receipt": lazy("文件，回执 {n}"),
    "file": lazy("文件 {n}"),
    "view": lazy("视图 {n}"),
    "mask-pattern": lazy("规则 {n}"),
}


@dataclass(frozen=True, slots=True)
class Object:
    """What an entry is about: in words, and where it is found; no place where the reader may not go there."""

    text: str
    url: str = ""

    def __html__(self) -> str:
        """Return it as a link, or as text."""
        return (
            format_html('<a class="link" href="{}">{}</a>', self.url, self.text)
            if self.url
            else format_html("{}", self.text)
        )

    def __str__(self) -> str:
        return self.text


class Objects:
    """The objects of some entries, loaded together for one reader."""

    def __init__(self, reader: Reader, entries: Sequence[Entry]) -> None:
        self._manages = is_manager(reader)
        named = [entry.about.partition(":") for entry in entries]
        self._users = dict(User.objects.filter(pk__in=_ids(named, "user")).values_list("pk", "name"))
        self._departments = dict(Department.objects.filter(pk__in=_ids(named, "department")).values_list("pk", "name"))
        conversations = {number for entry in entries if (number := _conversation(entry)) is not None}
        self._conversations = records.list_conversations(reader, conversations) if conversations else {}
        spoken = {each for entry in entries for each in _spoken(entry)}
        self._read = places_within(reader, spoken).keys()
        receipts = {number for kind, _colon, number in named if kind == "receipt"}
        self._receipts = asking.read_receipts(reader, receipts) if receipts else set()

    def may_name(self, entry: Entry) -> bool:
        """Say whether the reader reads all conversations that an entry speaks of, so that it may call them by name."""
        kind, _colon, number = entry.about.partition(":")
        return number in self._receipts if kind == "receipt" else _spoken(entry) <= self._read

    def of(self, entry: Entry) -> Object:
        """Return what an entry is about."""
        kind, _colon, number = entry.about.partition(":")
        if entry.what == "two-persons":
            return Object(request_name(entry.about))
        if kind in {"conversation", "message"}:
            return self._talk(entry, kind, number)
        if kind == "user" and number.isdecimal():
            name = self._users.get(int(number), number)
            return Object(_("账号「%s」") % name, reverse("account", args=[number]) if self._manages else "")
        if kind == "department" and number.isdecimal():
            return Object(_("部门「%s」") % self._departments.get(int(number), number))
        if kind in _PLACES and number.isdecimal():
            words, place = _PLACES[kind]
            return Object(str(words).format(n=number), self._url(place, number))
        return Object(str(_NUMBERED[kind]).format(n=number) if kind in _NUMBERED else entry.about)

    def _talk(self, entry: Entry, kind: str, number: str) -> Object:
        conversation = _conversation(entry)
        listed: Listed | None = self._conversations.get(str(conversation))
        if listed is None:
            return Object(_("会话 %s") % conversation if conversation else _("一条消息"))
        title = _("会话「%s」") % (listed.title or conversation)
        if kind == "message" and number.isdecimal():
            return Object(_("%s里的消息") % title, reverse("message", args=[listed.id, number]))
        return Object(title, reverse("conversation", args=[listed.id]))

    def _url(self, place: str, number: str) -> str:
        return reverse(place, args=[number]) if place == "entry" or (place == "lexicon" and self._manages) else ""


def _conversation(entry: Entry) -> int | None:
    kind, _colon, number = entry.about.partition(":")
    stated = number if kind == "conversation" else str(entry.facts.get("conversation", ""))
    return int(stated) if stated.isascii() and stated.isdecimal() else None


def _spoken(entry: Entry) -> set[int]:
    stated = entry.facts.get("conversations")
    return {int(each) for each in stated} if isinstance(stated, list) else set()


def _ids(named: Iterable[tuple[str, str, str]], kind: str) -> set[int]:
    return {int(number) for found, _colon, number in named if found == kind and number.isdecimal()}
