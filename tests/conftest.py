"""The stage for every test that asks for it."""

from typing import TYPE_CHECKING

import pytest

from huidang.kernel.gathering import Gathering
from tests import cast

if TYPE_CHECKING:
    from huidang.people.models import User


Gathering.at_once = True  # what is looked at is stored in the test's own transaction


@pytest.fixture
def company(db: None) -> cast.Company:
    """Store the standing cast."""
    return cast.set_stage()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long form to `make soak`."""
    if "soak" not in config.option.markexpr:
        items[:] = [item for item in items if "soak" not in item.keywords]


@pytest.fixture
def zhoumin(company: cast.Company) -> "User":
    """Give 周敏 a password, `cast.PASSWORD`."""
    user = company.users["zhoumin"]
    user.set_password(cast.PASSWORD)
    user.save()
    return user
