"""What stands in the slots of a script: names, numbers, addresses, dates; all fictitious, drawn once a dialogue.

Numbers are valid in form so that masking has something to do, and nobody's: mobiles have 0000 in the middle, resident
ids name a whole province as their district, which no card carries, cards continue a bank's prefix with zeros.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN: Final = "伟芳敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华文辉玲鑫建国雨晨子涵思远佳怡浩然梓萱若曦嘉宁立群晓东海燕"
CITIES: Final = (
    "杭州市余杭区", "上海市闵行区", "南京市江宁区", "苏州市吴中区", "成都市武侯区", "武汉市洪山区", "广州市天河区",
    "西安市雁塔区", "长沙市岳麓区",
)  # fmt: skip
ESTATES: Final = (
    "云栖里", "望江苑", "听松花园", "梧桐雅居", "湖畔春晓", "锦绣家园", "星河湾", "紫藤公寓", "学府里", "金桂园"
)  # fmt: skip
COURIERS: Final = ("顺丰", "京东物流", "中通", "德邦", "韵达", "安得")
BANKS: Final = {
    "工商银行": "622202",
    "建设银行": "621700",
    "农业银行": "622848",
    "招商银行": "622588",
    "中国银行": "621661",
}
FAULTS: Final = ("E1", "E2", "E4", "E6", "E9", "F3", "F5", "H6", "U4", "C2")
COURSES: Final = (
    "家庭烘焙入门", "中式面点", "家电维修初级", "制冷维修中级", "咖啡与甜品", "周末中餐班", "低压电工考证"
)  # fmt: skip
CAMPUSES: Final = ("城西校区", "滨江校区", "江北校区")
COMPANIES: Final = ("云帆科技", "青禾餐饮管理", "明德装饰工程", "宏远物业服务", "启点教育咨询", "星野酒店管理")
MODELS: Final = {
    "空调": ("WS-KFR35", "KFR-72L", "清风 A8"),
    "洗衣机": ("WS-X8", "净洗 X10", "WS-T6"),
    "冰箱": ("WS-BCD520", "鲜境 F500", "BCD-410"),
    "油烟机": ("WS-Y7", "劲吸 Y9"),
    "热水器": ("WS-R16", "恒暖 R13"),
    "扫地机": ("WS-X1", "X1-Pro"),
    "电视": ("WS-65Q", "WS-75Q Pro"),
    "课程": ("学员套餐",),
}
OTHER_MODELS: Final = ("WS-A1", "WS-B2", "WS-C3")
NAMES: Final = (
    "Daniel Weber", "Aisha Rahman", "Marta Nowak", "Tom Becker", "Siti Lim", "Carlos Vega", "Hana Sato", "Omar Farouk",
    "Julia Rossi", "Piotr Zielinski", "Nadia Haddad", "Luca Marino", "Ingrid Olsen", "Rahul Mehta",
)  # fmt: skip
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, 4.3
_CHECKS: Final = "10X98765432"
_DOUBLED: Final = 9


@dataclass(frozen=True, slots=True)
class Setting:
    """What a dialogue is about and who speaks; `at` is its beginning in the company's zone."""

    at: datetime
    product: str
    scene: str
    customer: str
    agent: str
    colleague: str
    supervisor: str


class Slots(dict[str, str]):
    """Fills a slot when it is first asked for, and alike for the rest of the dialogue."""

    def __init__(self, chance: Random, setting: Setting) -> None:
        super().__init__()
        self.chance = chance
        self.setting = setting

    def __missing__(self, name: str) -> str:
        kind = name.rstrip("23") if name not in MAKERS else name
        self[name] = MAKERS[kind](self)
        return self[name]

    def pick(self, values: Sequence[str]) -> str:
        """Draw one."""
        return self.chance.choice(values)

    def digits(self, count: int) -> str:
        """Draw digits, the first of them not zero."""
        return str(self.chance.randrange(10 ** (count - 1), 10**count))

    def money(self, low: int, high: int) -> str:
        """Draw an amount as people write it."""
        amount = self.chance.randrange(low, high)
        return self.pick(
            [str(amount), str(amount), f"{amount}.{self.chance.randrange(10, 99)}", f"{amount // 10 * 10}"]
        )

    def day(self, first: int, last: int) -> datetime:
        """Draw a day, counted from the dialogue's."""
        return self.setting.at + timedelta(days=self.chance.randrange(first, last))


def person(chance: Random) -> str:
    """Draw a Chinese name."""
    return chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))


def mobile(chance: Random) -> str:
    """Draw a mobile number that is nobody's."""
    return f"1{chance.choice(('35', '36', '38', '39', '50', '58', '86'))}0000{chance.randrange(10_000):04d}"


def resident_id(chance: Random) -> str:
    """Draw a resident id with a right check digit whose district is a whole province."""
    province = chance.choice(("31", "32", "33", "42", "44", "51"))
    born = datetime(1962, 1, 1) + timedelta(days=chance.randrange(15_000))  # noqa: DTZ001
    body = f"{province}0000{born:%Y%m%d}{chance.randrange(1000):03d}"
    return body + _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def bank_card(chance: Random, bank: str) -> str:
    """Draw a card number of a bank with a right Luhn digit."""
    body = f"{BANKS[bank]}0000{chance.randrange(10**8):08d}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    total = sum(value - 9 if value > _DOUBLED else value for value in doubled)
    return body + str(-total % 10)


