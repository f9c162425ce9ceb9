"""Slack exports, legacy and modern: threads, edits, tombstones, robots, files, and the four kinds of conversation."""

import io
from pathlib import Path

import pytest

from huidang.sources import ImportOptions, open_exports
from huidang.sources.slack.fixtures import (
    BOT,
    CHANNEL,
    DAYS,
    DIRECT,
    GROUP,
    PRIVATE,
    TEAM,
    ZHOU,
    members,
    unpacked,
    zipped,
)  # fmt: skip
from tests.sources.facts import Read, read


@pytest.fixture
def slack() -> Read:
    return read(zipped(members()))


def test_a_zip_and_a_folder_say_the_same(tmp_path: Path, slack: Read) -> None:
    assert slack.broken == []
    assert len(slack.messages) == sum(map(len, DAYS.values()))
    assert read(unpacked(tmp_path, members())).messages == slack.messages


def test_the_export_may_lie_in_a_folder_of_the_zip(slack: Read) -> None:
    inner = read(zipped(members("Team Slack export 2026/")))
    assert inner.texts() == slack.texts()


def test_a_name_that_slack_gave_says_the_workspace(tmp_path: Path, slack: Read) -> None:
    file = tmp_path / "Acme 客服 Slack export Jan 5 2026 - Jan 7 2026.zip"
    file.write_bytes(zipped(members()).read())
    assert read(file).export.source.name == "Acme 客服"
    inner = zipped(members("backup/Acme Slack export Jan 5 2026 - Jan 7 2026/"))
    assert read(inner).export.source.name == "Acme"
    assert slack.export.source.name == ""


def test_two_workspaces_in_one_zip_are_two_exports() -> None:
    opened = open_exports(zipped(members("a/") | members("b/")))
    assert [one.name for one in opened.exports] == ["a", "b"]
    first, second = opened.exports
    first.close()
    assert len(list(second.items())) > 10


def test_every_conversation_has_its_id_and_kind(slack: Read) -> None:
    assert slack.export.source.workspace == TEAM
    assert {one.id: (one.title, one.kind) for one in slack.conversations} == {
        CHANNEL: ("after-sales", "group"),
        PRIVATE: ("legal", "group"),
        DIRECT: ("周敏、赵岚", "direct"),
        GROUP: ("周敏、赵岚、工单机器人", "group"),
    }
    assert {one.conversation for one in slack.messages} == {CHANNEL, PRIVATE, DIRECT, GROUP}


def test_text_reads_as_it_was_shown(slack: Read) -> None:
    text = slack.by_id("1788228001.897649").text
    assert text == "@赵岚 客户说“价格 < 100 & 包邮”，见 #after-sales 和 订单 47 (https://example.com/o/47)"
    assert slack.by_id("1788228100.000200").text == "收到，我来跟进 @here"


def test_time_is_exact(slack: Read) -> None:
    message = slack.by_id("1788228001.897649")
    assert (message.sent_ms, message.precision) == (1788228001897, "us")


def test_threads_edits_and_reactions(slack: Read) -> None:
    root, reply = slack.by_id("1788228001.897649"), slack.by_id("1788228100.000200")
    assert (root.reply_to, root.thread) == ("", root.id)
    assert (reply.reply_to, reply.thread) == (root.id, root.id)
    assert root.as_of_ms == 1788228060_000
    assert root.details["reactions"] == [{"name": "+1", "by": ["U0ZHAOLAN"], "count": 1}]
    edit = slack.by_id("1788314500.000100")
    assert (edit.entry, edit.target, edit.text) == ("edit", reply.id, "改为三天内处理")


def test_tombstones_and_deletions_point_to_what_is_gone(slack: Read) -> None:
    gone = {one.target for one in slack.messages if one.entry == "delete"}
    assert gone == {"1788228200.000300", "1788314401.000100"}


def test_robots_are_robots_by_what_slack_states(slack: Read) -> None:
    ticket = slack.by_id("1788228300.000400")
    assert (ticket.role, ticket.sender, ticket.sender_name) == ("robot", "B0TICKET1", "工单机器人")
    assert ticket.text == "工单 47 已创建\n优先级: 高"
    assert (slack.person(BOT).role, slack.person(BOT).ground) == ("robot", "is_bot")
    assert slack.person(ZHOU).role == ""


def test_who_adds_a_robot_is_none() -> None:
    files = members()
    files["after-sales/2026-09-01.json"] = (
        b'[{"ts":"1788228001.000100","user":"U0ZHOUMIN","subtype":"bot_add","bot_id":"B0TICKET1","text":"added"}]'
    )
    assert read(zipped(files)).by_id("1788228001.000100").role == ""


def test_files_come_with_bytes_or_with_the_reason(slack: Read) -> None:
    contract, gone, hidden = slack.by_id("1788314401.000100").media
    held = slack.export.open_media(contract.ref)
    assert held is not None
    assert held.read() == b"%PDF-1.7\n"
    assert (gone.missing, hidden.missing) == ("platform-deleted", "hidden-by-limit")
    legacy = slack.by_id("1788314402.000100")
    assert (legacy.kind, legacy.media[0].ref) == ("image", "after-sales/attachments/F0LEGACY01-破损.jpg")


def test_legacy_comments_and_blocks_have_their_words(slack: Read) -> None:
    assert (slack.by_id("1788314403.000100").text, slack.by_id("1788314403.000100").sender) == (
        "外箱也坏了",
        "U0ZHAOLAN",
    )
    assert slack.by_id("1788314901.000100").text == "好的 @赵岚"


def test_an_unknown_subtype_is_a_visible_event(slack: Read) -> None:
    assert (slack.by_id("1788314700.000100").kind, slack.by_id("1788314700.000100").text) == ("system", "新事件")


def test_a_named_agent_is_one() -> None:
    chat = read(zipped(members()), ImportOptions(agents=frozenset({"周敏"})))
    assert (chat.person(ZHOU).role, chat.person(ZHOU).ground) == ("agent", "--agent")


def test_every_message_keeps_its_exact_bytes() -> None:
    files = members()
    files["after-sales/2026-09-01.json"] = b'[ {"ts":"1788228001.000100" ,  "user": "U0ZHOUMIN","text":"a"} ]'
    chat = read(zipped(files))
    assert b'{"ts":"1788228001.000100" ,  "user": "U0ZHOUMIN","text":"a"}' in [item.data for item in chat.raw]


def test_a_truncated_zip_gives_what_is_left() -> None:
    whole = zipped(members()).getvalue()
    opened = open_exports(io.BytesIO(whole[: len(whole) * 2 // 3]))
    assert [refusal.problem.code for refusal in opened.refused] == ["zip-truncated"]
    items = list(opened.exports[0].items())
    assert len(items) > 5
