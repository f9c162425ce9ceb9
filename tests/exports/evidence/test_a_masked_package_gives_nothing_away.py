"""A masked package proves what it shows and how much it hides, and holds nothing of what is hidden, in no stream."""

import hashlib
import json
import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huidang.exports.evidence import write
from huidang.exports.evidence.verify import verify
from huidang.kernel.problems import Absent
from huidang.people.readers import local_operator
from huidang.records import Profile, conceal
from huidang.records.models import Conversation
from tests.cast import Company
from tests.exports.evidence.packages import MOBILE, PICTURE, RESIDENT, document_of, files_of, fill, package, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(db: None) -> Conversation:
    return fill()


def streams(path: Path) -> Iterator[bytes]:
    """Yield every file of a package, every base64 in its records decoded, every stream of its PDF unpacked."""
    files = files_of(path)
    yield from files.values()
    for record in records_of(files):
        yield from (b64decode(record.get("text", {}).get(name, "")) for name in ("salts", "commitments"))
        yield from (b64decode(value) for group, (_salt, value) in record["disclosed"].items() if group == "raw")
    for piece in files["report.pdf"].split(b"stream\n")[1:]:
        try:
            yield zlib.decompressobj().decompress(piece.lstrip(b"\r\n"))
        except zlib.error:
            continue


def records_of(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["records.jsonl"].splitlines()]


@pytest.mark.parametrize("profile", [Profile.INSIDE, Profile.OUTSIDE])
def test_no_stream_holds_what_is_hidden(conversation: Conversation, tmp_path: Path, profile: Profile) -> None:
    path = package(tmp_path, conversation, profile)
    assert verify(path)["ok"]
    found = b"\0".join(streams(path))
    secrets = [MOBILE[:8], MOBILE[3:], RESIDENT[5:14], PICTURE.decode("latin-1"), hashlib.sha256(PICTURE).hexdigest()]
    for secret in secrets:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
            assert secret.encode(encoding) not in found
    assert hashlib.sha256(PICTURE).digest() not in found
    records = records_of(files_of(path))
    assert not any("raw" in record["disclosed"] or "path" in record for record in records)
    assert not [record for record in records if record["kind"] == "file" and "content" in record["disclosed"]]


def test_the_whole_package_opens_everything(conversation: Conversation, tmp_path: Path) -> None:
    files = files_of(package(tmp_path, conversation))
    entries = [record for record in records_of(files) if record["kind"] == "entry"]
    assert len(entries) == 14
    assert all(len(record["disclosed"]) == 16 for record in entries)
    assert MOBILE in entries[0]["text"]["text"]
    assert PICTURE in files.values()


def test_what_was_recalled_stays_hidden_from_outside(conversation: Conversation, tmp_path: Path) -> None:
    path = package(tmp_path, conversation, Profile.OUTSIDE)
    hidden = [each for each in records_of(files_of(path)) if "recall" in each["disclosed"].get("entry", ["", ""])[1]]
    assert hidden
    (recalled,) = (each for each in records_of(files_of(path)) if each["index"] == 5)
    assert set(recalled["text"]["text"]) == {"*"}
    assert verify(path)["ok"]


def test_whoever_writes_it_may_hide_more(conversation: Conversation, tmp_path: Path) -> None:
    shown = seen(conversation, local_operator(), Profile.NONE)
    text = shown[7].text
    shown = conceal(shown, ranges={shown[6].id: [(2, 3)]}, whole={shown[7].id})
    path = package(tmp_path, conversation, Profile.NONE, shown=shown)
    assert verify(path)["ok"]
    records = {record["index"]: record for record in records_of(files_of(path))}
    assert records[6]["text"]["text"] == "第 * 条"
    assert records[6]["text"]["hidden"] == [[2, 3]]
    assert set(records[7]["text"]["text"]) == {"*"}
    assert len(records[7]["text"]["text"]) == len(text)
    assert sorted(records[7]["disclosed"]) == ["kind", "role", "sent", "text"]
    assert "raw" not in records[6]["disclosed"]
    assert "𠮷".encode() not in b"\0".join(streams(path))


def test_evidence_is_for_those_who_may_take_it(conversation: Conversation, company: Company, tmp_path: Path) -> None:
    for username in ("zhaolan", "zhoumin", "admin"):
        document = replace(document_of(conversation), reader=company.reader(username))
        with pytest.raises(Absent):
            write(document, tmp_path / "x.zip", progress=lambda _done: None)