def _title(slots: Slots) -> str:
    return slots["客户"][0] + slots.pick(["女士", "先生"])


def _address(slots: Slots) -> str:
    floor, room = slots.chance.randrange(1, 28), slots.chance.randrange(1, 5)
    place = f"{slots.pick(CITIES)}{slots.pick(ESTATES)}"
    return f"{place} {slots.chance.randrange(1, 20)} 幢 {slots.chance.randrange(1, 4)} 单元 {floor}{room:02d}"


def _model(slots: Slots) -> str:
    return slots.pick(MODELS.get(slots.setting.product, OTHER_MODELS))


def _hours(slots: Slots) -> str:
    return slots.pick(["明天上午", "明天下午", "周六上午", "周日下午", "后天 14 到 16 点", "今天 18 点后"])


def _class(slots: Slots) -> str:
    return f"{slots.day(-60, 20):%y%m}期{slots.pick(['周末班', '晚间班', '全日班'])}"


def _chinese_day(slots: Slots) -> str:
    day = slots.day(-40, -2)
    return f"{day.month} 月 {day.day} 日"


MAKERS: Final[dict[str, Callable[[Slots], str]]] = {
    "客户": lambda slots: slots.setting.customer,
    "客户姓氏": _title,
    "客服": lambda slots: slots.setting.agent,
    "客服2": lambda slots: slots.setting.colleague,
    "主管": lambda slots: slots.setting.supervisor,
    "客户2": lambda slots: person(slots.chance),
    "师傅": lambda slots: slots.pick(SURNAMES) + "师傅",
    "师傅姓": lambda slots: slots["师傅"][0],
    "老师": lambda slots: slots.pick(SURNAMES),
    "师傅电话": lambda slots: mobile(slots.chance),
    "电话": lambda slots: mobile(slots.chance),
    "电话尾号": lambda slots: slots["电话"][-4:],
    "身份证": lambda slots: resident_id(slots.chance),
    "银行": lambda slots: slots.pick(list(BANKS)),
    "银行卡": lambda slots: bank_card(slots.chance, slots["银行"]),
    "地址": _address,
    "新地址": _address,
    "订单号": lambda slots: f"WS{slots.day(-40, -1):%Y%m%d}{slots.digits(6)}",
    "尾号": lambda slots: slots["订单号"][-4:],
    "运单号": lambda slots: slots.pick(["SF", "JD", "ZT", "DPK"]) + slots.digits(12),
    "工单号": lambda slots: f"GD{slots.setting.at:%m%d}{slots.digits(5)}",
    "流水号": lambda slots: f"{slots.setting.at:%Y%m%d}{slots.digits(10)}",
    "工号": lambda slots: slots.digits(4),
    "快递": lambda slots: slots.pick(COURIERS),
    "型号": _model,
    "金额": lambda slots: slots.money(1200, 8800),
    "小金额": lambda slots: slots.money(30, 580),
    "课程价": lambda slots: slots.pick(["1680", "2980", "3680", "5800"]),
    "日期": _chinese_day,
    "时段": _hours,
    "时刻": lambda slots: f"{slots.chance.randrange(14, 21)} 点",
    "时长": lambda slots: slots.pick(["半小时", "2 小时", "24 小时", "一个工作日"]),
    "分钟": lambda slots: str(slots.chance.randrange(18, 140)),
    "月数": lambda slots: str(slots.chance.randrange(1, 20)),
    "数量": lambda slots: str(slots.chance.randrange(30, 180)),
    "课时": lambda slots: slots.pick(["12", "24", "36"]),
    "故障码": lambda slots: slots.pick(FAULTS),
    "故障": lambda slots: slots.pick(["不转了", "漏水", "报 E4", "异响"]),
    "排队": lambda slots: str(slots.chance.randrange(1, 12)),
    "组": lambda slots: slots.pick(["售后服务组", "客户服务中心", "物流配送组"]),
    "课程": lambda slots: slots.pick(COURSES),
    "校区": lambda slots: slots.pick(CAMPUSES),
    "班": _class,
    "抬头": lambda slots: f"{slots.pick(['杭州', '上海', '苏州'])}{slots.pick(COMPANIES)}有限公司",
    "税号": lambda slots: f"91330000MA{slots.digits(8)}",
    "邮箱": lambda slots: f"{slots.pick(['caiwu', 'fapiao', 'office'])}{slots.digits(3)}@example.com",
    "场景": lambda slots: slots.setting.scene,
    "order": lambda slots: f"SO-{slots.digits(6)}",
    "day": lambda slots: f"{slots.day(-6, 12):%d %b}",
    "track": lambda slots: slots.digits(11),
    "model": lambda slots: slots.pick(["WS-520", "WS-X1 Pro", "WS-R16", "WS-K20"]),
    "code": lambda slots: slots.pick(FAULTS),
    "lot": lambda slots: f"L{slots.digits(5)}",
    "serial": lambda slots: f"SN{slots.digits(8)}",
    "ticket": lambda slots: f"#{slots.digits(5)}",
    "name": lambda slots: slots.pick(NAMES),
    "phone": lambda slots: f"+1 555 01{slots.digits(2)} {slots.digits(4)}",
    "inv": lambda slots: f"INV{slots.digits(5)}",
    "amount": lambda slots: f"{slots.chance.randrange(4, 60)},{slots.digits(3)}",
    "small": lambda slots: slots.digits(2),
    "n": lambda slots: slots.digits(2),
    "csat": lambda slots: str(slots.chance.randrange(81, 97)),
}
