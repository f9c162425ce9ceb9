"""The three panes show what a reader reaches, in whole pages and in pieces, with a constant number of queries."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.cast import Company, attach, edit, open_conversation, recall, write

Visit = Callable[[str], Client]


def test_list_shows_what_is_in_reach_and_nothing_else(visit: Visit) -> None:
    page = visit("zhoumin").get("/conversations").text
    assert "售后群" in page
    assert "售前群" not in page
    assert "商务群" not in page


def test_transcript_shows_messages_with_masks(visit: Visit, company: Company) -> None:
    page = visit("zhoumin").get(f"/conversations/{company.conversations['售后'].pk}").text
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "好的，已经帮您登记" in page


def test_forbidden_and_absent_are_one_answer(visit: Visit, company: Company) -> None:
    client = visit("zhoumin")
    forbidden = client.get(f"/conversations/{company.conversations['商务'].pk}")
    absent = client.get("/conversations/999999")
    assert forbidden.status_code == absent.status_code == 404
    strip = lambda response: response.text.replace(response.wsgi_request.path, "")  # noqa: E731
    assert "商务群" not in forbidden.text
    assert len(strip(forbidden)) == len(strip(absent))


def test_recalled_text_is_not_in_the_page(visit: Visit, company: Company) -> None:
    talk = company.conversations["售后"]
    recall(write(talk, "我说错了，价格是九百", minutes=5))
    page = visit("zhoumin").get(f"/conversations/{talk.pk}").text
    assert "价格是九百" not in page
    assert "已撤回" in page
    assert "原文仅授权可见" in page
    assert "价格是九百" in visit("zhaolan").get(f"/conversations/{talk.pk}").text


def test_edits_replies_and_files_are_marked(visit: Visit, company: Company) -> None:
    talk = company.conversations["售后"]
    asked = write(talk, "请问什么时候发货", minutes=5, id="asked")
    edit(write(talk, "明天发", minutes=6, sender="周敏", role="agent", reply_to="asked"), "后天发货")
    attach(write(talk, "", minutes=9, kind="image"), missing="not-in-export")
    page = visit("zhoumin").get(f"/conversations/{talk.pk}").text
    assert "后天发货" in page
    assert "已编辑" in page
    assert f'href="/conversations/{talk.pk}/messages/{asked.pk}"' in page
    assert "导出文件里没有这个文件" in page


def test_text_of_people_is_never_markup(visit: Visit, company: Company) -> None:
    talk = company.conversations["售后"]
    write(talk, '<img src=x onerror=alert(1)> https://example.com/"><script>', minutes=5)
    page = visit("zhoumin").get(f"/conversations/{talk.pk}").text
    assert "<img src=x" not in page
    assert '"><script>' not in page
    assert 'rel="noopener noreferrer nofollow"' in page


def test_pieces_join_without_gap_or_double(visit: Visit, company: Company) -> None:
    talk = open_conversation(company, title="长会话", department="售后组")
    sent = [write(talk, f"第 {number} 条", minutes=number * 7, id=f"m{number}") for number in range(120)]
    client, seen = visit("zhoumin"), []
    place = f"/conversations/{talk.pk}"
    page = client.get(place)
    while True:
        items = page.context["items"]
        seen = [int(item.message.id) for item in items] + seen
        older = page.context["older"]
        if not older:
            break
        page = client.get(older, headers={"HX-Request": "true"})
        assert "<html" not in page.text
    assert seen == [message.pk for message in sent]


def test_permalink_opens_around_its_message(visit: Visit, company: Company) -> None:
    talk = open_conversation(company, title="长会话", department="售后组")
    sent = [write(talk, f"第 {number} 条", minutes=number, id=f"m{number}") for number in range(120)]
    page = visit("zhoumin").get(f"/conversations/{talk.pk}/messages/{sent[60].pk}")
    assert [item.message.id for item in page.context["items"] if item.at] == [str(sent[60].pk)]
    assert page.context["older"]
    assert page.context["newer"]


def test_htmx_gets_the_pane_and_the_details(visit: Visit, company: Company) -> None:
    place = f"/conversations/{company.conversations['售后'].pk}"
    page = visit("zhoumin").get(place, headers={"HX-Request": "true"}).text
    assert "<html" not in page
    assert 'id="reader"' in page
    assert 'hx-swap-oob="outerHTML"' in page
    assert 'class="rail"' not in page


def test_calendar_leads_to_days_with_messages(visit: Visit, company: Company) -> None:
    talk = company.conversations["售后"]
    client = visit("zhoumin")
    assert "?on=2024-11-18" in client.get(f"/conversations/{talk.pk}/calendar").text
    assert [item.at for item in client.get(f"/conversations/{talk.pk}?on=2024-11-18").context["items"]] == [True, False]
    assert client.get(f"/conversations/{talk.pk}?on=yesterday").status_code == 400
    assert client.get(f"/conversations/{talk.pk}/calendar?month=13").status_code == 400


def test_news_asks_before_it_moves_the_page(visit: Visit, company: Company) -> None:
    talk = company.conversations["售后"]
    client = visit("zhoumin")
    news = client.get(f"/conversations/{talk.pk}").context["news_url"]
    assert client.get(news).status_code == 204
    write(talk, "还在吗", minutes=30)
    answer = client.get(news).text
    assert "09:02 后的 1 条新消息" in answer
    assert "还在吗" not in answer


@pytest.mark.database
@pytest.mark.parametrize("count", [3, 40])
def test_queries_do_not_grow_with_the_rows(
    visit: Visit, company: Company, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        talk = open_conversation(company, title=f"群 {number}", department="售后组")
        write(talk, "在吗", minutes=number, sender=f"客户 {number}")
    for number in range(count):
        sent = write(talk, "文件", minutes=100 + 3 * number, sender=f"客户 {number}", reply_to="msg-0")
        attach(sent)
        recall(sent)
    client = visit("zhoumin")
    with django_assert_max_num_queries(34):
        client.get("/conversations")
    with django_assert_max_num_queries(52):  # four of them store the view, outside tests not in the request
        client.get(f"/conversations/{talk.pk}")


def test_strangers_are_sent_to_the_door(client: Client) -> None:
    assert client.get("/conversations").status_code == 302
    assert client.get("/conversations", headers={"HX-Request": "true"})["HX-Redirect"].startswith("/signin")
