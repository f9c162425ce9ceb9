"""The index as readers hold it: one open engine a process, which notices commits and swaps by itself."""

import threading
from contextlib import suppress

from huidang.search import generations
from huidang.search.engines.tantivy import TantivyIndex
from huidang.search.generations import Generation
from huidang.search.index import Index


class Reading:
    """Keeps the current generation open. Asking costs a few microseconds while nothing has changed."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._generation: Generation | None = None
        self._engine: TantivyIndex | None = None
        self._committed_ns = 0

    def index(self) -> Index | None:
        """Return the index as it was committed last; None while there is none to read."""
        with self._turn:
            generation = generations.current()
            if generation != self._generation or self._engine is None:
                self._open(generation)
            elif (committed_ns := _committed_ns(self._generation)) != self._committed_ns:
                self._reload(committed_ns)
            return self._engine

    def _open(self, generation: Generation | None) -> None:
        self._generation, self._engine = generation, None
        self._committed_ns = _committed_ns(generation)
        mark = generation.mark() if generation else None
        if generation and mark and mark.fits():
            with suppress(ValueError, OSError):  # deleted in this moment, or not yet begun
                self._engine = TantivyIndex(generation.engine, create=False)

    def _reload(self, committed_ns: int) -> None:
        if committed_ns == 0:
            self._engine = None
        elif self._engine is not None:
            self._committed_ns = committed_ns
            self._engine.reload()


def _committed_ns(generation: Generation | None) -> int:
    """Return when the engine committed last, 0 where its files are gone."""
    try:
        return (generation.path / "mark.json").stat().st_mtime_ns if generation else 0
    except OSError:
        return 0


_OWN = Reading()


def index() -> Index | None:
    """Return the index of this archive, None while it is being begun."""
    return _OWN.index()
