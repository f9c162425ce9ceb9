"""The real Slack export of the samples: two channels, 158 messages, legacy files, robots."""

import pytest

from tests.sources.facts import SAMPLES, Read, read

PATH = SAMPLES / "slack" / "export-2016.zip"
pytestmark = pytest.mark.skipif(not PATH.exists(), reason=f"the sample {PATH} is not here")


@pytest.fixture(scope="module")
def slack() -> Read:
    return read(PATH)


def test_nothing_is_lost(slack: Read) -> None:
    assert slack.broken == []
    assert len(slack.messages) == 158
    assert len({(message.conversation, message.id) for message in slack.messages}) == 158


def test_the_workspace_and_its_channels_are_known(slack: Read) -> None:
    assert slack.export.source.workspace == "T0BMHLSRH"
    assert {one.title for one in slack.conversations} == {"enrique", "traveling-sailor"}


def test_mentions_are_names_and_robots_are_robots(slack: Read) -> None:
    assert any("@hamza" in text for text in slack.texts())
    assert not any("<@U" in text for text in slack.texts())
    assert {message.role for message in slack.messages if message.details.get("subtype") == "bot_message"} == {"robot"}


def test_legacy_files_say_why_their_bytes_are_missing(slack: Read) -> None:
    files = [file for message in slack.messages for file in message.media]
    assert files
    assert {file.missing for file in files} == {"needs-token"}


def test_progress_ends_at_one(slack: Read) -> None:
    assert slack.export.progress() == 1.0
