"""What a query means to the index, for one reader at one moment: names become ids, dates become stretches of ids.

Nothing here widens a reach: the engine adds the reader by itself. A name that nobody bears inside the reader's reach
matches nothing, like a name that nobody bears at all.
"""

from datetime import datetime
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people.readers import Reader
from huidang.records.models import Conversation, Member, Participant, Source
from huidang.search import index, query, reading, tokens
from huidang.search.dates import read_age, read_span
from huidang.search.departments import Departments
from huidang.search.documents import TIME_BITS
from huidang.search.labels import labeller
from huidang.search.naming import WHOLE, Wanted
from huidang.search.operators import BY_NAME
from huidang.search.query import Condition, Node, Note

_MANY_NAMES = 20_000


class Meaning:
    """The tree for the engine, and the notes on conditions that could not be taken."""

    def __init__(self, asked: query.Query, reader: Reader) -> None:
        self._reader = reader
        self._now = clock.now()
        self.notes = list(asked.notes)
        tree = self._of(asked.tree)
        self.tree = index.NOTHING if any(note.refused for note in self.notes) else tree

    def _of(self, node: Node) -> index.Tree:
        match node:
            case query.Term(text):
                return index.Words(tokens.runs(text))
            case Condition():
                return self._condition(node)
            case query.And(parts):
                return index.All(tuple(self._of(part) for part in parts))
            case query.Or(parts):
                return index.Any(tuple(self._of(part) for part in parts))
            case query.Not(part):
                return index.Not(self._of(part))

    def _condition(self, condition: Condition) -> index.Tree:
        operator = BY_NAME[condition.name]
        if not operator.exists:
            return self._refuse("operator-later", _("「%s」这个条件还没有启用。") % condition, condition)
        if operator.takes == "date":
            return self._date(condition)
        if operator.takes == "age":
            return self._age(condition)
        if operator.takes == "choice":
            return self._choice(condition)
        return _NAMES[condition.name](condition.value, self._reader)

    def _date(self, condition: Condition) -> index.Tree:
        span = read_span(condition.value, now=self._now, zone=self._reader.zone)
        if span is None:
            text = _("看不懂日期「%s」。可以写 2026-09、2026-W36、昨天、上周、近30天。") % condition.value
            return self._refuse("date-unreadable", text, condition)
        if condition.name == "before":
            return index.Between(end=id_at(span.start))
        if condition.name == "after":
            return index.Between(first=id_at(span.end))
        return index.Between(id_at(span.start), id_at(span.end))

    def _age(self, condition: Condition) -> index.Tree:
        age = read_age(condition.value)
        if age is None:
            text = _("看不懂时长「%s」。可以写 7d、2周、3个月、1年。") % condition.value
            return self._refuse("age-unreadable", text, condition)
        try:
            moment = id_at(self._now - age)
        except OverflowError:
            moment = 0
        return index.Between(end=moment) if condition.name == "older_than" else index.Between(first=moment)

    def _choice(self, condition: Condition) -> index.Tree:
        operator = BY_NAME[condition.name]
        choice = operator.choose(condition.value)
        if choice in operator.later:
            return self._refuse("operator-later", _("「%s」这个条件还没有启用。") % condition, condition)
        if condition.name == "platform":
            return _platforms(choice or condition.value)
        if choice is None:
            known = "、".join(each for each in operator.choices if each not in operator.later)
            text = _("「%(asked)s」不在可选的值里：%(known)s。") % {"asked": condition, "known": known}
            return self._refuse("value-unknown", text, condition)
        return index.Among("kind" if condition.name == "type" else "flags", frozenset({choice}))

    def _refuse(self, code: str, text: str, condition: Condition) -> index.Tree:
        self.notes.append(Note(code, text, str(condition), refused=True))
        return index.NOTHING


def id_at(moment: datetime) -> int:
    """Return the smallest message id of a moment; 0 before 1970."""
    return max(0, int(moment.timestamp() * 1000)) << TIME_BITS


def _platforms(wanted: str) -> index.Tree:
    """Name a platform or its family: `wechat` is `chatlab:wechat` too."""
    folded = wanted.casefold()
    stored = Source.objects.values_list("platform", flat=True).distinct()
    return index.Among("platform", frozenset(each for each in stored if folded in (each, *each.split(":"))))


def _senders(wanted: str, _reader: Reader) -> index.Tree:
    return index.Among("sender", frozenset(_accounts(wanted)))


def _accounts(wanted: str, **of: Any) -> set[int]:
    name = Wanted(wanted)
    rows = Participant.objects.filter(name.perhaps("name"), **of).values_list("pk", "name")
    return name.among(rows[:_MANY_NAMES])


def _customers(wanted: str, reader: Reader) -> index.Tree:
    """Name a customer: the conversations in which one of their accounts is a member or has written."""
    stated = Participant.objects.annotate(part=Coalesce(NullIf("role_corrected", Value("")), "role"))
    named = Wanted(wanted)
    rows = stated.filter(named.perhaps("name"), part="customer").values_list("pk", "name")
    accounts = named.among(rows[:_MANY_NAMES])
    people = Participant.objects.filter(pk__in=accounts, identity__isnull=False).values("identity")
    accounts |= set(Participant.objects.filter(identity__in=people).values_list("pk", flat=True))
    members = Member.objects.readable_by(reader, Can.READ).filter(participant_id__in=accounts)
    found = set(members.values_list("conversation_id", flat=True).distinct())
    engine = reading.index()
    if engine and accounts:
        tree = index.Among("sender", frozenset(accounts))
        counted = engine.facets(reader, tree, fields=["conversation"], limit=_MANY_NAMES)
        found |= {int(conversation) for conversation, _count in counted["conversation"]}
    return index.Among("conversation", frozenset(found))


def _conversations(wanted: str, reader: Reader) -> index.Tree:
    rows = Conversation.objects.readable_by(reader, Can.READ)
    name = Wanted(wanted)
    found = name.among(rows.filter(name.perhaps("title")).values_list("pk", "title")[:_MANY_NAMES])
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < len(str(2**63)):
        found |= set(rows.filter(pk=int(wanted)).values_list("pk", flat=True))
    return index.Among("conversation", frozenset(found))


def _departments(wanted: str, reader: Reader) -> index.Tree:
    if wanted.lstrip(WHOLE) in ("0", _("待分拣"), "待分拣"):
        return index.Among("department", frozenset({0}))
    return index.Among("department", Departments(reader).meant(wanted))


def _hits(wanted: str, _reader: Reader) -> index.Tree:
    """Name a lexicon, a group of them, or one of their words."""
    return index.Among("flags", labeller().named(wanted))


_NAMES = {"from": _senders, "customer": _customers, "in": _conversations, "dept": _departments, "hit": _hits}
