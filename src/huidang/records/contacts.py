"""What identifies people beside long numbers: e-mail, WeChat and QQ ids, plates, credit codes, passports.

Unified social credit code: GB 32100-2015, eighteen signs, check sign by modulus 31. Plate: GA 36-2018, head of a
province, letter, five signs or six for new energy. A WeChat or QQ id, and a passport, are known by the word before.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from huidang.records.digits import DIGIT
from huidang.records.spans import Kind, Span

PROVINCES = "京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新"
_NARROW = str.maketrans({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ＠．－＿：]")
_DIGITS = re.compile(f"[{DIGIT}]")
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_NAMED = r"\s*(?:号码?|id|ID)?\s*(?:[是为:]|也是|改成了?|换成了?|同号)?\s*"
_SPREAD = r"[\s.·•-]{0,2}"  # what people put between the signs of a short number

_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9_][\w.+%-]{0,63}\s?@\s?(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,4}[A-Za-z]{2,18}(?![\w-])",
    re.ASCII,
)
_PLATE = re.compile(
    rf"[{PROVINCES}]\s?[A-Za-z]{_SPREAD}"
    rf"(?:[A-HJ-NP-Za-hj-np-z{DIGIT}]{_SPREAD}){{4,5}}[A-HJ-NP-Za-hj-np-z{DIGIT}挂学警港澳](?![A-Za-z0-9])"
)
_COMPANY = re.compile(
    r"(?<![A-Za-z0-9])[1-9A-GYa-gy][ -]?[1-9A-Ea-e](?:[ -]?\d){6}(?:[ -]?[0-9A-HJ-NP-RTUWXYa-hj-np-rtuwxy]){10}"
    r"(?![A-Za-z0-9])"
)
_WECHAT = re.compile(
    rf"(?:微信|薇信|威信|卫星号|v信|(?<=加)v|[vw]x|wechat|weixin){_NAMED}"
    r"(?P<id>[A-Za-z][A-Za-z0-9_-]{5,19}|(?<![A-Za-z0-9])[1-9]\d{5,10})(?![A-Za-z0-9_@元块-])",
    re.IGNORECASE,
)
_QQ = re.compile(
    rf"(?:QQ|扣扣|企鹅号){_NAMED}(?P<id>[{DIGIT}](?:{_SPREAD}[{DIGIT}]){{4,11}})(?![A-Za-z0-9_@-])", re.IGNORECASE
)
_PASSPORT = re.compile(
    r"(?:护照|passport|通行证|回乡证|台胞证)\D{0,12}?(?P<id>(?:[A-Z]{1,2}[\s-]?\d(?:[\s-]?\d){6,8}|\d{8}))(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_LOCAL = re.compile(
    r"(?:座机|固话|固定电话|办公电话|传真)(?:号码?)?\s*[是为:]?\s*(?P<id>[2-8]\d{2,3}[\s-]?\d{4})(?![\d-])",
    re.IGNORECASE,
)


def _is_plate(text: str) -> bool:
    """Say whether enough digits stand in it to be no word: five signs behind the letter, three of them digits."""
    return len(_DIGITS.findall(text)) >= 3  # noqa: PLR2004


def is_company(code: str) -> bool:
    """Say whether eighteen signs, spaces aside, are a unified social credit code: the check sign is right."""
    code = code.replace(" ", "").replace("-", "")
    total = sum(_USCC.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return _USCC[-total % 31] == code[17]


class Rule(NamedTuple):
    """A pattern, the signs without one of which it cannot match, and a last check of what it found."""

    kind: Kind
    name: str
    pattern: "re.Pattern[str]"
    hints: "re.Pattern[str]"
    is_one: Callable[[str], bool] = bool


_RULES = (
    Rule(Kind.COMPANY, "company/2", _COMPANY, re.compile(r"(?:\d[ -]?){6}"), lambda code: is_company(code.upper())),
    Rule(Kind.EMAIL, "email/2", _EMAIL, re.compile("@")),
    Rule(Kind.WECHAT, "wechat-named/2", _WECHAT, re.compile("信|卫星号|加[vV]|[vVwW][xXeE]")),
    Rule(Kind.QQ, "qq-named/2", _QQ, re.compile("[qQ][qQ]|扣扣|企鹅号")),
    Rule(Kind.PASSPORT, "passport-named/2", _PASSPORT, re.compile("照|证|assport|ASSPORT")),
    Rule(Kind.PLATE, "plate/2", _PLATE, re.compile(rf"[{PROVINCES}]\s?[A-Za-z]"), _is_plate),
    Rule(Kind.LANDLINE, "landline-named/1", _LOCAL, re.compile("座机|固|电话|传真")),
)


def find_contacts(text: str) -> Iterator[Span]:
    """Yield what these rules find; the spans of different rules may lie over each other, the surest come first."""
    narrow = text.translate(_NARROW) if _WIDE.search(text) else text
    for rule in _RULES:
        if rule.hints.search(narrow):
            yield from _found(rule, narrow)


def _found(rule: Rule, text: str) -> Iterator[Span]:
    group = "id" if "id" in rule.pattern.groupindex else 0
    for match in rule.pattern.finditer(text):
        if rule.is_one(match[group]):
            yield Span(*match.span(group), rule.kind, rule.name)
