"""What is broken or malicious gives one `Problem`, or `Broken` items with place and reason; the rest comes through."""

import io
import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from huidang.kernel.problems import Problem
from huidang.sources import open_export, open_exports
from huidang.sources.files import lines, spill
from huidang.sources.files.fixtures import chatlab_lines, write_document, write_lines
from huidang.sources.slack.fixtures import members, zipped
from tests.sources.facts import read, read_export


def refusal(source: Path | io.BytesIO) -> str:
    """Return the code of the problem that opening raises; its sentence must be one line of Chinese."""
    with pytest.raises(Problem) as refused:
        open_exports(source)
    assert "\n" not in refused.value.text
    assert any("一" <= character <= "鿿" for character in refused.value.text)
    return refused.value.code


def zip_with(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    target.seek(0)
    return target


def chat_bytes() -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in chatlab_lines()).encode()


def test_what_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.zip") == "file-absent"


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"\0\0\0\0"])
def test_empty_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    assert refusal(path) == "file-empty"


def test_an_empty_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "file-empty"


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "随便写点什么。\n".encode() * 9, b"{}", b"[]", b"7"]
)
def test_unknown_formats(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    assert refusal(path) == "format-unknown"


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    write_lines(tmp_path / "chat.jsonl", chatlab_lines())
    opened = open_exports(tmp_path)
    assert len(opened.exports) == 1
    assert {one.problem.code for one in opened.refused} == {"member-link"}
    assert refusal(tmp_path / "self") == "file-absent"


@pytest.mark.parametrize(
    "name", ["../../etc/chat.jsonl", "/etc/chat.jsonl", "a/../../b.jsonl", "C:/b.jsonl", "..\\..\\b.jsonl"]
)
def test_paths_that_climb_are_not_read(name: str) -> None:
    assert refusal(zip_with((name, chat_bytes()))) == "member-climbs"


def test_links_in_a_zip_are_not_followed() -> None:
    link = zipfile.ZipInfo("chat.jsonl")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    opened = open_exports(zip_with((link, b"/etc/passwd"), ("good.jsonl", chat_bytes())))
    assert [one.problem.code for one in opened.refused] == ["member-link"]
    assert len(read_export(opened.exports[0]).messages) == 8


def test_bombs_are_not_unpacked() -> None:
    opened = open_exports(zip_with(("bomb.jsonl", b"\0" * 60_000_000), ("good.jsonl", chat_bytes())))
    assert [one.problem.code for one in opened.refused] == ["zip-bomb"]
    assert len(opened.exports) == 1


def test_encrypted_members_say_so() -> None:
    data = bytearray(zip_with(("chat.jsonl", chat_bytes())).getvalue())
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flag] |= 1
    assert refusal(io.BytesIO(bytes(data))) == "zip-encrypted"


def test_nested_zips_say_so() -> None:
    assert refusal(zip_with(("inner.zip", zipped(members()).getvalue()))) == "zip-nested"


def test_a_zip_cut_off_early_is_one_line() -> None:
    assert refusal(io.BytesIO(zipped(members()).getvalue()[:40])) == "zip-truncated"


def test_damage_inside_a_zip_costs_its_own_member_only() -> None:
    noise = os.urandom(200_000).hex().encode()
    data = bytearray(zip_with(("a.jsonl", chat_bytes() + noise), ("b.jsonl", chat_bytes())).getvalue())
    data[len(data) // 2] ^= 0xFF
    opened = open_exports(io.BytesIO(bytes(data)))
    results = [read_export(export) for export in opened.exports]
    assert len(results[-1].messages) == 8
    assert "member-damaged" in {one.code for one in results[0].broken}


@pytest.mark.parametrize("bad", [
    b'{"_type":"message","sender":"x"', b"not json", b'{"_type":"message","timestamp":1788314401,"content":"\xff\xfe"}',
    b'{"_type":"message","sender":"x","timestamp":"soon"}', b'{"_type":"message","sender":"x","timestamp":1e300}',
    b'{"_type":"message","sender":"x","timestamp":9e999}', b'{"_type":"message","sender":"x","timestamp":-5}',
    b'{"_type":"message","sender":"x"}', b'{"_type":"mystery"}', b"[" * 100_000, b'{"a":' * 100_000, b"\0\0\0",
    b'{"_type":"message","timestamp":' + b"9" * 5000 + b"}",
    b'{"_type":"message","content":{"a":1},"timestamp":1788314401}',
])  # fmt: skip
def test_one_broken_line_among_many(tmp_path: Path, bad: bytes) -> None:
    path = tmp_path / "a.jsonl"
    many = chat_bytes() + b"\n".join([chat_bytes().splitlines()[4]] * 500)
    path.write_bytes(chat_bytes() + bad + b"\n" + many)
    chat = read(path)
    assert [one.place for one in chat.broken] == ["line 12"]
    assert chat.broken[0].data == bad
    assert len(chat.messages) == 8 + 8 + 500


def test_half_characters_and_zeros_are_mended_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = rb'{"_type":"message","sender":"x","timestamp":1788314401,"content":"a\ud83d b\u0000 \\ud83d \ud83d\ude00"}'
    path.write_bytes(chat_bytes() + line)
    chat = read(path)
    assert chat.broken == []
    assert chat.texts()[-1] == "a\ufffd b\ufffd \\ud83d 😀"
    assert chat.raw[-1].data == line


def test_of_duplicate_keys_the_last_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        chat_bytes() + b'{"_type":"message","timestamp":1,"sender":"x","timestamp":1788314401,"content":"b"}'
    )
    assert read(path).texts()[-1] == "b"


