"""How a Merkle tree lies in the database: its leaves, and the roots of every complete block of 256, 65,536, … of them.

These are the tiles of C2SP tlog-tiles, so that appending, a root of any size and a proof read at most 256 rows a level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection

from huidang.kernel import merkle
from huidang.kernel.problems import Problem

_TILE_BITS = 8
_TILE = 1 << _TILE_BITS
_LEVEL_SHIFT = 52  # a node's id is level << 52 | index; 2^52 leaves are enough


def node_id(level: int, index: int) -> int:
    """Return the id of the node over the `index`th block of 2^level leaves."""
    return level << _LEVEL_SHIFT | index


@dataclass(frozen=True, slots=True)
class Stored:
    """The tables of one tree, columns `"index", hash` and `id, hash`, and what it is hashed by."""

    leaves: str
    nodes: str
    sha: merkle.Hasher = merkle.sha256

    def read(self, level: int, start: int, stop: int) -> list[bytes]:
        """Read the hashes of the stored subtrees of a level from `start` to before `stop`."""
        base = node_id(level, 0)
        table, column = (self.nodes, "id") if level else (self.leaves, '"index"')
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT hash FROM "{table}" WHERE {column} >= %s AND {column} < %s ORDER BY {column}',  # noqa: S608
                (base + start, base + stop),
            )
            return [bytes(row[0]) for row in cursor.fetchall()]

    def append(self, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Store leaves whose first two columns are place and hash, with the nodes that they complete."""
        insert(self.leaves, columns, rows)
        insert(self.nodes, "id, hash", self._completed(rows[0][0], [row[1] for row in rows]) if rows else [])

    def _completed(self, first: int, hashes: list[bytes]) -> list[tuple[int, bytes]]:
        """Return the nodes that leaves appended at `first` complete, on every level."""
        nodes: list[tuple[int, bytes]] = []
        level = 0
        while (first + len(hashes)) // _TILE > first // _TILE:
            begin, end = first // _TILE, (first + len(hashes)) // _TILE
            known = self.read(level, begin * _TILE, first) + hashes
            level += _TILE_BITS
            hashes = [merkle.root_hash(known[i * _TILE : (i + 1) * _TILE], self.sha) for i in range(end - begin)]
            nodes += [(node_id(level, begin + i), value) for i, value in enumerate(hashes)]
            first = begin
        return nodes


class Tree:
    """A view of a stored tree that remembers what it has read."""

    def __init__(self, stored: Stored) -> None:
        self._stored, self._sha = stored, stored.sha
        self._tiles: dict[tuple[int, int], list[bytes]] = {}
        self._subtrees: dict[tuple[int, int], bytes] = {}

    def root(self, of_size: int) -> bytes:
        """Return the root of the first `of_size` leaves."""
        return self._span(0, of_size) if of_size else bytes(self._sha(b"").digest())

    def inclusion_proof(self, index: int, of_size: int) -> list[bytes]:
        """Return the siblings from the leaf up. Raises `Problem` (`log-range`)."""
        if not 0 <= index < of_size:
            raise out_of_range(index, of_size)
        proof: list[bytes] = []
        start, stop = 0, of_size
        while stop - start > 1:
            middle = start + merkle.split(stop - start)
            if index < middle:
                proof.append(self._span(middle, stop))
                stop = middle
            else:
                proof.append(self._span(start, middle))
                start = middle
        return proof[::-1]

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """Return the proof of RFC 6962, 2.1.2. Raises `Problem` (`log-range`)."""
        if not 0 <= old <= new:
            raise out_of_range(old, new)
        if old in (0, new):
            return []
        proof: list[bytes] = []
        start, stop = 0, new
        while stop != old:
            middle = start + merkle.split(stop - start)
            if old <= middle:
                proof.append(self._span(middle, stop))
                stop = middle
            else:
                proof.append(self._span(start, middle))
                start = middle
        return (proof if start == 0 else [*proof, self._span(start, stop)])[::-1]

    def _span(self, start: int, stop: int) -> bytes:
        """Return the root of the leaves from `start` to before `stop`; `start` is a multiple of the width's power."""
        width = stop - start
        if width & (width - 1) == 0:
            return self._complete(width.bit_length() - 1, start)
        middle = start + merkle.split(width)
        return merkle.node_hash(self._span(start, middle), self._span(middle, stop), self._sha)

    def _complete(self, height: int, start: int) -> bytes:
        known = self._subtrees.get((height, start))
        if known is None:
            known = self._subtrees[height, start] = merkle.root_hash(self._parts(height, start), self._sha)
        return known

    def _parts(self, height: int, start: int) -> list[bytes]:
        """Return the stored hashes next below a complete subtree. Raises `Problem` where some are missing."""
        level = height & -_TILE_BITS
        first, width = start >> level, 1 << height - level
        hashes = self._tile(level, first >> _TILE_BITS)[first % _TILE : first % _TILE + width]
        if len(hashes) != width:
            raise Problem("log-incomplete", f"日志缺少第 {start} 条起的记录。", index=start)
        return hashes

    def _tile(self, level: int, place: int) -> list[bytes]:
        if (level, place) not in self._tiles:
            self._tiles[level, place] = self._stored.read(level, place * _TILE, (place + 1) * _TILE)
        return self._tiles[level, place]


def insert(table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows the quickest way each database has: `executemany` on SQLite, COPY on PostgreSQL."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            marks = ", ".join(["%s"] * len(columns.split(",")))
            cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', rows)  # noqa: S608
            return
        with cast("Any", cursor).copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)


def out_of_range(first: int, second: int) -> Problem:
    """Return the refusal of a range that the log does not have."""
    return Problem("log-range", f"日志中没有这样的范围：{first}，{second}。", first=first, second=second)
