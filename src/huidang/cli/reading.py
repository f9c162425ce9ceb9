"""`search` and `show`: what the archive holds, as one reader may see it. Each look is an entry of the audit."""

import os
import pwd
from argparse import Namespace
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from huidang import search as searching
from huidang.cli.errand import DONE
from huidang.cli.terminal import Terminal
from huidang.people import Reader, audit, get_user, local_operator, reader_for, searches
from huidang.records import thread
from huidang.records.filetexts import FilePage
from huidang.records.shown import Shown
from huidang.search import Hit, Result, Surroundings

PAGE = 500  # messages read at a time
AROUND = 50  # messages shown around one


def reader_of(arguments: Namespace) -> Reader:
    """Return whom the command acts as: the local operator, unless `--as` names somebody."""
    return reader_for(get_user(arguments.as_user)) if arguments.as_user else local_operator()


def at_the_shell() -> dict[str, Any]:
    """Return what an entry of the audit says of the command: by which account of the system."""
    return {"account": pwd.getpwuid(os.getuid()).pw_name, "door": "command"}


def search(arguments: Namespace, terminal: Terminal) -> int:
    """Find messages by the query language."""
    reader = reader_of(arguments)
    result = searching.find(reader, arguments.query, sort=arguments.sort, limit=arguments.limit)
    searches.note(arguments.query, by=reader, total=result.total, **at_the_shell())
    around = searching.overview(reader, arguments.query) if terminal.as_json else Surroundings(result.query)
    terminal.result(_found(result, around), _found_lines(result, ZoneInfo(reader.zone)))
    return DONE


def _found(result: Result, around: Surroundings) -> dict[str, Any]:
    facets = {name: {each.label: each.count for each in counts} for name, counts in around.facets.items()}
    return {
        "total": result.total,
        "complete": result.coverage.complete,
        "hits": [_hit(hit) for hit in result.hits],
        "facets": facets,
        "took_ms": result.took_ms,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    told = _message(hit.shown) | {"snippet": "".join(part.text for part in hit.snippet)}
    if hit.file is not None:
        told["file"] = {"name": hit.file.name, "place": hit.file.place, "snippet": _passage(hit.file)}
    return told


def _passage(page: FilePage) -> str:
    return "".join(part.text for part in page.parts)


def _found_lines(result: Result, zone: ZoneInfo) -> Iterator[str]:
    for hit in result.hits:
        yield f"{hit.shown.conversation}/{hit.shown.id}  {_line(hit.shown, zone)}"
        if hit.file is not None:
            yield f"    {hit.file.name}  {hit.file.place or ''}  {_passage(hit.file)}"
    yield f"共 {result.total} 条，{result.took_ms:.0f} 毫秒"
    if not result.coverage.complete:
        yield f"结果不完整：索引还差 {result.coverage.behind} 条。"


def show(arguments: Namespace, terminal: Terminal) -> int:
    """Print a transcript, whole or around a message."""
    reader = reader_of(arguments)
    messages = list(_around(arguments, reader) if arguments.around else _whole(arguments, reader))
    about = f"conversation:{arguments.conversation}"
    audit.note("show", by=reader, about=about, messages=len(messages), **at_the_shell())
    zone = ZoneInfo(reader.zone)
    told = {"conversation": str(arguments.conversation), "messages": [_message(each) for each in messages]}
    terminal.result(told, (_line(each, zone) for each in messages))
    return DONE


def _around(arguments: Namespace, reader: Reader) -> Iterator[Shown]:
    yield from thread(arguments.conversation, reader, around=arguments.around, limit=AROUND).messages


def _whole(arguments: Namespace, reader: Reader) -> Iterator[Shown]:
    after = 0
    while True:
        page = thread(arguments.conversation, reader, after=after, limit=PAGE)
        yield from page.messages
        if not (page.messages and page.more_after):
            return
        after = int(page.messages[-1].id)


def _message(shown: Shown) -> dict[str, Any]:
    return {
        "id": shown.id,
        "conversation": shown.conversation,
        "sender": shown.sender.name,
        "role": shown.sender.role,
        "sent_at": shown.sent_at.isoformat(),
        "kind": shown.kind,
        "text": shown.text,
        "recalled": shown.recalled_at is not None,
        "edits": shown.edits,
        "files": [file.name for file in shown.attachments],
    }


def _line(shown: Shown, zone: ZoneInfo) -> str:
    marks = [f"[{file.name or file.kind}]" for file in shown.attachments]
    marks += ["（已撤回）"] if shown.recalled_at else []
    marks += ["（已编辑）"] if shown.edits else []
    words = " ".join([shown.text.replace("\n", " ⏎ "), *marks]).strip()
    return f"{shown.sent_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {shown.sender.name or shown.sender.id}  {words}"
