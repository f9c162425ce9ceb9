"""The stage for pages: the standing cast, and a browser of each person."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.cast import Company, set_stage
from tests.search.conftest import writer

__all__ = ["company", "visit", "writer"]


@pytest.fixture
def company(db: None) -> Company:
    """Set up the company with its people and four conversations."""
    return set_stage()


@pytest.fixture
def visit(company: Company) -> Callable[[str], Client]:
    """Return a client that is signed in as one of the cast and reads Chinese."""

    def signed_in(username: str) -> Client:
        client = Client(headers={"accept-language": "zh-hans"})
        client.force_login(company.users[username])
        return client

    return signed_in
