"""Recall over real dialogues: a search returns exactly what a scan of the normalised runs returns."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huidang.people.readers import local_operator
from huidang.search import index, tokens
from huidang.search.engines.tantivy import TantivyIndex
from huidang.search.index import Document, Texts
from tests.search.oracle import contains

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "helpdesk_zh" / "stc3_train.jsonl"


def utterances() -> list[str]:
    with SAMPLES.open(encoding="utf-8") as file:
        texts = (text for line in file for text in strings(json.loads(line)))
        return [text for text in texts if any("\u4e00" <= sign <= "\u9fff" for sign in text)]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


@pytest.mark.skipif(not SAMPLES.exists(), reason="../shared/samples/helpdesk_zh is not here")
def test_a_thousand_random_substrings(tmp_path: Path) -> None:
    texts = utterances()
    engine = TantivyIndex(tmp_path)
    engine.put(
        Document(place + 1, 1, 0, 0, "sample", "text", 202401, 0, (), (), Texts((text,)))
        for place, text in enumerate(texts)
    )
    engine.commit()
    folded = [tokens.fold(text) for text in texts]
    chance = random.Random(20260101)
    for _ in range(1000):
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        term = tokens.runs(text[start : start + chance.randint(1, 8)])
        if term:
            found = engine.find(local_operator(), index.Words(term), sort="old", limit=len(texts))
            assert found.ids == [
                place + 1 for place, each in enumerate(folded) if term[0] in each and contains(each, term)
            ]
