"""What a person hides by hand in a copy that leaves the house, beyond the mask: words of messages, or whole messages.

The records stay as they are, and the copy still proves what it shows. What could tell the hidden all the same goes
with it: earlier wordings, details, and the quotes of it in other messages.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from huidang.records import masking
from huidang.records.shown import Part, Shown

Ranges = Mapping[str, Sequence[tuple[int, int]]]
"""Half-open ranges of the shown text by message id."""


def conceal(messages: Iterable[Shown], *, ranges: Ranges | None = None, whole: Collection[str] = ()) -> list[Shown]:
    """Return messages with the code points in `ranges` and the messages in `whole` hidden."""
    touched = {*(ranges or {}), *whole}
    return [_without_quote_of(touched, _concealed(each, (ranges or {}).get(each.id, ()), whole)) for each in messages]


def _concealed(shown: Shown, ranges: Sequence[tuple[int, int]], whole: Collection[str]) -> Shown:
    if shown.id in whole:
        return _hidden(shown)
    return _blacked_out(shown, ranges) if ranges else shown


def _blacked_out(shown: Shown, ranges: Sequence[tuple[int, int]]) -> Shown:
    """Return a message with these places starred, marked as hidden by hand."""
    covered = {at for start, stop in ranges for at in range(max(start, 0), min(stop, len(shown.text)))}
    parts, place = [], 0
    for part in shown.parts:
        for hidden, run in groupby(range(place, place + len(part.text)), covered.__contains__):
            start, *rest = run
            length = 1 + len(rest)
            text = masking.STAR * length if hidden else part.text[start - place : start - place + length]
            parts.append(replace(part, text=text, kind=masking.Kind.HAND if hidden else part.kind))
        place += len(part.text)
    return replace(shown, parts=tuple(parts), versions=(), details=None)


def _hidden(shown: Shown) -> Shown:
    return replace(
        shown,
        sender=replace(shown.sender, id="", name=masking.STAR * 3, key=""),
        parts=(Part(masking.STAR * len(shown.text)),) if shown.text else (),
        versions=(),
        quote=None,
        attachments=(),
        details=None,
        key="",
        thread="",
        concealed=True,
    )


def _without_quote_of(touched: Collection[str], shown: Shown) -> Shown:
    if shown.quote is None or shown.quote.id not in touched:
        return shown
    return replace(shown, quote=replace(shown.quote, sender="", text=masking.STAR * 3))
