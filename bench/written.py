"""One export of the archive that the environment names, for `bench/export.py`.

`python bench/written.py FORMAT FOLDER` writes conversation 1, read through the guard and the lens, and prints the
seconds as JSON: by the clock, of the processor in all processes, and by the clock for reading alone.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")

import django

django.setup()

from huidang.exports.document import Document
from huidang.exports.formats import get_format
from huidang.exports.gathering import gather
from huidang.exports.orders import Order
from huidang.exports.selection import Selection
from huidang.exports.writing import compose, write
from huidang.kernel import clock
from huidang.people import local_operator


def processor() -> float:
    """Return the seconds that this process and its children have worked."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(name: str, folder: Path) -> None:
    """Gather, write, print; and gather once more by itself."""
    get_format(name).writer()
    began, worked = time.perf_counter(), processor()
    written = write(document(name), name, folder / f"chat.{name}", progress=lambda _count: None)
    ended, spent = time.perf_counter(), processor()
    for section in document(name).sections:
        for _line in section.lines:
            pass
    told = {
        "seconds": round(ended - began, 3),
        "processor_seconds": round(spent - worked, 3),
        "gather_seconds": round(time.perf_counter() - ended, 3),
        "file_mb": round(sum(path.stat().st_size for path in written) / 1e6, 2),
    }
    print(json.dumps(told))


def document(name: str) -> Document:
    """Return conversation 1 as a document to be written."""
    reader, selection = local_operator(), Selection(conversations=(1,))
    order = Order(selection=selection, format=name, why="bench")
    return compose(gather(reader, selection), order, reader, receipt="HD-BENCH", made_by="bench", made_at=clock.now())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
