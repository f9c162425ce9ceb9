"""The processes that parse: started when a file is large enough, fed in order, with a bound on what is on the way."""

import contextlib
import gc
import multiprocessing
import os
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess as ParentProcess
from pathlib import Path
from typing import Self

from huidang.kernel import bulk
from huidang.kernel.problems import Problem
from huidang.sources import parsing
from huidang.sources.parsing import Chunk, Script, Yield

ALONE_CHUNKS = 4
"""A file of up to so many chunks is parsed here: starting processes would take longer."""

AHEAD = 4
"""Chunks on the way for each worker."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Hands:
    """Workers for any number of exports, one after another. `workers` = 0 parses in this process."""

    def __init__(self, workers: int | None = None) -> None:
        self._workers = cores() if workers is None else workers
        self._pool: ProcessPoolExecutor | None = None
        self._folder = contextlib.ExitStack()
        self._scripts = 0

    def warm(self) -> None:
        """Let what workers share be imported beside whatever is done here, since a large file is coming."""
        if self._workers:
            self._context()
            forkserver.ensure_running()

    def read(self, chunks: Iterable[Chunk], script: Script) -> Iterator[Yield]:
        """Yield what each chunk gives, in order. Raises Problem `worker-died` where a worker was killed."""
        rest = iter(chunks)
        for _, chunk in zip(range(ALONE_CHUNKS if self._pool is None else 0), rest, strict=False):
            yield script.read(chunk)
        yield from self._read_together(rest, script) if self._workers else map(script.read, rest)

    def _read_together(self, chunks: Iterator[Chunk], script: Script) -> Iterator[Yield]:
        waiting: deque[Future[bytes]] = deque()
        path = ""
        for chunk in chunks:
            path = path or self._save(script)
            waiting.append(self._started().submit(parsing.read_packed, path, parsing.pack(chunk)))
            if len(waiting) > AHEAD * self._workers:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())

    def _save(self, script: Script) -> str:
        if not self._scripts:
            self._place = Path(self._folder.enter_context(tempfile.TemporaryDirectory(prefix="huidang-")))
        self._scripts += 1
        path = self._place / str(self._scripts)
        script.save(path)
        return str(path)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._workers, mp_context=self._context(), initializer=_begin)
        return self._pool

    def _context(self) -> ForkServerContext:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["huidang.sources.nursery"])
        return context

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._folder.close()


def _begin() -> None:
    """Let a worker give way to the process that feeds it, and end when that was killed."""
    os.nice(bulk.NICENESS)
    gc.freeze()
    gc.set_threshold(*bulk.RARE_COLLECTION)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: ParentProcess) -> None:
    parent.join()
    os._exit(1)


def _result(future: Future[bytes]) -> Yield:
    try:
        return parsing.unpack(future.result())
    except BrokenProcessPool as problem:
        raise Problem(
            "worker-died", "一个解析进程被终止（可能内存不足）。已入库的内容完整；再次运行同一命令会继续。"
        ) from problem
