"""ChatLab JSONL: every line becomes what the standard says it is."""

from pathlib import Path

import pytest

from huidang.records.drafts import ConversationDraft, ParticipantDraft
from huidang.sources import ImportOptions
from huidang.sources.files.fixtures import (
    CHATLAB_MESSAGES,
    chatlab_document,
    chatlab_lines,
    write_document,
    write_lines,
)
from tests.sources.facts import Read, read


@pytest.fixture
def chat(tmp_path: Path) -> Read:
    return read(write_lines(tmp_path / "whatever.bin", chatlab_lines()))


def test_the_chat_belongs_to_its_platform(chat: Read) -> None:
    assert chat.export.source.platform == "wechat"
    assert chat.conversations[0].id == "48213905@chatroom"
    assert chat.conversations[0].kind == "group"
    assert chat.export.exported_ms == 1788400000_000


def test_every_message_comes_with_its_exact_bytes(chat: Read) -> None:
    assert chat.texts() == [message["content"] for message in CHATLAB_MESSAGES]
    assert chat.raw[3].data.startswith(b'{"_type": "message"')
    assert chat.raw[3].place == "line 4"


def test_replies_and_recalls_point_back(chat: Read) -> None:
    assert chat.by_id("7303").reply_to == "7301"
    recall = chat.by_id("7306")
    assert (recall.entry, recall.target) == ("recall", "7303")


def test_seconds_stay_seconds(chat: Read) -> None:
    assert (chat.messages[0].sent_ms, chat.messages[0].precision) == (1788314401_000, "s")


def test_media_that_is_not_there_says_so(chat: Read) -> None:
    assert chat.by_id("7302").media[0].missing == "not-in-export"


def test_media_beside_the_file_is_found(tmp_path: Path) -> None:
    write_lines(tmp_path / "chat.jsonl", chatlab_lines())
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "leak.jpg").write_bytes(b"\xff\xd8\xff")
    chat = read(tmp_path)
    media = chat.by_id("7302").media[0]
    assert media.ref == "media/leak.jpg"
    opened = chat.export.open_media(media.ref)
    assert opened is not None
    with opened:
        assert opened.read() == b"\xff\xd8\xff"


def test_nobody_is_an_agent_without_a_ground(chat: Read) -> None:
    assert {person.role for person in chat.participants} == {""}


def test_a_named_agent_is_one(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "chat.jsonl", chatlab_lines())
    chat = read(path, ImportOptions(agents=frozenset({"周敏"})))
    assert chat.person("wxid_zhoumin") == ParticipantDraft("wxid_zhoumin", "售后客服-周敏", "agent", "--agent")
    assert chat.person("wxid_chenguang").role == ""


def test_a_private_chat_is_known_by_the_other_party(tmp_path: Path) -> None:
    lines = chatlab_lines()
    lines[0]["meta"] = {"name": "陈光", "platform": "wechat", "type": "private", "ownerId": "wxid_zhoumin"}
    chat = read(write_lines(tmp_path / "chat.jsonl", lines))
    assert isinstance(chat.conversations[0], ConversationDraft)
    assert (chat.conversations[0].id, chat.conversations[0].kind) == ("wxid_chenguang", "direct")
    assert chat.export.source.account == "wxid_zhoumin"


def test_comments_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "chat.jsonl", chatlab_lines())
    path.write_text("# 导出自 ChatLab\n\n" + path.read_text("utf-8"), "utf-8")
    assert len(read(path).messages) == len(CHATLAB_MESSAGES)


@pytest.mark.parametrize("indent", [None, 2])
def test_the_document_form_says_the_same_as_the_lines(tmp_path: Path, chat: Read, indent: int | None) -> None:
    document = read(write_document(tmp_path / "chat.json", chatlab_document(), indent=indent))
    assert document.messages == chat.messages
    assert document.conversations == chat.conversations
    assert document.participants == chat.participants


def test_the_header_of_a_document_may_stand_at_its_end(tmp_path: Path, chat: Read) -> None:
    backwards = dict(reversed(chatlab_document().items()))
    document = read(write_document(tmp_path / "chat.json", backwards))
    assert document.messages == chat.messages
    assert document.export.source == chat.export.source
