"""DingTalk: histories and events of `dws` under all their names, and robot callbacks of every type."""

from pathlib import Path

import pytest

from huidang.sources import ImportOptions
from huidang.sources.dingtalk.fixtures import AGENT, CORP, CUSTOMER, GROUP, callbacks, events, history, raw_variant
from huidang.sources.files.fixtures import write_document, write_lines
from tests.sources.facts import Read, read


@pytest.fixture
def past(tmp_path: Path) -> Read:
    return read(write_document(tmp_path / "x.json", history(), indent=2))


@pytest.fixture
def live(tmp_path: Path) -> Read:
    return read(write_lines(tmp_path / "x.log", events()))


@pytest.fixture
def robot(tmp_path: Path) -> Read:
    return read(write_lines(tmp_path / "robot.ndjson", callbacks()))


def test_a_history_is_whole_and_says_so(past: Read) -> None:
    assert past.broken == []
    assert (past.export.declared, past.export.complete, len(past.messages)) == (6, True, 6)


def test_wall_clock_is_that_of_beijing(past: Read) -> None:
    first, second = past.messages[:2]
    assert (first.sent_ms, first.precision, first.zone) == (1788314401_000, "s", "Asia/Shanghai")
    assert (second.sent_ms, second.precision, second.zone) == (1788314460123, "ms", "")


def test_quotes_edits_and_reactions_are_kept(past: Read) -> None:
    answer = past.by_id("msg02")
    assert answer.reply_to == "msg01"
    assert answer.as_of_ms == 1788314520_000
    assert answer.details["reactions"] == [{"name": "赞", "by": ["陈光"], "count": 1}]


def test_pictures_and_files_in_the_text_become_media(past: Read) -> None:
    picture, file = past.by_id("msg03"), past.by_id("msg04")
    assert (picture.kind, picture.media[0].kind, picture.media[0].missing) == ("image", "image", "needs-token")
    assert (file.kind, file.media[0].name) == ("file", "报名合同.pdf")


def test_forwarded_messages_keep_their_words_and_no_false_sender(past: Read) -> None:
    forward = past.by_id("msg05")
    assert forward.kind == "forward"
    assert forward.details["items"][0]["sender"] == ""
    assert forward.details["items"][0]["text"] == "按合同扣除已上课时"


def test_cards_are_read_and_robots_are_robots(past: Read) -> None:
    card = past.by_id("msg06")
    assert (card.kind, card.text, card.role, card.thread) == ("card", "退费申请已受理", "robot", "t1")
    assert past.person("robot-7").ground == "senderType"
    assert past.person(AGENT).role == ""


def test_the_names_of_the_gateway_are_understood(tmp_path: Path) -> None:
    chat = read(write_document(tmp_path / "x.json", raw_variant()))
    message = chat.messages[0]
    assert (message.id, message.conversation, message.sender, message.text) == (
        "msg11", GROUP, CUSTOMER, "还没有收到退款",
    )  # fmt: skip
    assert chat.export.complete is None
    assert message.details["reactions"][0]["name"] == "收到"


def test_search_results_are_grouped_by_conversation(tmp_path: Path) -> None:
    group = {"openConversationId": GROUP, "singleChat": True, "title": "陈光", "messages": [
        {"openMessageId": "g1", "sender": "陈光", "senderOpenDingTalkId": CUSTOMER, "content": "喂",
         "createTime": "2026-09-02 12:00:00"}]}  # fmt: skip
    chat = read(write_document(tmp_path / "x.json", {"result": {"conversationMessagesList": [group]}}))
    assert (chat.conversations[0].kind, chat.messages[0].conversation) == ("direct", GROUP)


def test_events_become_messages_and_recalls(live: Read) -> None:
    assert live.broken == []
    assert live.texts()[:2] == ["在吗？", "在的，请讲。"]
    recall = live.by_id("e3")
    assert (recall.entry, recall.target, recall.sender) == ("recall", "msg21", CUSTOMER)
    assert live.by_id("e4").details["target"] == "msg22"
    assert live.by_id("msg22").sent_ms == 1788318065_000


def test_receipts_and_approvals_are_no_messages(live: Read) -> None:
    assert len(live.raw) == len(events())
    assert len(live.messages) == len(events()) - 2


def test_robot_callbacks_state_their_corp(robot: Read) -> None:
    assert robot.broken == []
    assert robot.export.source.workspace == CORP
    assert robot.conversations[0].title == "发票服务群"


def test_every_type_of_callback_is_read(robot: Read) -> None:
    assert [one.kind for one in robot.messages] == [
        "text", "image", "text", "voice", "video", "file", "other", "text",
    ]  # fmt: skip
    assert robot.messages[2].text == "发票抬头错了请重开"
    assert (robot.messages[3].text, robot.messages[3].media[0].seconds) == ("麻烦快一点", 4)
    assert robot.messages[7].text == "谢谢"


def test_times_of_callbacks_may_be_text(robot: Read) -> None:
    assert [one.sent_ms for one in robot.messages[:2]] == [1788314401062, 1788314402062]


def test_callbacks_of_another_corp_are_not_mixed_in(tmp_path: Path) -> None:
    lines = callbacks()[:2]
    lines[1]["chatbotCorpId"] = "dingOther"
    chat = read(write_lines(tmp_path / "robot.ndjson", lines))
    assert [one.code for one in chat.broken] == ["other-workspace"]


def test_a_named_agent_is_one(tmp_path: Path) -> None:
    chat = read(write_document(tmp_path / "x.json", history()), ImportOptions(agents=frozenset({"周敏"})))
    assert (chat.person(AGENT).role, chat.person(AGENT).ground) == ("agent", "--agent")


def test_a_truncated_history_gives_what_it_has(tmp_path: Path) -> None:
    path = write_document(tmp_path / "x.json", history(), indent=2)
    path.write_bytes(path.read_bytes()[:-700])
    chat = read(path)
    assert 3 <= len(chat.messages) < 6
    assert chat.broken
