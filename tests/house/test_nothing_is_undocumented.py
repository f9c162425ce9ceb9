"""The reference lists every setting, verb, option and operator; a new one without its line fails here."""

import argparse
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from huidang.cli.grammar import build_parser
from huidang.search.operators import OPERATORS
from huidang.settings import House

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def read(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


@pytest.mark.parametrize("name", [field.name for field in fields(House)])
def test_every_setting_is_documented(name: str) -> None:
    assert f"`HUIDANG_{name.upper()}`" in read("settings.md")


def verbs(parser: argparse.ArgumentParser, name: str = "huidang") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not nested:
        yield name, parser
    for action in nested:
        for word, below in action.choices.items():
            yield from verbs(below, f"{name} {word}")


@pytest.mark.parametrize(("name", "parser"), list(verbs(build_parser())), ids=lambda value: str(value)[:40])
def test_every_verb_and_option_is_documented(name: str, parser: argparse.ArgumentParser) -> None:
    text = read("command.md")
    assert f"`{name}" in text
    section = text[text.index(f"`{name}") :].split("\n## ")[0]
    options = [option for action in parser._actions for option in action.option_strings if option.startswith("--")]
    assert not [option for option in options if option not in {"--help", "--json"} and f"`{option}" not in section]


@pytest.mark.parametrize("operator", [operator for operator in OPERATORS if operator.exists], ids=lambda one: one.name)
def test_every_operator_is_documented(operator: object) -> None:
    assert f"`{operator.name}:" in read("search.md")  # type: ignore[attr-defined]
