"""Reads the standard Slack export: lists of users and conversations, then one folder of day files a conversation.

A folder is named after the channel, the private group or the group message ("mpdm-…"); a direct message's folder is
its id ("D…"). Files lie in `__uploads/<id>/<name>` or `<channel>/attachments/<id>-<name>` where a tool fetched them.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from huidang.kernel.problems import Problem
from huidang.records.drafts import RawMessage, SourceDraft
from huidang.sources.files.cutting import value_item
from huidang.sources.files.documents import walk
from huidang.sources.files.exports import FileExport
from huidang.sources.files.reading import Item, Reading, guarded
from huidang.sources.files.spill import forget
from huidang.sources.slack.messages import SlackParser, read_channel, read_user

# The lists at the root, and what their entries are.
_LISTS = {"users.json": "@user", "channels.json": "@group", "groups.json": "@group", "mpims.json": "@group"} | {
    "dms.json": "@direct"
}
_DAY_FILE = re.compile(r"(?P<root>(?:.*/)?)(?P<folder>[^/]+)/\d{4}-\d{2}-\d{2}\.json")
_FILE_ID = re.compile(r"(?:^|/)(?:__uploads/(F[A-Z0-9]+)/|attachments/(F[A-Z0-9]+)-)")
_NAME = re.compile(r"(?:.*/)?(?P<workspace>[^/]+?) Slack export [A-Z][a-z]{2} \d")
"""How Slack names what it exports, and so what unpacks it: `Acme Slack export Jan 5 2026 - Jan 7 2026.zip`."""

_OF_SLACK = re.compile(rb'"ts"\s*:\s*"\d{9,11}\.\d+"')


@dataclass(slots=True)
class _Directory:
    """What the lists at the root say, as far as parsing messages needs it."""

    names: dict[str, str] = field(default_factory=dict)
    conversations: dict[str, str] = field(default_factory=dict)  # folder -> id
    workspace: str = ""


def find_roots(reading: Reading) -> list[str]:
    """Return the folders of the container ("" or "name/") that are the root of a Slack export."""
    names = reading.container.names()
    listed = {name.rpartition("/")[0] + "/" if "/" in name else "" for name in names if _is_list(name)}
    roots: dict[str, bool] = {}
    for name in names:
        day = _DAY_FILE.fullmatch(name)
        if day is None or roots.get(day["root"]):
            continue
        roots[day["root"]] = _is_day_of_slack(reading, name)
    return [root for root, certain in roots.items() if certain or root in listed]


def _is_day_of_slack(reading: Reading, name: str) -> bool:
    try:
        return bool(_OF_SLACK.search(reading.head(name)))
    except Problem:
        return False


def _is_list(name: str) -> bool:
    return name.rpartition("/")[2] in _LISTS


def members_of(reading: Reading, root: str) -> list[str]:
    """Return every member that belongs to the export at `root`."""
    return [name for name in reading.container.names() if name.startswith(root)]


def open_root(reading: Reading, root: str) -> FileExport:
    """Open the export at a root found by `find_roots`. Raises `Problem` where its lists cannot be read."""
    directory = _read_directory(reading, root)
    members = members_of(reading, root)
    workspace = directory.workspace or reading.options.workspace
    return FileExport(
        format="slack-export",
        name=root.rstrip("/") or reading.container.name,
        source=SourceDraft(
            "slack", workspace=workspace, name=_workspace_in(root) or _workspace_in(reading.container.name)
        ),
        parser=SlackParser(directory.names, _files(members), reading.options.agents),
        reading=reading,
        cut=lambda opened: _cut(opened, root, directory),
    )


def _workspace_in(name: str) -> str:
    """Return the name of the workspace where a file or folder still bears the name that Slack gave it."""
    found = _NAME.match(name)
    return found["workspace"] if found else ""


def _files(members: list[str]) -> dict[str, str]:
    found = ((_FILE_ID.search(name), name) for name in members)
    return {match[1] or match[2]: name for match, name in found if match is not None}


def _read_directory(reading: Reading, root: str) -> _Directory:
    directory = _Directory()
    for name, about in _lists(reading, root):
        for item in guarded(_elements(reading, name, root, about, keep=False), name):
            if isinstance(item, RawMessage):
                _note(directory, item.data, about)
    return directory


def _note(directory: _Directory, data: bytes, about: str) -> None:
    """Take over an entry; one that cannot be read is quarantined, with its place, when the items are read."""
    with suppress(Problem):
        _take(directory, data, about)


def _take(directory: _Directory, data: bytes, about: str) -> None:
    if about == "@user":
        user = read_user(data)
        directory.names[user.id] = user.shown()
        directory.workspace = directory.workspace or user.team_id or ""
        return
    channel = read_channel(data)
    directory.conversations[channel.id] = channel.id
    if channel.name:
        directory.names[channel.id] = channel.name
        directory.conversations[channel.name] = channel.id


def _lists(reading: Reading, root: str) -> list[tuple[str, str]]:
    names = set(reading.container.names())
    return [(root + name, about) for name, about in _LISTS.items() if root + name in names]


def _day_files(reading: Reading, root: str) -> list[tuple[str, str]]:
    """Return the day files with their folder, day by day through all conversations.

    Rows lie in the database in the order of time: so each page is written once, not once a conversation.
    """
    found = ((name, _DAY_FILE.fullmatch(name)) for name in members_of(reading, root))
    files = [(name, day["folder"]) for name, day in found if day is not None and day["root"] == root]
    return sorted(files, key=lambda file: (file[0].rpartition("/")[2], file[1]))


def _cut(reading: Reading, root: str, directory: _Directory) -> Iterator[Item]:
    lists, days = _lists(reading, root), _day_files(reading, root)
    reading.plan([name for name, _ in lists + days])
    for name, about in lists:
        yield from guarded(_elements(reading, name, root, about), name)
    for name, folder in days:
        yield from guarded(_elements(reading, name, root, directory.conversations.get(folder, folder)), name)


def _elements(reading: Reading, name: str, root: str, about: str, *, keep: bool = True) -> Iterator[Item]:
    place = name.removeprefix(root)
    stream = reading.text(name)
    try:
        for value in walk(stream, spill=reading.spill if keep else forget):
            yield value_item(value, place, about)
    finally:
        stream.close()
