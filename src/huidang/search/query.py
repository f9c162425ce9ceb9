"""The query language: text -> tree -> text. Parsing never raises; what was not understood is said in notes.

    query    = branch {("OR" | "|") branch}
    branch   = {["-" | "NOT"] item}
    item     = word | "phrase" | operator ":" (word | "phrase") | "@" word | "(" query ")"

Full-width signs (：“”（）｜－) stand for their plain ones. A term is found as its runs stand (`tokens`), so a word
and a phrase differ only in what they may contain. `str(tree)` is the query written out; it reads back as the same.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from django.utils.translation import gettext as _

from huidang.search import tokens
from huidang.search.operators import BY_NAME

MOST_TERMS = 32
LONGEST_TERM = 64
DEEPEST = 8
LONGEST_QUERY = 4000
MOST_NOTES = 40
"""More than one for every term; who writes more of what cannot be read has seen enough."""

_QUOTES = '"“”„‟＂'
_OPEN, _CLOSE, _OR, _MINUS, _COLON, _AT = "(（", ")）", "|｜", "-－", ":：", "@＠"
_ENDS_WORD = re.compile(rf"[\s{_QUOTES}{re.escape(_OPEN + _CLOSE + _OR)}]")
_PHRASE = re.compile(rf"[^{_QUOTES}]*")
_NAME = re.compile(r"[a-z_]{2,20}|[\u4e00-\u9fff]{1,6}")


@dataclass(frozen=True, slots=True)
class Term:
    """Something that stands in the text."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"' if _wants_quotes(self.text) else self.text


@dataclass(frozen=True, slots=True)
class Condition:
    """An operator with its value; `name` is the operator's first name."""

    name: str
    value: str

    def __str__(self) -> str:
        plain = not _ENDS_WORD.search(self.value)
        return f"{self.name}:{self.value}" if plain else f'{self.name}:"{self.value}"'


