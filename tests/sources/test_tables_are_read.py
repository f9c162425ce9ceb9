"""Tables with Chinese headers: CSV in every delimiter and encoding, XLSX, mapping by a person, the preview."""

from datetime import datetime
from pathlib import Path

import pytest

from huidang.kernel.problems import Problem
from huidang.sources import ImportOptions, open_export, preview
from huidang.sources.files.fixtures import TABLE_HEADERS, TABLE_ROWS, write_csv, write_xlsx
from huidang.sources.files.moments import from_text
from tests.sources.facts import Read, read

ROWS = [TABLE_HEADERS, *TABLE_ROWS]


def expect_the_chat(chat: Read) -> None:
    assert chat.broken == []
    assert [one.text for one in chat.messages] == [row[7] for row in TABLE_ROWS]
    assert chat.messages[0].sent_ms == 1788314401_000
    assert [one.precision for one in chat.messages[:2]] == ["s", "min"]
    assert chat.messages[1].sent_ms - chat.messages[0].sent_ms == (5 * 3600 + 5 * 60 - 1) * 1000
    assert {one.conversation for one in chat.messages} == {"g-7"}
    assert (chat.person("u-2").role, chat.person("u-2").ground) == ("agent", "column")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_tables(tmp_path: Path, encoding: str, delimiter: str) -> None:
    chat = read(write_csv(tmp_path / "导出.dat", ROWS, encoding, delimiter))
    expect_the_chat(chat)
    assert chat.messages[2].media[0].name == "合同.jpg"
    assert chat.messages[2].kind == "image"


def test_titles_above_the_header_are_passed_over(tmp_path: Path) -> None:
    expect_the_chat(read(write_csv(tmp_path / "a.csv", [["客服聊天记录导出"], ["导出人", "周敏"], *ROWS])))


def test_workbooks(tmp_path: Path) -> None:
    other = [["说明"], ["本表由系统导出"]]
    chat = read(write_xlsx(tmp_path / "a.xlsx", {"说明": other, "聊天": ROWS}))
    expect_the_chat(chat)
    assert chat.raw[0].place == "聊天!2"
    assert chat.raw[0].data.decode().startswith('["退费群","g-7","陈光"')


def test_the_cells_of_a_workbook_may_be_dates_and_numbers(tmp_path: Path) -> None:
    head = ["发送时间", "工号", "内容"]
    rows = [[datetime(2026, 9, 2, 10, 0, 1), 1024, 47], [46267.5, 1024.0, "半天"], [46267, 1024, "整天"]]  # noqa: DTZ001
    chat = read(write_xlsx(tmp_path / "a.xlsx", {"S": [head, *rows]}))
    assert [one.sent_ms for one in chat.messages] == [1788314401_000, 1788321600_000, 1788278400_000]
    assert [one.precision for one in chat.messages] == ["s", "s", "day"]
    assert {one.sender for one in chat.messages} == {"1024"}
    assert chat.messages[0].text == "47"


def test_date_and_clock_may_stand_apart(tmp_path: Path) -> None:
    chat = read(
        write_csv(tmp_path / "a.csv", [["日期", "时间", "昵称", "内容"], ["2026-09-02", "10:00:01", "陈光", "在吗"]])
    )
    assert chat.messages[0].sent_ms == 1788314401_000


def test_wechat_exports_are_tables(tmp_path: Path) -> None:
    head = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender"
    rows = ["7,3,1,0,1,1788314401,2,好的,2026-09-02 10:00:01,,周敏,wxid_z", "8,3,3,0,0,1788314402,2,,,,陈光,wxid_c"]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([head, *rows]), "utf-8-sig")
    chat = read(path)
    assert [(one.sent_ms, one.kind, one.role) for one in chat.messages] == [
        (1788314401_000, "text", "agent"),
        (1788314402_000, "image", ""),
    ]
    assert chat.person("wxid_z").ground == "isSend"


