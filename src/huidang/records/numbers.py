"""Which runs of digits are a resident ID, a mobile, a card or a landline: by checksum and form, look-alikes told apart.

Resident ID: GB 11643-1999, six digits of region, birth date, three of sequence, check digit by ISO 7064 mod 11-2.
Mobile: eleven digits from 13 to 19, with or without 86. Card: issuer's head and the Luhn sum of ISO/IEC 7812-1.
Landline: area code from 010 to 0999 and seven or eight digits; service numbers (400, 95…) belong to nobody.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from huidang.kernel import clock
from huidang.records.digits import Group, arabic_runs, han_runs
from huidang.records.spans import Kind, Span

_RESIDENT = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)\d{4}((?:19|20)\d\d)(\d\d)(\d\d)\d{3}[\dX]"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE = re.compile(r"(?:\+?(?:00)?86|0)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"0(?:10|2[0-57-9]|[3-9]\d\d)[2-8]\d{6,7}")
_LANDLINE_SPREADS = frozenset({(3, 8), (4, 7), (4, 8), (3, 4, 4), (4, 4, 4), (4, 3, 4)})
_LOOSE = re.compile(r"\d{17}[\dX]|1[3-9]\d{9}")
# UnionPay; the older heads of ICBC, ABC, CCB, BOC and BCM; Visa, Mastercard, JCB, American Express, Discover.
_CARD = re.compile(
    r"62\d{14,17}|955[89]\d{15}|(?:436742|436745|456351|601382|402791|601428|405512)\d{10,13}"
    r"|4\d{15}|5[1-5]\d{14}|35[2-8]\d{13}|3[47]\d{13}|6011\d{12}"
)
_SHORTEST, _LONGEST = 11, 19
_TOUCHING = 2  # numerals of a following word that may touch a number: 一直, 一二楼
_SPREADS = frozenset({(3, 4, 4), (3, 3, 5), (4, 4, 3), (3, 8), (7, 4), (4, 3, 4), (3, 5, 3), (5, 6), (4, 7), (3, 6, 2)})
_CARD_SPREAD = re.compile(r"(?:4 ){3,4}[1-4] |6 \d+ |(?:3 )+\d |4 6 5 ")
_PRICE_OR_DATE = re.compile(r"\d(?:,3)+|4(.)[12]\1[12](?:\1\d)*")
_ADDRESS = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}")
_CODE_BEFORE = re.compile(
    r"(?:[订定]单|单号|运单|快递|物流|流水|交易|编[号码]|代码|条码|批次|合同|序列|order|tracking|imei|s/?n)\D{0,6}$",
    re.IGNORECASE,
)
_CARD_BEFORE = re.compile(r"(?:卡号|银行卡|储蓄卡|信用卡|账号|帐号|账户|帐户)\D{0,8}$")
_ID_BEFORE = re.compile(r"(?:身份证|身份号|证件|id\s?card|id\s?no)\D{0,8}$", re.IGNORECASE)
_TOKEN_BEFORE = re.compile(r"(?:[A-Z]{1,6}|[A-Za-z0-9]*\d[A-Za-z]+|[¥￥$€£])$")
_TOKEN_AFTER = re.compile(r"[A-Za-z]+\d")
_SPOKEN = frozenset({"TEL", "PHONE", "MOBILE", "MOB", "CELL", "WX", "VX", "QQ", "T", "P", "M", "V", "ID", "NO", "X"})


def find_numbers(text: str) -> Iterator[Span]:
    """Yield resident IDs, mobiles and cards, in no order, never overlapping. Chinese numerals are read second.

    The second reading leaves out what the first has found, since a number may be followed by 九 or 一.
    """
    found = [span for groups in arabic_runs(text) for span in _in_run(text, groups)]
    yield from found
    rest = _without_spans(text, found) if found else text
    for groups in han_runs(rest):
        yield from _in_han_run(rest, groups)


def _without_spans(text: str, spans: Sequence[Span]) -> str:
    """Blank what was found, in one pass: a hostile message may hold a hundred thousand numbers."""
    pieces, end = [], 0
    for span in spans:
        pieces += [text[end : span.start], "\0" * (span.end - span.start)]
        end = span.end
    return "".join((*pieces, text[end:]))


def _in_han_run(text: str, groups: Sequence[Group]) -> Iterator[Span]:
    """Read a run of Chinese numerals; words may touch it: 一三八…零零零一直."""
    last = groups[-1]
    for cut in range(min(_TOUCHING + 1, len(last.digits))):
        kept = [*groups[:-1], last._replace(digits=last.digits[: len(last.digits) - cut])]
        if spans := list(_in_run(text, kept)):
            yield from spans
            return
    yield from (span for group in groups for span in _inside(text, group))


def is_resident(number: str) -> bool:
    """Say whether eighteen signs are a resident ID: known region, possible birth date, right check digit."""
    return _is_born(number) and number[17] == _check_digit(number)


def is_luhn(number: str) -> bool:
    """Say whether the digits satisfy the Luhn sum."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    return (sum(int(digit) for digit in number[::-2]) + sum(doubled)) % 10 == 0


