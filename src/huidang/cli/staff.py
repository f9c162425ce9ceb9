"""`department`: the tree of the company from the command line."""

from argparse import Namespace
from collections.abc import Iterator

from huidang.cli.errand import DONE
from huidang.cli.terminal import Terminal
from huidang.people.models import Department


def list_departments(_arguments: Namespace, terminal: Terminal) -> int:
    """Print the tree."""
    rows = list(_walk(None, 0))
    terminal.result(
        {"departments": [{"id": row.pk, "name": row.name, "parent": row.parent_id} for row, _ in rows]},
        [f"{'  ' * depth}{row.name}" for row, depth in rows],
    )
    return DONE


def _walk(parent: Department | None, depth: int) -> Iterator[tuple[Department, int]]:
    for row in Department.objects.filter(parent=parent).order_by("position", "pk"):
        yield row, depth
        yield from _walk(row, depth + 1)