def test_a_person_maps_the_columns(tmp_path: Path) -> None:
    rows = [["何时", "谁", "说了什么", "备注"], ["2026-09-02 10:00:01", "陈光", "在吗", "-"]]
    path = write_csv(tmp_path / "a.csv", rows)
    with pytest.raises(Problem) as refused:
        open_export(path)
    assert refused.value.code == "format-unknown"
    columns = {"time": "何时", "sender": "谁", "text": "说了什么", "conversation": "=华东售后"}
    chat = read(path, ImportOptions(columns=columns))
    assert chat.texts() == ["在吗"]
    assert chat.messages[0].conversation == "华东售后"


def test_the_preview_shows_what_is_missing(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["何时", "昵称", "内容"], ["2026-09-02 10:00", "陈光", "在吗"]], "gb18030")
    shown = preview(path)
    assert shown.headers == ("何时", "昵称", "内容")
    assert shown.rows == (("2026-09-02 10:00", "陈光", "在吗"),)
    assert shown.mapping == {"sender": "昵称", "text": "内容"}
    assert (shown.missing, shown.encoding, shown.delimiter) == (["time"], "gb18030", ",")
    mended = preview(path, ImportOptions(columns={"time": "何时"}))
    assert mended.missing == []


def test_the_preview_of_a_workbook_names_its_sheets(tmp_path: Path) -> None:
    shown = preview(write_xlsx(tmp_path / "a.xlsx", {"说明": [["无"]], "聊天": ROWS}))
    assert (shown.sheet, shown.sheets) == ("聊天", ["说明", "聊天"])
    assert shown.mapping["text"] == "消息内容"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_table_without_a_time_is_refused_with_its_reason(tmp_path: Path, suffix: str) -> None:
    rows = [["昵称", "内容"], ["陈光", "在吗"]]
    path = tmp_path / f"a.{suffix}"
    write_csv(path, rows) if suffix == "csv" else write_xlsx(path, {"S": rows})
    with pytest.raises(Problem) as refused:
        open_export(path)
    assert refused.value.code == "table-no-time"
    assert "时间" in refused.value.text


def test_an_unclosed_quote_breaks_its_own_row_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [
        "时间,发送人,内容",
        '2026-09-02 10:00:01,陈光,"没关',
        *(f"2026-09-02 10:00:{n:02},周敏,好" for n in range(2, 9)),
    ]
    path.write_text("\n".join(lines), "utf-8")
    chat = read(path)
    assert [(one.place, one.code) for one in chat.broken] == [("line 2", "unclosed-quote")]
    assert len(chat.messages) == 7


def test_a_time_that_cannot_be_read_breaks_its_own_row_only(tmp_path: Path) -> None:
    rows = [["时间", "内容"], ["昨天", "一"], ["3/4/2026 10:00", "二"], ["2026-09-02 10:00:01", "三"]]
    chat = read(write_csv(tmp_path / "a.csv", rows))
    assert [one.code for one in chat.broken] == ["time-unreadable"] * 2
    assert chat.texts() == ["三"]


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("2026-09-02 10:00:01", "s"), ("2026/9/2 10:00:01", "s"), ("2026.9.2 10:00:01",
        "s"), ("2026-09-02T10:00:01", "s"),
        ("2026年9月2日 10:00:01", "s"), ("2026年9月2日10时00分01秒", "s"), ("2026年09月02日 星期三 上午10:00:01", "s"),
        ("2026-09-02T02:00:01Z", "s"), ("2026-09-02 10:00:01 +0800", "s"), ("2026-09-02T10:00:01.000+08:00", "ms"),
        ("20260902100001", "s"), ("20260902 100001", "s"), ("1788314401", "s"), ("1788314401000", "ms"),
        ("2026-09-02 10:00:01 AM", "s"), ("２０２６-09-02 10:00:01", "s"), ("2026-09-02 02:00:01 UTC", "s"),
    ],
)  # fmt: skip
def test_every_usual_spelling_of_a_time(written: str, precision: str) -> None:
    moment = from_text(written, "Asia/Shanghai")
    assert (moment.ms, moment.precision) == (1788314401_000, precision)


def test_the_zone_is_that_of_the_person_where_none_is_stated(tmp_path: Path) -> None:
    chat = read(write_csv(tmp_path / "a.csv", ROWS), ImportOptions(timezone="UTC"))
    assert chat.messages[0].sent_ms == 1788314401_000 + 8 * 3600_000
    assert chat.messages[0].zone == "UTC"
