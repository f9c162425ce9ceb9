"""Suggestions while a query is typed: operators and their values, people, departments, conversations, with a sentence.

Names are suggested only where the reader reaches messages of theirs, and never where a mask hides a part of them: a
suggestion tells nothing. Chinese names are found by their pinyin too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from huidang.kernel.access import Can
from huidang.kernel.spelling import begins, spell
from huidang.people.departments import subtrees
from huidang.people.readers import Reader
from huidang.records import masking, maskrules
from huidang.records.models import Conversation, Participant
from huidang.search import reading
from huidang.search.departments import Departments
from huidang.search.index import Field, Value
from huidang.search.labels import labeller
from huidang.search.naming import WHOLE, Wanted
from huidang.search.operators import BY_NAME, OPERATORS, Operator
from huidang.search.query import Condition, readable

MOST = 8
_CANDIDATES = 5000
_FEW = 3
_COLONS = ":："
_BEFORE = "-－(（"
_PARTS = {"from": lazy("这个人发的消息"), "customer": lazy("这位客户的消息和会话")}
_TIMES = {
    "zh": {
        "date": ("今天", "昨天", "本周", "上周", "近7天", "近30天", "本月", "上月", "今年", "去年"),
        "age": ("7天", "2周", "1个月", "3个月", "1年"),
    },
    "en": {
        "date": ("today", "yesterday", "this-week", "last-week", "last-7d", "last-30d", "this-month", "last-month"),
        "age": ("7d", "2w", "1m", "3m", "1y"),
    },
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may stand in place of the last word: `insert` in the query, `label` and `sentence` for the person."""

    kind: Literal["operator", "value", "person", "department", "conversation"]
    insert: str
    label: str
    sentence: str
    count: int | None = None


def suggest(reader: Reader, text: str) -> tuple[Suggestion, ...]:
    """Return what may complete the last word of a query. Raises nothing for what it says."""
    maskrules.refresh()
    word = last_word(text).lstrip(_BEFORE)
    name, colon, begun = word.replace("：", ":").partition(":")
    operator = BY_NAME.get(name.casefold()) if colon else None
    if operator and not operator.exists:
        return ()
    begun = begun.lstrip(WHOLE + '"“”')
    return tuple(islice(_values(reader, operator, begun) if operator else _anything(reader, word), MOST))


def last_word(text: str) -> str:
    """Return the word that is being typed; "" behind a space."""
    words = readable(text).rsplit(maxsplit=1)
    return words[-1] if words and not text[-1].isspace() else ""


def _anything(reader: Reader, word: str) -> Iterator[Suggestion]:
    yield from islice(_operators(word), MOST if not word else _FEW)
    if word and not any(colon in word for colon in _COLONS):
        yield from islice(_people(reader, word, "from"), _FEW)
        yield from islice(_departments(reader, word), _FEW)
        yield from islice(_conversations(reader, word), _FEW)
        yield from islice(_hits(reader, word), _FEW)


def _operators(word: str) -> Iterator[Suggestion]:
    begun = word.casefold()
    for each in OPERATORS:
        if each.exists and any(name.startswith(begun) for name in (each.name, *each.aliases)):
            called = each.name if _in_english() else each.aliases[0]
            yield Suggestion("operator", f"{each.name}:", f"{called}: {each.example}", str(each.sentence))


def _values(reader: Reader, operator: Operator, begun: str) -> Iterator[Suggestion]:
    named: Mapping[str, Callable[[], Iterator[Suggestion]]] = {
        "from": lambda: _people(reader, begun, "from"),
        "customer": lambda: _people(reader, begun, "customer"),
        "dept": lambda: _departments(reader, begun),
        "in": lambda: _conversations(reader, begun),
        "hit": lambda: _hits(reader, begun),
    }
    if operator.name in named:
        yield from named[operator.name]()
    for value in _TIMES["en" if _in_english() else "zh"].get(operator.takes, ()):
        if value.startswith(begun.casefold()):
            yield Suggestion("value", str(Condition(operator.name, value)), value, str(operator.sentence))
    for value, others in operator.choices.items():
        if value not in operator.later and any(each.startswith(begun.casefold()) for each in (value, *others)):
            label = others[0] if others and not _in_english() else value
            yield Suggestion("value", str(Condition(operator.name, value)), label, str(operator.sentence))


def _in_english() -> bool:
    return get_language() == "en"


def _people(reader: Reader, begun: str, operator: Literal["from", "customer"]) -> Iterator[Suggestion]:
    wanted = Wanted(begun)
    asked = wanted.perhaps("name") if wanted else Q()
    if begun.isascii() and begun.isalpha():
        asked |= Q(spelling__contains=f" {begun.casefold()}")
    rows = Participant.objects.filter(asked).exclude(name="")
    if operator == "customer":
        rows = rows.filter(Q(role_corrected="customer") | Q(role_corrected="", role="customer"))
    named = {
        pk: name
        for pk, name, spelled in rows.order_by("-pk").values_list("pk", "name", "spelling")[:_CANDIDATES]
        if not wanted or wanted.bears(name) or begins(spelled, begun)
    }
    counts: dict[str, int] = {}
    for pk, count in _within_reach(reader, "sender", named).items():
        counts[named[int(pk)]] = counts.get(named[int(pk)], 0) + count
    for name, count in _open(counts):
        yield Suggestion("person", str(Condition(operator, f"={name}")), name, str(_PARTS[operator]), count)


def _departments(reader: Reader, begun: str) -> Iterator[Suggestion]:
    tree, wanted = Departments(reader), Wanted(begun)
    meant = [pk for pk in tree.near if not wanted or wanted.bears(tree.name(pk)) or begins(spell(tree.name(pk)), begun)]
    counted = _within_reach(reader, "department", tree.near) if meant else {}
    counts = {pk: sum(counted.get(below, 0) for below in subtrees([pk], tree.parents)) for pk in meant}
    for pk, count in sorted(counts.items(), key=lambda each: -each[1]):
        if count:
            called = tree.called(pk)
            yield Suggestion("department", str(Condition("dept", called)), called, _("这个部门和它的下级"), count)


def _conversations(reader: Reader, begun: str) -> Iterator[Suggestion]:
    wanted = Wanted(begun)
    asked = wanted.perhaps("title") if wanted else Q()
    rows = Conversation.objects.readable_by(reader, Can.READ).filter(asked).exclude(title="")
    newest = rows.order_by("-last_message_id").values_list("pk", "title")[:_CANDIDATES]
    named = {pk: title for pk, title in newest if not wanted or wanted.bears(title)}
    counts: dict[str, int] = {}
    for pk, count in _within_reach(reader, "conversation", named).items():
        counts[named[int(pk)]] = counts.get(named[int(pk)], 0) + count
    for title, count in _open(counts):
        yield Suggestion("conversation", str(Condition("in", f"={title}")), title, _("这个会话里的消息"), count)


def _hits(reader: Reader, begun: str) -> Iterator[Suggestion]:
    groups = {label: name for label, name in labeller().groups().items() if name.startswith(begun)}
    for label, count in _within_reach(reader, "flags", groups).items():
        name = groups[str(label)]
        yield Suggestion("value", str(Condition("hit", name)), name, _("命中这组词库的消息"), count)


def _open(counts: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Yield the names that no mask hides a part of, the most frequent first."""
    for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        if masking.masked(name) == name:
            yield name, count


def _within_reach(reader: Reader, field: Field, values: Iterable[Value]) -> Mapping[Value, int]:
    engine, asked = reading.index(), list(values)
    return engine.suggest(reader, field=field, values=asked) if engine and asked else {}
