"""How fast searches are, and how they grow: `python bench/search.py [--messages N] [--rivals] [--json]`.

A seeded corpus of service talk over three years in 40 departments goes into a database and an index with masked and
full texts; a reader with masks, 20 departments and their own conversations asks. Milliseconds are the median and the
95th percentile of warm calls: the engine alone, as pages, counts, facets and histograms call it, and whole pages of
results through HTTP, with permission filter and snippets, and the facets and the histogram that a page asks for once it
is there. `--json` ends with one line of JSON.
Results go to `bench/results/`, with how many times longer everything takes than in a tenth of the archive. Ten
million messages take a quarter of an hour to fill in: where BENCH_HOME names a folder, the archive is kept there and
taken again.
"""

import argparse
import json
import os
import platform
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from html import unescape
from itertools import cycle
from pathlib import Path
from typing import Any
from zlib import crc32

sys.path[:0] = [str(Path(__file__).parent.parent / "src"), str(Path(__file__).parent)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
_KEPT = os.environ.get("BENCH_HOME")
_HOME = Path(_KEPT or tempfile.mkdtemp(prefix="huidang-bench-", dir=os.environ.get("TMPDIR", "/tmp")))
os.environ.update(HUIDANG_DATA=str(_HOME / "data"), HUIDANG_KEYS=str(_HOME / "keys"))

import django

django.setup()

import httpx

import archive
import corpus
import rivals
from huidang import sources
from huidang.kernel.access import Can
from huidang.people import invite
from huidang.people.models import Department, User
from huidang.people.readers import EVERYWHERE, Reader, local_operator
from huidang.records import masking
from huidang.search import generations, index, query
from huidang.search.documents import month_of
from huidang.search.engines.tantivy import TantivyIndex
from huidang.search.index import Document, Texts, Tree
from huidang.search.tokens import runs
from huidang.upkeep.demo.scripts import draw, read_library
from huidang.upkeep.demo.slots import Setting, Slots
from huidang.upkeep.schema import bring_up_to_date

ASKED = ("newest", "count", "facets")
LONGEST_WAIT_SECONDS = 30
KEPT_SECONDS = 2  # a client gives a connection up before the server does
START_MS, SPAN_MS = 1_672_531_200_000, 3 * 365 * 86_400_000
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
        "可能是缺氟",
        "我帮您核实一下",
        "排水管有没有",
        "什么时候能退",
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
    """Yield the corpus as the index sees it: a third set phrases with numbers, the rest of the demo company's talk."""
    dice, said = random.Random(4), talk(40_000)
    for line in corpus.lines(count, rooms=rooms_of(count)):
        sent_ms = START_MS + (line.sent_ms - corpus.START_MS) * 3 // 2
        number = sent_ms << 20 | line.number & 0xFFFFF
        text = line.text if dice.random() < 1 / 3 else dice.choice(said)
        text += "，" + _side_talk(dice) if dice.random() < 0.2 else ""
        masked = masking.masked(text)
        hidden = masked != text
        texts = Texts((masked,), (text,) if hidden else ())
        if dice.random() < 0.01:
            texts = Texts((), (), *texts[:2])
        kind = "text" if dice.random() < 0.93 else "image"
        tags = (dice.randrange(1, 7),) if dice.random() < 0.2 else ()
        room, sender = line.room + 1, crc32(line.sender.encode()) % archive.SENDERS + 1
        flags = ("recalled",) if texts.recalled else ("masked",) if hidden else ()
        yield Document(
            number, room, room % archive.DEPARTMENTS + 1, room % archive.OWNERS + 1, archive.PLATFORMS[room % 3], kind,
            month_of(number), sender, tags, flags, texts,
        )  # fmt: skip


def rooms_of(count: int) -> int:
    """Return how many conversations the corpus has."""
    return max(60, count // 250)


def talk(count: int) -> list[str]:
    """Return lines of the dialogues of the demo company, drawn anew until there are enough."""
    dice, said = random.Random(8), list[str]()
    library = read_library().scripts
    while len(said) < count:
        script = library[len(said) % len(library)]
        person, agent, other, head = (corpus.name_of(dice.randrange(9000)) for _ in range(4))
        about = Setting(datetime(2024, 6, 1, 10, tzinfo=UTC), script.product, script.scene, person, agent, other, head)
        lines = draw(script, Slots(dice, about), dice)
        said += [line.text for line in lines if line.act in {"text", "reply"} and line.text]
    return said


def _side_talk(dice: random.Random) -> str:
    person = dice.choice(corpus.SURNAMES) + dice.choice(corpus.GIVEN) + dice.choice(corpus.GIVEN)
    return dice.choice(SIDE_TALK).format(place=dice.choice(PLACES), person=person, n=dice.randrange(10, 99))


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
    ] + [index.All((tree, index.Among("department", frozenset({2, 3, 30})))) for tree in trees["rare"][:4]]
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
    return _quantiles(taken)


def _quantiles(taken: Sequence[float]) -> list[float]:
    return [round(statistics.median(taken), 2), round(statistics.quantiles(taken, n=20)[-1], 2)]


@contextmanager
def served() -> Iterator[list[httpx.Client]]:
    """Serve the archive on loopback, beside a worker, and give a client for each of the people who ask, signed in."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "huidang.asgi:application", "--port", str(port), "--lifespan", "off"]
    server = subprocess.Popen([*command, "--log-level", "error"], env=environment())
    follower = [sys.executable, "-m", "huidang", "worker", "--index-only"]
    worker = subprocess.Popen(follower, env=environment(), stdout=subprocess.DEVNULL)
    about = {"base_url": f"http://127.0.0.1:{port}", "timeout": 60, "follow_redirects": True}
    kept = httpx.Limits(keepalive_expiry=KEPT_SECONDS)
    clients = [httpx.Client(**about, limits=kept) for _ in archive.ASKING]
    try:
        _await(clients[0])
        for client, user in zip(clients, User.objects.filter(pk__in=archive.ASKING), strict=True):
            place = f"/signin/{invite(user)}"
            client.get(place)
            page = client.post(place, data={"csrfmiddlewaretoken": client.cookies["csrftoken"]})
            assert "/signin" not in page.url.path, page.url
        yield clients
    finally:
        for process in (server, worker):
            process.terminate()
            process.wait()


def environment() -> dict[str, str]:
    """Return what the program needs to find itself in another process."""
    return os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent / "src")}


def _await(client: httpx.Client) -> None:
    for _ in range(200):
        try:
            client.get("/signin")
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


def pages(clients: list[httpx.Client], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Return median and 95th percentile in ms by class: of pages with hits, of the counts that follow, of both."""
    turns, table = cycle(clients), dict[str, dict[str, list[float]]]()
    for client in clients:
        _search(client, "您好")
    for name, texts in TERMS.items():
        taken = [_search(next(turns), text) for _ in range(rounds + 1) for text in texts][len(texts) :]
        columns = {"hits": [hits for hits, _ in taken], "counts": [counts for _, counts in taken]}
        columns["both"] = list(map(sum, taken))
        table[name] = {column: _quantiles(times) for column, times in columns.items()}
    return table


def crowd(clients: list[httpx.Client], messages: int = 100_000) -> dict[str, Any]:
    """Let everybody search at once while a file comes in, and say how long they waited."""
    folder = Path(tempfile.mkdtemp(dir=_HOME))
    corpus.write_chat(folder / "corpus.jsonl", never_said(messages))
    command = [sys.executable, "-m", "huidang", "ingest", str(folder / "corpus.jsonl"), "--json"]
    ingest = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE)
    texts = [text for texts in TERMS.values() for text in texts]

    def search(client: httpx.Client) -> list[tuple[float, float]]:
        return [_search(client, text) for text in random.Random(3).sample(texts, 12)]

    with ThreadPoolExecutor(len(clients)) as people:
        taken = [each for some in people.map(search, clients) for each in some]
    still_running = ingest.poll() is None
    done = json.loads(ingest.communicate()[0])
    return {
        "clients": len(clients),
        "searches": len(taken),
        "page_ms": _quantiles([hits for hits, _ in taken]),
        "counts_ms": _quantiles([counts for _, counts in taken]),
        "ingest_outlived_the_searches": still_running,
        "ingested": done["messages"]["new"],
    }


