"""Resident IDs, mobiles and cards are hidden however they are written; what only looks like one is not."""

import time
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huidang.records.masking import Kind, Profile, apply, find, masked
from huidang.records.numbers import is_luhn, is_resident

WRITINGS = (
    "0123456789",
    "０１２３４５６７８９",
    "零一二三四五六七八九",
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "٠١٢٣٤٥٦٧٨٩",
)
SEPARATORS = ("", " ", "-", ".", "·", "－", "．", " - ", "\u200b", "　", "_", "\u2011")
MOBILE_SPREADS = ((11,), (3, 4, 4), (3, 3, 5), (4, 4, 3), (1,) * 11)
ID_SPREADS = ((18,), (6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4), (1,) * 18)
CARD_SPREADS = ((19,), (4, 4, 4, 4, 3), (6, 13), (1,) * 19)

digits = st.text("0123456789", min_size=9, max_size=9)
mobiles = st.builds(lambda head, tail: f"1{head}{tail}", st.sampled_from("3456789"), digits)


@st.composite
def residents(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(["110101", "440305", "510104"]))
    born = draw(st.dates(date(1930, 1, 1), date(2020, 1, 1)))
    body = f"{region}{born:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return next(body + last for last in "0123456789X" if is_resident(body + last))


@st.composite
def cards(draw: st.DrawFn) -> str:
    body = "622202" + draw(st.text("0123456789", min_size=12, max_size=12))
    return next(body + last for last in "0123456789" if is_luhn(body + last))


def written(number: str, *, spread: tuple[int, ...], separator: str, writing: str) -> str:
    pieces, place = [], 0
    for size in spread:
        pieces.append(number[place : place + size])
        place += size
    return separator.join(pieces).translate(str.maketrans("0123456789", writing))


@given(mobiles, st.sampled_from(MOBILE_SPREADS), st.sampled_from(SEPARATORS), st.sampled_from(WRITINGS))
def test_mobile_in_every_writing(number: str, spread: tuple[int, ...], separator: str, writing: str) -> None:
    text = written(number, spread=spread, separator=separator, writing=writing)
    (span,) = find(f"电话：{text}，谢谢")
    assert (span.kind, span.start, span.end) == (Kind.MOBILE, 3, 3 + len(text))


@given(residents(), st.sampled_from(ID_SPREADS), st.sampled_from(SEPARATORS), st.sampled_from(WRITINGS))
def test_resident_id_in_every_writing(number: str, spread: tuple[int, ...], separator: str, writing: str) -> None:
    text = written(number, spread=spread, separator=separator, writing=writing)
    (span,) = find(f"身份证{text}。")
    assert (span.kind, span.start, span.end) == (Kind.RESIDENT, 3, 3 + len(text))


@given(cards(), st.sampled_from(CARD_SPREADS), st.sampled_from(SEPARATORS), st.sampled_from(WRITINGS))
def test_card_in_every_writing(number: str, spread: tuple[int, ...], separator: str, writing: str) -> None:
    text = written(number, spread=spread, separator=separator, writing=writing)
    (span,) = find(f"转到{text} 这张")
    assert (span.kind, span.start, span.end) == (Kind.CARD, 2, 2 + len(text))


@given(st.text())
def test_offsets_refer_to_the_original(text: str) -> None:
    spans = find(text)
    for profile in Profile:
        assert len(apply(text, spans, profile)) == len(text)
    assert all(before.end <= after.start for before, after in pairwise(spans))


HOSTILE = (
    "138 0013 8000 ",
    "1 3 8 0 0 ",
    "一三八",
    "1-",
    "a.",
    "@a.",
    "京A1",
    "微信",
    "13800138000九",
    "86 ",
    "9" * 12,
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length_only(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        began = time.process_time()
        find(text)
        return time.process_time() - began

    small = max(min(seconds(10_000) for _ in range(3)), 0.001)
    assert min(seconds(100_000) for _ in range(3)) < 40 * small


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-13 15:30:22.123",
        "服务器 192.168.130.13",
        "合计 13,800,138,000 元",
        "编号 2024-138-0013-8000",
        "快递 SF1390013800012 已发出",
        "订单 4200001234202401150987654321",
        "淘宝订单号 1938475629384756123",
        "时间戳 1700000000000",
        "400-800-1234",
    ],
)
def test_look_alikes_stay(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("13800138000", "138****8000", "138****8000"),
        ("+86 138-0013-8000", "+86 138-****-8000", "+86 138-****-8000"),
        ("11010519491231002X", "110105********002X", "1****************X"),
        ("6222021234567890128", "***************0128", "***************0128"),
        ("一三八零零一三八零零零一次", "一三八****八零零零一次", "一三八****八零零零一次"),
    ],
)
def test_profiles(text: str, inside: str, outside: str) -> None:
    spans = find(text)
    assert apply(text, spans, Profile.NONE) == text
    assert apply(text, spans, Profile.INSIDE) == inside
    assert apply(text, spans, Profile.OUTSIDE) == outside
