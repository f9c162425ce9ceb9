"""Counts by month and platform: an index that lost or doubled something is found out and built anew."""

import pytest

from huidang.kernel.jobs import Handler, Run
from huidang.kernel.models import Job
from huidang.search import comparison, indexer
from tests.search import rows

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.usefixtures("writer")]


class Unleased(Run):
    """A run without a row in the queue."""

    def heartbeat(self, *, progress: dict[str, object] | None = None) -> None:
        pass


def test_an_index_that_agrees() -> None:
    (said,) = rows.append(rows.conversation(), "退费")
    rows.append(rows.conversation("wecom"), "一", "二")
    rows.edit(said, "改")
    rows.recall(said)
    indexer.catch_up()
    assert comparison.differences() == []


def test_what_is_missing_comes_back(writer: indexer.Indexer) -> None:
    said = rows.append(rows.conversation(), "退费", "物流")
    indexer.catch_up()
    assert writer._live is not None
    writer._live.engine.remove([said[0].pk])
    writer._live.commit()
    assert comparison.differences() == [(202311, "slack", 2, 1)]
    comparison.compare(Unleased(Job(kind="compare-index"), Handler(comparison.compare)))
    assert comparison.differences() == []
