"""What may wait a moment is stored together, in time, and kept while the database is away."""

import threading
from collections.abc import Callable, Sequence

import pytest
from django.db import DatabaseError

from huidang.kernel import gathering
from huidang.kernel.gathering import Gathering

Open = Callable[[Callable[[Sequence[int]], None]], Gathering[int]]


@pytest.fixture
def gather(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return gatherings that wait a twentieth of a second."""
    monkeypatch.setattr(Gathering, "at_once", False)
    monkeypatch.setattr(gathering, "SECONDS", 0.05)
    return Gathering


def test_they_are_stored_in_one_call_without_being_asked(gather: Open) -> None:
    calls: list[list[int]] = []
    stored = threading.Event()
    gathered = gather(lambda things: (calls.append(list(things)), stored.set())[0])
    for number in range(100):
        gathered.add(number)
    assert stored.wait(5)
    assert calls == [list(range(100))]


def test_what_could_not_be_stored_is_stored_later(gather: Open) -> None:
    calls: list[list[int]] = []
    stored = threading.Event()

    def store(things: Sequence[int]) -> None:
        calls.append(list(things))
        if len(calls) == 1:
            raise DatabaseError
        stored.set()

    gathered = gather(store)
    gathered.add(1)
    assert stored.wait(5)
    assert calls == [[1], [1]]


def test_a_process_that_stops_in_order_stores_the_rest(gather: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "SECONDS", 60)
    calls: list[list[int]] = []
    gathered = gather(lambda things: calls.append(list(things)))
    gathered.add(1)
    gathered.flush()
    gathered.flush()
    assert calls == [[1]]
