"""Gathering: small things to be stored that may wait a moment, kept in memory and stored together.

What a reader does a hundred times a minute must not cost a hundred transactions. `add` returns at once; a thread of
this process stores what was gathered at most `SECONDS` later, in one call. A process that stops in order stores the
rest; one that is killed loses at most what came in that second.
"""

import atexit
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import DatabaseError, InterfaceError, connection

SECONDS = 1.0
MOST = 10_000
"""Kept while the database is away; beyond it the oldest are lost, and said so in the server's log."""

_Thing = TypeVar("_Thing")
_log = logging.getLogger(__name__)


class Gathering(Generic[_Thing]):
    """Things of one kind, and the function that stores many of them in a transaction of its own."""

    at_once = False
    """Store each thing in the caller's transaction instead, for tests."""

    def __init__(self, store: Callable[[Sequence[_Thing]], None]) -> None:
        self._store = store
        self._things: list[_Thing] = []
        self._turn = threading.Lock()
        self._storing = threading.Lock()
        self._timer: threading.Timer | None = None
        atexit.register(self.flush)

    def add(self, thing: _Thing) -> None:
        """Keep a thing, to be stored within a second."""
        if self.at_once:
            self._store([thing])
            return
        with self._turn:
            self._things.append(thing)
            self._wake()

    def flush(self) -> None:
        """Store what was gathered; where that fails, keep it for the next time."""
        with self._storing:
            with self._turn:
                things, self._things = self._things, []
            if not things:
                return
            try:
                self._store(things)
            except (DatabaseError, InterfaceError):
                _log.exception("%d gathered rows could not be stored yet", len(things))
                self._keep(things)

    def _wake(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(SECONDS, self._in_time)
            self._timer.daemon = True
            self._timer.start()

    def _in_time(self) -> None:
        with self._turn:
            self._timer = None
        try:
            self.flush()
        finally:
            connection.close()

    def _keep(self, things: list[_Thing]) -> None:
        with self._turn:
            kept = [*things, *self._things]
            if len(kept) > MOST:
                _log.error("%d gathered rows were lost", len(kept) - MOST)
            self._things = kept[-MOST:]
            self._wake()