def _check_digit(number: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11]


def _is_born(number: str) -> bool:
    match = _RESIDENT.fullmatch(number)
    try:
        return match is not None and date(*map(int, match.groups())) <= clock.now().date()
    except ValueError:
        return False


def _in_run(text: str, groups: Sequence[Group]) -> Iterator[Span]:
    first = 0
    while first < len(groups):
        span, first = _at(text, groups, first)
        if span is not None:
            yield span


def _at(text: str, groups: Sequence[Group], first: int) -> tuple[Span | None, int]:
    """Return what begins at a group, and the group to go on with."""
    windows = list(_windows(groups, first))[::-1]  # the longest first: a card may hold a shorter one
    for judge, sizes in _JUDGES:
        for last, digits in windows:
            if len(digits) in sizes and (span := judge(text, groups, first, last, digits)):
                return span, last
    return None, first + 1


def _windows(groups: Sequence[Group], first: int) -> Iterator[tuple[int, str]]:
    """Yield (group behind the window, its digits) for every window of 11 to 19 digits from a group on."""
    digits = ""
    for last in range(first, len(groups)):
        digits += groups[last].digits
        if len(digits) > _LONGEST:
            return
        if len(digits) >= _SHORTEST:
            yield last + 1, digits


def _span(groups: Sequence[Group], last: int, kind: Kind, start: int, rule: str = "") -> Span:
    return Span(start, groups[last - 1].end, kind, rule or f"{kind}/1")


def _resident(text: str, groups: Sequence[Group], first: int, last: int, digits: str) -> Span | None:
    if not _is_born(digits):
        return None
    start = groups[first].start
    if digits[17] == _check_digit(digits):
        return _span(groups, last, Kind.RESIDENT, start)
    if _ID_BEFORE.search(text, max(0, start - 16), start):
        return _span(groups, last, Kind.RESIDENT, start, "resident-named/1")  # mistyped, yet said to be one
    return None


def _card(text: str, groups: Sequence[Group], first: int, last: int, digits: str) -> Span | None:
    if not _CARD.fullmatch(digits) or not _is_card_spread(groups[first:last]):
        return None
    start = groups[first].start
    if _CARD_BEFORE.search(text, max(0, start - 16), start):
        return _span(groups, last, Kind.CARD, start, "card-named/1")
    if not is_luhn(digits) or _CODE_BEFORE.search(text, max(0, start - 16), start) or _in_token(text, start):
        return None
    return _span(groups, last, Kind.CARD, start)


def _is_card_spread(window: Sequence[Group]) -> bool:
    sizes = [len(group.digits) for group in window]
    spread = "".join(f"{size} " for size in sizes)
    return len(window) == 1 or max(sizes) == 1 or _CARD_SPREAD.fullmatch(spread) is not None or _is_even(window)


def _mobile(text: str, groups: Sequence[Group], first: int, last: int, digits: str) -> Span | None:
    match = _MOBILE.fullmatch(digits)
    if not match:
        return None
    window = _without(groups[first:last], match.start(1))
    start, end = window[0].start, window[-1].end
    if len(window) == 1:
        alone = not _in_token(text, groups[first].start) and not _TOKEN_AFTER.match(text, end)
        return Span(start, end, Kind.MOBILE, "mobile/1") if alone else None
    if not _is_spread(window) or _goes_on(groups, first, last, match.start(1)):
        return None
    return Span(start, end, Kind.MOBILE, "mobile/1")


