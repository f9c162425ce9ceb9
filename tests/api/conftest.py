"""The stage for the API: the standing cast, and a program of each person."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from huidang.kernel import clock, limits
from huidang.kernel.access import Can
from huidang.people import create_token, grants
from tests.cast import Company
from tests.search.conftest import writer

__all__ = ["call", "writer"]

Call = Callable[[str], Client]


@pytest.fixture(autouse=True)
def fresh_shares() -> None:
    """Let no test spend what another has drawn."""
    limits.forget_shares()


@pytest.fixture
def call(company: Company) -> Call:
    """Return a client that carries a token of one of the cast with everything that they may."""

    def bearing(username: str) -> Client:
        user = company.users[username]
        held = [can for can in Can if company.reader(username).reach(can)] or None
        if held is None:
            grants.give(user, "agent", own=True)  # a token needs something to hold; they own nothing
            held = [Can.READ]
        _token, secret = create_token(user, "测试", held, clock.now() + timedelta(days=1))
        return Client(headers={"authorization": f"Bearer {secret}", "accept-language": "zh-hans"})

    return bearing
