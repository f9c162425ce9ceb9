"""A seeded corpus of believable Chinese service talk, of any length, as the files people bring.

The same seed and count give the same bytes. One message is 20 to 40 characters; about one in eight names a mobile,
a resident id or an order, as in real after-sales chats. Nothing here is taken from a real person's chat.
"""

import json
import random
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SEED = 20241118
START_MS = 1_672_531_200_000  # 2023-01-01
SPAN_MS = 2 * 365 * 86_400_000
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "敏岚静伟芳强磊洋艳勇杰娟涛明超秀霞平刚桂英"
GOODS = ("洗衣机", "空调", "热水器", "扫地机器人", "电饭煲", "冰箱", "净水器", "油烟机", "儿童英语课", "考研数学班")
CITIES = ("杭州", "成都", "武汉", "西安", "郑州", "广州", "沈阳", "合肥", "南宁", "昆明")
OPENINGS = ("您好，", "你好，", "麻烦问一下，", "在吗？", "不好意思打扰了，", "亲，", "请问", "", "", "")
ASKS = (
    "我上周买的{goods}到现在还没有发货，订单号{order}，帮我看看是什么情况",
    "这台{goods}用了两天就不制冷了，可以换一台新的吗",
    "{goods}的发票抬头开错了，能不能重开一张，税号我发给你",
    "我要退费，课程只上了{n}节，剩下的能退多少",
    "物流显示已经到{city}了，怎么三天都没有派送",
    "安装师傅说要另外收{n}0元的支架费，之前没有人告诉我",
    "我的手机号是{mobile}，收件人写我爱人的名字就行",
    "身份证号{resident}，麻烦帮我办一下实名登记",
    "之前答应补偿的{n}0元优惠券到现在也没有到账",
    "转班的申请提交{n}天了，一直显示审核中，什么时候有结果",
    "你们这个客服态度太差了，我要投诉，请转主管",
    "{goods}保修期是几年，人为损坏在保修范围里面吗",
    "可以改一下收货地址吗，改到{city}，邮编不变",
)
REPLIES = (
    "已经帮您登记了，{n}个工作日内会有专员跟您联系",
    "非常抱歉给您带来不便，我马上帮您核实订单{order}的物流",
    "您这边方便提供一下购买时预留的手机号吗",
    "退费申请已经提交财务，预计{n}个工作日原路退回，请您留意",
    "这边给您申请了一张{n}0元的优惠券，有效期三十天",
    "您好，{goods}整机保修三年，主要部件保修六年",
    "已经安排{city}的师傅明天上午上门，请保持电话畅通",
    "好的，发票重开之后会发到您的邮箱，请注意查收",
    "请您稍等，我这边帮您转接主管处理",
    "感谢您的耐心等待，祝您生活愉快，再见",
    "收到，我核实一下再回复您",
    "好的",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the corpus."""

    number: int
    sent_ms: int
    room: int
    sender: str
    name: str
    text: str


def lines(count: int, *, rooms: int = 1, seed: int = SEED) -> Iterator[Line]:
    """Yield messages in the order of time, spread over two years and `rooms` conversations."""
    dice = random.Random(seed)
    step = SPAN_MS / max(count, 1)
    for number in range(count):
        room = min(int(dice.expovariate(4.0 / rooms)), rooms - 1) if rooms > 1 else 0
        sender, name, texts = _speaker(dice, room)
        text = dice.choice(OPENINGS) + dice.choice(texts).format_map(_values(dice))
        yield Line(number, START_MS + int(number * step) // 1000 * 1000, room, sender, name, text)


def _speaker(dice: random.Random, room: int) -> tuple[str, str, tuple[str, ...]]:
    if dice.random() < 0.45:
        number = dice.randrange(40)
        return f"agent{number:02d}", "客服" + name_of(number), REPLIES
    number = room * 40 + dice.randrange(400)
    return f"u{number:06d}", name_of(number), ASKS


def name_of(number: int) -> str:
    """Return an invented name, always the same for a number."""
    return SURNAMES[number % 20] + GIVEN[number // 20 % 21] + (GIVEN[number // 420 % 21] if number % 3 else "")


def _values(dice: random.Random) -> dict[str, str]:
    day = f"19{dice.randrange(60, 99)}{dice.randrange(1, 13):02d}{dice.randrange(1, 29):02d}"
    return {
        "goods": dice.choice(GOODS),
        "city": dice.choice(CITIES),
        "n": str(dice.randrange(1, 10)),
        "order": f"2024{dice.randrange(10**10):010d}",
        "mobile": f"1{dice.choice('3578')}{dice.randrange(10**9):09d}",
        "resident": _resident(f"3301{dice.randrange(1, 30):02d}{day}{dice.randrange(1000):03d}"),
    }


def _resident(digits: str) -> str:
    """Add the check character of GB 11643-1999."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11]


def write_chatlab(path: Path, count: int, *, seed: int = SEED) -> None:
    """Write one group chat as ChatLab JSONL v0.0.2."""
    write_chat(path, lines(count, seed=seed))


def write_chat(path: Path, said: Iterable[Line]) -> None:
    """Write some messages of the group chat in that format."""
    with path.open("w", encoding="utf-8") as file:
        head = {"version": "0.0.2", "exportedAt": (START_MS + SPAN_MS) // 1000, "generator": "bench"}
        meta = {"name": "望山家电售后群", "platform": "wechat", "type": "group", "groupId": "24118@chatroom"}
        file.write(_json({"_type": "header", "chatlab": head, "meta": meta}) + "\n")
        for line in said:
            message = {
                "_type": "message",
                "sender": line.sender,
                "accountName": line.name,
                "timestamp": line.sent_ms // 1000,
                "type": 0,
                "content": line.text,
                "platformMessageId": str(7_000_000_000_000_000_000 + line.number),
            }
            file.write(_json(message) + "\n")


def write_slack(path: Path, count: int, *, rooms: int = 60, seed: int = SEED) -> None:
    """Write a Slack export of the standard layout as a ZIP."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("channels.json", json.dumps([_channel(room) for room in range(rooms)]))
        archive.writestr("users.json", json.dumps([_user(name) for name in _people(rooms)]))
        day, held = "", dict[int, list[str]]()
        for line in lines(count, rooms=rooms, seed=seed):
            today = datetime.fromtimestamp(line.sent_ms / 1000, UTC).strftime("%Y-%m-%d")
            if today != day:
                _write_day(archive, day, held)
                day, held = today, {}
            held.setdefault(line.room, []).append(_slack_message(line))
        _write_day(archive, day, held)


def _write_day(archive: zipfile.ZipFile, day: str, held: dict[int, list[str]]) -> None:
    for room, messages in sorted(held.items()):
        archive.writestr(f"service-{room:03d}/{day}.json", "[\n" + ",\n".join(messages) + "\n]")


def _slack_message(line: Line) -> str:
    return _json({
        "client_msg_id": f"{line.number:08x}-0000-4000-8000-000000000000",
        "type": "message",
        "user": line.sender.upper(),
        "text": line.text,
        "ts": f"{line.sent_ms // 1000}.{line.number % 1_000_000:06d}",
        "team": "T00000001",
    })  # fmt: skip


def _people(rooms: int) -> Iterator[tuple[str, str]]:
    yield from ((f"AGENT{number:02d}", "客服" + name_of(number)) for number in range(40))
    yield from ((f"U{number:06d}", name_of(number)) for number in range(rooms * 40 + 400))


def _channel(room: int) -> dict[str, object]:
    return {"id": f"C{room:08d}", "name": f"service-{room:03d}", "created": START_MS // 1000}


def _user(person: tuple[str, str]) -> dict[str, object]:
    profile = {"real_name": person[1], "display_name": person[1]}
    return {"id": person[0], "team_id": "T00000001", "name": person[0].lower(), "profile": profile}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


WRITERS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "chatlab": ("corpus.jsonl", write_chatlab),
    "slack": ("corpus.zip", write_slack),
}
