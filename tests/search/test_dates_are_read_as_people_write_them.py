"""Dates, named times and ranges cover what people mean, in the reader's zone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huidang.search.dates import read_age, read_span

NOW = datetime(2026, 9, 9, 17, 30, tzinfo=UTC)  # 2026-09-10 01:30 in Shanghai, a Thursday


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-09", "2026-09-01", "2026-10-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("2026年9月", "2026-09-01", "2026-10-01"),
        ("2026-09-05", "2026-09-05", "2026-09-06"),
        ("２０２６/9/5", "2026-09-05", "2026-09-06"),
        ("2026年9月5日", "2026-09-05", "2026-09-06"),
        ("2026-W36", "2026-08-31", "2026-09-07"),
        ("今天", "2026-09-10", "2026-09-11"),
        ("昨天", "2026-09-09", "2026-09-10"),
        ("上周", "2026-08-31", "2026-09-07"),
        ("上月", "2026-08-01", "2026-09-01"),
        ("去年", "2025-01-01", "2026-01-01"),
        ("近30天", "2026-08-12", "2026-09-11"),
        ("2026-01..2026-03", "2026-01-01", "2026-04-01"),
        ("2026-08..", "2026-08-01", "2026-09-11"),
    ],
)
def test_spans(text: str, first: str, end: str) -> None:
    span = read_span(text, now=NOW, zone="Asia/Shanghai")
    assert span is not None
    local = [(each + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M") for each in span]
    assert local == [f"{first} 00:00", f"{end} 00:00"]


@pytest.mark.parametrize("text", ["", "2026-13", "2026-02-30", "0000", "9999-12-31", "近天", "2026-W99", "某天", ".."])
def test_what_is_no_date(text: str) -> None:
    span = read_span(text, now=NOW, zone="Asia/Shanghai")
    assert span is None or text == ".."


@given(st.text(max_size=20))
def test_nothing_raises(text: str) -> None:
    read_span(text, now=NOW, zone="Asia/Shanghai")
    read_age(text)


def test_ages() -> None:
    assert [read_age(each) for each in ("7d", "2周", "3个月", "1年", "d", "-1d")] == [
        *(timedelta(days=days) for days in (7, 14, 90, 365)), None, None,
    ]  # fmt: skip
