"""Fuzz: arbitrary bytes and JSON through every format end in facts, `Broken` or `Problem`, never in another error."""

import contextlib
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huidang.kernel.problems import Problem
from huidang.records.drafts import Broken, RawMessage
from huidang.sources import open_exports, preview
from huidang.sources.dingtalk import fixtures as dingtalk
from huidang.sources.dingtalk.dws import DwsParser
from huidang.sources.dingtalk.robot import RobotParser
from huidang.sources.files.documents import walk
from huidang.sources.files.fixtures import chatlab_document, chatlab_lines
from huidang.sources.files.moments import from_text
from huidang.sources.files.spill import forget
from huidang.sources.slack import fixtures as slack
from huidang.sources.slack.messages import SlackParser
from huidang.sources.wecom import fixtures as wecom
from huidang.sources.wecom.archive import WeComParser

SEEDS: list[bytes] = [
    "\n".join(json.dumps(line, ensure_ascii=False) for line in chatlab_lines()).encode(),
    json.dumps(chatlab_document()).encode(),
    "\n".join(json.dumps(line) for line in wecom.archive()).encode(),
    json.dumps(dingtalk.history(), ensure_ascii=False).encode(),
    "\n".join(json.dumps(line) for line in dingtalk.events()).encode(),
    "\n".join(json.dumps(line) for line in dingtalk.callbacks()).encode(),
    '时间,发送人,内容\n2026-09-02 10:00:01,陈光,"在\n吗"\n'.encode(),
    "时间\t发送人\t内容\n2026-09-02 10:00:01\t陈光\t在吗\n".encode("gb18030"),
    slack.zipped(slack.members()).getvalue(),
]  # fmt: skip
PARSERS: list[Any] = [SlackParser({}, {}), WeComParser(), DwsParser(), RobotParser()]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def swallow(data: bytes) -> None:
    for look in (lambda: read_all(data), lambda: preview(io.BytesIO(data))):
        with contextlib.suppress(Problem):
            look()


def read_all(data: bytes) -> None:
    for export in open_exports(io.BytesIO(data)).exports:
        for item in export.items():
            if isinstance(item, Broken):
                continue
            with contextlib.suppress(Problem):
                export.parser.parse(item)


@given(st.binary(max_size=400))
def test_arbitrary_bytes(data: bytes) -> None:
    swallow(data)


@given(st.sampled_from(SEEDS), st.integers(0, 1 << 20), st.integers(0, 60), st.binary(max_size=12))
def test_real_files_with_a_wound(seed: bytes, at: int, length: int, patch: bytes) -> None:
    place = at % len(seed)
    swallow(seed[:place] + patch + seed[place + length :])


@given(st.sampled_from(SEEDS), st.integers(0, 1 << 20))
def test_real_files_cut_short(seed: bytes, at: int) -> None:
    swallow(seed[: at % len(seed)])


def _swapped(holder: Any, path: list[int], value: Any) -> Any:
    """Put `value` somewhere inside a JSON value, wherever the path leads."""
    if not path or not isinstance(holder, dict | list) or not holder:
        return value
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    key = keys[path[0] % len(keys)]
    copy = dict(holder) if isinstance(holder, dict) else list(holder)
    copy[key] = _swapped(holder[key], path[1:], value)
    return copy


MESSAGES = [
    *wecom.archive(), *dingtalk.events(), *dingtalk.callbacks(), *dingtalk.history()["messages"],
    *(message for day in slack.DAYS.values() for message in day), *slack.USERS,
]  # fmt: skip


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: type(parser).__name__)
@given(st.sampled_from(MESSAGES), st.lists(st.integers(0, 40), min_size=1, max_size=4), anything)
def test_messages_with_a_strange_value(parser: Any, message: dict[str, Any], path: list[int], value: Any) -> None:
    data = json.dumps(_swapped(message, path, value)).encode()
    for about in ("C1", "@user", "@group"):
        with contextlib.suppress(Problem):
            parser.parse(RawMessage("line 1", data, about))


@given(st.lists(anything, max_size=6), st.sampled_from([None, 1]))
def test_every_element_of_a_list_is_cut_exactly(values: list[Any], indent: int | None) -> None:
    data = json.dumps(values, indent=indent).encode()
    if values and isinstance(values, list):
        cut = [value for value in walk(io.BytesIO(data), spill=forget) if not value.why]
        assert [json.dumps(json.loads(value.data)) for value in cut] == [json.dumps(value) for value in values]


@given(st.text(max_size=40) | st.from_regex(r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日? [上下]午 ?\d{1,2}:\d{1,2}(:\d\d)?"))
def test_times(text: str) -> None:
    with contextlib.suppress(Problem):
        from_text(text, "Asia/Shanghai")
