"""The matrix: every address and operation, by everybody, on what lies in each place."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from huidang.api import document
from tests.access.stage import PLACES, Stage, bearer, client_of
from tests.access.table import ALL, KNOWERS, NAMED_ALIKE, OPERATIONS, PAGES, READERS, STAFF, Row

pytestmark = pytest.mark.django_db
ABSENT = 999_999_999
CHANGING = re.compile(r"[A-Za-z0-9]{64}|\d+\.\d\d 秒|\"took_ms\": ?[\d.]+")
"""Tokens of forms, and how long a search took."""

OF_A_TALK = {"conversation_id", "excerpt_id", "export_id", "receipt", "deletion_id"}
LYING_SOMEWHERE = OF_A_TALK | {"import_id", "lexicon_id"}
"""Values of addresses that name what lies in a place; accounts, roles and departments lie in none."""

PARAMETER = re.compile(r"\{(\w+)\}")


def patterns(found: list[Any], prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield the name of every address with the values that it wants."""
    for each in found:
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, f"{each.namespace}:" if each.namespace else prefix)
        elif isinstance(each, URLPattern):
            yield f"{prefix}{each.name}", set(each.pattern.converters)


def operations() -> Iterator[str]:
    for address, methods in document.api.get_openapi_schema()["paths"].items():
        yield from (f"{method.upper()} {address}" for method in methods)


WANTED = {name: wanted for name, wanted in patterns(get_resolver().url_patterns) if not name.startswith("api:")}
WANTED["api:docs"] = set()


def values_of(name: str, row: Row) -> set[str]:
    """Return which values an address, its query and its body name."""
    stated = {NAMED_ALIKE.get(each, each) for each in PARAMETER.findall(name + row.query)}
    sent = {each[0] if isinstance(each, list) else each for each in (row.sends or {}).values()}
    return stated | sent | WANTED.get(name, set())


def areas_of(name: str, row: Row) -> tuple[str, ...]:
    """Return the places to try; one is enough where nothing is named that lies in one."""
    values = values_of(name, row)
    if values & OF_A_TALK:
        return tuple(PLACES)
    return ("own", "other", "none") if values & LYING_SOMEWHERE else ("own",)


def place_of(name: str, row: Row, named: dict[str, object]) -> str:
    """Return the address of a page or an operation for the values of a place."""
    called = row.names or {}
    if " " not in name:
        place = reverse(name, kwargs={each: named[called.get(each, each)] for each in WANTED[name]})
    else:
        known = NAMED_ALIKE | called
        place = PARAMETER.sub(lambda found: str(named[known.get(found[1], found[1])]), name.partition(" ")[2])
    return place + row.query.format(**named)


def nowhere(named: dict[str, object]) -> dict[str, object]:
    """Return the values of a place with none that exists."""
    return {key: ABSENT if isinstance(value, int) else value for key, value in named.items()}


def ask(client: Client, row: Row, method: str, place: str, named: dict[str, object]) -> HttpResponse:
    """Ask, and take back what it changed, so that everybody finds the same stage."""
    sent = {name: stated(value, named) for name, value in (row.sends or {}).items()}
    with transaction.atomic():
        if method == "GET":
            answer = client.get(place)
        elif place.startswith("/api/"):
            answer = client.generic(method, place, json.dumps(sent), content_type="application/json")
        else:
            answer = client.post(place, sent)
        transaction.set_rollback(True)
    return answer  # type: ignore[return-value]


def stated(value: Any, named: dict[str, object]) -> Any:
    if isinstance(value, list):
        return [stated(each, named) for each in value]
    return str(named.get(value, value))


def body_of(answer: Any, place: str = "") -> str:
    """Return what was sent, without what is new with every answer and without the address that was asked for."""
    sent = answer.getvalue() if answer.streaming else answer.content
    text = sent.decode(errors="replace").replace(place, "@") if place else sent.decode(errors="replace")
    return CHANGING.sub("#", text)


def test_every_address_is_placed() -> None:
    assert set(WANTED) == set(PAGES), "place new addresses in tests/access/table.py"


def test_every_operation_is_placed() -> None:
    assert set(operations()) == set(OPERATIONS), "place new operations in tests/access/table.py"


class Cells:
    """One row of the matrix; what somebody is told of something absent is asked for once."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage, self.name = stage, name
        self.row, self.client = (PAGES[name], client_of) if name in PAGES else (OPERATIONS[name], bearer)
        self.of_absent: dict[tuple[str, str], tuple[int, str]] = {}

    def check(self, who: str, method: str, area: str) -> None:
        row, named = self.row, self.stage.named[area]
        place = place_of(self.name, row, named)
        answer = ask(self.client(self.stage, who), row, method, place, named)
        where = f"{who} {method} {place} ({area}): {answer.status_code}"
        group = row.group if method == "GET" or row.posters is None else row.posters
        if area in group.get(who, ()):
            assert answer.status_code < 500, where
            assert answer.status_code not in {401, 403, 404, 405}, where
            self.check_words(who, body_of(answer), where)
        elif area in (row.group if row.knowers is None else row.knowers).get(who, ()):
            assert answer.status_code in {403, 404}, where
        else:
            assert answer.status_code in {row.refused, 404, 401}, where
            body = body_of(answer, place)
            assert (answer.status_code, body) == self.told_of_absent(who, method, named), where
            for each in PLACES:
                assert not [word for word in self.stage.words(each) if word in body], where

    def told_of_absent(self, who: str, method: str, named: dict[str, object]) -> tuple[int, str]:
        """Return what somebody is told of something that does not exist."""
        if (who, method) not in self.of_absent:
            empty = nowhere(named)
            place = place_of(self.name, self.row, empty)
            absent = ask(self.client(self.stage, who), self.row, method, place, empty)
            self.of_absent[who, method] = (absent.status_code, body_of(absent, place))
        return self.of_absent[who, method]

    def check_words(self, who: str, body: str, where: str) -> None:
        """Expect no word of conversations out of reach in what somebody is shown; some know that there are such."""
        for area in ALL - READERS.get(who, frozenset()):
            words = self.stage.words(area, ids=area not in KNOWERS.get(who, ()))
            assert not [word for word in words if word in body and word not in where], where

    def check_strangers(self) -> None:
        named = self.stage.named["own"]
        place = place_of(self.name, self.row, named)
        for method in self.row.methods:
            answer = ask(client_of(self.stage, "anonymous"), self.row, method, place, named)
            if self.name in OPERATIONS:
                assert answer.status_code == 401, place
                continue
            assert (answer.status_code, answer["Location"].startswith("/signin?")) == (302, True), place
            shown = ask(client_of(self.stage, "token"), self.row, method, place, named)
            assert shown.status_code == 302, "a token opens no page"


@pytest.mark.parametrize("name", [*PAGES, *OPERATIONS])
def test_only_who_should_is_let_in(stage: Stage, name: str) -> None:
    cells = Cells(stage, name)
    if not cells.row.open:
        cells.check_strangers()
    for who in STAFF:
        for method in cells.row.methods:
            for area in areas_of(name, cells.row):
                cells.check(who, method, area)
