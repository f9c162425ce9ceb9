"""Addresses down to the house: what stands behind province, city and district, which stay.

A street with a number, an estate with a building, a building with a flat, a village with a group, or whatever follows
`省…市…区` up to the next comma. Chinese writes no word boundaries, so where the piece before a street is no name but
talk (`送到中山路12号`), it is cut at the verb.
"""

import re
from collections.abc import Iterator

from huidang.records.digits import DIGIT
from huidang.records.spans import Kind, Span

_RULE = "address/1"
_HAN = r"[\u4e00-\u9fff]"
_NUMBER = rf"[{DIGIT}十百]{{1,5}}(?![{DIGIT}])"
_MIXED = rf"[A-Za-zＡ-Ｚ甲乙丙丁]?[{DIGIT}十百]{{1,4}}(?![{DIGIT}])[A-Za-z甲乙]?"
_STREET = r"(?:大道|大街|(?<![线电网思套走链铁公])路|(?<![上逛])街|巷|弄|胡同|(?<![渠频通报味知管赛轨隧地难])道)"
_SEGMENT = r"(?:[东西南北中]段|[东西南北中])?"
_ESTATE = "小区|花园|家园|嘉园|公寓|大厦|新村|公馆|雅居|雅苑|苑|家属院|宿舍|软件园|工业园|科技园|产业园|写字楼"
_WEAK = "园|城|府|邸|湾|庭|里|居|轩|阁|郡|院|广场|中心|社区|校区|山庄|春晓|名邸|厂"
_BUILDING = r"(?:号楼|号院|栋|幢|座|單元|单元|#楼?|号)"
_STRONG = r"(?:号楼|栋|幢|单元|#楼)"
_ROOM = rf"(?:{_MIXED}\s?(?:室|房|户|号房|号)|{_NUMBER}(?!\s?[元块年月日天个件台只点：:.%]))"
# What may follow once an address has begun: an estate, buildings, floors, a flat.
_REST = (
    rf"(?:\s?[-－—]?\s?(?:{_HAN}{{1,8}}?(?:{_ESTATE}|{_WEAK}))?(?:[东西南北]区)?"
    rf"\s?[-－—]?\s?{_MIXED}\s?(?:号楼|号院|栋|幢|座|单元|层|楼|期|组|弄|支弄|#|号))*"
    rf"(?:\s?[-－—]?\s?{_ROOM})?"
    rf"(?:\s?{_HAN}{{1,6}}?(?:{_ESTATE}))?"
)
_HINT = re.compile(
    rf"[{DIGIT}十百][A-Za-z]?\s?[号栋幢座单室组弄#]|[A-Z][栋座]|[省市][\u4e00-\u9fff]{{1,7}}[区县市旗镇]|[镇乡]{_HAN}{{1,6}}[村屯庄]"
)
_CORES = tuple(
    re.compile(core + _REST)
    for core in (
        rf"{_HAN}{{1,8}}{_STREET}{_SEGMENT}\s?{_NUMBER}(?:[-－—之]{_NUMBER})?\s?(?:号院|号楼|號|号(?!线|台风)|弄)",
        rf"{_HAN}{{1,8}}(?:{_ESTATE})(?:[东西南北]区|{_NUMBER}期)?\s?[-－—]?\s?{_MIXED}\s?{_BUILDING}",
        rf"{_HAN}{{2,8}}(?:{_WEAK})(?:[东西南北]区|{_NUMBER}期)?\s?[-－—]?\s?{_MIXED}\s?{_STRONG}",
        rf"(?<![{DIGIT}]){_MIXED}\s?{_STRONG}\s?[-－—]?\s?{_MIXED}(?:\s?(?:单元|层|楼|室|房|号|户)|(?=[^{DIGIT}]|$))",
        rf"{_HAN}{{1,6}}(?:镇|乡|街道){_HAN}{{1,6}}(?:村|屯|庄)(?:{_NUMBER}(?:组|队|社))?(?:{_NUMBER}号)?",
    )
)
_PROVINCE = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|"
    "陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_REGION = re.compile(
    rf"(?:(?:{_PROVINCE})(?:省|市|(?:壮族|回族|维吾尔)?自治区)?\s?(?:{_HAN}{{2,6}}?(?:市|自治州|地区|盟))?|{_HAN}{{2,4}}?市)"
    rf"\s?{_HAN}{{1,6}}?(?:新区|(?<![小社地校园市])区|县|市|旗)\s?"
    rf"(?P<rest>[\u4e00-\u9fffA-Za-z0-9０-９{DIGIT}#()（）－—-]{{2,40}})"
)
_PLACE = re.compile(
    rf"{_HAN}.*(?:[路街道巷弄村镇乡号栋幢座层楼室园苑城厦寓湾府院期]|(?<=[路街道巷弄号栋幢座楼厦园]){_MIXED})"
)
_TALK = re.compile("[今明昨很太下的了吗呢吧啊呀哦在哪有是不没和跟能会要我你您他她用客请问卖收]|电话|手机|联系")
# The end of the words before a place: a district, or talk that leads to it.
_BEFORE = re.compile(
    r".*(?:[省县旗]|(?<=[\u4e00-\u9fff]{2})市|(?<![小社校])区(?!府)|地址|位于|[放交给在到是住寄送去来往于址成为发这那从经过和跟与我你您他她家的了]"
    r"(?![\u4e00-\u9fff]?$))",
    re.DOTALL,
)
_LEADING = re.compile(rf"{_HAN}+")


def find_addresses(text: str) -> Iterator[Span]:
    """Yield the pieces of addresses below the district, in order, those that touch as one."""
    if not _HINT.search(text):
        return
    start = end = -1
    for place in sorted(_pieces(text)):
        if place[0] > end:
            if end >= 0:
                yield Span(start, end, Kind.ADDRESS, _RULE)
            start, end = place
        end = max(end, place[1])
    if end >= 0:
        yield Span(start, end, Kind.ADDRESS, _RULE)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    for match in _REGION.finditer(text):
        if (place := _PLACE.match(match["rest"][: _talk_in(match["rest"])])) is not None:
            yield match.start("rest"), match.start("rest") + place.end()
    for core in _CORES:
        for match in core.finditer(text):
            yield _start(match), match.start() + len(match[0].rstrip())


def _talk_in(rest: str) -> int:
    """Return where talk begins after a district."""
    talk = _TALK.search(rest)
    return talk.start() if talk else len(rest)


def _start(match: "re.Match[str]") -> int:
    """Return where the name of the street or estate begins."""
    leading = _LEADING.match(match[0])
    before = _BEFORE.match(leading[0][:-1]) if leading else None
    return match.start() + (before.end() if before else 0)