def _landline(text: str, groups: Sequence[Group], first: int, last: int, digits: str) -> Span | None:
    window = groups[first:last]
    if not _LANDLINE.fullmatch(digits) or _in_token(text, window[0].start) or _goes_on(groups, first, last, 0):
        return None
    start = window[0].start
    if len(window) == 1 and _CODE_BEFORE.search(text, max(0, start - 16), start):
        return None
    sizes = tuple(len(group.digits) for group in window)
    is_spread = sizes in _LANDLINE_SPREADS or len(window) == 1 or max(sizes) == 1
    return Span(start, window[-1].end, Kind.LANDLINE, "landline/1") if is_spread else None


def _without(window: Sequence[Group], prefix: int) -> Sequence[Group]:
    """Return the groups without the leading digits of a country code."""
    rest = list(window)
    while prefix >= len(rest[0].digits):
        prefix -= len(rest.pop(0).digits)
    head = rest[0]
    return [Group(head.digits[prefix:], head.start + prefix, head.before), *rest[1:]]


def _is_spread(window: Sequence[Group]) -> bool:
    """Say whether the pieces lie as people spread a mobile: the usual lengths, digit by digit, or evenly."""
    sizes = tuple(len(group.digits) for group in window)
    return sizes in _SPREADS or max(sizes) == 1 or _is_even(window)


def _is_even(window: Sequence[Group]) -> bool:
    """Say whether one separator stands throughout three or more pieces that are no address, price or date."""
    separators = {group.before for group in window[1:]}
    if len(separators) != 1 or not window[2:]:
        return False
    (separator,) = separators
    spread = separator.join(str(len(group.digits)) for group in window)
    is_address = separator == "." and _ADDRESS.fullmatch(".".join(group.digits for group in window))
    return not (is_address or _PRICE_OR_DATE.fullmatch(spread))


def _goes_on(groups: Sequence[Group], first: int, last: int, prefix: int) -> bool:
    """Say whether a spread window is cut out of a longer code: 2024-138-0013-8000, or one digit after another."""
    inner = groups[last - 1].before
    after = groups[last] if last < len(groups) else None
    before = groups[first].before if prefix == 0 and first > 0 and not _is_country(groups, first) else ""
    if len(groups[first].digits) == 1 == len(groups[last - 1].digits):
        return (after is not None and after.before == inner and len(after.digits) == 1) or before == inner != ""
    return inner not in {"", " "} and (before == inner or (after is not None and after.before == inner))


def _is_country(groups: Sequence[Group], first: int) -> bool:
    return "".join(group.digits for group in groups[max(0, first - 2) : first]).endswith(("86", "0"))


def _in_token(text: str, start: int) -> bool:
    """Say whether the digits are the tail of a code (`SF1390…`, `a3f1390…`) or an amount."""
    match = _TOKEN_BEFORE.search(text, max(0, start - 12), start)
    return match is not None and match[0] not in _SPOKEN


_JUDGES = ((_resident, (18,)), (_card, range(15, 20)), (_mobile, range(11, 16)), (_landline, (11, 12)))
"""The surest first, each with the lengths in digits that it can say yes to."""


def _inside(text: str, group: Group) -> Iterator[Span]:
    """Yield numbers inside Chinese numerals that run on: 一三八…零零零一次. What cuts plain digits apart is none."""
    for match in _LOOSE.finditer(group.digits):
        start, end = group.start + match.start(), group.start + match.end()
        if any(0 < edge < len(text) and text[edge - 1 : edge + 1].isascii() for edge in _inner(group, start, end)):
            continue
        if len(match[0]) == _SHORTEST:
            yield Span(start, end, Kind.MOBILE, "mobile/1")
        elif is_resident(match[0]):
            yield Span(start, end, Kind.RESIDENT, "resident/1")


def _inner(group: Group, start: int, end: int) -> Iterator[int]:
    """Yield the edges that lie inside the run."""
    yield from (edge for edge in (start, end) if group.start < edge < group.end)
