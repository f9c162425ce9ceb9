"""What a person blacks out in one copy beyond the mask: words wherever they stand, and messages as a whole.

It is chosen with the order, holds for every format, and the receipt says what was chosen. The record stays as it is. It
covers what was written: texts, notes, and the quotes of them; what masks do with senders, titles and names of files
stays with the mask.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.utils.translation import gettext as _

from huidang import records
from huidang.exports.document import Line
from huidang.kernel.problems import Problem
from huidang.records import Shown, masking
from huidang.search.query import Term, readable
from huidang.search.snippets import find_hits

MOST_WORDS = 50
MOST_MESSAGES = 100
LONGEST_WORD = 200
SHORTENED = 120
"""Signs of a quote; where it is cut there, it may end in the middle of a word."""

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Blackout:
    """Words, and ids of messages; nothing by default."""

    words: tuple[str, ...] = ()
    messages: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.messages)

    def as_json(self) -> dict[str, list[str]]:
        """Return it in JSON types."""
        return {"words": list(self.words), "messages": [str(each) for each in self.messages]}

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> Self:
        """Return what `as_json` wrote down."""
        return cls(tuple(stated.get("words", ())), tuple(map(int, stated.get("messages", ()))))


NOTHING = Blackout()


def read_words(text: str) -> tuple[str, ...]:
    """Return the words of a field, one a line, each once."""
    return tuple(dict.fromkeys(word for line in readable(text).splitlines() if (word := line.strip())))


def checked(blackout: Blackout) -> Blackout:
    """Return what can be carried out. Raises `Problem` for too many words or messages, or a word that is too long."""
    if len(blackout.words) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in blackout.words):
        text = _("最多涂黑 %(n)d 处词句，每处 %(signs)d 个字以内。")
        raise Problem("blackout-words", text % {"n": MOST_WORDS, "signs": LONGEST_WORD})
    if len(blackout.messages) > MOST_MESSAGES:
        raise Problem("blackout-messages", _("最多整条隐藏 %d 条消息。") % MOST_MESSAGES)
    return blackout


def applied(lines: Iterable[Line], blackout: Blackout) -> Iterator[Line]:
    """Yield lines with everything chosen hidden."""
    if not blackout:
        yield from lines
        return
    whole = {str(each) for each in blackout.messages}
    for line in lines:
        shown, places = line.message, _places(line.message.text, blackout.words)
        (concealed,) = records.conceal([shown], ranges={shown.id: places} if places else None, whole=whole)
        note = "" if shown.id in whole else _covered(line.note, blackout.words)
        yield Line(line.number, _without(concealed, blackout.words), line.hit, note)


def _without(shown: Shown, words: tuple[str, ...]) -> Shown:
    """Return a message of which quote, earlier wordings and details do not tell the words either."""
    told = [*("".join(part.text for part in each.parts) for each in shown.versions), str(shown.details or "")]
    if any(_places(text, words) for text in told):
        shown = replace(shown, versions=(), details=None)
    if shown.quote is None:
        return shown
    covered = _covered(_uncut(shown.quote.text, words), words)
    return shown if covered == shown.quote.text else replace(shown, quote=replace(shown.quote, text=covered))


def _uncut(text: str, words: tuple[str, ...]) -> str:
    """Return a quote without the beginning of a word that its end may have cut through."""
    if len(text) < SHORTENED:
        return text
    longest = max((n for word in words for n in range(1, len(word)) if text.casefold().endswith(word[:n].casefold())),
                  default=0)  # fmt: skip
    return text[: len(text) - longest] + masking.STAR * longest


def _covered(text: str, words: tuple[str, ...]) -> str:
    signs = list(text)
    for start, end in _places(text, words):
        signs[start:end] = masking.STAR * (end - start)
    return "".join(signs)


def _places(text: str, words: tuple[str, ...]) -> list[Range]:
    """Return where the words stand, written narrow or wide, in capitals or not, with or without signs between."""
    if not (text and words):
        return []
    literal = (match.span() for word in words for match in re.finditer(re.escape(word), text, re.IGNORECASE))
    return [*literal, *find_hits(text, [Term(word) for word in words])]
