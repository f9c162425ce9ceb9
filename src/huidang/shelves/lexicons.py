"""Lexicons: words that a supervisor wants to be shown, found in every way people write them.

Width, case and traditional characters are folded, and signs put between the characters (`退*费`, `退 费`, `退_费`)
are seen through; a full stop or comma still divides. The longest word wins, and a phrase on the allow-list hides
the words inside it (`累死了` for `死`). Offsets are code points of the text that was searched.
"""

import threading
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from huidang.kernel import clock, events
from huidang.kernel.problems import Problem
from huidang.people.departments import ancestors, tree_of_parents
from huidang.search.tokens import fold
from huidang.shelves.models import LENGTH_AT_MOST, Lexicon, LexiconEdition, Word

WORDS_AT_MOST = 200_000

_INSERTED = frozenset(" \t\u3000*·•_-.…~^|/\\+=#@&'\"`<>")
"""Signs that people put between characters to slip through; sentence punctuation is not among them."""


class _Seen(dict[int, str]):
    """Maps a code point to what a reader sees in it: folded, without marks; nothing for an inserted sign."""

    def __missing__(self, code: int) -> str:
        signs = unicodedata.normalize("NFKD", chr(code))
        bare = "".join(sign for sign in signs if sign not in _INSERTED and unicodedata.category(sign) != "Mn")
        self[code] = seen = unicodedata.normalize("NFKD", fold(bare))
        return seen


_SEEN = _Seen()


@dataclass(frozen=True, slots=True)
class Hit:
    """A word found in a text, with the lexicon it belongs to and that lexicon's group."""

    start: int
    end: int
    word: str
    lexicon: str
    group: str
    lexicon_id: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A word as the matcher knows it."""

    word: str
    lexicon: str
    group: str
    allowed: bool = False
    lexicon_id: int = 0


class Matcher:
    """Finds the words of some lexicons, a few microseconds a message whatever their number."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        by_pattern: dict[str, Entry] = {}
        for entry in entries:
            pattern = folded(entry.word)
            if pattern and (entry.allowed or pattern not in by_pattern):
                by_pattern[pattern] = entry
        self._entries = list(by_pattern.values())
        self._automaton = AhoCorasick(by_pattern, matchkind=MatchKind.LeftmostLongest) if by_pattern else None

    def find(self, text: str) -> tuple[Hit, ...]:
        """Return the hits in a text, in order, without overlaps."""
        if self._automaton is None:
            return ()
        found = self._automaton.find_matches_as_indexes(_pattern(text))
        if not found:
            return ()
        places = _places(text)
        return tuple(
            self._hit(index, places[start], places[end - 1] + 1)
            for index, start, end in found
            if not self._entries[index].allowed
        )

    def _hit(self, index: int, start: int, end: int) -> Hit:
        entry = self._entries[index]
        return Hit(start, end, entry.word, entry.lexicon, entry.group, entry.lexicon_id)


def folded(word: str) -> str:
    """Return what stands for a word in whatever way it is written."""
    return _pattern(word).strip()


def _pattern(text: str) -> str:
    return text.translate(_SEEN)


def _places(text: str) -> list[int]:
    """Return where each character of the pattern stands in the text."""
    return [place for place, sign in enumerate(text) for _each in _SEEN[ord(sign)]]


class _Shelf(threading.local):
    """The matchers of one thread, thrown away when a lexicon changes anywhere."""

    edition = -1
    entries: list[tuple[frozenset[int], list[Entry]]]
    matchers: dict[frozenset[int], Matcher]


_shelf = _Shelf()


def find_hits(text: str, *, department_id: int | None) -> tuple[Hit, ...]:
    """Return the hits of the lexicons that apply to a department. Reads one row to notice changes."""
    return matcher(department_id).find(text)


def matcher(department_id: int | None) -> Matcher:
    """Return the matcher for a department: lexicons of the whole company, its own, and those of the ones above."""
    _refresh()
    line = frozenset(ancestors(department_id, tree_of_parents())) if department_id else frozenset()
    lexicons = [entries for scope, entries in _shelf.entries if not scope or scope & line]
    key = frozenset(map(id, lexicons))
    if key not in _shelf.matchers:
        _shelf.matchers[key] = Matcher(entry for entries in lexicons for entry in entries)
    return _shelf.matchers[key]


