"""The stage for every test that asks for it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.conf import settings

from huidang.kernel.gathering import Gathering
from huidang.records import rulebook
from huidang.settings import HOUSE
from tests import cast

if TYPE_CHECKING:
    from huidang.people.models import User


Gathering.at_once = True  # what is looked at is stored in the test's own transaction


@pytest.fixture
def company(db: None) -> cast.Company:
    """Store the standing cast."""
    return cast.set_stage()


@pytest.fixture
def own_archive(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Return the environment of an archive of one's own on the database of the tests, for processes that die."""
    own = {**os.environ, "HUIDANG_DATA": str(tmp_path / "data"), "HUIDANG_KEYS": str(tmp_path / "keys")}
    if not HOUSE.database:
        yield own
        return
    name = f"storm_{os.getpid()}"
    with psycopg.connect(HOUSE.database, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield {**own, "HUIDANG_DATABASE": f"{HOUSE.database.rpartition('/')[0]}/{name}"}
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(autouse=True)
def _house_masks_as_new() -> Iterator[None]:
    """Forget rules of masking that a test has set: a process keeps them, its database is rolled back."""
    yield
    if rulebook.current().number:
        rulebook.put(rulebook.build(0, {}, ()))


def pytest_configure() -> None:
    """Let every new test client look for a static file when it is asked for one, not read all of them beforehand."""
    settings.WHITENOISE_AUTOREFRESH = True


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
