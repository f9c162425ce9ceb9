"""One export of the archive that the environment names, for `bench/export.py`.

`python bench/written.py FORMAT FOLDER` gathers conversation 1 through the guard and the lens, then writes it, and
prints the seconds of each as JSON: by the clock, and of the processor in all processes.
"""

import json
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")

import django

django.setup()

from huidang.exports.document import Section
from huidang.exports.formats import get_format
from huidang.exports.gathering import gather
from huidang.exports.orders import Order
from huidang.exports.selection import Selection
from huidang.exports.writing import compose
from huidang.kernel import clock
from huidang.people import local_operator


def processor() -> float:
    """Return the seconds that this process and its children have worked."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(name: str, folder: Path) -> None:
    """Gather, write, print."""
    reader, selection = local_operator(), Selection(conversations=(1,))
    writer = get_format(name).writer()
    began = time.perf_counter()
    gathered = gather(reader, selection)
    order = Order(selection=selection, format=name, why="bench")
    document = compose(gathered, order, reader, receipt="HD-BENCH", made_by="bench", made_at=clock.now())
    sections = [Section(section.conversation, list(section.lines)) for section in document.sections]
    read, worked = time.perf_counter(), processor()
    written = writer(replace(document, sections=sections), folder / f"chat.{name}", progress=lambda _count: None)
    told = {
        "seconds": round(time.perf_counter() - read, 3),
        "processor_seconds": round(processor() - worked, 3),
        "gather_seconds": round(read - began, 3),
        "file_mb": round(sum(path.stat().st_size for path in written) / 1e6, 2),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
