"""The files that people bring by mistake or malice, and what is to come of each: shared by the doors that take them."""

import io
import json
import stat
import zipfile
from dataclasses import dataclass

from huidang.sources.files.fixtures import chatlab_lines
from huidang.sources.slack.fixtures import members, zipped

ITEM_LIMIT = 64 * 1024
"""The longest line here; a real one of 2 GB is read by `tests/sources/test_hostile_files_give_one_clear_line.py`."""

GOOD = 8
"""Messages of the chat that stands in the files beside what is bad."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A file: its name and bytes, how much of it is new and quarantined, and words of the line that says why."""

    name: str
    content: bytes
    new: int
    quarantined: int
    said: str

    @property
    def is_refused(self) -> bool:
        """Whether nothing of it can be read."""
        return not self.new


def chat() -> bytes:
    """Return a sound chat as lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in chatlab_lines()).encode()


def many(count: int) -> bytes:
    """Return so many further messages as lines."""
    line = '{"_type":"message","sender":"u1","accountName":"王秀兰","timestamp":%d,"type":0,"content":"第%d句"}\n'
    return "".join(line % (1_788_400_000 + number, number) for number in range(count)).encode()


def packed(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    """Return a ZIP."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target.getvalue()


def link() -> zipfile.ZipInfo:
    """Return a member that is a symbolic link."""
    entry = zipfile.ZipInfo("passwd.jsonl")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def all_of_them() -> dict[str, Bad]:
    """Return the list, by what is wrong with each."""
    whole, slack = chat(), zipped(members()).getvalue()
    wrong = whole.decode().encode("gb18030").replace("是的".encode("gb18030"), b"\xff\xff", 1)
    table = "姓名,内容\n王秀兰,我要退款\n周敏,好的\n".encode()
    return {
        "truncated ZIP": Bad("a.zip", packed(("a.jsonl", whole), ("b.jsonl", whole))[:-30], GOOD, 1, "不完整"),
        "ZIP cut off at once": Bad("a.zip", slack[:40], 0, 0, "压缩包不完整"),
        "wrong encoding": Bad("a.jsonl", wrong, GOOD - 1, 1, "无法解码"),
        "one broken line among many": Bad("a.jsonl", whole + b"{broken\n" + many(6000), GOOD + 6000, 1, "line 12"),
        "table without a time column": Bad("a.csv", table, 0, 0, "时间"),
        "endless line": Bad("a.jsonl", whole + b"y" * 3_000_000 + b"\n" + many(3), GOOD + 3, 1, "超过单条上限"),
        "ZIP bomb": Bad("a.zip", packed(("bomb.jsonl", bytes(60_000_000)), ("a.jsonl", whole)), GOOD, 1, "压缩炸弹"),
        "only a ZIP bomb": Bad("a.zip", packed(("bomb.jsonl", bytes(60_000_000))), 0, 0, "压缩炸弹"),
        "path that climbs": Bad("a.zip", packed(("../../a.jsonl", whole), ("b.jsonl", whole)), GOOD, 1, "压缩包之外"),
        "symlink in a ZIP": Bad("a.zip", packed((link(), b"/etc/passwd"), ("a.jsonl", whole)), GOOD, 1, "符号链接"),
        "empty file": Bad("a.jsonl", b"", 0, 0, "空"),
        "unknown format": Bad("a.bin", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, 0, 0, "格式"),
    }
