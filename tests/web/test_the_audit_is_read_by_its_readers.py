"""The audit on pages: sentences for auditors alone, found by who, what, when and from where, and taken along."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from openpyxl import load_workbook

from huidang.kernel import clock, ledger
from huidang.people import audit, grants, requests, searches, sightings
from huidang.people.models import Entry, SearchText
from tests.cast import MOBILE, Company

pytestmark = pytest.mark.django_db

Visit = Callable[[str], Client]


@pytest.fixture
def lived(company: Company, visit: Visit) -> Company:
    """Let some things happen."""
    talk = company.conversations["售后"]
    visit("zhoumin").get(f"/search?q=退款 {MOBILE}")
    visit("zhoumin").get(f"/conversations/{talk.pk}")
    with audit.asked_from("203.0.113.7"):
        audit.note("sign-in", by=company.users["zhaolan"], way="password")
        audit.note(
            "reveal", by=company.users["zhaolan"], about=f"conversation:{talk.pk}", why=f"核对{MOBILE}",
            conversation=str(talk.pk), until=clock.now().isoformat(),
        )  # fmt: skip
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        sightings.settle()
    return company


def test_entries_are_sentences(visit: Visit, lived: Company) -> None:
    page = visit("auditor").get("/audit").text
    for text in (
        "搜索「退款 138****5678」",
        "查看会话 ",
        "，1 次",
        "登录，用密码",
        "的原文，至 ",
        "203.0.113.7",
        "周敏",
    ):
        assert text in page
    assert MOBILE not in page
    assert "售后群" not in page, "an auditor who may not read knows a conversation by its number"


def test_who_may_read_finds_the_way_to_the_object(visit: Visit, lived: Company) -> None:
    grants.give(lived.users["auditor"], "compliance", everything=True)
    page = visit("auditor").get("/audit").text
    assert f'href="/conversations/{lived.conversations["售后"].pk}">会话「售后群」' in page


@pytest.mark.parametrize("username", ["zhoumin", "zhaolan", "fawu", "admin", "chenwei"])
def test_to_everybody_else_it_is_absent(visit: Visit, lived: Company, username: str) -> None:
    client, pk = visit(username), Entry.objects.latest("pk").pk
    for place in ("/audit", "/audit/export.csv", f"/audit/{pk}", "/audit/0"):
        assert client.get(place).status_code == 404
    assert client.post(f"/audit/{pk}/erasures", {"why": "客户要求"}).status_code == 404


def test_a_part_of_the_house_is_not_enough(visit: Visit, lived: Company) -> None:
    grants.give(lived.users["chenwei"], "auditor", over=lived.departments["客服中心"])
    assert visit("chenwei").get("/audit").status_code == 404


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("person=赵岚", {"sign-in", "reveal"}),
        ("person=zhoumin", {"search", "view"}),
        ("kind=reveals", {"reveal"}),
        ("kind=views", {"view"}),
        ("about={talk}", {"view", "reveal"}),
        ("about=https://house/conversations/{talk}", {"view", "reveal"}),
        ("address=203.0", {"sign-in", "reveal"}),
        ("since=2999-01-01", set()),
        ("until=2000-01-01", set()),
    ],
)
def test_entries_are_found(visit: Visit, lived: Company, query: str, wanted: set[str]) -> None:
    talk = str(lived.conversations["售后"].pk)
    answer = visit("auditor").get(f"/audit?{query.replace('{talk}', talk)}")
    assert {line.entry.what for line in answer.context["lines"]} == wanted


def test_what_cannot_be_read_is_refused_in_place(visit: Visit, lived: Company) -> None:
    answer = visit("auditor").get("/audit?since=gestern&person=赵岚")
    assert answer.status_code == 400
    assert "日期应写作" in answer.text
    assert 'value="赵岚"' in answer.text


def test_older_entries_follow(visit: Visit, lived: Company) -> None:
    for _number in range(60):
        audit.note("sign-out", by=lived.users["zhoumin"])
    page = visit("auditor").get("/audit?kind=signing")
    assert len(page.context["lines"]) == 50
    following = visit("auditor").get(f"/audit?kind=signing&before={page.context['following']}")
    assert len(following.context["lines"]) == 11


def test_it_is_taken_along_as_a_table(visit: Visit, lived: Company) -> None:
    client = visit("auditor")
    text = client.get("/audit/export.csv?kind=reveals").content.decode("utf-8-sig")
    assert "核对138****5678" in text
    assert MOBILE not in text
    assert len(text.splitlines()) == 2
    book = load_workbook(io.BytesIO(client.get("/audit/export.xlsx").content))
    rows = list(book.active.values)
    assert rows[0][:5] == ("编号", "时间", "账号", "姓名", "做了什么")
    assert len(rows) == Entry.objects.count()
    noted = Entry.objects.filter(what="audit-exported").order_by("pk")
    assert [(row.name, row.facts["format"], row.facts["filter"]) for row in noted] == [
        ("auditor", "CSV", {"kind": "reveals"}), ("auditor", "XLSX", {}),
    ]  # fmt: skip


def test_no_cell_becomes_a_formula(visit: Visit, company: Company) -> None:
    searches.note("x", by=company.reader("zhoumin"), total=1)
    audit.note("reveal", by=company.users["zhaolan"], why="=1+1")
    assert "'=1+1" in visit("auditor").get("/audit/export.csv").content.decode()


def test_it_says_how_far_it_is_proved(visit: Visit, lived: Company) -> None:
    client = visit("auditor")
    assert "还没有校验过" in client.get("/audit").text
    ledger.checkpoint()
    audit.note("verified", by=None, ok=False, problems=2)
    page = client.get("/audit").text
    assert "检查点 #" in page
    assert "校验发现 2 处不符" in page
    entry = Entry.objects.get(what="verified")
    assert "<dd>系统</dd>" in client.get(f"/audit/{entry.pk}").text


def test_the_words_of_a_search_are_erased(visit: Visit, lived: Company) -> None:
    client, entry = visit("auditor"), Entry.objects.get(what="search")
    assert "清除检索词" in client.get(f"/audit/{entry.pk}").text
    assert client.post(f"/audit/{entry.pk}/erasures", {"why": ""}).status_code == 400
    assert SearchText.objects.exists()
    client.post(f"/audit/{entry.pk}/erasures", {"why": "客户要求删除"})
    page = client.get(f"/audit/{entry.pk}").text
    assert "检索词已清除" in page
    assert "退款" not in page
    assert audit.altered() + searches.altered() == []


def test_what_needs_two_persons_is_set_by_who_manages(visit: Visit, company: Company) -> None:
    admin = visit("admin")
    assert 'value="export" checked' in admin.get("/two-persons").text
    admin.post("/two-persons", {"needed": ["deletion", "release", "reveal-bulk"]})
    assert not requests.needs_two_persons("export")
    assert requests.needs_two_persons("deletion")
    assert Entry.objects.get(what="two-persons").about == "export"
    assert "双人规则「导出文件」：不需要两个人" in visit("auditor").get("/audit").text
    assert visit("fawu").get("/two-persons").status_code == 404
    assert visit("fawu").post("/two-persons").status_code == 404
