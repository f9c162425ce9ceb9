"""`export` and `verify FILE`: what leaves the house as files, and which receipt a file belongs to."""

import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from huidang.cli.errand import DONE, FAILED
from huidang.cli.reading import at_the_shell, reader_of
from huidang.cli.terminal import Terminal, table
from huidang.exports import running, verifying, words
from huidang.exports.blackouts import Blackout
from huidang.exports.evidence.checking import check, is_package
from huidang.exports.formats import get_format
from huidang.exports.keeping import sha256_of
from huidang.exports.models import Export
from huidang.exports.orders import Order, read_profile
from huidang.exports.selection import Selection, read_since, read_until
from huidang.exports.verifying import Standing, Verdict
from huidang.exports.writing import file_name
from huidang.kernel.problems import Problem
from huidang.people import Reader


def export(arguments: Namespace, terminal: Terminal) -> int:
    """Write conversations, an excerpt or what a query finds, in one format or several."""
    reader = reader_of(arguments)
    formats = list(dict.fromkeys(name.strip().lower() for name in arguments.format.split(",") if name.strip()))
    for name in formats:
        get_format(name)
    began = time.perf_counter()
    order = _order(arguments, reader)
    written = [_write(arguments, reader, replace(order, format=name), formats, terminal) for name in formats]
    first, seconds = written[0], round(time.perf_counter() - began, 3)
    told = {name: first[name] for name in ("path", "messages", "sha256", "receipt")}
    terminal.result(told | {"seconds": seconds, "files": written}, _lines(written, seconds))
    return DONE


def _order(arguments: Namespace, reader: Reader) -> Order:
    selection = Selection(
        conversations=tuple(arguments.conversation or ()),
        excerpt=arguments.excerpt,
        query=arguments.query,
        since_at=read_since(arguments.since, reader.zone),
        until_at=read_until(arguments.until, reader.zone),
    )
    profile = read_profile(arguments.mask)
    blackout = Blackout(tuple(arguments.black_out), tuple(arguments.hide))
    why, watermark = arguments.reason, arguments.watermark
    return Order(selection=selection, format="", profile=profile, why=why, watermark=watermark, blackout=blackout)


def _write(
    arguments: Namespace, reader: Reader, order: Order, formats: list[str], terminal: Terminal
) -> dict[str, Any]:
    """Write one format and return what is told of it; further volumes of a long document are `parts`."""
    target = Path(arguments.output)
    with terminal.progress(f"导出 {order.format}") as bar:
        made, paths = running.make(
            reader,
            order,
            lambda row: _place(target, row, alone=len(formats) == 1),
            account=at_the_shell()["account"],
            progress=lambda done, of: bar(done / of, f"{done}/{of}"),
        )
    parts = [{"path": str(path), "sha256": sha256_of(path)} for path in paths]
    told = {"format": made.format, "messages": made.messages, "receipt": made.receipt} | parts[0]
    return told | ({"parts": parts} if len(parts) > 1 else {})


def _place(target: Path, row: Export, *, alone: bool) -> Path:
    """Return where a format goes: the path that was named, with its own ending where several are written."""
    suffix = get_format(row.format).suffix
    if target.is_dir():
        return target / file_name(row.title, row.receipt, suffix)
    if not target.parent.is_dir():
        raise Problem("folder-absent", f"没有这个文件夹：{target.parent}", path=str(target.parent))
    return target if alone else target.with_suffix(suffix)


def _lines(written: list[dict[str, Any]], seconds: float) -> Iterator[str]:
    for each in written:
        yield f"{each['path']}  {each['messages']} 条  回执 {each['receipt']}"
    yield f"用时 {seconds:.1f} 秒"


def verify_file(path: Path, terminal: Terminal) -> int:
    """Say which receipt a file belongs to, whether it is unchanged, and show the proof."""
    if is_package(path):
        return _verify_package(path, terminal)
    if not path.is_file():
        raise Problem("file-absent", f"没有这个文件：{path}", path=str(path))
    verdict = verifying.identify(path)
    standing = verifying.stand(verdict.export) if verdict.export else None
    report = _report(verdict, standing)
    terminal.result(report, _report_lines(report))
    return DONE if report["ok"] else FAILED


def _verify_package(path: Path, terminal: Terminal) -> int:
    """Verify everything in an evidence package, and name the receipt where it left this archive."""
    report = check(path)
    export = verifying.identify(path).export if path.is_file() else None
    if export is not None:
        report["receipt"] = words.receipt_of(export)
    terminal.result(report, _package_lines(report))
    return DONE if report["ok"] else FAILED


def _package_lines(report: dict[str, Any]) -> Iterator[str]:
    yield from table(report["checked"].items())
    yield from (f"前 {size} 条记录在 {at} 之前已经存在（时间戳）" for size, at in report.get("stamped", {}).items())
    yield from (
        f"日志第 {index} 条的内容已依法删除（依据 {ground}）" for index, ground in report.get("erased", {}).items()
    )
    yield f"公钥 {report.get('key', '')}{'（本档案）' if report['own'] else '（另一份档案，请核对）'}"
    yield from (f"✗ {problem['text']}" for problem in report["problems"])
    yield "通过" if report["ok"] else f"{len(report['problems'])} 处不符"


def _report(verdict: Verdict, standing: Standing | None) -> dict[str, Any]:
    problems = list(_problems(verdict, standing))
    told: dict[str, Any] = {"ok": not problems, "checked": {"files": 1}, "problems": problems}
    told["sha256"] = verdict.sha256
    if verdict.export is not None and standing is not None:
        told["receipt"] = words.receipt_of(verdict.export)
        told["leaf"], told["proof"] = standing.leaf_index, standing.proof
        told["opening"] = standing.opening
    return told


def _problems(verdict: Verdict, standing: Standing | None) -> Iterator[dict[str, Any]]:
    if verdict.export is None or standing is None:
        yield {"code": "file-unknown", "text": "这个文件不是从本档案导出的，或者改动后已认不出回执编号。"}
        return
    if not verdict.unchanged:
        text = f"文件里写着回执 {verdict.export.receipt}，但内容与导出时不同，已被改动。"
        yield {"code": "file-changed", "text": text, "receipt": verdict.export.receipt}
    if standing.pruned:
        yield {"code": "receipt-pruned", "text": "回执的审计记录已过保存期，只剩日志里的哈希。"}
    elif not standing.intact:
        yield {"code": "receipt-altered", "text": "回执与日志不符，被改动过。"}


def _report_lines(report: dict[str, Any]) -> Iterator[str]:
    if receipt := report.get("receipt"):
        yield from table((name, value) for name, value in receipt.items() if value and not isinstance(value, list))
        yield report["proof"] or "还没有检查点覆盖这张回执，稍后再取证明。"
    yield from (f"✗ {problem['text']}" for problem in report["problems"])
    yield "通过：文件与导出时一字不差" if report["ok"] else f"{len(report['problems'])} 处不符"