def arrival(clients: list[httpx.Client], times: int = 30) -> dict[str, Any]:
    """Append single messages, and say after how many ms the page of results shows each: median and longest.

    People take turns, since each may search only so often.
    """
    said = (replace(line, text=f"暗号{line.number}桥") for line in never_said(times))
    taken = [_arrives(client, line) for client, line in zip(cycle(clients), said)]
    return {"messages": times, "ms": [round(statistics.median(taken)), round(max(taken))]}


def never_said(count: int) -> Iterator[corpus.Line]:
    """Yield messages that the archive does not hold, though an earlier run may have left its own in it."""
    first = time.time_ns() // 1000
    return (replace(line, number=first + line.number) for line in corpus.lines(count))


def _arrives(client: httpx.Client, line: corpus.Line) -> float:
    path, text = _HOME / "one.jsonl", line.text
    corpus.write_chat(path, [line])
    sources.ingest([path], workers=1, department=Department.objects.get(pk=1))
    began = time.perf_counter()
    while "data-hit=" not in client.get("/search", params={"q": text}).text:
        if time.perf_counter() - began > LONGEST_WAIT_SECONDS:
            raise SystemExit(f"{text} was not found in time")
        time.sleep(0.02)
    return (time.perf_counter() - began) * 1000


def _search(client: httpx.Client, text: str) -> tuple[float, float]:
    """Ask for the page of a result, then as a browser does for its counts, and return the ms that each took."""
    began = time.perf_counter()
    page = client.get("/search", params={"q": text})
    shown = time.perf_counter()
    place = re.search(r'hx-get="(/search/counts[^"]+)"', page.text)
    assert place, page.status_code
    asked = time.perf_counter()
    answer = client.get(unescape(place[1]), headers={"HX-Request": "true"})
    assert answer.status_code == httpx.codes.OK, answer.status_code
    return (shown - began) * 1000, (time.perf_counter() - asked) * 1000


