"""Recall over real dialogues: a search returns exactly what a scan of the normalised runs returns.

The dialogues are those of `$HUIDANG_TEST_SAMPLES/helpdesk_zh`, else of `../shared/samples` beside the checkout, else
the scripts of the demo company.
"""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from huidang.people.readers import local_operator
from huidang.search import index, query, tokens
from huidang.search.engines.tantivy import TantivyIndex
from huidang.search.index import Document, Texts
from huidang.upkeep.demo.scripts import FOLDER
from tests.search.oracle import contains

BESIDE = Path(__file__).parents[3] / "shared" / "samples"
FILE = Path(os.environ.get("HUIDANG_TEST_SAMPLES") or BESIDE) / "helpdesk_zh" / "stc3_train.jsonl"


def utterances() -> list[str]:
    if not FILE.exists():
        return [line for script in sorted(FOLDER.glob("*.txt")) for line in script.read_text("utf-8").splitlines()]
    with FILE.open(encoding="utf-8") as file:
        texts = (text for line in file for text in strings(json.loads(line)))
        return [text for text in texts if any("\u4e00" <= sign <= "\u9fff" for sign in text)]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def filled(folder: Path, texts: list[str]) -> TantivyIndex:
    engine = TantivyIndex(folder)
    engine.put(
        Document(place + 1, 1, 0, 0, "sample", "text", 202401, 0, (), (), Texts((text,)))
        for place, text in enumerate(texts)
    )
    engine.commit()
    return engine


def found(engine: TantivyIndex, text: str) -> list[int]:
    """Ask as the search box does: the text is a phrase, the phrase a term, the term its runs."""
    asked = query.parse(f'"{text}"').tree
    assert isinstance(asked, query.Term)
    return engine.find(local_operator(), index.Words(tokens.runs(asked.text)), sort="old", limit=100_000).ids


def test_a_thousand_random_substrings(tmp_path: Path) -> None:
    texts = utterances()
    assert len(texts) > 500
    engine = filled(tmp_path, texts)
    folded = [tokens.fold(text) for text in texts]
    chance = random.Random(20260101)
    asked = 0
    while asked < 1000:
        text = chance.choice(texts)
        start = chance.randrange(max(1, len(text)))
        piece = text[start : start + chance.randint(1, 8)]
        term = tokens.runs(piece)
        if term and not set(piece) & set('"“”„‟＂'):
            asked += 1
            scanned = [place + 1 for place, each in enumerate(folded) if term[0] in each and contains(each, term)]
            assert found(engine, piece) == scanned, piece


def test_however_it_is_written(tmp_path: Path) -> None:
    text = "訂單ＣＳ－００１２ 已退費，Refund No. 8820/4471，電話 0571-8888"
    engine = filled(tmp_path, [text, "别的"])
    for piece in (
        "退",
        "退费",
        "订单",
        "cs-0012",
        "CS 0012",
        "cs—00",
        "S00",
        "efun",
        "ref",
        "8820 4471",
        "820/44",
        "71",
    ):
        expected = [1] if contains(tokens.fold(text), tokens.runs(piece)) else []
        assert found(engine, piece) == expected, piece
    assert [found(engine, piece) for piece in ("cs0012", "费退", "8820-44-71")] == [[], [], []]
    assert found(engine, "efun") == found(engine, "費") == [1]
