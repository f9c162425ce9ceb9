"""The measures of the house: short functions, short files, a docstring on every module and public door."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for path in (ROOT / "src").rglob("*.py") if "migrations" not in path.parts)
CODE = SOURCES + sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE = 600
LONGEST_MEDIAN = 9
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "service", "services", "misc", "common"}
LEFT_FOR_LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, Function))


def length(function: Function) -> int:
    """Count the lines of the body, without signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_median_function_is_short() -> None:
    lengths = [length(function) for path in SOURCES for function in functions(path)]
    assert statistics.median(lengths) <= LONGEST_MEDIAN


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_module_and_public_door_has_a_docstring(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree), "the module"
    doors = [node for node in tree.body if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")]
    assert not [node.name for node in doors if not ast.get_docstring(node)]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_function_is_typed(path: Path) -> None:
    bare = [function.name for function in functions(path) if function.returns is None and function.name != "__init__"]
    assert not bare


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_names_say_something(path: Path) -> None:
    assert not FORBIDDEN_NAMES & {path.stem, *path.relative_to(ROOT).parts}
    assert not LEFT_FOR_LATER.search(path.read_text("utf-8"))