def compare(engine: TantivyIndex, count: int, postgres: str) -> dict[str, Any]:
    """Ask the same terms of the other engines and of ours, without a reader's filter."""
    ours = operations(engine, local_operator())
    table: dict[str, Any] = {"tantivy": {}}
    cells = [(name, each) for name in TERMS for each in ASKED]
    for name, texts in TERMS.items():
        trees = [tree_of(query.parse(text).tree) for text in texts]
        table["tantivy"][name] = {each: sample(ours[each], trees, 3) for each in ASKED}
    for rival in [rivals.Fts5(_HOME), rivals.Groonga(_HOME), *([rivals.Postgres(postgres)] if postgres else [])]:
        seconds = timed(lambda rival=rival: rival.fill(each for each in documents(count) if each.texts.shown))
        agree(engine, rival)
        known = {name: [text for text in texts if rival.answers(text)] for name, texts in TERMS.items()}
        table[rival.name] = {"fill_seconds": round(seconds)} | {
            name: {each: sample(getattr(rival, each), texts, 3) for each in ASKED} for name, texts in known.items()
        }
        theirs, own = table[rival.name], table["tantivy"]
        theirs["times_ours"] = {f"{n} {each}": round(theirs[n][each][0] / own[n][each][0], 1) for n, each in cells}
        rival.close()
    return table


def agree(engine: TantivyIndex, rival: rivals.Rival) -> None:
    """Check that both count the same, where nothing is hidden. Raises AssertionError."""
    plain = Reader(1, "plain", {Can.READ: EVERYWHERE})
    for text in (text for texts in TERMS.values() for text in texts if rival.answers(text)):
        ours = engine.count(plain, tree_of(query.parse(text).tree))
        assert ours == rival.count(text), f"{rival.name} counts {text} differently"


