"""Other engines over the same messages, for `bench/search.py`: SQLite FTS5 and PostgreSQL GIN, both over our pairs.

Each answers the newest 50, the exact count and counts by month and platform for one term. They filter by no reader.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import psycopg

from huidang.search import tokens
from huidang.search.index import Document


class Rival(Protocol):
    """What is asked of every engine."""

    name: str

    def fill(self, documents: Iterable[Document]) -> None:
        """Take the messages in and build the index."""

    def newest(self, term: str) -> int:
        """Read the newest 50 ids."""

    def count(self, term: str) -> int:
        """Count exactly."""

    def facets(self, term: str) -> int:
        """Count by month and platform."""

    def close(self) -> None:
        """Give everything back."""


class Fts5:
    """SQLite FTS5, contentless, with positions; facets by a join with a narrow table."""

    name = "sqlite-fts5"

    def __init__(self, folder: Path) -> None:
        self._file = sqlite3.connect(folder / "fts5.sqlite3")
        self._file.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;"
            "CREATE TABLE about (id INTEGER PRIMARY KEY, month INTEGER, platform TEXT);"
            "CREATE VIRTUAL TABLE told USING fts5(body, content='', tokenize='unicode61 remove_diacritics 0');"
        )

    def fill(self, documents: Iterable[Document]) -> None:
        """Take the messages in and build the index."""
        for each in documents:
            self._file.execute("INSERT INTO about VALUES (?,?,?)", (each.id, each.month, each.platform))
            self._file.execute(
                "INSERT INTO told(rowid, body) VALUES (?,?)", (each.id, tokens.grams(each.texts.shown[0]))
            )
        self._file.execute("INSERT INTO told(told) VALUES ('optimize')")
        self._file.commit()

    def newest(self, term: str) -> int:
        """Read the newest 50 ids."""
        sql = "SELECT rowid FROM told WHERE told MATCH ? ORDER BY rowid DESC LIMIT 50"
        return len(self._file.execute(sql, [_match(term)]).fetchall())

    def count(self, term: str) -> int:
        """Count exactly."""
        found: int = self._file.execute("SELECT count(*) FROM told WHERE told MATCH ?", [_match(term)]).fetchone()[0]
        return found

    def facets(self, term: str) -> int:
        """Count by month and platform."""
        sql = (
            "SELECT month, platform, count(*) FROM told JOIN about ON id = told.rowid WHERE told MATCH ? GROUP BY 1, 2"
        )
        return len(self._file.execute(sql, [_match(term)]).fetchall())

    def close(self) -> None:
        """Give everything back."""
        self._file.close()


class Postgres:
    """PostgreSQL: a GIN index over the distinct pairs, and a look at the folded text for longer terms."""

    name = "postgresql-gin"

    def __init__(self, url: str) -> None:
        self._link = psycopg.connect(url, autocommit=True)
        self._link.execute("DROP TABLE IF EXISTS bench_search")
        self._link.execute(
            "CREATE UNLOGGED TABLE bench_search "
            "(id bigint PRIMARY KEY, month int, platform text, folded text, pairs tsvector)"
        )

    def fill(self, documents: Iterable[Document]) -> None:
        """Take the messages in and build the index."""
        with self._link.cursor().copy("COPY bench_search FROM STDIN") as copy:
            for each in documents:
                text = each.texts.shown[0]
                pairs = " ".join(f"'{pair}'" for pair in sorted(set(tokens.grams(text).split())))
                copy.write_row((each.id, each.month, each.platform, " ".join(tokens.runs(text)), pairs))
        self._link.execute("CREATE INDEX ON bench_search USING gin (pairs) WITH (fastupdate = off)")
        self._link.execute("ANALYZE bench_search")

    def newest(self, term: str) -> int:
        """Read the newest 50 ids."""
        return len(self._rows("SELECT id FROM bench_search WHERE {} ORDER BY id DESC LIMIT 50", term))

    def count(self, term: str) -> int:
        """Count exactly."""
        found: int = self._rows("SELECT count(*) FROM bench_search WHERE {}", term)[0][0]
        return found

    def facets(self, term: str) -> int:
        """Count by month and platform."""
        return len(self._rows("SELECT month, platform, count(*) FROM bench_search WHERE {} GROUP BY 1, 2", term))

    def close(self) -> None:
        """Take the table away again."""
        self._link.execute("DROP TABLE bench_search")
        self._link.close()

    def _rows(self, statement: str, term: str) -> list[tuple[int, ...]]:
        wanted, last = tokens.phrase(tokens.runs(term))
        query = " & ".join([f"'{pair}'" for pair in wanted] + ([f"'{last}':*"] if last else []))
        pattern = f"%{' '.join(tokens.runs(term))}%"
        sql = statement.format("pairs @@ %s::tsquery AND folded LIKE %s")
        return self._link.execute(sql, [query, pattern]).fetchall()


def _match(term: str) -> str:
    wanted, last = tokens.phrase(tokens.runs(term))
    return '"' + " ".join([*wanted, last]).strip() + ('" *' if last else '"')
