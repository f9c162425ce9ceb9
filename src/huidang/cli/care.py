"""`stats`, `verify`, `index` and `doctor`: what the archive holds, and whether it is well."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from huidang import search
from huidang.cli.errand import DONE, FAILED
from huidang.cli.exporting import verify_file
from huidang.cli.reading import at_the_shell, reader_of
from huidang.cli.terminal import Terminal, table
from huidang.kernel import ledger
from huidang.people import audit, local_operator
from huidang.upkeep.census import Census, take_census
from huidang.upkeep.doctor import Finding, Sought, examine, look_for
from huidang.upkeep.verify import verify_archive


def stats(arguments: Namespace, terminal: Terminal) -> int:
    """Print counts by platform, department and day, and how far the index is."""
    census = take_census(reader_of(arguments))
    index = {"applied": search.applied_now(), "log": ledger.size()}
    terminal.result(asdict(census) | {"index": index}, _census_lines(census, index))
    return DONE


def _census_lines(census: Census, index: dict[str, int]) -> Iterator[str]:
    yield f"会话 {census.conversations}，消息 {census.messages}"
    yield f"索引 {index['applied']}/{index['log']}"
    for title, counts in (("平台", census.platforms), ("部门", census.departments), ("日期", census.days)):
        yield ""
        yield title
        yield from (f"  {line}" for line in table((name or "未分部门", count) for name, count in counts.items()))


def verify(arguments: Namespace, terminal: Terminal) -> int:
    """Verify the whole archive, or say which receipt a file belongs to and whether it is unchanged."""
    if arguments.file:
        return verify_file(Path(arguments.file), terminal)
    with terminal.progress("校验") as bar:
        report = verify_archive(progress=lambda done, of: bar(done / (of or 1), f"{done}/{of}"))
    audit.note("verified", by=local_operator(), ok=report["ok"], problems=len(report["problems"]), **at_the_shell())
    terminal.result(report, _report_lines(report))
    return DONE if report["ok"] else FAILED


def _report_lines(report: dict[str, Any]) -> Iterator[str]:
    yield from table(report["checked"].items())
    yield from (f"✗ {problem['text']}" for problem in report["problems"])
    yield "通过" if report["ok"] else f"{len(report['problems'])} 处不符"


def rebuild_index(_arguments: Namespace, terminal: Terminal) -> int:
    """Build the search index anew."""
    with terminal.progress("重建索引") as bar:
        search.rebuild(progress=lambda done, of: bar(done / (of or 1), f"{done}/{of}"))
    applied = search.applied_now()
    terminal.result({"applied": applied}, [f"已索引 {applied} 条日志。"])
    return DONE


def doctor(arguments: Namespace, terminal: Terminal) -> int:
    """Examine the house, or say where a record went."""
    sought = Sought(person=arguments.person, around=arguments.around, text=arguments.text)
    findings = look_for(sought) if sought else examine()
    ok = all(finding.ok for finding in findings)
    told = {"ok": ok, "findings": [asdict(finding) for finding in findings]}
    terminal.result(told, (_finding_line(finding) for finding in findings))
    return DONE if ok else FAILED


def _finding_line(finding: Finding) -> str:
    return f"{'✓' if finding.ok else '✗'} {finding.text}"
