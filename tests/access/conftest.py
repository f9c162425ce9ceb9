"""One stage for all tests of a module: what a request changes is taken back, so that everybody finds it the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from huidang.exports import keeping
from huidang.kernel import limits
from huidang.search import generations, indexer
from tests import cast
from tests.access import stage as stages
from tests.access.stage import Stage


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[indexer.Indexer]:
    """Give the module an index of its own."""
    folder: Path = tmp_path_factory.mktemp("access")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generations, "folder", lambda: folder / "index")
        own = indexer.Indexer()
        patch.setattr(own, "_lock", indexer.Lock(folder / "index.lock"))
        patch.setattr(indexer, "_OWN", own)
        patch.setattr(keeping, "_root", lambda: folder / "exports")
        patch.setattr(limits, "spend", lambda _limit, _who: None)  # nobody is told to come back later
        yield own
        own.close()


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: DjangoDbBlocker, writer: indexer.Indexer) -> Iterator[Stage]:
    """Set the stage, in a transaction around those of the tests: none of them closes its connection."""
    around = transaction.atomic()
    vars(around)["_from_testcase"] = True  # as Django's own, so that durable blocks are let in
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, around:
        patch.setattr(connection, "close", lambda: None)
        found = stages.set_stage(cast.set_stage())
        writer.drain()
        yield found
        transaction.set_rollback(True)
