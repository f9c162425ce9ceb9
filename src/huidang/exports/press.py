"""The press: sets a template in a process of its own, with limits on memory and time, and no way to the network.

`Pressing` is for the house. As a program it sets what its arguments say and writes the
number of pages on its output; then it knows nothing of the house and imports none of it.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

MOST_MEMORY = 6 << 30
MOST_SECONDS = 900
TICK_SECONDS = 0.4


class Stuck(Exception):
    """The press could not set the paper; says what it said."""


class Pressing:
    """A paper being set in a folder, while its owner goes on with other work. Use it as a context, so that it ends."""

    def __init__(self, folder: Path, job: dict[str, Any]) -> None:
        """Begin. `job` holds template, data and output (names in the folder), format, ppi, fonts."""
        command = [sys.executable, "-I", str(Path(__file__)), str(folder), json.dumps(job)]
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and file)
            command, cwd=folder, env={"LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def pages(self, *, tick: Callable[[], None]) -> int:
        """Wait for the end and return the number of pages.

        `tick` is called meanwhile, and may raise to give up. Raises `Stuck` where the paper cannot be set.
        """
        while True:
            try:
                said, complaint = self._process.communicate(timeout=TICK_SECONDS)
            except subprocess.TimeoutExpired:
                tick()
                continue
            if self._process.returncode:
                raise Stuck(complaint.decode("utf-8", "replace")[-4000:])
            return int(said)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(folder: Path, job: dict[str, Any]) -> None:
    _limit()
    import typst  # noqa: PLC0415  (after the limits, and only in the child)

    options = {"pdf_standards": "a-2b"} if job["format"] == "pdf" else {"ppi": float(job["ppi"])}
    typst.compile(
        str(folder / job["template"]),
        output=str(folder / job["output"]),
        root=str(folder),
        font_paths=job["fonts"],
        ignore_system_fonts=True,
        sys_inputs={"data": job["data"]},
        format=job["format"],
        **options,
    )
    sys.stdout.write(str(_pages(folder, job)))


def _pages(folder: Path, job: dict[str, Any]) -> int:
    if job["format"] != "pdf":
        return len(list(folder.glob(job["output"].replace("{0p}", "*"))))
    import pypdfium2  # noqa: PLC0415

    with pypdfium2.PdfDocument(folder / job["output"]) as paper:
        return len(paper)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), json.loads(sys.argv[2]))
