"""Excerpts on pages: chosen messages, highlights by selection or by word, notes, undo instead of "are you sure"."""

from collections.abc import Callable

import pytest
from django.test import Client

from huidang.exports.models import Excerpt, Pin
from tests import cast
from tests.cast import MOBILE, Company

Visit = Callable[[str], Client]


@pytest.fixture
def made(visit: Visit, company: Company) -> str:
    """Keep an excerpt of the first message of 售后 and one further; return its address."""
    talk = company.conversations["售后"]
    further = cast.write(talk, "今天一定退款", minutes=5)
    stated = {
        "conversation": talk.pk,
        "m": [talk.first_message_id, further.pk],
        "title": "退款承诺",
        "note": "先看第二句",
    }
    return visit("zhoumin").post("/excerpts", stated).headers["Location"]


def pins() -> list[int]:
    return list(Pin.objects.unguarded("test").order_by("message_id").values_list("message_id", flat=True))


def test_chosen_messages_become_an_excerpt(visit: Visit, company: Company, made: str) -> None:
    page = visit("zhoumin").get(made).text
    for text in ("退款承诺", "先看第二句", "今天一定退款", "138****5678"):
        assert text in page
    assert MOBILE not in page
    assert "退款承诺" in visit("zhaolan").get("/excerpts").text
    assert "退款承诺" not in visit("chenwei").get("/excerpts").text
    assert visit("chenwei").get(made).status_code == 404


def test_the_form_shows_what_was_ticked(visit: Visit, company: Company) -> None:
    talk = company.conversations["售后"]
    page = visit("zhoumin").get("/excerpts/new", {"conversation": talk.pk, "m": talk.first_message_id}).text
    assert "您好，我的电话是138****5678" in page
    assert visit("zhoumin").get("/excerpts/new").status_code == 404
    assert visit("zhoumin").get(f"/excerpts/new?conversation={company.conversations['商务'].pk}").status_code == 404


def test_a_stretch_of_time_becomes_an_excerpt(visit: Visit, company: Company) -> None:
    talk = company.conversations["售后"]
    stated = {"conversation": talk.pk, "title": "上午", "since": "2024-11-18 09:00", "until": "2024-11-18 09:00"}
    visit("zhoumin").post("/excerpts", stated)
    assert pins() == [talk.first_message_id]
    refused = visit("zhoumin").post("/excerpts", stated | {"since": "", "until": ""})
    assert (refused.status_code, "先选消息" in refused.text) == (400, True)
    refused = visit("zhoumin").post("/excerpts", stated | {"title": " "})
    assert "起个标题" in refused.text


def test_words_are_highlighted_and_cleared(visit: Visit, made: str) -> None:
    client, message = visit("zhoumin"), pins()[1]
    place = f"{made}/messages/{message}"
    assert client.post(f"{place}/highlights", {"words": "退款", "first": "", "end": ""}).status_code == 302
    assert "<mark>退款</mark>" in client.get(made).text
    client.post(f"{place}/highlights", {"words": "今天", "first": "0", "end": "2"})
    assert "<mark>今天</mark>" in client.get(made).text
    client.post(f"{place}/highlights", {"deed": "whole"})
    assert "pin-whole" in client.get(made).text
    client.post(f"{place}/highlights", {"deed": "clear"})
    page = client.get(made).text
    assert "<mark>" not in page
    assert "pin-whole" not in page
    refused = client.post(f"{place}/highlights", {"words": "赔偿"})
    assert (refused.status_code, "没有「赔偿」" in refused.text) == (400, True)
    client.post(f"{place}/notes", {"note": "这是承诺"})
    assert "这是承诺" in client.get(made).text


def test_who_only_reads_does_not_edit(visit: Visit, company: Company, made: str) -> None:
    client, message = visit("fawu"), pins()[0]
    page = client.get(made).text
    assert "退款承诺" in page
    assert "pin-tools" not in page
    for address in (
        f"{made}/messages/{message}/highlights",
        f"{made}/messages/{message}/notes",
        f"{made}/names",
        f"{made}/removals",
    ):
        assert client.post(address, {"deed": "whole", "title": "x"}).status_code == 404


def test_what_was_removed_comes_back(visit: Visit, made: str) -> None:
    client = visit("zhoumin")
    client.post(f"{made}/names", {"title": "改过的标题", "note": ""})
    page = client.post(f"{made}/removals", follow=True).text
    assert "已删除摘录「改过的标题」" in page
    assert f'action="{made}/restorations"' in page
    assert client.get(made).status_code == 404
    assert client.post(f"{made}/restorations").headers["Location"] == made
    assert Excerpt.objects.unguarded("test").get().removed_at is None


def test_messages_can_be_ticked_in_the_transcript(visit: Visit, company: Company) -> None:
    page = visit("zhoumin").get(f"/conversations/{company.conversations['售后'].pk}").text
    assert page.count('form="picks" aria-label') == 2
    assert 'formaction="/excerpts/new"' in page