def edition() -> int:
    """Return the number of the present edition of all lexicons; it grows with every change."""
    return LexiconEdition.objects.values_list("number", flat=True).first() or 0


def _refresh() -> None:
    present = edition()
    if present == _shelf.edition:
        return
    _shelf.entries = [_entries(lexicon) for lexicon in Lexicon.objects.filter(enabled=True).order_by("pk")]
    _shelf.matchers = {}
    _shelf.edition = present


def _entries(lexicon: Lexicon) -> tuple[frozenset[int], list[Entry]]:
    words = lexicon.words.order_by("pk").values_list("text", "allowed")
    scope = frozenset(lexicon.departments.values_list("pk", flat=True))
    return scope, [Entry(text, lexicon.name, lexicon.group, allowed, lexicon.pk) for text, allowed in words]


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of words did: how many are new, and how many stood there already."""

    added: int
    known: int


def create_lexicon(*, name: str, group: str, department_ids: Sequence[int] = ()) -> Lexicon:
    """Make an empty lexicon. Raises `Problem` where the name is taken or the group unknown."""
    if group not in Lexicon.Group.values:
        raise Problem("lexicon-group", _("没有这个词库分组：%s。") % group)
    with transaction.atomic():
        lexicon, new = Lexicon.objects.get_or_create(name=name.strip(), defaults={"group": group})
        if not new:
            raise Problem("lexicon-taken", _("已有同名词库：%s。") % name)
        lexicon.departments.set(department_ids)
        _new_edition()
    return lexicon


def change_lexicon(lexicon: Lexicon, *, enabled: bool, department_ids: Sequence[int]) -> None:
    """Switch a lexicon on or off and say which departments it applies to; none means the whole company."""
    with transaction.atomic():
        Lexicon.objects.filter(pk=lexicon.pk).update(enabled=enabled)
        lexicon.departments.set(department_ids)
        _new_edition()


def add_words(lexicon: Lexicon, words: Iterable[str], *, allowed: bool = False) -> Change:
    """Add words, or phrases that are allowed. Raises `Problem` for a word that is too long or has no character."""
    return add_entries(lexicon, ((word, allowed) for word in words))


def add_entries(lexicon: Lexicon, entries: Iterable[tuple[str, bool]]) -> Change:
    """Add (word, allowed) pairs in one transaction: all of them or, with a `Problem`, none."""
    wanted = {checked(word): allowed for word, allowed in entries if word.strip()}
    with transaction.atomic():
        before = lexicon.words.count()
        if before + len(wanted) > WORDS_AT_MOST:
            raise Problem("lexicon-full", _("一个词库最多 %d 个词。") % WORDS_AT_MOST)
        Word.objects.bulk_create(
            [Word(lexicon=lexicon, text=word, allowed=allowed) for word, allowed in wanted.items()],
            batch_size=2_000,
            ignore_conflicts=True,
        )
        added = lexicon.words.count() - before
        _new_edition()
    return Change(added, len(wanted) - added)


def remove_words(lexicon: Lexicon, words: Iterable[str]) -> int:
    """Take words out of a lexicon; return how many stood in it."""
    with transaction.atomic():
        removed, _each = lexicon.words.filter(text__in=list(words)).delete()
        _new_edition()
    return removed


def remove_lexicon(lexicon: Lexicon) -> None:
    """Delete a lexicon with its words."""
    with transaction.atomic():
        lexicon.delete()
        _new_edition()


def first_of(department_id: int) -> str:
    """Return what to do before a department can be deleted, or nothing: see `people.departments.Holding`."""
    return _("从词库的适用部门里去掉它") if Lexicon.objects.filter(departments=department_id).exists() else ""


def checked(word: str) -> str:
    """Return a word without the space around it. Raises `Problem` where it is too long or has no character."""
    word = word.strip()
    if len(word) > LENGTH_AT_MOST:
        raise Problem("word-long", _("词语最多 %(most)d 字：%(word)s…") % {"most": LENGTH_AT_MOST, "word": word[:20]})
    if not folded(word):
        raise Problem("word-empty", _("词语里没有文字或数字：%s") % word)
    return word


def _new_edition() -> None:
    """Count a change; the number is a time as well, so that an archive put back never repeats one."""
    LexiconEdition.objects.get_or_create(pk=1)
    LexiconEdition.objects.filter(pk=1).update(number=Greatest(F("number") + 1, clock.now_ms()))
    events.emit("lexicons")
