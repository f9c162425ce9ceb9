"""Every word that is noted in the audit is a sentence on its pages (`web/deeds.py`), in a group that finds it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from huidang.web.deeds import DEEDS, GROUPS

SOURCES = sorted((Path(__file__).parents[2] / "src" / "huidang").rglob("*.py"))
NOTING = {"audit.note", "audit.draft", "sightings.note"}


def noted() -> Iterator[str]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in NOTING and node.args:
                word = node.args[0]
                if isinstance(word, ast.Constant):
                    yield str(word.value)


def test_every_word_has_its_sentence() -> None:
    assert sorted(set(noted()) - DEEDS.keys()) == [], "add it to DEEDS in web/deeds.py"


@pytest.mark.parametrize("word", DEEDS)
def test_a_sentence_can_be_written_and_found(word: str) -> None:
    list(Formatter().parse(str(DEEDS[word])))
    assert any(word.startswith(start) for _title, starts in GROUPS.values() for start in starts), "add it to GROUPS"
