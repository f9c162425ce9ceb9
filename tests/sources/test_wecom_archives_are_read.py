"""Decrypted WeCom messages: every type is understood, none is dropped, roles come from ids only."""

from pathlib import Path

import pytest

from huidang.sources.files.fixtures import write_document, write_lines
from huidang.sources.wecom.archive import role_of
from huidang.sources.wecom.fixtures import AGENT, BODIES, CUSTOMER, ROBOT, ROOM, START_MS, archive, message
from tests.sources.facts import Read, read

KINDS = {
    "text": "text", "image": "image", "agree": "system", "disagree": "system", "voice": "voice", "video": "video",
    "card": "card", "location": "location", "emotion": "sticker", "file": "file", "link": "link", "weapp": "card",
    "chatrecord": "forward", "todo": "card", "vote": "card", "collect": "card", "redpacket": "redpacket",
    "external_redpacket": "redpacket", "meeting": "card", "docmsg": "link", "markdown": "text", "news": "link",
    "calendar": "card", "mixed": "text", "meeting_voice_call": "call", "voip_doc_share": "file", "sphfeed": "link",
    "voiptext": "call", "qydiskfile": "file", "solitaire": "other",
}  # fmt: skip


@pytest.fixture
def chat(tmp_path: Path) -> Read:
    return read(write_lines(tmp_path / "chat.txt", archive()))


def test_every_type_has_its_kind(chat: Read) -> None:
    assert chat.broken == []
    assert dict(zip(BODIES, (one.kind for one in chat.messages), strict=False)) == KINDS


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("docmsg", "售后话术 2026"), ("markdown", "三天到账"), ("news", "国庆发货安排"), ("mixed", "漏水的地方"),
        ("chatrecord", "我上周就说过漏水"), ("location", "人民大道"), ("meeting_voice_call", "报价单.pdf"),
        ("solitaire", "报名上门时间"), ("agree", "同意会话内容存档"), ("calendar", "带滤芯"),
    ],
)  # fmt: skip
def test_what_people_said_can_be_found(chat: Read, kind: str, part: str) -> None:
    assert part in chat.messages[list(BODIES).index(kind)].text


def test_an_unknown_type_keeps_its_body(chat: Read) -> None:
    unknown = chat.messages[list(BODIES).index("solitaire")]
    assert unknown.details["body"] == BODIES["solitaire"][1]


def test_a_recall_points_to_its_message(chat: Read) -> None:
    recall = next(one for one in chat.messages if one.entry == "recall")
    assert recall.target == chat.messages[0].id


def test_milliseconds_are_kept(chat: Read) -> None:
    assert (chat.messages[3].sent_ms, chat.messages[3].precision) == (START_MS + 3000, "ms")


def test_sizes_written_as_text_are_numbers(chat: Read) -> None:
    image = chat.messages[list(BODIES).index("image")].media[0]
    assert (image.size, image.missing) == (70961, "needs-archive-sdk")


def test_rooms_and_pairs_are_conversations(chat: Read) -> None:
    kinds = {one.id: one.kind for one in chat.conversations}
    assert kinds[ROOM] == "group"
    assert kinds["|".join(sorted((AGENT, CUSTOMER)))] == "direct"


def test_both_sides_of_a_pair_share_one_conversation(tmp_path: Path) -> None:
    there = message(1, "text", roomid="", tolist=[AGENT])
    back = message(2, "text", roomid="", tolist=[CUSTOMER])
    chat = read(write_lines(tmp_path / "chat.jsonl", [there, back]))
    assert len({one.conversation for one in chat.messages}) == 1


def test_roles_come_from_the_form_of_the_id(chat: Read) -> None:
    assert (chat.person(CUSTOMER).role, chat.person(CUSTOMER).ground) == ("customer", "external-id")
    assert chat.person(ROBOT).role == "robot"
    assert chat.person(AGENT).role == "agent"


def test_a_colleague_whose_name_begins_like_a_customer_stays_a_colleague() -> None:
    assert role_of("wong") == ("agent", "userid")
    assert role_of("womeng") == ("agent", "userid")


def test_a_change_of_corp_is_visible(chat: Read) -> None:
    assert chat.messages[-1].details["type"] == "switch"
    assert chat.messages[-1].kind == "system"


def test_a_list_in_one_document_is_read_as_well(tmp_path: Path) -> None:
    chat = read(write_document(tmp_path / "chat.json", archive(), indent=2))
    assert len(chat.messages) == len(archive())


def test_a_call_outside_a_room_does_not_stop_anything(tmp_path: Path) -> None:
    call = message(1, "meeting_voice_call", tolist=[AGENT])
    del call["roomid"]
    chat = read(write_lines(tmp_path / "chat.jsonl", [call, message(2, "text")]))
    assert [one.kind for one in chat.messages] == ["call", "text"]
    assert chat.messages[0].details["voiceid"]
