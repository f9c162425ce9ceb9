"""For any tree, grants, owners and conversations, the rows a reader gets are those of a brute-force oracle."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from huidang.kernel.access import Can
from huidang.people.grants import reader_for
from huidang.people.models import Department, Grant, Role, User
from huidang.records.models import Case, Conversation, Source
from tests.cast import START

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ROLES = {"reads": [Can.READ], "exports": [Can.READ, Can.EXPORT], "keeps accounts": [Can.MANAGE]}
DEPARTMENTS, USERS = 6, 3


@dataclass(frozen=True)
class Given:
    """A grant as drawn: indices instead of rows."""

    user: int
    role: str
    department: int | None
    children: bool
    own: bool
    everything: bool
    intake: bool


@dataclass(frozen=True)
class World:
    """Parents of the departments, (department, owner) of the conversations, and the grants."""

    parents: list[int | None]
    places: list[tuple[int | None, int | None]]
    grants: list[Given]


def maybe(count: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(0, count - 1)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    parents = [draw(maybe(place)) if place else None for place in range(DEPARTMENTS)]
    places = draw(st.lists(st.tuples(maybe(DEPARTMENTS), maybe(USERS)), max_size=8))
    rarely = st.sampled_from([False, False, False, True])
    grant = st.builds(
        Given,
        user=st.integers(0, USERS - 1),
        role=st.sampled_from(list(ROLES)),
        department=maybe(DEPARTMENTS),
        children=st.booleans(),
        own=st.booleans(),
        everything=rarely,
        intake=rarely,
    )
    return World(parents, places, draw(st.lists(grant, max_size=6)))


def allows(grant: Given, world: World, place: tuple[int | None, int | None]) -> bool:
    """Say by plain search whether one grant covers one conversation."""
    department, owner = place
    if grant.everything or (grant.own and owner == grant.user) or (grant.intake and department is None):
        return True
    at = department
    while at is not None and grant.department is not None:
        if at == grant.department:
            return True
        at = world.parents[at] if grant.children else None
    return False


def expected(world: World, user: int, can: Can) -> set[int]:
    grants = [grant for grant in world.grants if grant.user == user and can in ROLES[grant.role]]
    return {n for n, place in enumerate(world.places) if any(allows(grant, world, place) for grant in grants)}


def build(world: World) -> list[User]:
    """Store the world; conversation n has platform_id n and one case."""
    departments: list[Department] = []
    for n, parent in enumerate(world.parents):
        above = None if parent is None else departments[parent]
        departments.append(Department.objects.create(name=str(n), parent=above))
    users = [User.objects.create(username=f"user{n}", name=str(n)) for n in range(USERS)]
    roles = {name: Role.objects.create(name=name, capabilities=cans) for name, cans in ROLES.items()}
    source = Source.objects.create(platform="test", created_at=START)
    for n, (place, owner) in enumerate(world.places):
        conversation = Conversation.objects.create(
            source=source,
            platform_id=str(n),
            department=None if place is None else departments[place],
            owner=None if owner is None else users[owner],
            key=b"",
            created_at=START,
        )
        Case.objects.create(
            conversation=conversation,
            first_message_id=1,
            last_message_id=1,
            message_count=1,
            opened_at=START,
            last_at=START,
        )
    for grant in world.grants:
        Grant.objects.create(
            user=users[grant.user],
            role=roles[grant.role],
            department=None if grant.department is None else departments[grant.department],
            children=grant.children,
            own=grant.own,
            everything=grant.everything,
            intake=grant.intake,
        )
    return users


class ReadersSeeWhatTheOracleSays(TestCase):
    """Each example in a transaction of its own."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds())
    def test_rows_equal_the_oracle(self, world: World) -> None:
        for number, user in enumerate(build(world)):
            reader = reader_for(user)
            for can in (Can.READ, Can.EXPORT, Can.UNMASK):
                wanted = expected(world, number, can)
                rows = Conversation.objects.readable_by(reader, can)
                assert {int(row.platform_id) for row in rows} == wanted
                assert rows.count() == len(wanted)
                cases = Case.objects.readable_by(reader, can).values_list("conversation__platform_id", flat=True)
                assert sorted(map(int, cases)) == sorted(wanted)
