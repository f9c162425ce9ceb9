"""Saved searches through the API: the same rules as on pages."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.cast import Company

Call = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("writer")
JSON = "application/json"


def test_a_program_saves_shares_and_removes(call: Call, company: Company) -> None:
    owner, guest = call("zhaolan"), call("zhoumin")
    made = owner.post("/api/v1/views", {"name": "登记", "query": "登记", "sort": "old"}, JSON)
    assert made.status_code == 201
    place = f"/api/v1/views/{made.json()['id']}"
    assert guest.get(place).status_code == 404
    group = str(company.departments["售后组"].pk)
    changed = owner.patch(place, {"department": group, "name": "改名"}, JSON).json()
    assert (changed["name"], changed["department"], changed["mine"]) == ("改名", group, True)
    (seen,) = guest.get("/api/v1/views?counts=true").json()["views"]
    assert (seen["name"], seen["mine"], seen["owner"], seen["count"]) == ("改名", False, "赵岚", 0)
    assert guest.patch(place, {"name": "x"}, JSON).status_code == guest.delete(place).status_code == 404
    assert owner.patch(place, {"department": None}, JSON).json()["department"] is None
    assert guest.get("/api/v1/views").json()["views"] == []
    assert owner.delete(place).status_code == 204
    assert owner.get(place).status_code == 404
    assert owner.post(f"{place}/restorations").json()["name"] == "改名"


def test_what_cannot_be_saved_is_a_problem(call: Call) -> None:
    answer = call("zhoumin").post("/api/v1/views", {"name": " ", "query": "x"}, JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "view-name-wanted")
    outside = {"name": "x", "query": "x", "department": "999999"}
    assert call("zhoumin").post("/api/v1/views", outside, JSON).status_code == 404


def test_the_search_says_what_it_understood(call: Call) -> None:
    found = call("zhoumin").get("/api/v1/search", {"q": "（退费　OR 退款） 部门：售后"}).json()
    assert found["query"] == "(退费 OR 退款) dept:售后"
