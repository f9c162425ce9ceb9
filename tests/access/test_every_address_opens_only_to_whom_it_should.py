"""The matrix: every address and operation, by everybody, on what lies in each place; and nothing leaks elsewhere."""

import json
import re
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from huidang.api import document
from huidang.kernel import clock, limits
from huidang.search.indexer import Indexer
from tests.access import stage as stages
from tests.access.stage import Stage, bearer, client_of
from tests.access.table import ALL, NAMED_ALIKE, OPERATIONS, PAGES, READERS, STAFF, Row
from tests.cast import Company
from tests.search.conftest import writer

__all__ = ["writer"]

pytestmark = pytest.mark.django_db
ABSENT = 999_999_999
CHANGING = re.compile(r"[A-Za-z0-9]{64}|\d+\.\d\d 秒|\"took_ms\": ?[\d.]+")
"""Tokens of forms, and how long a search took."""

LYING_SOMEWHERE = {"conversation_id", "import_id", "lexicon_id", "excerpt_id"}
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


@pytest.fixture
def stage(company: Company, writer: Indexer, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Set the stage; nobody is told to come back later."""
    monkeypatch.setattr(limits, "spend", lambda _limit, _who: None)
    found = stages.set_stage(company)
    writer.drain()
    return found


def place_of(name: str, named: dict[str, object]) -> str:
    """Return the address of a page or an operation for the values of a place."""
    if " " not in name:
        return reverse(name, kwargs={each: named[each] for each in WANTED[name]})
    return PARAMETER.sub(lambda found: str(named[NAMED_ALIKE.get(found[1], found[1])]), name.partition(" ")[2])


def nowhere(stage: Stage) -> dict[str, object]:
    return {key: ABSENT if isinstance(value, int) else value for key, value in stage.named["own"].items()}


def ask(client: Client, row: Row, method: str, place: str, named: dict[str, object]) -> HttpResponse:
    """Ask, and take back what it changed, so that everybody finds the same stage."""
    place += row.query.format(**named)
    with transaction.atomic():
        sent = {name: str(named.get(value)) for name, value in (row.sends or {}).items()}
        if method == "GET":
            answer = client.get(place)
        elif place.startswith("/api/"):
            answer = client.generic(method, place, json.dumps(sent), content_type="application/json")
        else:
            answer = client.post(place, sent)
        transaction.set_rollback(True)
    return answer  # type: ignore[return-value]


def body_of(answer: Any, place: str = "") -> str:
    """Return what was sent, without what is new with every answer and without the address that was asked for."""
    sent = answer.getvalue() if answer.streaming else answer.content
    text = sent.decode(errors="replace").replace(place, "@") if place else sent.decode(errors="replace")
    return CHANGING.sub("#", text)


def test_every_address_is_placed() -> None:
    assert set(WANTED) == set(PAGES), "place new addresses in tests/access/table.py"


def test_every_operation_is_placed() -> None:
    assert set(operations()) == set(OPERATIONS), "place new operations in tests/access/table.py"


def areas_of(name: str) -> tuple[str, ...]:
    """Return the places to try; one is enough where the address names nothing."""
    named = "{" in name or WANTED.get(name, set()) & LYING_SOMEWHERE
    return tuple(stages.PLACES) if named else ("own",)


@pytest.mark.parametrize("name", [*PAGES, *OPERATIONS])
def test_only_who_should_is_let_in(stage: Stage, name: str) -> None:
    row, client = PAGES.get(name) or OPERATIONS[name], client_of if name in PAGES else bearer
    if not row.open:
        check_strangers(stage, name, row)
    for who in STAFF:
        for method in row.methods:
            for area in areas_of(name):
                asked = client(stage, who)
                place = place_of(name, stage.named[area])
                answer = ask(asked, row, method, place, stage.named[area])
                where = f"{who} {method} {place} ({area}): {answer.status_code}"
                group = row.group if method == "GET" or row.posters is None else row.posters
                if area in group.get(who, ()):
                    assert answer.status_code < 500, where
                    assert answer.status_code not in {401, 403, 404, 405}, where
                    check_words(stage, who, body_of(answer), where)
                elif area in (row.knowers or row.group).get(who, ()):
                    assert answer.status_code in {403, 404}, where
                else:
                    check_refusal(stage, who, answer, (name, row, method, area))


def check_refusal(stage: Stage, who: str, answer: Any, cell: tuple[str, Row, str, str]) -> None:
    """Expect the answer of something absent, byte by byte, and no word of what lies there."""
    name, row, method, area = cell
    place, empty = place_of(name, stage.named[area]), place_of(name, nowhere(stage))
    where = f"{who} {method} {place} ({area})"
    named = nowhere(stage) if row.query else stage.named[area]
    absent = ask((client_of if name in PAGES else bearer)(stage, who), row, method, empty, named)
    place, empty = place + row.query.format(**stage.named[area]), empty + row.query.format(**named)
    assert answer.status_code in {row.refused, 404, 401}, where
    assert (answer.status_code, body_of(answer, place)) == (absent.status_code, body_of(absent, empty)), where
    for each in stages.PLACES:
        assert not [word for word in stage.words(each) if word in body_of(answer, place)], where


def check_words(stage: Stage, who: str, body: str, where: str) -> None:
    """Expect no word of conversations out of reach in what somebody is shown."""
    for area in ALL - READERS.get(who, frozenset()):
        assert not [word for word in stage.words(area) if word in body and word not in where], where


def check_strangers(stage: Stage, name: str, row: Row) -> None:
    place = place_of(name, stage.named["own"])
    for method in row.methods:
        answer = ask(client_of(stage, "anonymous"), row, method, place, stage.named["own"])
        if name in OPERATIONS:
            assert answer.status_code == 401, place
            continue
        assert (answer.status_code, answer["Location"].startswith("/signin?")) == (302, True), place
        assert ask(client_of(stage, "token"), row, method, place, stage.named["own"]).status_code == 302, (
            "a token opens no page"
        )


QUESTIONS = (
    "/search?q=密语",
    "/search?q=乙巳",
    "/search?q=in:会话乙巳",
    "/search?q=from:访客乙巳",
    "/search?q=%22密语乙巳%22",
    "/conversations?view=intake",
)


@pytest.mark.parametrize("who", [who for who in STAFF if "other" not in READERS.get(who, ())])
def test_what_happens_elsewhere_changes_no_byte(stage: Stage, writer: Indexer, who: str) -> None:
    """More chats in another department: no count, facet, total, suggestion or refusal of anybody else tells of them."""
    client, before = client_of(stage, who), {}
    places = [*readable(stage), *QUESTIONS]
    with clock.frozen(clock.now()):  # a look that is open counts down
        for place in places:
            before[place] = told(client, place)
        stages.tell(stage.company, "other", *[f"密语乙巳又一句{at}" for at in range(5)], thread="会话乙巳")
        stages.tell(stage.company, "other", "密语乙巳", "密语", thread="会话乙巳二")
        writer.drain()
        for place in places:
            assert not list(unified_diff(before[place], told(client, place), n=0, lineterm="")), place


def readable(stage: Stage) -> Iterator[str]:
    """Yield every address that is read, for what lies in each place; not those that show the looks themselves."""
    for name, row in (*PAGES.items(), *OPERATIONS.items()):
        if "GET" in row.methods and not row.changes:
            yield from (place_of(name, stage.named[area]) for area in areas_of(name))


def told(client: Client, place: str) -> list[str]:
    answer = client.get(place)
    return [str(answer.status_code), *body_of(answer).splitlines()]
