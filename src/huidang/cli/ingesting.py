"""`ingest`: files into the archive, searchable when the command ends."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huidang import search, sources
from huidang.cli.errand import DONE, FAILED
from huidang.cli.serve import Companion
from huidang.cli.terminal import Terminal
from huidang.kernel import bulk, jobs
from huidang.kernel.worker import Worker
from huidang.people import departments
from huidang.people.models import Department
from huidang.sources import ImportOptions, Summary

INDEXER = [sys.executable, "-m", "huidang", "worker", "--tied", "--index-only"]
FOLLOWING_KINDS = ("cases", "identities")
SMALL_BYTES = 4 << 20
"""Less than this is indexed here: a process beside would take longer to start."""

PATIENCE_SECONDS = 3600.0


def ingest(arguments: Namespace, terminal: Terminal) -> int:
    """Read the files, wait until all of it can be found, and print what came of it; 1 where a file was refused."""
    paths = [Path(path) for path in arguments.paths]
    options = ImportOptions(timezone=arguments.timezone, agents=frozenset(arguments.agent))
    with terminal.progress("导入") as bar, _indexing(small=_is_small(paths)):
        summary = sources.ingest(
            paths,
            options,
            workers=arguments.workers,
            department=_department(arguments.department),
            progress=lambda share, so_far: bar(share, f"{so_far.read}"),
        )
        if not jobs.is_worked():
            Worker(kinds=FOLLOWING_KINDS).work_off()
        search.catch_up(seconds=PATIENCE_SECONDS)
    for problem in summary.refused:
        terminal.note(f"huidang: {problem.text}")
    terminal.result(summary.as_json(), _lines(summary))
    return FAILED if summary.refused else DONE


def _department(path: str) -> Department | None:
    return departments.get_department(path) if path else None


def _is_small(paths: list[Path]) -> bool:
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]))
    total = 0
    for file in files:
        total += file.stat().st_size if file.is_file() else 0
        if total > SMALL_BYTES:
            return False
    return True


@contextmanager
def _indexing(*, small: bool) -> Iterator[None]:
    """Index beside the import in a process of its own, unless a running server does so or it is not worth it."""
    if small or jobs.is_worked():
        yield
        return
    with Companion(INDEXER, niceness=bulk.NICENESS):
        yield


def _lines(summary: Summary) -> list[str]:
    pace = round(summary.read / summary.seconds) if summary.seconds else 0
    read = summary.read + summary.quarantined
    return [
        f"会话 {len(summary.conversations)}  读到 {read}  新增 {summary.new}  已有 {summary.known}",
        f"隔离 {summary.quarantined}",
        *(f"  {each.place}：{each.text}" for each in summary.broken),
        *(["  …"] if summary.quarantined > len(summary.broken) else []),
        f"用时 {summary.seconds:.1f} 秒（每秒 {pace} 条）",
    ]
