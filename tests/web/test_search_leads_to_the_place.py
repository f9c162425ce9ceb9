"""Search: hits with their words marked, counts that narrow, ways out of nothing, and the jump into the conversation."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from huidang import records
from huidang.records.drafts import ConversationDraft, Draft, SourceDraft
from huidang.records.models import Conversation, Message
from huidang.search.indexer import Indexer
from tests.cast import Company

Visit = Callable[[str], Client]
START_MS = 1_731_891_600_000


@pytest.fixture
def told(company: Company, writer: Indexer) -> list[Message]:
    """Append and index three messages about a refund in 售后组, and one in 商务部."""
    for name, department in (("退款群", "售后组"), ("供应商群", "商务部")):
        said = [
            Draft(conversation=name, sent_ms=START_MS + n * 60_000, id=f"{name}{n}", sender="u", text=text)
            for n, text in enumerate(["我要退款", "电话 13812345678", "退款多久到账", "<b>退款</b>已登记"])
        ]
        origin = records.Origin(source=SourceDraft("slack", name), department_id=company.departments[department].pk)
        records.append([ConversationDraft(name, title=name), *said], origin)
    writer.drain()
    talk = Conversation.objects.unguarded("test").get(title="退款群")
    return list(Message.objects.unguarded("test").filter(conversation=talk).order_by("pk"))


def test_hits_are_marked_and_counted_within_reach(visit: Visit, told: list[Message]) -> None:
    page = visit("zhoumin").get("/search?q=退款").text
    assert page.count('class="hit"') == 3
    assert "<mark>退款</mark>多久到账" in page
    assert "&lt;b&gt;" in page
    assert "供应商群" not in page
    assert "权限内" in page
    assert "供应商群" in visit("fawu").get("/search?q=退款").text


def test_counts_narrow_and_widen(visit: Visit, told: list[Message]) -> None:
    client = visit("fawu")
    page = client.get("/search?q=退款")
    facets = {str(heading): choices for heading, choices, _most in page.context["facets"]}
    narrowed = client.get(facets["部门"][0].place)
    assert narrowed.context["result"].total == 3
    assert [choice.chosen for heading, choices, _most in narrowed.context["facets"] for choice in choices].count(
        True
    ) == 1
    removed = narrowed.context["chips"][0][1]
    assert client.get(removed).context["result"].total == 6


def test_nothing_found_says_why_and_what_next(visit: Visit, told: list[Message]) -> None:
    page = visit("zhoumin").get("/search?q=退款 type:图片").text
    assert "没有符合的消息" in page
    assert "已在你的权限内找遍" in page
    assert "去掉条件再找" in page


def test_a_masked_number_is_neither_shown_nor_found(visit: Visit, told: list[Message]) -> None:
    client = visit("zhoumin")
    assert client.get("/search?q=13812345678").context["result"].total == 0
    page = client.get("/search?q=电话").text
    assert "138****5678" in page
    assert "13812345678" not in page


def test_a_hit_opens_in_its_place_with_its_neighbours(visit: Visit, told: list[Message]) -> None:
    client, middle = visit("zhoumin"), told[2]
    page = client.get(f"/conversations/{middle.conversation_id}/messages/{middle.pk}?q=退款")
    finding = page.context["find"]
    assert (finding.place, finding.total) == (2, 3)
    assert finding.next == f"/conversations/{middle.conversation_id}/messages/{told[3].pk}?q={quote('退款')}"
    assert "<mark>退款</mark>多久到账" in page.text
    assert f"/search?q={quote('退款')}#hit-{middle.pk}" in page.text


def test_find_in_conversation_opens_the_newest_place(visit: Visit, told: list[Message]) -> None:
    client, place = visit("zhoumin"), f"/conversations/{told[0].conversation_id}"
    assert client.get(f"{place}?q=退款").context["find"].place == 3
    assert "没有找到" in client.get(f"{place}?q=没说过").text
    assert client.get(f"{place}?q=").status_code == 200


@pytest.mark.parametrize("text", ["", '"', "((((", "部门:", "退款 不存在:值", "-", "a" * 5000, "<script>"])
def test_any_text_is_answered(visit: Visit, told: list[Message], text: str) -> None:
    answer = visit("zhoumin").get("/search", {"q": text})
    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_queries_stay_few(
    visit: Visit, told: list[Message], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = visit("fawu")
    with django_assert_max_num_queries(30):
        client.get("/search?q=退款")
