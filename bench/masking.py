"""How many messages a second detectors and a lexicon of 10,000 words read on one core.

Ordinary talk, and talk of which a sixth is sensitive; with the names of a conversation's customers known and five own
patterns set, as an archive has them. `both_mixed` is what the index pays for a message: hide, blank, look for words.
`python bench/masking.py [--json] [--messages N]`. The talk is drawn from sentences in this file with a fixed seed.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
django.setup()

from huidang.records import masking, rulebook
from huidang.records.masking import Profile, Sight
from huidang.records.names import Names
from huidang.shelves.lexicons import Entry, Matcher

ORDINARY = (
    "您好，请问我上周买的空调什么时候发货呀？",
    "好的，已经帮您催促仓库了，一般三天内到",
    "亲，这款支持七天无理由退换的哦",
    "收到，谢谢",
    "麻烦提供一下订单号，我帮您查",
    "订单号 20241118{}，一直显示待发货",
    "发票开好了会发到您邮箱，请留意查收",
    "安装师傅说明天上午九点到十一点之间上门",
    "ok thanks, see you next week",
    "退款已经原路退回，预计 1-3 个工作日到账",
    "两台一起买便宜多少？",
    "满300减40，今晚二十四点结束",
)
SENSITIVE = (
    "电话138{}，到了打我",
    "手机号 1 3 9 0 0 {}",
    "身份证11010519491231002X，麻烦登记",
    "卡号 6222 0212 3456 7890 128",
    "一三八零零一三八零零零是我的号码",
    "邮箱wang.fang@qq.com",
    "座机0592-{}",
    "送货车是闽D·12345",
    "收件人李思远，福建省厦门市思明区莲前西路2号1502",
    "王芳说她的会员号是WS-20{}",
)
SHARE = 6  # every sixth message is sensitive
WORDS = 10_000
PATTERNS = (r"WS-\d{8,}", r"HT-\d{6}-\d{3}", r"(?i:contract)\s?no\.?\s?\d+", "机密等级[一二三]", r"工号\s?\d{4,6}")
KNOWN = Sight(Names(["王芳", "欧阳娜娜"]))


def talk(messages: int, *, sensitive: bool) -> list[str]:
    """Draw messages."""
    draw = random.Random(7)
    pick = (SENSITIVE if sensitive and n % SHARE == 0 else ORDINARY for n in range(messages))
    return [draw.choice(lines).format(draw.randrange(10**7, 10**8)) for lines in pick]


def lexicon() -> Matcher:
    """Make words of two to five signs that occur in talk as seldom as a real lexicon's."""
    draw = random.Random(11)
    signs = "".join(ORDINARY)
    words = {"".join(draw.choices(signs, k=draw.randint(2, 4))) + draw.choice("霾蘖曝骗") for _ in range(WORDS * 2)}
    return Matcher(Entry(word, "词库", "complaint") for word in sorted(words)[:WORDS])


def both(words: Matcher, text: str) -> object:
    """Do with a message what the index does."""
    spans = masking.find(text, KNOWN)
    if spans:
        masking.apply(text, spans, Profile.INSIDE)
        text = masking.blanked(text, spans)
    return words.find(text)


def rate(work: Callable[[str], object], messages: list[str]) -> int:
    """Return messages a second of this process's own time, the best of three runs."""
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for message in messages:
            work(message)
        best = max(best, len(messages) / (time.process_time() - began))
    return int(best)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--messages", type=int, default=200_000)
    arguments = parser.parse_args()
    ordinary = talk(arguments.messages, sensitive=False)
    mixed = talk(arguments.messages, sensitive=True)
    own = tuple((f"own {place}", pattern) for place, pattern in enumerate(PATTERNS))
    rulebook.put(rulebook.build(1, {}, own))
    words = lexicon()
    figures = {
        "unit": "messages/s",
        "messages": arguments.messages,
        "find_ordinary": rate(lambda text: masking.find(text, KNOWN), ordinary),
        "find_mixed": rate(lambda text: masking.find(text, KNOWN), mixed),
        "lexicon_mixed": rate(words.find, mixed),
        "both_ordinary": rate(lambda text: both(words, text), ordinary),
        "both_mixed": rate(lambda text: both(words, text), mixed),
        "lexicon_words": WORDS,
        "own_patterns": len(PATTERNS),
        "share_found": round(sum(bool(masking.find(text, KNOWN)) for text in mixed) / len(mixed), 3),
    }
    print(
        json.dumps(figures) if arguments.json else "\n".join(f"{name:16} {figure}" for name, figure in figures.items())
    )


if __name__ == "__main__":
    main()
