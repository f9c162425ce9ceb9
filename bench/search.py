"""How fast searches are, and how they grow: `python bench/search.py [--messages N ...] [--rivals] [--json] [--keep]`.

A seeded corpus of service talk over three years in 40 departments goes into an index with masked and full texts; a
reader with masks, 20 departments and their own conversations asks. Milliseconds are the median and the 95th percentile
of warm calls in this process: the engine alone, as pages, counts, facets and histograms call it.
"""

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent / "src"), str(Path(__file__).parent)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
_HOME = Path(tempfile.mkdtemp(prefix="huidang-bench-", dir=os.environ.get("TMPDIR", "/tmp")))
os.environ.update(HUIDANG_DATA=str(_HOME / "data"), HUIDANG_KEYS=str(_HOME / "keys"))

import django

django.setup()

import corpus
import rivals
from huidang.kernel.access import Can
from huidang.people.readers import EVERYWHERE, Reach, Reader, local_operator
from huidang.records import masking
from huidang.search import index, query
from huidang.search.documents import month_of
from huidang.search.engines.tantivy import TantivyIndex
from huidang.search.index import Document, Texts, Tree
from huidang.search.tokens import runs

BATCH = 20_000
ASKED = ("newest", "count", "facets")
START_MS, SPAN_MS = 1_672_531_200_000, 3 * 365 * 86_400_000
READER = Reader(
    3,
    "bench",
    {
        Can.READ: Reach(departments=frozenset(range(20)), own=True),
        Can.UNMASK: Reach(departments=frozenset(range(5))),
        Can.RECALLED: Reach(departments=frozenset({3})),
    },
)
TERMS = {
    "rare": ("王芳磊", "李涛", "邱家屯", "赵秀", "13", "马艳", "徐超霞", "石桥铺", "林静"),
    "frequent": ("退费", "物流", "发票", "订单", "您好", "工作日"),
    "one": ("退", "费", "的", "师", "保"),
    "phrase": (
        "预计三个工作日",
        "什么时候有结果",
        "退费申请已经提交财务",
        "您这边方便提供一下",
        "支架费",
        "一直显示审核中",
        "整机保修三年",
        "没有到账",
    ),
    "latin": ("iphone", "rtx4070", "2024", "88", "kf-0", "sf12"),
}
PAIRS = ("退费 财务", "物流 核实", "发票 抬头", "转班 审核", "空调 师傅", "投诉 主管", "课程 退", "杭州 派送")
BOOLEANS = (
    "退费 -课程",
    "(物流 OR 快递) 核实",
    "发票 OR 税号 -邮箱",
    "-您好 投诉",
    "(退费 OR 转班) -(财务 OR 审核)",
    "空调 OR 冰箱",
)
SIDE_TALK = (
    "我家在{place}，联系人{person}",
    "型号 iPhone{n}",
    "单号SF12{n}{n}",
    "显卡是RTX4070",
    "工号KF-0{n}",
    "给{person}的",
)
PLACES = ("邱家屯", "石桥铺", "五里墩", "双龙洞", "白马井", "黄泥磅", "望江楼", "青羊宫")


