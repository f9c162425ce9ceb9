"""The loop takes files as they are: good items in, bad ones to quarantine, a repeat adds nothing."""

import json
from pathlib import Path

import pytest

from huidang import sources
from huidang.kernel.problems import Problem
from huidang.records.models import Message
from huidang.sources import Summary
from huidang.sources.models import Import, Quarantine
from huidang.sources.quarantine import content_of

AT = 1_700_000_000
HEAD = {
    "_type": "header",
    "chatlab": {"version": "0.0.2", "exportedAt": AT + 10**6},
    "meta": {"name": "售后群", "platform": "wechat", "type": "group", "groupId": "g1"},
}

pytestmark = pytest.mark.django_db


def line(number: int) -> str:
    message = {"_type": "message", "sender": f"u{number % 7}", "accountName": "王女士", "timestamp": AT + number // 3}
    message |= {"type": 0, "content": f"第 {number} 句", "platformMessageId": str(number)}
    return json.dumps(message, ensure_ascii=False)


def chat(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join([json.dumps(HEAD, ensure_ascii=False), *lines]) + "\n", encoding="utf-8")
    return path


def counts(summary: Summary) -> tuple[int, int, int, int]:
    messages = summary.as_json()["messages"]
    return messages["read"], messages["new"], messages["known"], messages["quarantined"]


def test_a_file_comes_in_and_a_repeat_adds_nothing(tmp_path: Path) -> None:
    path = chat(tmp_path / "chat.jsonl", [line(number) for number in range(50)])
    assert counts(sources.ingest([path], workers=0)) == (50, 50, 0, 0)
    assert counts(sources.ingest([path], workers=0)) == (50, 0, 50, 0)
    texts = Message.objects.unguarded("test").order_by("id").values_list("text", flat=True)
    assert list(texts) == [f"第 {number} 句" for number in range(50)]
    row = Import.objects.latest("pk")
    assert (row.state, row.read, row.known, row.progress) == (Import.DONE, 50, 50, 1.0)


def test_broken_lines_go_to_quarantine_once_with_place_and_bytes(tmp_path: Path) -> None:
    late = json.dumps({"_type": "message", "sender": "u", "timestamp": AT * 9, "type": 0, "content": "x"})
    path = chat(tmp_path / "chat.jsonl", [line(1), '{"_type":"message",', late, line(2)])
    for _ in range(2):
        assert counts(sources.ingest([path], workers=0))[3] == 2
    assert Message.objects.unguarded("test").count() == 2
    kept = list(Quarantine.objects.order_by("pk"))
    assert [("3" in kept[0].place), len(kept)] == [True, 2]
    assert b'{"_type":"message",' in content_of(kept[0])


def test_a_mended_item_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = chat(tmp_path / "chat.jsonl", [line(1)])
    parser = type(sources.open_export(path).parser)
    real = parser.parse
    monkeypatch.setattr(parser, "parse", lambda *_: (_ for _ in ()).throw(Problem("odd", "看不懂。")))
    sources.ingest([path], workers=0)
    item = Quarantine.objects.filter(about="").exclude(content=b"").latest("pk")
    with pytest.raises(Problem, match="看不懂"):
        sources.reread(item, sources.open_export(path))
    monkeypatch.setattr(parser, "parse", real)
    assert sources.reread(item, sources.open_export(path)) == 1
    assert Quarantine.objects.get(pk=item.pk).solved_at is not None


def test_an_unknown_file_is_refused_and_others_go_on(tmp_path: Path) -> None:
    odd = tmp_path / "odd.bin"
    odd.write_bytes(b"\x00\x01\x02")
    good = chat(tmp_path / "chat.jsonl", [line(1)])
    summary = sources.ingest([odd, good], workers=0)
    assert [problem.code for problem in summary.refused] == ["format-unknown"]
    assert summary.new == 1
    with pytest.raises(Problem):
        sources.ingest([odd], workers=0)


def test_many_lines_are_parsed_by_workers_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = chat(tmp_path / "chat.jsonl", [line(number) for number in range(9000)])
    assert counts(sources.ingest([path], workers=2)) == (9000, 9000, 0, 0)
    texts = Message.objects.unguarded("test").order_by("id").values_list("text", flat=True)
    assert list(texts) == [f"第 {number} 句" for number in range(9000)]
