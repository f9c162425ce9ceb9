"""The lens: what is sensitive in a text, and the text with it hidden.

`find` works on the original code points and `apply` keeps the length, so offsets of masks, highlights and proofs
agree. A mask hides digits and letters and leaves the separators that a person wrote between them.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from huidang.records import rulebook
from huidang.records.addresses import find_addresses
from huidang.records.contacts import PROVINCES, find_contacts
from huidang.records.digits import DIGIT, DIGIT_OR_SEPARATOR, is_separator
from huidang.records.names import NOBODY, Names, find_introduced, surname_length
from huidang.records.numbers import find_numbers
from huidang.records.rulebook import Profile
from huidang.records.spans import Kind, Span

__all__ = ["PLAIN", "Kind", "Profile", "Sight", "Span", "apply", "blanked", "find", "masked", "rules_version"]

STAR = "*"
_WHOLLY = frozenset({Kind.OWN, Kind.HAND})
_LOCAL_DIGITS = 8  # a landline without its area code

# A digit and six more digits or separators, or the first two signs of what contacts are known by: one set of first
# signs, then a closer look, is twice as fast as one search for each.
_GATE = re.compile(
    f"[{DIGIT}{PROVINCES}@＠微薇威卫加座固传办企护通回台微vVwWｖＶｗＷqQｑＱ扣pP]"
    f"(?:(?<=[{DIGIT}])[{DIGIT_OR_SEPARATOR}]{{6}}|(?<=[{PROVINCES}])\\s?[A-Za-zＡ-Ｚａ-ｚ]|(?<=[@＠])|(?<=[微薇威vVｖＶ])信"
    "|(?<=卫)星号|(?<=加)[vVｖＶ]|(?<=座)机|(?<=固)[话定]|(?<=传)真|(?<=办)公电|(?<=企)鹅号|(?<=护)照|(?<=通)行证|(?<=回)乡证"
    "|(?<=台)胞证|(?<=[pP])[aA][sS][sS]"
    "|(?<=[vVwWｖＶｗＷ])(?:[xXｘＸ]|[eEｅＥ][cCiIｃＣｉＩ])|(?<=[qQｑＱ])[qQｑＱ]|(?<=扣)扣)"
)
# The same for what Chinese words introduce: names, and addresses by a number before or behind their noun.
_WORDS = re.compile(
    f"[叫名人主号栋幢座单室组弄#楼省市镇乡eEtT]"
    f"(?:(?<=我叫)|(?<=户名)|(?<=[姓]名)|(?<=名)字|(?<=[件货收系络卡记约保险]人)|(?<=机主)|(?<=[户员]名)"
    f"|(?<=[{DIGIT}十百A-Za-z][号栋幢座单室组弄#])|(?<=[{DIGIT}十百A-Za-z] [号栋幢座单室组弄#])"
    "|(?<=[省市])[\u4e00-\u9fff]{1,7}[区县市旗镇]|(?<=[镇乡])[\u4e00-\u9fff]{1,6}[村屯庄]|(?<=[nN]ame)|(?<=ontact)|(?<=ecipient))"
)


class Sight(NamedTuple):
    """What is known of a text beside its words: names of its conversation, and what people have marked by hand.

    `hidden` and `cleared` are ranges of this very text, `fragments` what is blacked out wherever it stands in it.
    """

    names: Names = NOBODY
    hidden: tuple[tuple[int, int], ...] = ()
    cleared: tuple[tuple[int, int], ...] = ()
    fragments: tuple[str, ...] = ()


PLAIN = Sight()


def find(text: str, sight: Sight = PLAIN, *, profile: Profile = Profile.INSIDE) -> tuple[Span, ...]:
    """Return what a profile hides in a text, in order, without overlaps. Most texts end at the gates."""
    names = sight.names
    book = rulebook.current()
    sure = chain(find_numbers(text), find_contacts(text)) if _GATE.search(text) else ()
    words = chain(find_introduced(text), find_addresses(text)) if _WORDS.search(text) else ()
    known = names.find(text) if names.known and names.stand_in(text) else ()
    own = book.find_own(text) if book.any_pattern is not None else ()
    by_hand = sight.hidden or sight.fragments
    if not (sure or words or known or own or by_hand):
        return ()
    found = absorbed(_settled(text, sure, chain(known, words)), own)
    shown = book.shown.get(profile)
    if shown:
        found = [span for span in found if span.kind not in shown]
    if sight.cleared:
        found = [span for span in found if not _within(span, sight.cleared)]
    return tuple(sorted(absorbed(found, _blacked_out(text, sight)) if by_hand else found))


def _within(span: Span, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(start <= span.start and span.end <= end for start, end in ranges)


def _blacked_out(text: str, sight: Sight) -> list[Span]:
    """Return what people have blacked out: here, or in another wording of the same message."""
    again = [match.span() for each in sight.fragments for match in re.finditer(re.escape(each), text)]
    ranges = [(max(start, 0), min(end, len(text))) for start, end in (*sight.hidden, *again)]
    return [Span(start, end, Kind.HAND, "hand") for start, end in ranges if start < end]


def absorbed(spans: Iterable[Span], over: Iterable[Span]) -> list[Span]:
    """Return the spans with others laid over them: whatever one of those touches becomes part of it, hidden whole."""
    found = list(spans)
    for span in over:
        touched = [each for each in found if each.start < span.end and span.start < each.end]
        start, end = (
            min([span.start, *(each.start for each in touched)]),
            max([span.end, *(each.end for each in touched)]),
        )
        found = [each for each in found if each not in touched]
        found.append(span._replace(start=start, end=end))
    return found


def _settled(text: str, sure: Iterable[Span], words: Iterable[Span]) -> list[Span]:
    """Keep the surest of spans that lie over each other; of names and addresses, what is left of them."""
    found: list[Span] = []
    taken = bytearray(len(text))
    for span in sure:
        if not any(taken[span.start : span.end]):
            _take(taken, found, span)
    for span in words:
        for piece in _free(taken, span):
            _take(taken, found, piece)
    return found


def _take(taken: bytearray, found: list[Span], span: Span) -> None:
    taken[span.start : span.end] = b"\1" * (span.end - span.start)
    found.append(span)


def _free(taken: bytearray, span: Span) -> list[Span]:
    """Return the pieces of a span that nothing else has taken."""
    runs = re.finditer(rb"\0+", bytes(taken[span.start : span.end]))
    return [span._replace(start=span.start + run.start(), end=span.start + run.end()) for run in runs]


def apply(text: str, spans: Iterable[Span], profile: Profile) -> str:
    """Return the text with the spans hidden, code point for code point: `138****5678`."""
    if profile is Profile.NONE:
        return text
    signs = list(text)
    for span in spans:
        for place in _hidden(text, span, profile):
            signs[place] = STAR
    return "".join(signs)


def _hidden(text: str, span: Span, profile: Profile) -> Sequence[int]:
    """Return the places that a span hides; at least one, however much the rules leave."""
    if span.kind in _WHOLLY:
        return [place for place in range(span.start, span.end) if text[place] != "\n"]
    end = _local_part(text, span) if span.kind is Kind.EMAIL else span.end
    places = [place for place in range(span.start, end) if not is_separator(text[place])]
    head, tail = rulebook.current().keep(profile, span.kind)
    if span.kind is Kind.NAME and head:
        head = surname_length(text[span.start : span.end])
    if span.kind is Kind.LANDLINE and len(places) <= _LOCAL_DIGITS:
        head = 0
    if head + tail >= len(places):
        head, tail = min(head, len(places) // 2), 0
    return places[head : len(places) - tail]


def _local_part(text: str, span: Span) -> int:
    """Return where the domain of an e-mail address begins, which stays."""
    return next(place for place in range(span.start, span.end) if text[place] in "@＠")


def blanked(text: str, spans: Iterable[Span]) -> str:
    """Return the text with NUL for every sign of a span: what words may be looked for in without telling anything."""
    signs = list(text)
    for span in spans:
        signs[span.start : span.end] = "\0" * (span.end - span.start)
    return "".join(signs)


def masked(text: str, profile: Profile = Profile.INSIDE, sight: Sight = PLAIN) -> str:
    """Return the text with everything sensitive hidden."""
    spans = find(text, sight, profile=profile) if profile is not Profile.NONE else ()
    return apply(text, spans, profile) if spans else text


def rules_version() -> str:
    """Return the twelve hex signs that name detectors, profiles and own patterns as they stand; exports print it."""
    return rulebook.current().version
