"""Every test has an index of its own."""

from collections.abc import Iterator

import pytest

from huidang.search import generations, indexer


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch, tmp_path: "pytest.TempPathFactory") -> Iterator[indexer.Indexer]:
    monkeypatch.setattr(generations, "folder", lambda: tmp_path / "index")
    own = indexer.Indexer()
    own._lock = indexer.Lock(tmp_path / "index.lock")
    monkeypatch.setattr(indexer, "_OWN", own)
    yield own
    own.close()
