"""What only one module may do: read the environment, ask for the time, use the network, walk around the guard."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HUIDANG = ROOT / "src" / "huidang"
SOURCES = sorted(path for path in HUIDANG.rglob("*.py") if "migrations" not in path.parts)
SNAPSHOT = Path(__file__).parent / "unguarded.txt"

# What must not be said, and where it may be. Three of the four that touch the environment only name the settings to
# Django; the guard names the base manager to check that no model leaves it unguarded.
ONLY = {
    "reads the environment": (
        r"os\.environ\b|\bgetenv\(",
        {"settings.py", "asgi.py", "cli/errand.py", "sources/nursery.py"},
    ),
    "asks for the time": (r"datetime\.now\(|timezone\.now\(|\btime\.time(?:_ns)?\(|date\.today\(", {"kernel/clock.py"}),
    "uses the network": (
        r"^\s*(?:import|from) (?:httpx|requests|urllib\.request|http\.client|aiohttp|smtplib)\b",
        {"kernel/outbound.py", "kernel/mail.py"},
    ),
    "walks around the guard": (r"\b_base_manager\b", {"kernel/access.py"}),
    "listens to signals": (r"django\.(?:db\.models|dispatch|core)\.?signals?|@receiver\b", set()),
}


def inside(path: Path) -> str:
    return str(path.relative_to(HUIDANG))


def without_strings(path: Path) -> str:
    """Return the code without docstrings and comments, where anything may be talked about."""
    tree = ast.parse(path.read_text("utf-8"))
    return ast.unparse(_Silent().visit(tree))


class _Silent(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        talk = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Expr(ast.Constant(0)) if talk else self.generic_visit(node)


@pytest.mark.parametrize("rule", ONLY)
def test_only_its_place(rule: str) -> None:
    pattern, allowed = ONLY[rule]
    found = {
        inside(path)
        for path in SOURCES
        if inside(path) not in allowed and re.search(pattern, without_strings(path), re.MULTILINE)
    }
    assert not found, f"also {rule}: {sorted(found)}"


def reasons() -> Iterator[str]:
    """Yield `file: reason` for every query that names no reader."""
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        known = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "unguarded":
                yield f"{inside(path)}: {_reason(node, known)}"


def _reason(call: ast.Call, known: dict[str, object]) -> str:
    (given,) = call.args
    if isinstance(given, ast.Name) and given.id in known:
        return str(known[given.id])
    return str(given.value) if isinstance(given, ast.Constant) else ast.unparse(given)


def test_every_unguarded_query_is_on_the_list() -> None:
    """A new query without a reader shows in the diff of `unguarded.txt`, where somebody asks why."""
    assert sorted(set(reasons())) == SNAPSHOT.read_text("utf-8").splitlines()
