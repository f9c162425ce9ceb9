"""The press: sets papers in a process of its own, with limits on memory and time, and no way to the network.

`Press` is for the house. As a program it reads one order a line and answers each with a number. A volume among others
is laid out first, which tells its pages, and printed by a later order: the numbers on the pages are read last. Then it
knows nothing of the house and imports none of it.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from select import select
from typing import Any, NoReturn, Self

MOST_MEMORY = 6 << 30
MOST_SECONDS = 900
TICK_SECONDS = 0.4


class Stuck(Exception):
    """The press could not set the paper; says what it said."""


class Press:
    """A process that sets papers in a folder, while its owner goes on with other work. Use it as a context."""

    def __init__(self, folder: Path, fonts: Sequence[Path]) -> None:
        command = [sys.executable, "-I", str(Path(__file__)), str(folder), *map(str, fonts)]
        self._complaint = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the press)
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and file)
            command, cwd=folder, env={"LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaint,
        )  # fmt: skip
        assert self._process.stdin
        assert self._process.stdout
        self._input, self._output = self._process.stdin, self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it, done or not."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for file in (self._input, self._output, self._complaint):
            with suppress(BrokenPipeError):
                file.close()

    def begin(self, job: dict[str, Any]) -> None:
        """Order a paper: template, data and output (names in the folder), format, ppi, counted."""
        self._order({"job": job})

    def go_on(self, output: str) -> None:
        """Order a counted paper to be printed, once it is laid out."""
        self._order({"print": output})

    def answer(self, *, tick: Callable[[], None]) -> int:
        """Wait for the next answer, in the order of the orders: the pages of a counted paper, else 0 when it is done.

        `tick` is called meanwhile, and may raise to give up. Raises `Stuck` where the paper cannot be set.
        """
        while not select([self._output], [], [], TICK_SECONDS)[0]:
            tick()
        said = self._output.readline()
        return int(said) if said.strip().isdigit() else self._fail(said)

    def _order(self, order: dict[str, Any]) -> None:
        with suppress(BrokenPipeError):  # the answer will tell why
            self._input.write(json.dumps(order).encode() + b"\n")
            self._input.flush()

    def _fail(self, said: bytes) -> NoReturn:
        self._process.kill()  # it may have said something else than a number and go on
        self._process.wait()
        self._complaint.seek(0)
        raise Stuck((said + self._complaint.read()).decode("utf-8", "replace")[-4000:])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(folder: Path, fonts: Sequence[str]) -> None:
    _limit()
    import typst  # noqa: PLC0415  (after the limits, and only in the child)

    known = typst.Fonts(include_system_fonts=False, font_paths=list(fonts))
    laid_out: dict[str, tuple[Any, dict[str, Any]]] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if "job" in order:
            job = order["job"]
            inputs = {"data": job["data"]}
            compiler = typst.Compiler(folder / job["template"], root=folder, font_paths=known, sys_inputs=inputs)
            if job["counted"]:
                pages = json.loads(compiler.query("<last>", field="value"))[0]
                laid_out[job["output"]] = compiler, job
            else:
                pages = _print(folder, compiler, job)
        else:
            pages = _print(folder, *laid_out.pop(order["print"]))
        sys.stdout.write(f"{pages}\n")
        sys.stdout.flush()


def _print(folder: Path, compiler: Any, job: dict[str, Any]) -> int:
    options = {"pdf_standards": "a-2b"} if job["format"] == "pdf" else {"ppi": float(job["ppi"])}
    compiler.compile(output=str(folder / job["output"]), format=job["format"], **options)
    return 0


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2:])