@pytest.mark.parametrize(
    "damage", [(b'"type": 0', b'"type": 0 0'), (b'"wxid_chenguang"', b'"wxid_chenguang'), (b"}", b"")]
)
def test_one_broken_element_in_a_document(tmp_path: Path, damage: tuple[bytes, bytes]) -> None:
    message = {"sender": "wxid_chenguang", "timestamp": 1788314401, "type": 0, "content": "在吗"}
    document = {"chatlab": {"version": "0.0.2"}, "meta": {"name": "a", "platform": "wechat", "type": "group"}}
    path = write_document(tmp_path / "a.json", {**document, "messages": [message] * 200})
    head, middle, tail = path.read_bytes().partition(b'"messages"')
    elements = tail.split(b"}, {")
    elements[100] = (elements[100] + b"}").replace(*damage, 1)
    path.write_bytes(
        head + middle + b"}, {".join(elements[:100]) + b"}, {" + elements[100] + b", {" + b"}, {".join(elements[101:])
    )
    chat = read(path)
    assert len(chat.messages) >= 198
    assert 1 <= len(chat.broken) <= 2
    assert chat.broken[0].place == "messages[100]"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    chat = read(write_lines(tmp_path / "a.jsonl", chatlab_lines(), encoding))
    assert chat.broken == []
    assert chat.texts()[0].startswith("你好，我买的净水器漏水了")


def test_chinese_far_behind_plain_letters_is_recognised(tmp_path: Path) -> None:
    plain = [{**line, "content": "ok"} for line in chatlab_lines() if line["_type"] == "message"] * 2000
    head = {
        "_type": "header",
        "chatlab": {"version": "0.0.2"},
        "meta": {"name": "a", "platform": "qq", "type": "group"},
    }
    ascii_only = [
        {key: "x" if key in {"accountName", "groupNickname"} else value for key, value in line.items()}
        for line in plain
    ]
    chat = read(write_lines(tmp_path / "a.jsonl", [head, *ascii_only, chatlab_lines()[3]], "gb18030"))
    assert chat.texts()[-1].startswith("你好")


def test_one_wrong_character_in_gb18030_costs_one_line(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", chatlab_lines(), "gb18030")
    path.write_bytes(
        path.read_bytes().replace("在吗".encode("gb18030"), b"").replace("是的".encode("gb18030"), b"\xff\xff", 1)
    )
    chat = read(path)
    assert [one.code for one in chat.broken] == ["bad-encoding"]
    assert len(chat.messages) == 7


def test_a_line_beyond_the_limit_goes_to_a_blob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "ITEM_LIMIT", 4096)
    path = tmp_path / "a.jsonl"
    path.write_bytes(chat_bytes() + b'{"x":"' + b"y" * 3_000_000 + b'"}\n' + chat_bytes().splitlines()[4])
    stored: list[int] = []

    def put(stream: io.BytesIO) -> str:
        stored.append(sum(len(chunk) for chunk in iter(lambda: stream.read(1 << 16), b"")))
        return "ab" * 32

    chat = read_export(open_export(path, spill=spill.into(put)))  # type: ignore[arg-type]
    assert stored == [3_000_008]
    assert [(one.place, one.code, one.blob) for one in chat.broken] == [("line 12", "item-too-long", "ab" * 32)]
    assert len(chat.messages) == 9


_HUGE = """
import re, sys
from pathlib import Path
from huidang.sources import open_export
from huidang.records.drafts import Broken
export = open_export(Path(sys.argv[1]))
items = list(export.items())
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(sum(isinstance(item, Broken) for item in items), len(items), peak)
"""


def _in_little_memory(path: Path) -> tuple[int, int, int]:
    """Return the peak as the kernel counts it since `exec`; `ru_maxrss` would begin with this process's own."""
    done = subprocess.run([sys.executable, "-c", _HUGE, str(path)], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": "src"})  # fmt: skip
    broken, items, kilobytes = map(int, done.stdout.split())
    return broken, items, kilobytes


@pytest.mark.parametrize("megabytes", [300, pytest.param(2048, marks=pytest.mark.soak)])
def test_a_gigantic_line_takes_constant_memory(tmp_path: Path, megabytes: int) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(chat_bytes())
        for _ in range(megabytes):
            file.write(b"y" * (1 << 20))
        file.write(b"\n" + chat_bytes().splitlines()[4])
    broken, items, kilobytes = _in_little_memory(path)
    assert (broken, items) == (1, 13)
    assert kilobytes < 160_000


def test_a_gigantic_element_takes_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.write(b'{"chatlab":{"version":"0.0.2"},"meta":{"name":"a","platform":"qq","type":"group"},"messages":[')
        file.write(b'{"sender":"a","timestamp":1788314401,"type":0,"content":"')
        for _ in range(300):
            file.write(b"y" * (1 << 20))
        file.write(b'"},{"sender":"a","timestamp":1788314401,"type":0,"content":"b"}]}')
    broken, items, kilobytes = _in_little_memory(path)
    assert (broken, items) == (1, 3)
    assert kilobytes < 200_000
