"""A chart of the company is looked at line by line before anything is made; what is wrong is said with its line."""

import csv
import io
import zipfile

import pytest
from openpyxl import Workbook

from huidang.kernel.problems import Absent, Problem
from huidang.people import charts
from huidang.people.departments import paths
from huidang.people.models import Department, Entry
from tests.cast import Company

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def told(text: str) -> list[tuple[str, bool, str]]:
    return [(line.path, line.is_new, line.problem) for line in charts.read(text.encode()).lines]


def test_paths_make_what_is_missing_and_keep_what_stands(company: Company) -> None:
    chart = charts.read(
        "部门\n望山家电/客服中心/售后组\n望山家电/客服中心/夜班组\n\n望山家电/法务部\n".encode("gb18030")
    )
    assert [line.path.rpartition("/")[2] for line in chart.new] == ["夜班组", "法务部"]
    assert [line.path for line in charts.read(chart.text.encode()).lines] == [line.path for line in chart.new]
    before = set(paths().values())
    assert charts.apply(company.reader("admin"), chart) == 2
    assert set(paths().values()) - before == {"望山家电/客服中心/夜班组", "望山家电/法务部"}
    assert charts.apply(company.reader("admin"), charts.read("path\n望山家电/法务部\n".encode())) == 0
    assert Entry.objects.filter(what="departments-imported").count() == 2


def test_names_with_the_one_above_follow_the_file_and_then_the_house(company: Company) -> None:
    assert told("名称;上级\n夜班二组;夜班组\n夜班组;客服中心\n分公司;\n") == [
        ("望山家电/客服中心/夜班组/夜班二组", True, ""),
        ("望山家电/客服中心/夜班组", False, ""),
        ("分公司", True, ""),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("名称,上级\n甲,乙\n乙,甲\n", "绕回"),
        ("名称,上级\n甲,甲\n", "绕回"),
        ("名称,上级\n甲,无此部门\n", "没有上级部门"),
        ("名称,上级\n甲,客服中心\n甲,商务部\n", "两次"),
        ("部门\n" + "x" * 101 + "\n", "100 个字"),
        ("部门\n" + "/".join("abcdefghijklm") + "\n", "12 层"),
        ("部门,备注\n,只有备注\n", "没有部门名称"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_made(company: Company, text: str, words: str) -> None:
    chart = charts.read(text.encode())
    assert words in chart.problems[0].problem
    before = Department.objects.count()
    with pytest.raises(Problem, match=f"第 {chart.problems[0].number} 行"):
        charts.apply(company.reader("admin"), chart)
    assert Department.objects.count() == before


def workbook(*rows: tuple[str, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b" " * (65 * 1024**2))
    return out.getvalue()


def test_a_workbook_is_read_like_a_text(company: Company) -> None:
    chart = charts.read(workbook(("名称", "上级部门"), ("夜班组", "客服中心"), ("", ""), ("分公司", "")))
    assert [(line.number, line.path, line.is_new) for line in chart.lines] == [
        (2, "望山家电/客服中心/夜班组", True),
        (4, "分公司", True),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "chart-empty"),
        (b"a,b\n1,2\n", "chart-columns"),
        (b"\xff\xfe\xff", "chart-encoding"),
        (b"x" * (charts.LARGEST + 1), "chart-too-large"),
        ("部门\n".encode() + b"a\n" * charts.MOST_ROWS, "chart-too-long"),
        (b"department\n" + b"x" * 200_000, "chart-unreadable"),
        (b"PK\x03\x04 no workbook", "chart-unreadable"),
        (workbook(), "chart-empty"),
        (bomb(), "chart-too-large"),
    ],
)
def test_what_is_no_chart_is_refused(company: Company, content: bytes, code: str) -> None:
    csv.field_size_limit(2**31 - 1)  # whoever reads large exports has raised the limit of the whole process
    with pytest.raises(Problem) as refusal:
        charts.read(content)
    assert refusal.value.code == code


def test_only_a_manager_imports(company: Company) -> None:
    with pytest.raises(Absent):
        charts.apply(company.reader("zhaolan"), charts.read(b"path\nA/B\n"))
