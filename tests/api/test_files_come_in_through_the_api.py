"""Importing: the body of a request is the file; only a token opens the way, and only into what it manages."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings

from huidang.kernel.worker import Worker
from huidang.people import grants
from huidang.sources.models import Import
from tests.api.conftest import Call
from tests.cast import Company

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/imports"
TABLE = "时间,发送人,内容\n2024-11-18 09:00:00,王女士,要退款\n坏的时间,王女士,第二句\n".encode()


def send(client: Client, name: str = "表.csv", **asked: str) -> Any:
    return client.post(f"{PLACE}?{urlencode({'name': name, **asked})}", TABLE, content_type="application/octet-stream")


def test_a_file_comes_in_and_tells_how_far_it_is(call: Call, company: Company) -> None:
    client = call("admin")
    place = company.departments["售后组"].pk
    answer = send(client, department=str(place))
    told = answer.json()
    assert (answer.status_code, told["state"], told["department"]) == (202, "waiting", str(place))
    row = Import.objects.get(pk=told["id"])
    assert (row.user, row.name) == (company.users["admin"], "表.csv")
    assert [each["id"] for each in client.get(PLACE).json()["imports"]] == [told["id"]]


def test_what_cannot_be_read_is_told(call: Call, company: Company) -> None:
    client = call("admin")
    told = send(client, department=str(company.departments["售后组"].pk)).json()
    Worker().work_off()
    state = client.get(f"{PLACE}/{told['id']}").json()
    assert (state["state"], state["new"], state["quarantined"]) == ("done", 1, 1)
    (item,) = client.get(f"{PLACE}/{told['id']}/quarantine").json()["items"]
    assert item["reason"]


def test_only_a_token_writes(company: Company) -> None:
    client = Client()
    client.force_login(company.users["admin"])
    assert client.get(PLACE).status_code == 200
    assert send(client).status_code == 401
    assert not Import.objects.exists()


def test_nobody_imports_beyond_what_they_manage(call: Call, company: Company) -> None:
    assert send(call("zhoumin")).status_code == 403
    grants.give(company.users["chenwei"], "administrator", over=company.departments["商务部"])
    client, other = call("chenwei"), company.departments["售后组"].pk
    assert send(client).status_code == 403, "the intake belongs to who manages the whole house"
    absent = send(client, department="999999")
    assert (absent.status_code, absent.content) == (404, send(client, department=str(other)).content)
    assert send(client, department=str(company.departments["商务部"].pk)).status_code == 202
    send(call("admin"), name="别处.csv")
    assert [each["name"] for each in client.get(PLACE).json()["imports"]] == ["表.csv"]


def test_a_file_beyond_the_limit_leaves_nothing(call: Call, settings: Settings) -> None:
    settings.HOUSE = replace(settings.HOUSE, upload_bytes=10)
    answer = send(call("admin"))
    assert (answer.status_code, answer.json()["code"]) == (400, "too-large")
    assert not Import.objects.exists()
