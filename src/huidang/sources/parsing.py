"""The half of an import that needs no database: raw items become entries ready to be stored, here or in workers.

What travels between processes are msgpack bytes. The parser of an export lies in a file that every worker reads once.
"""

import pickle
from collections.abc import Sequence
from pathlib import Path

import msgspec

from huidang.kernel.problems import Problem
from huidang.records import prepared
from huidang.records.drafts import Broken, RawMessage
from huidang.records.prepared import Arrival, ReadyFact
from huidang.sources.source import Parser


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """Neighbouring items of an export, and those among them that could not even be cut out."""

    items: list[RawMessage]
    broken: list[Broken] = []


class Yield(msgspec.Struct, frozen=True, array_like=True):
    """What a chunk gave: facts in the order of the file, and items that could not be read, with those that came broken.

    `abouts` stands beside `broken`: what the place implied, needed to read the item again.
    """

    facts: list[ReadyFact]
    broken: list[Broken]
    abouts: list[str]


_CHUNKS = msgspec.msgpack.Decoder(Chunk)
_YIELDS = msgspec.msgpack.Decoder(Yield)
_encode = msgspec.msgpack.Encoder().encode


class Script(msgspec.Struct, frozen=True):
    """How the items of one export are read: its parser, and what all its entries share."""

    parser: Parser
    arrival: Arrival

    def save(self, path: Path) -> None:
        """Write it where workers find it."""
        path.write_bytes(pickle.dumps((self.parser, self.arrival)))

    def read(self, chunk: Chunk) -> Yield:
        """Parse and prepare the items of a chunk. An item is taken whole or goes whole to quarantine."""
        facts: list[ReadyFact] = []
        broken, abouts = list(chunk.broken), [""] * len(chunk.broken)
        for item in chunk.items:
            try:
                facts.extend(self._read(item))
            except Problem as problem:
                broken.append(Broken(item.place, problem.code, problem.text, item.data))
                abouts.append(item.about)
        return Yield(facts, broken, abouts)

    def _read(self, item: RawMessage) -> Sequence[ReadyFact]:
        try:
            return list(prepared.prepare_all(self.parser.parse(item), item.data, self.arrival))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError) as problem:
            raise Problem("item-unreadable", f"无法解析：{type(problem).__name__}: {problem}") from problem


def pack(chunk: Chunk) -> bytes:
    """Return a chunk as bytes for `read_packed`."""
    return _encode(chunk)


def unpack(result: bytes) -> Yield:
    """Return what `read_packed` made."""
    return _YIELDS.decode(result)


_scripts: dict[str, Script] = {}


def read_packed(script: str, chunk: bytes) -> bytes:
    """In a worker: read a packed chunk by the script saved at a path."""
    if script not in _scripts:
        _scripts.clear()
        # our own file, written a moment ago into a folder that only this user can enter
        _scripts[script] = Script(*pickle.loads(Path(script).read_bytes()))  # noqa: S301
    return _encode(_scripts[script].read(_CHUNKS.decode(chunk)))