def machine() -> dict[str, object]:
    """Say what it ran on."""
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return {"cpu": cpu.partition(": ")[2], "cores": os.cpu_count(), "python": platform.python_version()}


def bytes_without_masks(count: int) -> float:
    """Return the bytes of index a message where nothing is hidden and no text is indexed a second time."""
    folder = Path(tempfile.mkdtemp(dir=_HOME))
    engine = TantivyIndex(folder)
    engine.put((each._replace(texts=Texts((_full(each.texts),), ())) for each in documents(count)), new=True)
    engine.commit()
    engine.close()
    size = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    shutil.rmtree(folder)
    return round(size / count, 1)


def _full(texts: Texts) -> str:
    return (texts.full or texts.shown or texts.recalled_full or texts.recalled)[0]


def opened(count: int) -> tuple[TantivyIndex, dict[str, float]]:
    """Return the index of an archive of that length and what building it cost, filling it where it is not kept."""
    cost = _HOME / f"{count}.json"
    if cost.exists():
        bring_up_to_date()
        generation = generations.current()
        assert generation
        return TantivyIndex(generation.engine), json.loads(cost.read_text())
    archive.found(rooms_of(count))
    engine, spent = archive.fill(documents(count))
    cost.write_text(json.dumps(spent))
    return engine, spent


def growth(large: TantivyIndex, reader: Reader, count: int, rounds: int) -> dict[str, Any]:
    """Return by class and operation what a tenth of the archive takes in ms, what all of it takes, and how many times.

    Both answer in turns, so that whatever else the machine does falls on both.
    """
    folder = Path(tempfile.mkdtemp(dir=_HOME))
    small = TantivyIndex(folder)
    small.put(documents(count // 10), new=True)
    small.commit()
    asked = zip(operations(small, reader).items(), operations(large, reader).values(), strict=True)
    pairs = {operation: (few, many) for (operation, few), many in asked}
    table = {
        name: {operation: in_turns(few, many, trees, rounds) for operation, (few, many) in pairs.items()}
        for name, trees in queries().items()
    }
    small.close()
    shutil.rmtree(folder)
    return {"from": count // 10, "to": count} | table


def in_turns(few: Callable[[Any], Any], many: Callable[[Any], Any], trees: list[Tree], rounds: int) -> list[float]:
    """Return the medians in ms of two ways to ask, and how many times longer the second takes."""
    taken = [[timed(partial(ask, tree)) for ask in (few, many)] for _ in range(rounds) for tree in trees]
    first, second = (statistics.median(times) * 1000 for times in zip(*taken, strict=True))
    return [round(first, 2), round(second, 2), round(second / first, 1)]


def main() -> int:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rivals", action="store_true")
    parser.add_argument("--postgres", default="", help="postgresql://… for the comparison")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results, count = Path(__file__).parent / "results", arguments.messages
    figures: dict[str, Any] = {"unit": "ms [p50, p95]", "machine": machine(), "messages": count}
    engine, figures["build"] = opened(count)
    figures["build"]["bytes_per_message_without_masks"] = bytes_without_masks(min(count, 1_000_000))
    figures["engine"] = measure(engine, archive.reader(), arguments.rounds)
    figures["growth"] = growth(engine, archive.reader(), count, arguments.rounds)
    with served() as clients:
        figures["pages"] = pages(clients, arguments.rounds)
        if arguments.rivals:
            figures["rivals"] = compare(engine, count, arguments.postgres)
        figures["arrival"] = arrival(clients)
        figures["crowd"] = crowd(clients)
    if not _KEPT:
        shutil.rmtree(_HOME)
    results.mkdir(exist_ok=True)
    (results / f"search-{count}.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
    print(json.dumps(figures, ensure_ascii=False, indent=None if arguments.json else 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
