"""The stage for every test that asks for it."""

import pytest

from tests import cast


@pytest.fixture
def company(db: None) -> cast.Company:
    """Store the standing cast."""
    return cast.set_stage()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long form to `make soak`."""
    if "soak" not in config.option.markexpr:
        items[:] = [item for item in items if "soak" not in item.keywords]
