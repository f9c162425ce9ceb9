"""Precision and recall, kind by kind, on sentences written by hand.

`marked/sensitive.txt` holds sentences as people write them, with a slot where the sensitive thing stands;
`marked/lookalikes.txt` holds order numbers, tracking numbers, dates, prices, addresses of machines and the like. The
slots are filled with drawn numbers in every writing, always from the same seed, to more than 2,000 messages.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from huidang.records.contacts import is_company
from huidang.records.masking import Kind, find
from huidang.records.numbers import is_luhn, is_resident

FOLDER = Path(__file__).parent / "marked"
ROUNDS = {"sensitive": 14, "lookalikes": 10}
SLOT = re.compile(r"\{(\w+)(?::(\d+))?\}")
HAN, CAPITAL, FULL = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "０１２３４５６７８９"
SEPARATORS = (" ", "-", ".", "·", "－", " - ", "_")

Marked = tuple[str, frozenset[tuple[int, int, str]]]


class Pen:
    """Draws numbers and writes them as people do."""

    def __init__(self) -> None:
        self.draw = random.Random(20241118)

    def fill(self, line: str) -> Marked:
        """Return the message and what is marked in it."""
        text, marks, end = "", set(), 0
        for slot in SLOT.finditer(line):
            text += line[end : slot.start()]
            end = slot.end()
            written = self.slot(slot[1], int(slot[2] or 0))
            if not slot[2]:
                marks.add((len(text), len(text) + len(written), slot[1]))
            text += written
        return text + line[end:], frozenset(marks)

    def slot(self, kind: str, size: int) -> str:
        alphabet = {"d": "0123456789", "h": "0123456789abcdef", "u": "ABCDEFGHJKLMNPQRSTUVWXYZ"}.get(kind)
        if alphabet:
            head = self.draw.choice(alphabet.replace("0", ""))
            return head + "".join(self.draw.choices(alphabet, k=size - 1))
        return getattr(self, kind)()

    def digits(self, size: int) -> str:
        return "".join(self.draw.choices("0123456789", k=size))

    def mobile(self) -> str:
        number = self.draw.choice(("13", "15", "16", "17", "18", "19")) + self.digits(9)
        return self.written(number, ((3, 4, 4), (3, 4, 4), (3, 3, 5), (1,) * 11))

    def resident(self) -> str:
        region = self.draw.choice(("110105", "350203", "440305", "510107", "320505"))
        year, month, day = self.draw.randint(1940, 2018), self.draw.randint(1, 12), self.draw.randint(1, 28)
        body = f"{region}{year}{month:02}{day:02}{self.digits(3)}"
        number = next(body + last for last in "0123456789X" if is_resident(body + last))
        return self.written(number, ((6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4), (1,) * 18))

    def card(self) -> str:
        head, size = self.draw.choice((("622202", 19), ("621700", 19), ("622848", 19), ("625800", 16), ("436742", 19)))
        body = head + self.digits(size - 1 - len(head))
        number = next(body + last for last in "0123456789" if is_luhn(body + last))
        spreads = ((4, 4, 4, 4, 3), (6, 13)) if size == 19 else ((4, 4, 4, 4),)
        return self.written(number, (*spreads, (1,) * size))

    def written(self, number: str, spreads: tuple[tuple[int, ...], ...]) -> str:
        way = self.draw.randrange(8)
        if way >= 5:
            number = number.translate(str.maketrans("0123456789", (HAN, CAPITAL, FULL)[way - 5]))
        if way in {0, 1, 5}:
            return number
        pieces, place = [], 0
        for size in self.draw.choice(spreads):
            pieces.append(number[place : place + size])
            place += size
        return self.draw.choice(SEPARATORS).join(pieces)

    def landline(self) -> str:
        area, size = self.draw.choice((("010", 8), ("021", 8), ("0592", 7), ("0755", 8)))
        number = self.draw.choice("2345678") + self.digits(size - 1)
        return f"{area}{self.draw.choice(('-', '', ' ', '－'))}{number}"

    def email(self) -> str:
        name = self.draw.choice(("wang.fang", "li_siyuan", "zhou-min", "chenwei88", self.digits(9)))
        return f"{name}@{self.draw.choice(('qq.com', '163.com', 'wangshan.com.cn', 'mail.example.org'))}"

    def plate(self) -> str:
        tail = self.draw.choice((self.digits(5), f"D{self.digits(5)}", f"8K{self.digits(3)}", f"{self.digits(4)}学"))
        return (
            f"{self.draw.choice('京沪粤闽浙苏川')}{self.draw.choice('ABCDE')}{self.draw.choice(('', '·', ' '))}{tail}"
        )

    def company(self) -> str:
        body = f"91{self.draw.choice(('110105', '350203', '440300'))}MA{self.digits(7)}"
        return next(body + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_company(body + last))

    def passport(self) -> str:
        return f"{self.draw.choice(('E', 'G', 'EA', 'K'))}{self.digits(8)}"[:9]

    def wechat(self) -> str:
        return self.draw.choice(("wangfang_88", "li-siyuan", "zhoumin1990", "wxid_a1b2c3d4", "chen_wei"))

    def qq(self) -> str:
        return self.draw.choice("123456789") + self.digits(self.draw.randint(5, 9))


def messages() -> Iterator[Marked]:
    pen = Pen()
    for name, rounds in ROUNDS.items():
        lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
        for _ in range(rounds):
            yield from (pen.fill(line) for line in lines)


@pytest.fixture(scope="module")
def counts() -> dict[str, Counter[str]]:
    """Count, kind by kind, what was hit exactly, missed, and found where nothing of the kind stands."""
    found: dict[str, Counter[str]] = {name: Counter() for name in ("hit", "missed", "false")}
    for text, marks in messages():
        spans = {(span.start, span.end, str(span.kind)) for span in find(text)}
        for name, group in (("hit", spans & marks), ("missed", marks - spans), ("false", spans - marks)):
            found[name].update(kind for _, _, kind in group)
    return found


def test_the_set_is_large_enough() -> None:
    assert len(set(messages())) >= 1000


@pytest.mark.parametrize("kind", [Kind.RESIDENT, Kind.MOBILE, Kind.CARD])
def test_numbers_are_found_and_nothing_else(counts: dict[str, Counter[str]], kind: str) -> None:
    hit, missed, false = (counts[name][kind] for name in ("hit", "missed", "false"))
    assert hit / (hit + missed) >= 0.99
    assert hit / (hit + false) >= 0.98


@pytest.mark.parametrize(
    "kind", sorted(set(Kind) - {Kind.RESIDENT, Kind.MOBILE, Kind.CARD, Kind.ADDRESS, Kind.NAME, Kind.OWN, Kind.HAND})
)
def test_the_other_kinds(counts: dict[str, Counter[str]], kind: str) -> None:
    hit, missed, false = (counts[name][kind] for name in ("hit", "missed", "false"))
    assert hit / (hit + missed) >= 0.98
    assert hit / (hit + false) >= 0.97
