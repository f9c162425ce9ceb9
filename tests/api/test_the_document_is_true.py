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


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "address"), OPERATIONS)
def test_no_drawn_request_breaks_it(
    described: BaseSchema, company: Company, call: Call, monkeypatch: pytest.MonkeyPatch, method: str, address: str
) -> None:
    monkeypatch.setattr(allowances, "spend", lambda _limit, _reader: None)
    operation: APIOperation = described[address][method.upper()]
    grants.give(company.users["fawu"], "administrator", everything=True)
    secret = {"Authorization": call("fawu").defaults["HTTP_AUTHORIZATION"]}

    @given(case=operation.as_strategy())
    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def hold(case: Case) -> None:
        case.call_and_validate(headers=secret, checks=CHECKS)

    hold()
