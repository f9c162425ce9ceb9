"""Names of people: those that the archive knows from the customers of a conversation, and those that are introduced.

`我叫王芳`, `收件人：李思远`: a word that introduces, a surname, one or two further signs. A form of address tells no
more than a mask would (`王女士`), so it stays. Nothing is guessed from grammar: a name that nobody introduces and no
account bears is talk.
"""

import re
from collections.abc import Iterable, Iterator

from ahocorasick_rs import AhoCorasick, MatchKind

from huidang.records.spans import Kind, Span

COMPOUND = (
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|"
    "慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|令狐"
)
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪"
    "庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲"
    "房滕屈饶解牟艾尤阳穆农司卓古吉缪简项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂佟应臧闵苟邬边卞姬师仇栾隋商"
    "刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区"
)
_TITLES = "先女小老师总经太阿大哥姐妹弟叔姨爷奶"
_NOT_FIRST = f"{_TITLES}的是了在我你他她您不没有就也都还要想请问这那吗呢吧啊"
_NOT_SECOND = (
    f"{_TITLES}的了是在我你他她您想要请问电手身号住这那就也还都不没有和跟与及男说已把被将给收到改来去吧吗呢啊呀哦嗯单订快"
    "退买麻帮需打之本人微邮地联或，"
)
# Words that begin like a surname and stand where a name would.
_WORDS = (
    "方便|方式|于是|应该|安排|安装|项目|路口|路线|成功|成员|计划|金额|马上|常见|万一|任何|任意|高级|白天|关系|包裹|包括|毛病|容易|"
    "商品|商家|师傅|平台|平时|文件|余额|尚未|查无|满意|区域|位置|季度|明天|明细|白色|黄色|蓝色|牛奶|花园|宁可|左右|古董|游客|"
    "农村|明确|范围|严格|钱款|温度|时间|关闭|关联|能否|池塘|边上|班级|班主|楼层|楼下|都填|支付|司机|司法|连续|缺失|党员|石头"
)
_INTRODUCED = re.compile(
    r"(?:我叫|我名字叫?|名字[是叫写:：]|姓名|收[件货]人|联[系络]人|寄件人|签收人|提货人|户名|持卡人|机主|投保人|被保人|被保险人|"
    r"登记人|预约人|客户名|学员名)\s?(?:改?[成为]|应该是|[是叫写填])?\s?[:：]?\s*"
    rf"(?P<name>(?!{_WORDS})(?:(?:{COMPOUND})(?![{_NOT_FIRST}])[\u4e00-\u9fff](?:(?![{_NOT_SECOND}])[\u4e00-\u9fff])?"
    rf"|[{SURNAMES}](?![{_NOT_FIRST}])[\u4e00-\u9fff](?:(?![{_NOT_SECOND}])[\u4e00-\u9fff])?))"
    r"|(?:(?i:my name is|name:|contact:|recipient:))\s*(?P<latin>[A-Z][a-z]+(?: [A-Z][a-z]+){1,2})"
)
_FULL = re.compile(
    rf"(?:(?:{COMPOUND})[\u4e00-\u9fff]{{1,2}}|[{SURNAMES}][\u4e00-\u9fff]{{1,2}}|[A-Z][a-z]+(?: [A-Z][a-z]+){{1,2}})"
)
_ADDRESSED = re.compile(f"(?:先生|女士|小姐|太太|老师|师傅|经理|老板|阿姨|叔叔|同学|医生|总|哥|姐|[{_TITLES}].?)$")
_SURNAME = re.compile(COMPOUND)
_FEW = 6
"""Up to so many names one search each is faster than an automaton."""


def is_full_name(name: str) -> bool:
    """Say whether an account's name is a person's full name, and no nickname, firm or form of address."""
    return _FULL.fullmatch(name) is not None and _ADDRESSED.search(name[1:]) is None


def surname_length(name: str) -> int:
    """Return how many signs of a name a mask leaves: the surname."""
    return 2 if _SURNAME.match(name) else 1


class Names:
    """The names that are known in one conversation."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.known = tuple(sorted({name for name in names if is_full_name(name)}, key=lambda name: (-len(name), name)))
        self._automaton = (
            AhoCorasick(self.known, matchkind=MatchKind.LeftmostLongest) if len(self.known) > _FEW else None
        )

    def stand_in(self, text: str) -> bool:
        """Say whether one of them stands in a text."""
        if self._automaton is not None:
            return bool(self._automaton.find_matches_as_indexes(text))
        return any(name in text for name in self.known)

    def find(self, text: str) -> Iterator[Span]:
        """Yield where they stand; they may lie over each other."""
        for name in self.known:
            for match in re.finditer(re.escape(name), text) if name in text else ():
                yield Span(match.start(), match.end(), Kind.NAME, "name-known/1")


NOBODY = Names()


def find_introduced(text: str) -> Iterator[Span]:
    """Yield the names that a word introduces."""
    for match in _INTRODUCED.finditer(text):
        group = "name" if match["name"] else "latin"
        yield Span(*match.span(group), Kind.NAME, "name-introduced/1")
