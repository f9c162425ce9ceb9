"""The pages of masks: rules for who manages the house, marks by hand for who may see the original and file."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from huidang.people.models import Entry
from huidang.records.models import MaskPattern, Message
from tests import cast
from tests.cast import MOBILE, Company

pytestmark = pytest.mark.django_db
Visit = Callable[[str], Client]


@pytest.fixture
def message(company: Company) -> Message:
    return cast.write(company.conversations["售后"], f"密码开心果，电话{MOBILE}", minutes=5)


def place_of(message: Message) -> str:
    return f"/conversations/{message.conversation_id}/messages/{message.pk}"


def talk(client: Client, message: Message) -> str:
    return client.get(f"/conversations/{message.conversation_id}").content.decode()


def undo(client: Client, page: str) -> None:
    """Press the undo of the newest toast."""
    toasts = page.partition('class="toast-stack"')[2]
    place, inside = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', toasts, re.DOTALL)[-1]
    sent = dict(re.findall(r'name="(?!csrf)([^"]+)" value="([^"]*)"', inside))
    assert client.post(place, sent).status_code == 302


@pytest.mark.parametrize("username", ["zhoumin", "zhaolan", "fawu", "auditor", "chenwei"])
def test_rules_are_absent_for_everybody_else(visit: Visit, username: str) -> None:
    client = visit(username)
    assert client.get("/masks").status_code == 404
    assert client.post("/masks/keeps", {"profile": "inside"}).status_code == 404
    assert client.post("/masks/patterns", {"name": "x", "pattern": "WS1"}).status_code == 404
    assert client.post("/masks/patterns/1/states").status_code == 404
    assert client.post("/masks/patterns/1/removals").status_code == 404


def test_a_profile_is_changed_and_changed_back(visit: Visit, message: Message) -> None:
    admin, agent = visit("admin"), visit("zhoumin")
    answer = admin.post("/masks/keeps", {"profile": "inside", "mobile-head": "0", "mobile-tail": "2"}, follow=True)
    assert "*********78" in talk(agent, message)
    undo(admin, answer.content.decode())
    assert "138****5678" in talk(agent, message)


def test_no_form_shows_the_middle_of_an_id(visit: Visit) -> None:
    sent = {"profile": "inside", "resident-head": "10", "resident-tail": "8"}
    answer = visit("admin").post("/masks/keeps", sent)
    assert answer.status_code == 400
    assert "中间始终遮盖" in answer.content.decode()


def test_a_pattern_is_tried_added_switched_off_and_deleted(visit: Visit, company: Company) -> None:
    message = cast.write(company.conversations["售后"], "会员WS-20240001", minutes=5)
    admin, agent = visit("admin"), visit("zhoumin")
    sent = {"name": "会员号", "pattern": r"WS-?\d{8}", "text": "会员WS20240001来电\n别的"}
    tried = admin.post("/masks/patterns", sent | {"try": "1"}).content.decode()
    assert "<mark>WS20240001</mark>" in tried
    assert "你不能看会话" in tried
    assert not MaskPattern.objects.exists()
    admin.post("/masks/patterns", sent)
    row = MaskPattern.objects.get()
    assert "WS-20240001" not in talk(agent, message)
    admin.post(f"/masks/patterns/{row.pk}/states", {"enabled": ""})
    assert "WS-20240001" in talk(agent, message)
    answer = admin.post(f"/masks/patterns/{row.pk}/removals", follow=True)
    undo(admin, answer.content.decode())
    assert MaskPattern.objects.get().pattern == sent["pattern"]


def test_a_pattern_is_tried_on_what_its_reader_sees(visit: Visit, company: Company) -> None:
    cast.grants.give(company.users["admin"], "agent", over=company.departments["售后组"])
    admin = visit("admin")
    page = admin.post("/masks/patterns", {"pattern": "我的电话", "try": "1"}).content.decode()
    assert "会多遮 1 条" in page
    page = admin.post("/masks/patterns", {"pattern": MOBILE, "try": "1"}).content.decode()
    assert "会多遮 0 条" in page


@pytest.mark.parametrize("pattern", ["(", "a*", ".", "x" * 201, "((a{999}){999}){999}"])
def test_a_bad_pattern_is_refused_with_what_was_typed(visit: Visit, pattern: str) -> None:
    for more in ({}, {"try": "1"}):
        answer = visit("admin").post("/masks/patterns", {"name": "坏的", "pattern": pattern} | more)
        assert answer.status_code == 400
        assert 'value="坏的"' in answer.content.decode()
    assert not MaskPattern.objects.exists()


def test_words_are_hidden_by_hand_and_shown_again(visit: Visit, message: Message) -> None:
    supervisor, agent, place = visit("zhaolan"), visit("zhoumin"), place_of(message)
    answer = supervisor.post(f"{place}/marks/black-outs", {"seen": "开心果"}, follow=True)
    page = answer.content.decode()
    assert "赵岚" in page
    assert "开心果" not in page.partition("<main")[2]
    assert "开心果" not in talk(agent, message)
    undo(supervisor, page)
    assert "开心果" in talk(agent, message)


def test_a_selection_is_hidden_where_it_stands(visit: Visit, message: Message) -> None:
    supervisor, sent = visit("zhaolan"), {"start": "2", "end": "5", "seen": "开心果", "from": "transcript"}
    answer = supervisor.post(f"{place_of(message)}/marks/black-outs", sent)
    assert answer.headers["Location"] == place_of(message)
    answer = supervisor.post(f"{place_of(message)}/marks/black-outs", sent)
    assert answer.status_code == 400
    assert "文字已有变化" in answer.content.decode()


def test_a_mistake_of_the_machine_is_cleared(visit: Visit, message: Message) -> None:
    supervisor, agent, place = visit("zhaolan"), visit("zhoumin"), place_of(message)
    assert "这不是敏感信息" in supervisor.get(f"{place}/marks").content.decode()
    start = message.text.index(MOBILE)
    answer = supervisor.post(f"{place}/marks/clearings", {"start": start, "end": start + 11}, follow=True)
    assert MOBILE in talk(agent, message)
    undo(supervisor, answer.content.decode())
    assert MOBILE not in talk(agent, message)


def test_words_that_are_not_there_are_refused(visit: Visit, message: Message) -> None:
    answer = visit("zhaolan").post(f"{place_of(message)}/marks/black-outs", {"seen": "没有的话"})
    assert answer.status_code == 400
    assert "没有这几个字" in answer.content.decode()


def test_a_file_is_opened_to_masked_readers_and_withheld_again(visit: Visit, message: Message) -> None:
    file = cast.attach(message, name="凭证.jpg")
    supervisor, agent, place = visit("zhaolan"), visit("zhoumin"), f"{place_of(message)}/files"
    assert f"{place}/{file.pk}" not in talk(agent, message)
    supervisor.post(f"{place}/{file.pk}/clearings")
    assert f"{place}/{file.pk}" in talk(agent, message)
    supervisor.post(f"{place}/{file.pk}/withholdings")
    assert f"{place}/{file.pk}" not in talk(agent, message)
    assert Entry.objects.filter(what__startswith="file-").count() == 2


@pytest.mark.parametrize("username", ["zhoumin", "fawu", "auditor", "admin", "chenwei"])
def test_to_who_may_not_marks_are_absent(visit: Visit, message: Message, username: str) -> None:
    client, place, file = visit(username), place_of(message), cast.attach(message)
    assert client.get(f"{place}/marks").status_code == 404
    assert client.post(f"{place}/marks/black-outs", {"seen": "密码"}).status_code == 404
    assert client.post(f"{place}/marks/clearings", {"start": 0, "end": 20}).status_code == 404
    assert client.post(f"{place}/marks/1/undoings").status_code == 404
    assert client.post(f"{place}/files/{file.pk}/clearings").status_code == 404
    assert client.post(f"{place}/files/{file.pk}/withholdings").status_code == 404
    assert "data-marks" not in talk(client, message) if username in {"zhoumin", "fawu"} else True
