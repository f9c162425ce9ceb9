"""Appenders in many connections never take the same place, and the tree stays whole."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from huidang.kernel import ledger, merkle
from huidang.upkeep.verify import verify_archive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

BATCH, TURNS, APPENDERS = 37, 12, 4


def append_in_turns(appender: int) -> list[int]:
    try:
        return [append_one(appender * TURNS + turn) for turn in range(TURNS)]
    finally:
        connections.close_all()


def append_one(turn: int) -> int:
    hashes = [merkle.leaf_hash(b"%d/%d" % (turn, place)) for place in range(BATCH)]
    with transaction.atomic():
        return ledger.append([(value, "test", turn) for value in hashes])


def test_every_appender_gets_its_own_places() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and its test database one connection")
    with ThreadPoolExecutor(APPENDERS) as pool:
        firsts = [first for each in pool.map(append_in_turns, range(APPENDERS)) for first in each]
    assert sorted(firsts) == list(range(0, BATCH * TURNS * APPENDERS, BATCH))
    ledger.checkpoint()
    assert verify_archive()["problems"] == []
