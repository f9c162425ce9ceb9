"""The rules of masking as the house has set them: what each profile leaves of each kind, and its own patterns.

Held in memory and looked at by every text; `records.maskrules` stores them and puts another state here. Limits stand
here, so that no setting can show the middle of an ID.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import re2
from django.utils.translation import gettext as _

from huidang.kernel.problems import Problem
from huidang.records.digits import fold
from huidang.records.spans import Kind, Span

DETECTORS = 2
"""Grows with every change of what the built-in detectors find."""

PATTERN_AT_MOST, PATTERNS_AT_MOST = 200, 40
_MEMORY_BYTES = 4 << 20
_TOO_SHORT = "好的1a,. 。，"


class Profile(StrEnum):
    """How much a mask leaves: nothing hidden, for people of the house, or for everybody else."""

    NONE = "none"
    INSIDE = "inside"
    OUTSIDE = "outside"


class Keep(NamedTuple):
    """Signs left at the head and the tail."""

    head: int
    tail: int


WHOLE = Keep(0, 0)
LIMITS: Mapping[Kind, Keep] = {
    Kind.RESIDENT: Keep(6, 4), Kind.MOBILE: Keep(3, 4), Kind.CARD: Keep(6, 4), Kind.LANDLINE: Keep(4, 4),
    Kind.EMAIL: Keep(3, 0), Kind.PLATE: Keep(2, 2), Kind.COMPANY: Keep(8, 6), Kind.PASSPORT: Keep(2, 3),
    Kind.WECHAT: Keep(2, 2), Kind.QQ: Keep(2, 2), Kind.NAME: Keep(1, 1),
}  # fmt: skip
"""The most that a setting may leave; what is not named is hidden whole and cannot be set."""

MAY_BE_SHOWN = frozenset({Kind.NAME, Kind.ADDRESS, Kind.COMPANY, Kind.PLATE, Kind.LANDLINE, Kind.EMAIL})
"""Kinds that a profile may leave alone altogether."""

_ALIKE = {
    Kind.MOBILE: Keep(3, 4), Kind.CARD: Keep(0, 4), Kind.LANDLINE: Keep(4, 2), Kind.PLATE: Keep(2, 0),
    Kind.COMPANY: Keep(2, 4), Kind.EMAIL: Keep(1, 0), Kind.NAME: Keep(1, 0),
    Kind.PASSPORT: WHOLE, Kind.WECHAT: WHOLE, Kind.QQ: WHOLE,
}  # fmt: skip
DEFAULTS: Mapping[Profile, Mapping[Kind, Keep]] = {
    Profile.INSIDE: {Kind.RESIDENT: Keep(6, 4)} | _ALIKE,
    Profile.OUTSIDE: {Kind.RESIDENT: Keep(1, 1)} | _ALIKE,
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern of the company, compiled; linear in the length of any text."""

    name: str
    text: str
    compiled: Any

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the places of its hits, as code points."""
        for match in self.compiled.finditer(text):
            if match.end() > match.start():
                yield match.start(), match.end()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One state of all rules."""

    number: int = 0
    keeps: Mapping[Profile, Mapping[Kind, Keep]] = field(default_factory=lambda: DEFAULTS)
    shown: Mapping[Profile, frozenset[Kind]] = field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    any_pattern: Any = None
    version: str = ""

    def keep(self, profile: Profile, kind: Kind) -> Keep:
        """Return what stays of a kind."""
        return self.keeps[profile].get(kind, WHOLE)

    def find_own(self, text: str) -> list[Span]:
        """Return what the company's own patterns find, in narrow and in wide signs."""
        if self.any_pattern is None:
            return []
        narrow = fold(text)
        found = self._own_in(text)
        return found if narrow == text else [*found, *self._own_in(narrow)]

    def _own_in(self, text: str) -> list[Span]:
        if not self.any_pattern.search(text.encode("utf-8", "surrogatepass")):  # bytes save counting code points
            return []
        return [
            Span(*place, Kind.OWN, f"own:{pattern.name}") for pattern in self.patterns for place in pattern.find(text)
        ]


def stated(book: Rulebook) -> dict[str, Any]:
    """Return the rules as plain values: what is stored, hashed and printed."""
    return {
        "keeps": {
            profile: {kind: None if kind in book.shown.get(profile, ()) else list(keep) for kind, keep in kinds.items()}
            | dict.fromkeys(book.shown.get(profile, ()))
            for profile, kinds in book.keeps.items()
        },
        "patterns": [[pattern.name, pattern.text] for pattern in book.patterns],
    }


def build(number: int, keeps: Mapping[str, Mapping[str, Any]], patterns: Sequence[tuple[str, str]]) -> Rulebook:
    """Make a rulebook of what is stored; what lies beyond a limit is cut to it."""
    kept: dict[Profile, Mapping[Kind, Keep]] = {}
    shown: dict[Profile, frozenset[Kind]] = {}
    for profile, defaults in DEFAULTS.items():
        given = {Kind(kind): value for kind, value in keeps.get(profile, {}).items()}
        shown[profile] = frozenset(kind for kind, value in given.items() if value is None) & MAY_BE_SHOWN
        set_ = {kind: _limited(kind, Keep(*value)) for kind, value in given.items() if value is not None}
        kept[profile] = {**defaults, **set_}
    own = tuple(Pattern(name, text, compiled(text)) for name, text in patterns)
    alternatives = "|".join(f"(?:{pattern.text})" for pattern in own)
    book = Rulebook(number, kept, shown, own, compiled(alternatives) if own else None)
    return Rulebook(number, kept, shown, own, book.any_pattern, _hash(book))


def _limited(kind: Kind, keep: Keep) -> Keep:
    limit = LIMITS.get(kind, WHOLE)
    return Keep(max(0, min(keep.head, limit.head)), max(0, min(keep.tail, limit.tail)))


def _hash(book: Rulebook) -> str:
    canonical = json.dumps({"detectors": DETECTORS, **stated(book)}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def compiled(pattern: str) -> Any:
    """Compile a pattern for linear matching. Raises re2.error where it cannot be."""
    options = re2.Options()
    options.max_mem = _MEMORY_BYTES * 4
    options.log_errors = False
    return re2.compile(pattern, options)


def checked(pattern: str) -> str:
    """Return a pattern that may be used. Raises `Problem` where it is too long, unreadable, or hides everything."""
    pattern = pattern.strip()
    if not 1 <= len(pattern) <= PATTERN_AT_MOST:
        raise Problem("pattern-long", _("规则写 1 到 %d 个字符。") % PATTERN_AT_MOST)
    try:
        readable = compiled(pattern)
    except re2.error as problem:
        reason = problem.args[0].decode() if isinstance(problem.args[0], bytes) else str(problem.args[0])
        raise Problem("pattern-unreadable", _("这条规则读不了：%s") % reason) from problem
    if readable.search(""):
        raise Problem("pattern-empty", _("这条规则连空白也会命中，加上具体的字符。"))
    if any(readable.fullmatch(sign) for sign in _TOO_SHORT):
        raise Problem("pattern-broad", _("这条规则会遮住单个字符，写得更具体些。"))
    return pattern


_state = [build(0, {}, ())]


def current() -> Rulebook:
    """Return the rules as they were when somebody last looked; the defaults before that. Asks no database."""
    return _state[0]


def put(book: Rulebook) -> None:
    """Let this process mask by other rules from now on."""
    _state[:] = [book]
