"""Every message that a query finds, not a page of them: for exports."""

from collections.abc import Iterator

from huidang.people.readers import Reader
from huidang.search import query, reading
from huidang.search.meaning import Meaning

_PIECE = 10_000


def sweep(reader: Reader, text: str) -> Iterator[int]:
    """Yield the ids of all messages within reach that match a query, newest first, in constant memory.

    The engine is asked piece by piece: what is indexed meanwhile may join at the newest end only before it is read.
    Whoever shows them reads the rows again through the guard.
    """
    engine = reading.index()
    if engine is None:
        return
    tree = Meaning(query.parse(text), reader).tree
    page = engine.find(reader, tree, sort="new", limit=_PIECE)
    yield from page.ids
    while len(page.ids) == _PIECE:
        page = engine.find(reader, tree, sort="new", limit=_PIECE, beyond=page.ids[-1])
        yield from page.ids
