"""The stage for every test that asks for it."""

import pytest

from tests import cast


@pytest.fixture
def company(db: None) -> cast.Company:
    """Store the standing cast."""
    return cast.set_stage()
