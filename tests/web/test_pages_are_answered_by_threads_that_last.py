"""Few threads answer all requests, each with a connection to the database that it keeps, and gives back in order."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from huidang import asgi
from huidang.settings import HOUSE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture(autouse=True)
def _connections_closed() -> Iterator[None]:
    """Close what the threads keep, since the database of the tests is dropped in the end."""
    yield
    together = threading.Barrier(asgi.THREADS._max_workers)

    def close() -> None:
        together.wait(10)
        connection.close()

    for closed in [asgi.THREADS.submit(close) for _ in range(together.parties)]:
        closed.result()


class Observed(asgi.Pages):
    """Notes who answers with which connection."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, int]] = []
        self.leaves_open = False

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        answer = super().get_response(request)
        connection.ensure_connection()
        self.seen.append((threading.current_thread().name, id(connection.connection)))
        assert connection.get_autocommit()
        if self.leaves_open:
            connection.set_autocommit(False)
        return answer


async def ask(application: asgi.Pages, path: str) -> int:
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "query_string": b"", "http_version": "1.1"}
    asking = ApplicationCommunicator(application, scope | {"headers": [(b"host", b"localhost")]})
    await asking.send_input({"type": "http.request"})
    start = await asking.receive_output(30)
    await asking.receive_output(30)
    status: int = start["status"]
    return status


async def ask_often(application: asgi.Pages, path: str, times: int) -> list[int]:
    return await asyncio.gather(*(ask(application, path) for _ in range(times)))


def test_forty_requests_at_once() -> None:
    application = Observed()
    assert asyncio.run(ask_often(application, "/signin", 40)) == [200] * 40
    assert {name[:5] for name, _ in application.seen} == {"page_"}
    assert len(set(application.seen)) == len({name for name, _ in application.seen}) <= 8


@pytest.mark.skipif(not HOUSE.database, reason="Django never closes a database in memory, which SQLite's is here")
def test_what_a_request_leaves_open_is_closed() -> None:
    application = Observed()
    application.leaves_open = True
    assert asyncio.run(ask_often(application, "/signin", 40)) == [200] * 40