def documents(count: int) -> Iterator[Document]:
    """Yield the corpus as the index sees it."""
    dice = random.Random(4)
    for line in corpus.lines(count, rooms=max(60, count // 250)):
        sent_ms = START_MS + (line.sent_ms - corpus.START_MS) * 3 // 2
        number = sent_ms << 20 | line.number & 0xFFFFF
        text = line.text + ("，" + _side_talk(dice) if dice.random() < 0.2 else "")
        masked = masking.masked(text)
        hidden = masked != text
        texts = Texts((masked,), (text,) if hidden else ())
        if dice.random() < 0.01:
            texts = Texts((), (), *texts[:2])
        kind = "text" if dice.random() < 0.93 else "image"
        tags = (dice.randrange(1, 7),) if dice.random() < 0.2 else ()
        yield Document(
            number, line.room, line.room % 40, line.room % 300, ("dingtalk", "wecom", "slack")[line.room % 3], kind,
            month_of(number), hash(line.sender) % 5000, tags, ("masked",) if hidden else (), texts,
        )  # fmt: skip


def _side_talk(dice: random.Random) -> str:
    person = dice.choice(corpus.SURNAMES) + dice.choice(corpus.GIVEN) + dice.choice(corpus.GIVEN)
    return dice.choice(SIDE_TALK).format(place=dice.choice(PLACES), person=person, n=dice.randrange(10, 99))


def build(folder: Path, count: int) -> tuple[TantivyIndex, dict[str, float]]:
    """Index the corpus; return the index and what it cost. Making the corpus is not counted."""
    engine, seconds, batch = TantivyIndex(folder), 0.0, []
    for each in documents(count):
        batch.append(each)
        if len(batch) == BATCH:
            seconds += timed(lambda some=tuple(batch): engine.put(some, new=True))
            batch.clear()
    seconds += timed(lambda: engine.put(batch, new=True)) + timed(engine.commit) + timed(engine.close)
    engine.reload()
    size = sum(each.stat().st_size for each in folder.iterdir())
    return engine, {"messages_per_second": round(count / seconds), "bytes_per_message": round(size / count, 1)}


def timed(call: Callable[[], object]) -> float:
    """Return the seconds of a call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def tree_of(node: query.Node) -> Tree:
    """Compile a query of terms."""
    match node:
        case query.Term(text):
            return index.Words(runs(text))
        case query.And(parts):
            return index.All(tuple(map(tree_of, parts)))
        case query.Or(parts):
            return index.Any(tuple(map(tree_of, parts)))
        case query.Not(part):
            return index.Not(tree_of(part))
    raise ValueError(node)


def queries() -> dict[str, list[Tree]]:
    """Return the trees of every class."""
    trees = {name: [tree_of(query.parse(text).tree) for text in texts] for name, texts in TERMS.items()}
    trees["two"] = [tree_of(query.parse(text).tree) for text in PAIRS]
    trees["boolean"] = [tree_of(query.parse(text).tree) for text in BOOLEANS]
    quarter = index.Between((START_MS + SPAN_MS // 2) << 20, (START_MS + SPAN_MS // 2 + 90 * 86_400_000) << 20)
    trees["filtered"] = [
        index.All((tree, quarter, index.Among("platform", frozenset({"wecom"})))) for tree in trees["frequent"]
    ] + [index.All((tree, index.Among("department", frozenset({1, 2, 30})))) for tree in trees["rare"][:4]]
    return trees


def operations(engine: TantivyIndex, reader: Reader) -> dict[str, Callable[[Tree], object]]:
    """Return what is asked of every query."""
    bounds = [(START_MS + SPAN_MS * place // 120) << 20 for place in range(121)]
    return {
        "newest": lambda tree: engine.find(reader, tree, sort="new", limit=50),
        "score": lambda tree: engine.find(reader, tree, sort="score", limit=50),
        "count": lambda tree: engine.count(reader, tree),
        "facets": lambda tree: engine.facets(reader, tree, fields=index.FACETS, limit=20),
        "histogram": lambda tree: engine.histogram(reader, tree, bounds=bounds),
        "deep": lambda tree: engine.find(reader, tree, sort="new", limit=50, offset=5000),
    }


def measure(engine: TantivyIndex, reader: Reader, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return median and 95th percentile in ms, by class and operation."""
    table: dict[str, dict[str, list[float]]] = {}
    for name, trees in queries().items():
        for operation, ask in operations(engine, reader).items():
            table.setdefault(name, {})[operation] = sample(ask, trees, rounds)
    return table


def sample(ask: Callable[[Any], object], things: Sequence[object], rounds: int) -> list[float]:
    """Return median and 95th percentile in ms of asking everything, after one round to warm up."""
    taken = []
    for place in range(rounds + 1):
        for thing in things:
            began = time.perf_counter()
            ask(thing)
            if place:
                taken.append((time.perf_counter() - began) * 1000)
    return [round(statistics.median(taken), 2), round(statistics.quantiles(taken, n=20)[-1], 2)]


def compare(engine: TantivyIndex, count: int, postgres: str) -> dict[str, Any]:
    """Ask the same terms of the other engines and of ours, without a reader's filter."""
    ours = operations(engine, local_operator())
    table: dict[str, Any] = {"tantivy": {}}
    for name, texts in TERMS.items():
        trees = [tree_of(query.parse(text).tree) for text in texts]
        table["tantivy"][name] = {each: sample(ours[each], trees, 3) for each in ASKED}
    for rival in [rivals.Fts5(_HOME), *([rivals.Postgres(postgres)] if postgres else [])]:
        seconds = timed(lambda rival=rival: rival.fill(each for each in documents(count) if each.texts.shown))
        agree(engine, rival)
        table[rival.name] = {"fill_seconds": round(seconds)} | {
            name: {each: sample(getattr(rival, each), texts, 3) for each in ASKED} for name, texts in TERMS.items()
        }
        rival.close()
    return table


def agree(engine: TantivyIndex, rival: rivals.Rival) -> None:
    """Check that both count the same, where nothing is hidden. Raises AssertionError."""
    plain = Reader(1, "plain", {Can.READ: EVERYWHERE})
    for text in (text for texts in TERMS.values() for text in texts):
        ours = engine.count(plain, tree_of(query.parse(text).tree))
        assert ours == rival.count(text), f"{rival.name} counts {text} differently"


def main() -> int:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rivals", action="store_true", help="at the smallest size")
    parser.add_argument("--postgres", default="", help="postgresql://… for the comparison")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures: dict[str, object] = {"unit": "ms [p50, p95]", "machine": f"{os.cpu_count()} x {platform.machine()}"}
    for count in sorted(arguments.messages):
        engine, cost = build(_HOME / f"index-{count}", count)
        figures[f"build {count}"] = cost
        figures[f"search {count}"] = measure(engine, READER, arguments.rounds)
        if arguments.rivals and count == min(arguments.messages):
            figures[f"rivals {count}"] = compare(engine, count, arguments.postgres)
    shutil.rmtree(_HOME)
    print(json.dumps(figures, ensure_ascii=False, indent=None if arguments.json else 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
