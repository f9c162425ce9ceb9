"""Reveals and requests by token: the same rules as on pages, within the token's scope."""

from datetime import timedelta

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people import create_token
from huidang.people.models import Entry, Reveal
from huidang.records.models import Message
from tests.api.conftest import Call
from tests.cast import MOBILE, Company

pytestmark = pytest.mark.django_db
WHY = {"why": "核对收件电话"}


@pytest.fixture
def message(company: Company) -> Message:
    rows = Message.objects.unguarded("test").filter(conversation=company.conversations["售后"])
    first: Message = rows.order_by("pk").first()
    return first


def place_of(message: Message) -> str:
    return f"/api/v1/conversations/{message.conversation_id}"


def post(client: Client, place: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
    answer = client.post(place, body, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_look_at_one_message(call: Call, message: Message) -> None:
    client, place = call("zhaolan"), f"{place_of(message)}/messages/{message.pk}"
    status, told = post(client, f"{place}/reveals", WHY)
    assert (status, MOBILE in str(told["message"])) == (201, True)
    look = Reveal.objects.get()
    assert MOBILE in client.get(place, {"reveal": look.pk}).text
    assert MOBILE not in client.get(place).text
    assert client.get(f"{place_of(message)}/messages", {"reveal": look.pk}).status_code == 404
    entry = Entry.objects.get(what="reveal")
    assert (entry.name, entry.why, entry.facts["token"]) == ("zhaolan", WHY["why"], look.token_id)
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert client.get(place, {"reveal": look.pk}).status_code == 404


def test_a_look_is_of_its_token_alone(call: Call, message: Message) -> None:
    place = f"{place_of(message)}/messages/{message.pk}"
    post(call("zhaolan"), f"{place}/reveals", WHY)
    look = Reveal.objects.get()
    other = call("zhaolan")
    assert other.get(place, {"reveal": look.pk}).status_code == 404
    assert post(other, f"/api/v1/reveals/{look.pk}/endings", {})[0] == 404


def test_the_scope_must_hold_it(company: Company, message: Message) -> None:
    _token, secret = create_token(company.users["zhaolan"], "x", [Can.READ], clock.now() + timedelta(days=1))
    client = Client(headers={"authorization": f"Bearer {secret}"})
    assert post(client, f"{place_of(message)}/messages/{message.pk}/reveals", WHY)[0] == 404


def test_a_request_is_asked_decided_and_used(call: Call, message: Message) -> None:
    agent, supervisor, officer = call("zhoumin"), call("zhaolan"), call("fawu")
    asked = {"kind": "reveal-bulk", "conversations": [str(message.conversation_id)], **WHY, "minutes": 10}
    assert post(supervisor, f"{place_of(message)}/reveals", WHY)[0] == 403
    status, told = post(supervisor, "/api/v1/requests", asked)
    assert (status, told["state"], told["asker"]) == (201, "waiting", "zhaolan")
    decision = f"/api/v1/requests/{told['id']}/decisions"
    assert post(supervisor, decision, {"approve": True})[0] == 403
    assert post(agent, decision, {"approve": True})[0] == 404
    assert [each["id"] for each in officer.get("/api/v1/requests?view=waiting").json()["requests"]] == [told["id"]]
    assert post(officer, decision, {"approve": True})[1]["state"] == "approved"
    _status, look = post(supervisor, f"{place_of(message)}/reveals", WHY)
    assert MOBILE in supervisor.get(f"{place_of(message)}/messages", {"reveal": look["id"]}).text
    assert post(officer, f"/api/v1/requests/{told['id']}/revocations", {"note": "误批"})[1]["state"] == "revoked"
    assert supervisor.get(f"{place_of(message)}/messages", {"reveal": look["id"]}).status_code == 404
    assert officer.get("/api/v1/requests?view=decided").json()["requests"][0]["note"] == "误批"


def test_a_request_is_withdrawn(call: Call, message: Message) -> None:
    agent = call("zhoumin")
    asked = {"kind": "recalled", "conversations": [str(message.conversation_id)], **WHY}
    _status, told = post(agent, "/api/v1/requests", asked)
    assert post(agent, f"/api/v1/requests/{told['id']}/withdrawals", {})[1]["state"] == "withdrawn"
    assert agent.get(f"/api/v1/requests/{told['id']}").json()["state"] == "withdrawn"
    assert post(call("zhaolan"), f"/api/v1/requests/{told['id']}/decisions", {"approve": True})[0] == 400


def test_nobody_asks_about_what_they_cannot_see(call: Call, company: Company) -> None:
    away = str(company.conversations["商务"].pk)
    asked = {"kind": "reveal", "conversations": [away], **WHY}
    assert post(call("zhoumin"), "/api/v1/requests", asked) == post(
        call("zhoumin"), "/api/v1/requests", asked | {"conversations": ["999999"]}
    )
