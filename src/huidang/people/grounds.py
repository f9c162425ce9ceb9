"""Why somebody can, or cannot, see a conversation: the grants, the loans and the ownership that decide.

The answer is built from the same rows as a `Reader`, one by one instead of joined; `tests/people` compares the two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from huidang.kernel import clock
from huidang.kernel.access import Can
from huidang.people.departments import ancestors, tree_of_parents
from huidang.people.models import Grant, Loan, User
from huidang.people.readers import Reader
from huidang.people.requests import Place, holds_lastingly
from huidang.people.roles import capabilities_of, read_capabilities

Way = Literal["everything", "department", "above", "intake", "own", "loan", "elsewhere", "not-own"]
"""How a grant meets a conversation. `above`: given over a department higher up; the last two meet it not."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One grant or loan, how it meets a conversation, and what it allows there."""

    way: Way
    capabilities: tuple[Can, ...]
    role: str = ""
    department: str = ""
    until_at: datetime | None = None
    ended: bool = False
    id: int = 0
    shared: bool = False  # a loan that a colleague gave by sharing, not one that a request gave

    @property
    def decides(self) -> bool:
        """Say whether this one lets its holder in."""
        return not self.ended and self.way not in {"elsewhere", "not-own"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person may do with a conversation and why; `closed` accounts may do nothing, whatever they hold."""

    user: int
    username: str
    name: str
    closed: bool
    grounds: tuple[Ground, ...]

    @property
    def capabilities(self) -> frozenset[Can]:
        """Return what the person may do there."""
        if self.closed:
            return frozenset()
        return frozenset(can for ground in self.grounds if ground.decides for can in ground.capabilities)

    @property
    def reads(self) -> bool:
        """Say whether the person sees the conversation at all."""
        return Can.READ in self.capabilities

    @property
    def deciding(self) -> tuple[Ground, ...]:
        """Return the grounds that let the person in."""
        return tuple(ground for ground in self.grounds if ground.decides)

    @property
    def others(self) -> tuple[Ground, ...]:
        """Return what the person holds that does not reach here."""
        return tuple(ground for ground in self.grounds if not ground.decides)


def may_ask_about_others(reader: Reader, place: Place) -> bool:
    """Say whether a reader may be told why others see a conversation: who keeps it, proves it, manages or audits."""
    return any(holds_lastingly(reader, can, place) for can in (Can.FILE, Can.EVIDENCE, Can.MANAGE, Can.AUDIT))


def explain(user: User, place: Place) -> Answer:
    """Return why a person can or cannot see a conversation."""
    return _answers([user], place)[0]


def who_sees(place: Place) -> list[Answer]:
    """Return everybody who can see a conversation now, by name, in four queries however many they are."""
    answers = _answers(User.objects.filter(is_active=True).order_by("name", "username"), place)
    return [answer for answer in answers if answer.reads]


def _answers(users: Iterable[User], place: Place) -> list[Answer]:
    people = list(users)
    chain = _chain(place.department_id)
    found: dict[int, list[Ground]] = {}
    for grant in _grants(people):
        found.setdefault(grant.user_id, []).append(_of_grant(grant, place, chain))
    for loan in Loan.objects.filter(user__in=people, conversation_id=place.conversation_id).order_by("pk"):
        found.setdefault(loan.user_id, []).append(_of_loan(loan))
    return [
        Answer(user.pk, user.username, user.name, not user.is_active, tuple(found.get(user.pk, ()))) for user in people
    ]


def _grants(people: list[User]) -> "Iterable[Grant]":
    return Grant.objects.filter(user__in=people).select_related("role", "department").order_by("pk")


def _chain(department_id: int | None) -> list[int]:
    """Return the department of a conversation and the ones above it."""
    if department_id is None:
        return []
    parents: Mapping[int, int | None] = tree_of_parents()
    return ancestors(department_id, parents)


def _of_grant(grant: Grant, place: Place, chain: list[int]) -> Ground:
    return Ground(
        _way(grant, place, chain),
        tuple(can for can in Can if can in capabilities_of(grant.role)),
        grant.role.name,
        grant.department.name if grant.department else "",
        grant.until_at,
        grant.until_at is not None and grant.until_at <= clock.now(),
        grant.pk,
    )


def _way(grant: Grant, place: Place, chain: list[int]) -> Way:
    if grant.everything:
        return "everything"
    if chain and grant.department_id == chain[0]:
        return "department"
    if grant.department_id in chain and grant.children:
        return "above"
    if grant.intake and place.department_id is None:
        return "intake"
    if grant.own:
        return "own" if place.owner_id == grant.user_id else "not-own"
    return "elsewhere"


def _of_loan(loan: Loan) -> Ground:
    capabilities = tuple(read_capabilities([loan.capability]))
    ended, shared = loan.until_at <= clock.now(), loan.request_id is None
    return Ground("loan", capabilities, until_at=loan.until_at, ended=ended, id=loan.pk, shared=shared)
