"""Search: hits with their words marked, counts that narrow, ways out of nothing, and the jump into the conversation."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from html import escape, unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from pytest_django import DjangoAssertNumQueries

from huidang import records, search
from huidang.people import allowances, grants, searches
from huidang.people.models import Entry
from huidang.records.drafts import ConversationDraft, Draft, SourceDraft
from huidang.records.models import Conversation, Message
from huidang.search.indexer import Indexer
from huidang.sources.models import Import, Quarantine
from huidang.web.counting import Choice, Facet
from tests.cast import START, Company
from tests.search.hostile import HARMLESS_LOOKING, MONSTERS, RANDOM

Visit = Callable[[str], Client]
START_MS = 1_731_891_600_000
SECONDS = 1


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

    def choices(place: str, heading: str) -> list[Choice]:
        facets: list[Facet] = client.get(place.replace("/search?", "/search/counts?")).context["facets"]
        return next((facet.choices for facet in facets if facet.heading == heading), [])

    first, _other = choices("/search?q=退款", "部门")
    narrowed = client.get(first.place)
    assert narrowed.context["result"].total == 3
    assert [choice.chosen for choice in choices(first.place, "部门")] == [True, False]
    both = choices(first.place, "部门")[1].place
    assert client.get(both).context["result"].total == 6
    assert all(choice.chosen for choice in choices(both, "部门"))
    assert client.get(narrowed.context["chips"][0].without).context["result"].total == 6


def test_a_search_is_noted_once_whatever_else_of_its_result_is_looked_at(
    visit: Visit, company: Company, writer: Indexer
) -> None:
    write_many(company, 60)
    writer.drain()
    client = visit("fawu")

    def noted() -> list[tuple[str, int]]:
        entries = list(Entry.objects.filter(what="search").order_by("pk"))
        texts = searches.texts_of(entries)
        return [(texts[each.pk], each.facts["total"]) for each in entries]

    page = client.get("/search?q=丢件")
    (talk,) = page.context["groups"]
    counts = re.search(r'hx-get="(/search/counts[^"]+)"', page.text)
    assert counts
    assert client.get(unescape(counts[1]), headers={"HX-Request": "true"}).context["facets"]
    assert client.get(page.context["following"], headers={"HX-Request": "true"}).context["result"].hits
    assert client.get(client.get(talk.hits[0].place).context["find"].results).status_code == 200
    assert noted() == [("丢件", 60)]
    for other in ("/search/counts?q=物流", "/search?q=包裹&beyond=9999999999999999999&noted=1", "/search?q=丢&seen=1"):
        client.get(other)
    client.get(page.context["following"].replace(quote("丢件"), quote("件")))
    client.get(f"/conversations/{talk.conversation.id}?q=退款")
    client.get(talk.hits[0].place.replace(quote("丢件"), "59"))
    visit("zhoumin").get(page.context["following"])
    others = [("物流", 0), ("包裹", 0), ("丢", 60), ("件", 60), ("退款", 0), ("59", 1), ("丢件", 0)]
    assert sorted(noted()) == sorted([("丢件", 60), *others])


def test_counts_stand_on_a_page_of_their_own_where_no_script_runs(visit: Visit, told: list[Message]) -> None:
    page = visit("zhoumin").get("/search/counts?q=退款")
    assert "售后组" in page.text
    assert 'id="main"' in page.text
    assert "没有符合的消息" in visit("zhoumin").get("/search/counts?q=没说过").text
    assert visit("zhoumin").get("/search/counts").headers["Location"] == "/search"


def test_a_part_of_a_name_marks_the_counts_it_means(visit: Visit, told: list[Message]) -> None:
    page = visit("fawu").get("/search/counts?q=退款 dept:售后 type:文字")
    chosen = {facet.heading: [each for each in facet.choices if each.chosen] for facet in page.context["facets"]}
    assert [each.label for each in chosen["部门"]] == ["售后组"]
    assert [each.label for each in chosen["内容"]] == ["文字"]
    assert visit("fawu").get(chosen["部门"][0].place).context["result"].total == 6


def test_a_chip_is_edited_in_its_place(visit: Visit, told: list[Message]) -> None:
    client = visit("fawu")
    page = client.get("/search?q=退款 dept:售后 type:文字&rows=1")
    assert [(chip.name, chip.value) for chip in page.context["chips"]] == [("dept", "售后"), ("type", "文字")]
    assert page.context["rest"] == "退款"
    form = {"q": "退款 dept:售后 type:文字", "rows": "1", "edit": "1"}
    for more, expected in (
        ({"value": "商务部"}, "退款 dept:商务部 type:文字"),
        ({"value": "商 务"}, '退款 dept:"商 务" type:文字'),
        ({"value": "商务部", "not": "1"}, "退款 -dept:商务部 type:文字"),
        ({"value": ""}, "退款 type:文字"),
    ):
        answer = client.get("/search", form | more)
        assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"q": [expected], "rows": ["1"]}


def test_chips_and_text_are_one_query(visit: Visit, told: list[Message]) -> None:
    answer = visit("fawu").get("/search", {"q": "退款 OR 发票", "with": ["dept:售后", "-type:图片"]})
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query == {"q": ["dept:售后 -type:图片 (退款 OR 发票)"]}


def test_days_are_chosen_and_cleared(visit: Visit, told: list[Message]) -> None:
    client = visit("fawu")
    answer = client.get("/search", {"q": "退款 on:昨天", "first": "2024-11-18", "last": "2024-11-19"})
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"q": ["退款 during:2024-11-18..2024-11-19"]}
    assert client.get(answer.headers["Location"]).context["result"].total == 6
    page = client.get("/search/counts?q=退款 during:2024-11-18..2024-11-19")
    assert page.context["histogram"].days == 2
    assert 'value="2024-11-18"' in page.text
    assert client.get(page.context["histogram"].clear).context["result"].total == 6
    assert client.get("/search/counts?q=退款 on:2024-11-17").context["histogram"].bars[0].inside is False


def test_who_comes_back_finds_the_list_where_it_was(visit: Visit, company: Company, writer: Indexer) -> None:
    write_many(company, 460)
    writer.drain()
    client = visit("fawu")
    ids = [hit.shown.id for hit in client.get("/search?q=丢件&rows=1").context["result"].hits]
    page = client.get(f"/search?q=丢件&rows=1&seen={ids[10]}")
    assert len(page.context["result"].hits) == 20
    assert page.text.count("hit-seen") == 1
    places = search.find_places(company.reader("fawu"), "丢件", int(page.context["groups"][0].conversation.id))
    far = client.get(f"/search?q=丢件&seen={places[0]}")
    assert far.context["result"].hits[0].shown.id == str(places[0])
    assert far.context["ahead"] == 459
    assert "前面还有 459 条" in far.text
    by_score = client.get(f"/search?q=丢件&sort=score&seen={ids[0]}&place=230")
    assert by_score.context["ahead"] == 220


def test_the_best_first_are_paged_too(visit: Visit, company: Company, writer: Indexer) -> None:
    write_many(company, 120)
    writer.drain()
    client, place, seen = visit("fawu"), "/search?q=丢件&sort=score", set[str]()
    while place:
        page = client.get(place, headers={"HX-Request": "true"})
        seen |= {hit.shown.id for hit in page.context["result"].hits}
        place = page.context["following"]
    assert len(seen) == 120


def write_many(company: Company, count: int) -> None:
    said = [
        Draft(conversation="c", sent_ms=START_MS + n * 60_000, id=f"m{n}", sender="u", text=f"丢件 {n}")
        for n in range(count)
    ]
    records.append([ConversationDraft("c", title="快递群"), *said], records.Origin(source=SourceDraft("slack", "many")))


@pytest.mark.parametrize("sort", ["new", "old", "score"])
def test_hits_are_walked_across_the_result(visit: Visit, told: list[Message], sort: str) -> None:
    client = visit("fawu")
    page = client.get("/search", {"q": "退款", "sort": sort})
    places = [found.place for group in page.context["groups"] for found in group.hits]
    order = [hit.shown.id for hit in page.context["result"].hits]
    walked, place = [], next(place for place in places if f"/messages/{order[0]}?" in place)
    while place:
        find = client.get(place).context["find"]
        assert (find.result.place, find.result.total) == (len(walked) + 1, 6)
        walked.append(place.split("/messages/")[1].split("?")[0])
        place = find.after
    assert walked == order
    back = client.get(find.before).context["find"]
    assert back.result.place == 5


def test_the_quarantine_is_counted_for_who_may_open_it(visit: Visit, company: Company, told: list[Message]) -> None:
    imported = Import.objects.create(name="坏文件.json", created_at=START, department=company.departments["售后组"])
    Quarantine.objects.create(imported=imported, digest="0", place="1", code="x", reason="x", created_at=START)
    grants.give(company.users["admin"], "supervisor", everything=True)
    assert "隔离区 1 条" in visit("admin").get("/search?q=退款").text
    assert "隔离区" not in visit("zhoumin").get("/search?q=退款").text


def test_suggestions_are_a_list_of_options(visit: Visit, told: list[Message]) -> None:
    client = visit("zhoumin")
    page = client.get("/search/suggestions?q=退款 tuikuan")
    assert 'role="option"' not in page.text
    assert 'data-insert="in:=退款群"' in client.get("/search/suggestions?q=退").text
    assert "供应商" not in client.get("/search/suggestions?q=供应").text
    assert 'data-insert="from:"' in client.get("/search/suggestions?q=发件").text


def test_nothing_found_says_why_and_what_next(visit: Visit, told: list[Message]) -> None:
    page = visit("zhoumin").get("/search?q=退款 type:图片")
    assert "没有符合的消息" in page.text
    assert "已在你的权限内找遍" in page.text
    assert [(way.label, way.count) for way in page.context["ways"]] == [("去掉 type:图片", 3)]
    terms = visit("zhoumin").get("/search?q=退款 没说过").context["ways"]
    assert [(way.label, way.count) for way in terms] == [("去掉 没说过", 3), ("任一词都行", 3)]
    only = visit("zhoumin").get("/search?q=退款 没说过 type:图片").context["ways"]
    assert [(way.label, way.count) for way in only] == [("只找 退款", 3)]


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
    sealed = f"q={quote('退款')}&noted={finding.asked.noted}"
    assert finding.next == f"/conversations/{middle.conversation_id}/messages/{told[3].pk}?{sealed}"
    assert "<mark>退款</mark>多久到账" in page.text
    assert f"/search?{escape(sealed)}&amp;seen={middle.pk}#hit-{middle.pk}" in page.text


def test_find_in_conversation_opens_the_newest_place(visit: Visit, told: list[Message]) -> None:
    client, place = visit("zhoumin"), f"/conversations/{told[0].conversation_id}"
    assert client.get(f"{place}?q=退款").context["find"].place == 3
    assert "没有找到" in client.get(f"{place}?q=没说过").text
    assert client.get(f"{place}?q=").status_code == 200


def test_any_text_is_answered(visit: Visit, told: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    client = visit("zhoumin")
    monkeypatch.setattr(allowances, "SEARCHES", replace(allowances.SEARCHES, most=1_000_000))
    for text in (*HARMLESS_LOOKING, *MONSTERS[:4], "退款 不存在:值", "a" * 5000):
        for place in ("/search", "/search/counts"):
            answer = client.get(place, {"q": text}, follow=True)
            assert answer.status_code == 200, text
            assert "<script>" not in answer.text.replace('<script src="', "")


@pytest.mark.soak
def test_a_hundred_thousand_texts_are_answered(
    visit: Visit, told: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit("zhoumin")
    client.get("/search?q=退款")  # the first page loads what all share
    monkeypatch.setattr(allowances, "SEARCHES", replace(allowances.SEARCHES, most=1_000_000))

    @settings(max_examples=100_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(RANDOM)
    def answered(text: str) -> None:
        assert seconds(text) < SECONDS or seconds(text) < SECONDS  # a collection of garbage may fall into one

    def seconds(text: str) -> float:
        began = time.thread_time()
        for place in ("/search", "/search/counts"):
            answer = client.get(place, {"q": text}, follow=True)
            assert answer.status_code == 200
            assert "<script>" not in answer.text
        return time.thread_time() - began

    answered()


def test_queries_stay_few(
    visit: Visit, told: list[Message], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = visit("fawu")
    client.get("/search?q=订单")  # the first request of a session stores it
    with django_assert_max_num_queries(49):  # eight of them where a new share of the allowance is drawn
        client.get("/search?q=退款")
