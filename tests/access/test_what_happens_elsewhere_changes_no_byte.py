"""More chats in another department: no count, facet, total, suggestion or refusal of anybody else tells of them."""

from collections.abc import Iterator
from difflib import unified_diff

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.search.indexer import Indexer
from tests.access.stage import Stage, bearer, client_of, tell
from tests.access.table import OPERATIONS, PAGES, READERS, STAFF
from tests.access.test_every_address_opens_only_to_whom_it_should import areas_of, body_of, place_of

pytestmark = pytest.mark.django_db
QUESTIONS = (
    "/search?q=密语",
    "/search/counts?q=密语",
    "/search?q=乙巳",
    "/search?q=in:会话乙巳",
    "/search?q=from:访客乙巳",
    "/search?q=%22密语乙巳%22",
    "/conversations?view=intake",
)
APART = [who for who in STAFF if "other" not in READERS.get(who, ())]

Told = dict[str, list[str]]


@pytest.fixture(scope="module")
def told(stage: Stage, writer: Indexer) -> dict[str, tuple[Told, Told]]:
    """Return everything that each of them is told, before and after; what is absent is asked again there alone."""
    for who in APART:
        bearer(stage, who).get("/api/v1/me")  # tokens are shown with their last use
    with clock.frozen(clock.now()):  # a look that is open counts down
        places = [*readable(stage), *QUESTIONS]
        before = {who: told_at(stage, who, places) for who in APART}
        tell(stage.company, "other", *[f"密语乙巳又一句{at}" for at in range(5)], thread="会话乙巳")
        tell(stage.company, "other", "密语乙巳", "密语", thread="会话乙巳二")
        writer.drain()
        there = set(readable(stage, "other"))
        return {
            who: (found, told_at(stage, who, [each for each in places if each in there or found[each][0] != "404"]))
            for who, found in before.items()
        }


@pytest.mark.parametrize("who", APART)
def test_nobody_apart_is_told(told: dict[str, tuple[Told, Told]], who: str) -> None:
    before, after = told[who]
    for place, lines in after.items():
        assert not list(unified_diff(before[place], lines, n=0, lineterm="")), place


def told_at(stage: Stage, who: str, places: list[str]) -> Told:
    pages, program = client_of(stage, who), bearer(stage, who)
    return {place: answer_of(program if place.startswith("/api/v1/") else pages, place) for place in places}


def readable(stage: Stage, *areas: str) -> Iterator[str]:
    """Yield every address that is read, for what lies in each place; not those that show the looks themselves."""
    for name, row in (*PAGES.items(), *OPERATIONS.items()):
        if "GET" in row.methods and not row.changes:
            yield from (place_of(name, row, stage.named[area]) for area in areas or areas_of(name, row))


def answer_of(client: Client, place: str) -> list[str]:
    answer = client.get(place)
    return [str(answer.status_code), *body_of(answer).splitlines()]
