"""Looking behind masks: nothing hidden is sent before a reason is given, and nothing after the look has ended."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.people import requests, reveals
from huidang.people.models import Entry, Reveal, Sighting
from huidang.records.models import Message
from tests.cast import MOBILE, Company, recall, write

pytestmark = pytest.mark.django_db

Visit = Callable[[str], Client]
WHY = {"why": "核对收件电话"}


@pytest.fixture
def message(company: Company) -> Message:
    rows = Message.objects.unguarded("test").filter(conversation=company.conversations["售后"])
    first: Message = rows.order_by("pk").first()
    return first


def place_of(message: Message) -> str:
    return f"/conversations/{message.conversation_id}/messages/{message.pk}"


def test_who_may_unmask_sees_a_message_for_minutes(visit: Visit, message: Message) -> None:
    client, place = visit("zhaolan"), place_of(message)
    page = client.get(place)
    assert f'href="{place}/reveals"' in page.text
    assert MOBILE not in page.text
    assert MOBILE not in client.get(f"{place}/reveals").text
    answer = client.post(f"{place}/reveals", WHY | {"minutes": "10"})
    assert answer.headers["Location"] == place
    shown = client.get(place)
    assert MOBILE in shown.text
    assert "data-look" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    entry = Entry.objects.get(what="reveal")
    assert (entry.name, entry.about, entry.why, entry.address) == (
        "zhaolan", f"message:{message.pk}", WHY["why"], "127.0.0.1",
    )  # fmt: skip
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert MOBILE not in client.get(place).text


def test_one_look_shows_one_message(visit: Visit, company: Company, message: Message) -> None:
    write(company.conversations["售后"], "另一个号码 13987654321", minutes=5)
    client = visit("zhaolan")
    client.post(f"{place_of(message)}/reveals", WHY)
    page = client.get(place_of(message)).text
    assert MOBILE in page
    assert "13987654321" not in page


def test_masks_are_put_back_at_once(visit: Visit, message: Message) -> None:
    client = visit("zhaolan")
    client.post(f"{place_of(message)}/reveals", WHY)
    look = Reveal.objects.get()
    assert visit("fawu").post(f"/reveals/{look.pk}/endings").status_code == 404
    client.post(f"/reveals/{look.pk}/endings")
    assert MOBILE not in client.get(place_of(message)).text


def test_without_a_reason_nothing_is_shown(visit: Visit, message: Message) -> None:
    answer = visit("zhaolan").post(f"{place_of(message)}/reveals", {"why": " "})
    assert answer.status_code == 400
    assert "写明事由" in answer.text
    assert MOBILE not in answer.text
    assert not Entry.objects.filter(what="reveal").exists()


def test_the_drawer_leads_the_reader_pane_on(visit: Visit, message: Message) -> None:
    client, place = visit("zhaolan"), place_of(message)
    form = client.get(f"{place}/reveals", headers={"HX-Request": "true"})
    assert "<html" not in form.text
    answer = client.post(f"{place}/reveals", WHY, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "drawer-done")
    assert place in answer.headers["HX-Location"]


@pytest.mark.parametrize(
    ("current", "kept"),
    [
        ("{talk}?q=%E7%94%B5%E8%AF%9D&before=7", "?q=%E7%94%B5%E8%AF%9D"),
        ("{talk}/messages/7?q=a&source=2", "?q=a&source=2"),
        ("{talk}", ""),
        ("/elsewhere?q=a", ""),
        ("http://[", ""),
    ],
)
def test_the_address_keeps_what_was_searched(visit: Visit, message: Message, current: str, kept: str) -> None:
    talk = f"http://testserver/conversations/{message.conversation_id}"
    headers = {"HX-Request": "true", "HX-Current-URL": current.format(talk=talk)}
    answer = visit("zhaolan").post(f"{place_of(message)}/reveals", WHY, headers=headers)
    assert json.loads(answer.headers["HX-Location"])["path"] == f"{place_of(message)}{kept}"


@pytest.mark.parametrize("username", ["zhoumin", "admin", "auditor", "chenwei"])
def test_to_others_a_look_is_absent(visit: Visit, message: Message, username: str) -> None:
    client = visit(username)
    absent = client.get(f"/conversations/{message.conversation_id}/messages/1/reveals")
    for answer in (client.get(f"{place_of(message)}/reveals"), client.post(f"{place_of(message)}/reveals", WHY)):
        assert (answer.status_code, MOBILE in answer.text) == (404, False)
    assert absent.status_code == 404
    assert client.get(f"/conversations/{message.conversation_id}/reveals").status_code == 404


def test_a_whole_conversation_wants_a_second_person(visit: Visit, company: Company, message: Message) -> None:
    client, place = visit("zhaolan"), f"/conversations/{message.conversation_id}"
    assert "要两个人" in client.get(f"{place}/reveals").text
    assert client.post(f"{place}/reveals", WHY).status_code == 403
    client.post(f"{place}/requests", WHY | {"kind": reveals.BULK, "minutes": "10"})
    assert "已申请" in client.get(f"{place}/reveals").text
    (request,) = requests.for_decision_by(company.reader("fawu"))
    visit("fawu").post(f"/requests/{request.pk}/decisions", {"decision": "approve"})
    assert client.post(f"{place}/reveals", WHY).headers["Location"] == place
    page = client.get(place).text
    assert MOBILE in page
    assert "整个会话的原文可见至" in page


def test_hits_and_masks_stand_together_while_a_look_runs(visit: Visit, message: Message) -> None:
    client = visit("zhaolan")
    client.post(f"{place_of(message)}/reveals", WHY)
    page = client.get(f"{place_of(message)}?q=电话").text
    assert "<mark>电话</mark>" in page
    assert f'data-shown title="本次查看已记录">{MOBILE}</span>' in page


def test_who_may_not_is_led_to_asking(visit: Visit, company: Company, message: Message) -> None:
    lost = write(company.conversations["售后"], "价格说错了", minutes=6)
    recall(lost)
    client, place = visit("zhoumin"), f"/conversations/{message.conversation_id}"
    page = client.get(place).text
    assert f'href="{place}/requests?message={message.pk}"' in page
    assert "价格说错了" not in page
    client.post(f"{place}/requests", WHY | {"kind": "recalled", "message": lost.pk, "minutes": "10"})
    assert "已申请查看" in client.get(place).text
    (request,) = requests.for_decision_by(company.reader("zhaolan"))
    visit("zhaolan").post(f"/requests/{request.pk}/decisions", {"decision": "approve"})
    assert "价格说错了" in client.get(place).text
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert "价格说错了" not in client.get(place).text


def test_each_view_is_counted(visit: Visit, message: Message) -> None:
    client = visit("zhoumin")
    for _time in range(3):
        client.get(f"/conversations/{message.conversation_id}")
    seen = Sighting.objects.get(what="view")
    assert (seen.name, seen.about, seen.address, seen.count) == (
        "zhoumin", f"conversation:{message.conversation_id}", "127.0.0.1", 3,
    )  # fmt: skip
