"""The OpenAPI document: the snapshot is today's, and no answer to drawn requests is a failure or undocumented."""

import json
from pathlib import Path

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, BaseSchema, Case
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from huidang.api import document
from huidang.people import allowances, grants
from tests.api.conftest import Call
from tests.cast import Company

SNAPSHOT = Path(document.__file__).with_name("openapi.json")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_snapshot_is_todays() -> None:
    assert SNAPSHOT.read_text("utf-8") == document.text_of_document(), "run `make openapi`"


@pytest.mark.django_db
def test_only_who_is_known_reads_the_document(call: Call, company: Company) -> None:
    assert Client().get("/api/v1/openapi.json").status_code == 401
    assert Client().get("/api/v1/docs").status_code == 302
    assert call("zhoumin").get("/api/v1/openapi.json").text == document.text_of_document()
    reader = Client()
    reader.force_login(company.users["zhoumin"])
    assert "/api/v1/conversations/{conversation}/messages" in reader.get("/api/v1/docs").text


@pytest.fixture(scope="module")
def described() -> BaseSchema:
    """Return the document as schemathesis reads it."""
    schema = schemathesis.openapi.from_dict(json.loads(document.text_of_document()), config=SchemathesisConfig())
    schema.app = WSGIHandler()
    return schema


OPERATIONS = [
    (method, address)
    for address, methods in json.loads(document.text_of_document())["paths"].items()
    for method in methods
]


Door = tuple[BaseSchema, dict[str, str]]


@pytest.fixture
def door(described: BaseSchema, company: Company, call: Call, monkeypatch: pytest.MonkeyPatch) -> Door:
    """Return the document, and what opens every operation of it."""
    monkeypatch.setattr(allowances, "spend", lambda _limit, _reader: None)
    grants.give(company.users["fawu"], "administrator", everything=True)
    return described, {"Authorization": call("fawu").defaults["HTTP_AUTHORIZATION"]}


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "address"), OPERATIONS)
def test_no_drawn_request_breaks_it(door: Door, method: str, address: str) -> None:
    draw(door, method, address, examples=25, derandomize=True)


@pytest.mark.soak
@pytest.mark.django_db
@pytest.mark.parametrize(("method", "address"), OPERATIONS)
def test_no_drawn_request_breaks_it_however_many(door: Door, method: str, address: str) -> None:
    draw(door, method, address, examples=1000, derandomize=False)


def draw(door: Door, method: str, address: str, *, examples: int, derandomize: bool) -> None:
    """Draw requests to one operation and expect no failure and no answer that is not described."""
    described, secret = door
    operation: APIOperation = described[address][method.upper()]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=derandomize,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def hold(case: Case) -> None:
        case.call_and_validate(headers=secret, checks=CHECKS)

    hold()
