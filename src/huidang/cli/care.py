"""`stats`: what the archive holds."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict

from huidang.cli.errand import DONE
from huidang.cli.terminal import Terminal, table
from huidang.people.readers import local_operator
from huidang.upkeep.census import Census, take_census


def stats(_arguments: Namespace, terminal: Terminal) -> int:
    """Print counts by platform, department and day."""
    census = take_census(local_operator())
    terminal.result(asdict(census), _census_lines(census))
    return DONE


def _census_lines(census: Census) -> Iterator[str]:
    yield f"会话 {census.conversations}，消息 {census.messages}"
    for title, counts in (("平台", census.platforms), ("部门", census.departments), ("日期", census.days)):
        yield ""
        yield title
        yield from (f"  {line}" for line in table((name or "未分部门", count) for name, count in counts.items()))
