"""Fixtures of the kernel's tests."""

from collections.abc import Callable
from typing import Any

import pytest

from huidang.kernel import jobs


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Connect a kind of job for one test: `handle("sum", function, attempts=2)`."""

    def connect(kind: str, function: Callable[[jobs.Run], None], **options: Any) -> None:
        monkeypatch.setitem(jobs.HANDLERS, kind, jobs.Handler(function, **options))

    return connect