@dataclass(frozen=True, slots=True)
class And:
    """Every part; the empty one is the empty query and matches everything."""

    parts: tuple["Node", ...] = ()

    def __str__(self) -> str:
        return " ".join(_bracketed(part, (And, Or)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """One part or more."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " OR ".join(_bracketed(part, (And, Or)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """Not the part."""

    part: "Node"

    def __str__(self) -> str:
        return f"-{_bracketed(self.part, (And, Or, Not))}"


Node = Term | Condition | And | Or | Not


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence on what was not taken as written. `refused`: the query cannot be answered as it is."""

    code: str
    text: str
    about: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What was understood. `str(query)` writes it out."""

    tree: Node = field(default_factory=And)
    notes: tuple[Note, ...] = ()

    def __str__(self) -> str:
        return str(self.tree)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms that hits contain: those that are not excluded."""
        return tuple(_wanted(self.tree))

    def asks(self, name: str) -> bool:
        """Say whether an operator stands anywhere in the query."""
        return any(condition.name == name for condition in _conditions(self.tree))

    @property
    def conditions(self) -> tuple[Node, ...]:
        """The parts that all must hold, for the chips above the results."""
        return self.tree.parts if isinstance(self.tree, And) else (self.tree,)


def _conditions(node: Node) -> Iterator[Condition]:
    match node:
        case Condition():
            yield node
        case And(parts) | Or(parts):
            yield from (found for part in parts for found in _conditions(part))
        case Not(part):
            yield from _conditions(part)


def parse(text: str) -> Query:
    """Read a query. Never raises; see `Query.notes`."""
    notes: list[Note] = []
    if len(text) > LONGEST_QUERY:
        notes.append(Note("query-long", _("查询太长，只用了前 %d 个字。") % LONGEST_QUERY))
    parser = _Parser(_read(text[:LONGEST_QUERY]), notes)
    tree = _joined(And, list(parser.whole()))
    return Query(tree, tuple(notes))


def readable(text: str) -> str:
    """Return a text without what neither database nor engine takes: NUL and halves of surrogate pairs."""
    whole = text.replace("\x00", " ")
    return whole if whole.isascii() else whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["term", "condition", "unknown", "open", "close", "or", "not"]
    text: str = ""
    name: str = ""


@lru_cache(maxsize=1024)  # a page of results writes its query out some two hundred times
def _wants_quotes(text: str) -> bool:
    return _ENDS_WORD.search(text) is not None or _read(text) != [_Token("term", text)]


def _read(text: str) -> list[_Token]:
    return list(_Scanner(text).tokens())


class _Scanner:
    """Cuts a text into tokens, from left to right, each character once."""

    def __init__(self, text: str) -> None:
        self._text = readable(text)
        self._at = 0

    def tokens(self) -> Iterator[_Token]:
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign.isspace():
                self._at += 1
            elif sign in _QUOTES:
                yield _Token("term", self._phrase())
            elif token := self._sign(sign):
                self._at += 1
                yield token
            else:
                yield self._word()

    def _sign(self, sign: str) -> _Token | None:
        if sign in _MINUS:
            following = self._text[self._at + 1 : self._at + 2]
            return _Token("not") if following and not following.isspace() else _Token("term", sign)
        kinds: tuple[tuple[str, Literal["open", "close", "or"]], ...] = (
            (_OPEN, "open"), (_CLOSE, "close"), (_OR, "or"),
        )  # fmt: skip
        return next((_Token(kind) for signs, kind in kinds if sign in signs), None)

    def _phrase(self) -> str:
        match = _PHRASE.match(self._text, self._at + 1)
        assert match
        self._at = match.end() + 1
        return match[0].strip()

    def _piece(self) -> str:
        end = _ENDS_WORD.search(self._text, self._at)
        begin, self._at = self._at, end.start() if end else len(self._text)
        return self._text[begin : self._at]

    def _word(self) -> _Token:
        word = self._piece()
        if word == "OR":
            return _Token("or")
        if word == "NOT":
            return _Token("not")
        if word[0] in _AT and len(word) > 1:
            return _Token("condition", word[1:], "to")
        return self._condition(word) or _Token("term", word)

    def _condition(self, word: str) -> _Token | None:
        place = next((at for at, sign in enumerate(word) if sign in _COLON), 0)
        name, value = word[:place].casefold(), word[place + 1 :]
        if not place or not _NAME.fullmatch(name):
            return None
        known = BY_NAME.get(name)
        if known is None:
            return None if value.startswith("//") else _Token("unknown", word, name)
        if value in ("", "=", "＝") and self._text[self._at : self._at + 1] in tuple(_QUOTES):
            value += self._phrase()
        return _Token("condition", value, known.name) if value else _Token("unknown", word, name)


class _Parser:
    """Builds the tree; keeps the limits and says where it had to."""

    def __init__(self, read: list[_Token], notes: list[Note]) -> None:
        self._tokens = read
        self._at = 0
        self._terms = 0
        self._notes = notes

    def whole(self) -> Iterator[Node]:
        """Yield the query, and what stands behind brackets that nobody opened."""
        while self._at < len(self._tokens):
            node = self._query(0)
            if node is not None:
                yield node
            self._at += 1

    def _query(self, depth: int) -> Node | None:
        branches = [self._branch(depth)]
        while self._peek() == "or":
            self._at += 1
            branches.append(self._branch(depth))
        found = [each for each in branches if each is not None]
        return _joined(Or, found) if found else None

    def _branch(self, depth: int) -> Node | None:
        parts = []
        while self._peek() not in (None, "or", "close"):
            if (part := self._item(depth)) is not None:
                parts.append(part)
        return _joined(And, parts) if parts else None

    def _item(self, depth: int) -> Node | None:
        excluded = False
        while self._peek() == "not":
            self._at += 1
            excluded = not excluded
        if self._peek() in (None, "or", "close"):
            return None
        token = self._tokens[self._at]
        self._at += 1
        node = self._group(depth) if token.kind == "open" else self._leaf(token)
        return Not(node) if excluded and node is not None else node

    def _group(self, depth: int) -> Node | None:
        if depth + 1 > DEEPEST:
            self._note("query-deep", _("括号最多 %d 层，更深的没有使用。") % DEEPEST)
            self._skip()
            return None
        node = self._query(depth + 1)
        self._at += 1
        return node

    def _skip(self) -> None:
        open_brackets = 1
        while open_brackets and self._at < len(self._tokens):
            open_brackets += {"open": 1, "close": -1}.get(self._tokens[self._at].kind, 0)
            self._at += 1

    def _leaf(self, token: _Token) -> Node | None:
        if self._terms >= MOST_TERMS:
            self._note("query-many", _("最多 %d 个词，更多的没有使用。") % MOST_TERMS)
            return None
        if token.kind == "unknown":
            self._note("operator-unknown", _hint(token.name), token.text)
        text = self._fitting(token.text)
        if token.kind != "condition" and not tokens.runs(text):
            self._note("term-empty", _("这里没有可以查找的字：%s") % text, text)
            return None
        self._terms += 1
        return Condition(token.name, text) if token.kind == "condition" else Term(text)

    def _fitting(self, text: str) -> str:
        if len(text) > LONGEST_TERM:
            self._note("term-long", _("一个词最多 %d 个字，只用了前面的。") % LONGEST_TERM, text[:LONGEST_TERM])
        return text[:LONGEST_TERM].strip()

    def _peek(self) -> str | None:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else None

    def _note(self, code: str, text: str, about: str = "") -> None:
        note = Note(code, text, about)
        if note not in self._notes and len(self._notes) < MOST_NOTES:
            self._notes.append(note)


def _joined(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    """Return the parts as one node, without nodes of the same kind inside each other."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _bracketed(part: Node, kinds: tuple[type, ...]) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)


def _hint(name: str) -> str:
    if name in BY_NAME:
        return _("「%s:」后面缺少内容，已按文字查找。") % name
    near = difflib.get_close_matches(name, list(BY_NAME), n=1)
    if near:
        return _("没有「%(name)s:」这个条件，已按文字查找。是不是「%(near)s:」？") % {"name": name, "near": near[0]}
    return _("没有「%s:」这个条件，已按文字查找。") % name


def _wanted(node: Node) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _wanted(part)
