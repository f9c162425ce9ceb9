"""Other engines over the same messages, for `bench/search.py`: SQLite FTS5, PostgreSQL GIN and Groonga.

All hold plain pairs: every two neighbouring characters of a run, then its last one alone. Each answers the newest 50,
the exact count and counts by month and platform for one term. They filter by no reader.
"""

import json
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import psycopg

from huidang.search import tokens
from huidang.search.index import Document


class Rival(Protocol):
    """What is asked of every engine."""

    name: str

    def answers(self, term: str) -> bool:
        """Say whether it has a way to ask for a term."""

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

    def answers(self, term: str) -> bool:
        """Say yes."""
        return bool(term)

    def fill(self, documents: Iterable[Document]) -> None:
        """Take the messages in and build the index."""
        for each in documents:
            self._file.execute("INSERT INTO about VALUES (?,?,?)", (each.id, each.month, each.platform))
            self._file.execute(
                "INSERT INTO told(rowid, body) VALUES (?,?)", (each.id, " ".join(pairs(each.texts.shown[0])))
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

    def answers(self, term: str) -> bool:
        """Say yes."""
        return bool(term)

    def fill(self, documents: Iterable[Document]) -> None:
        """Take the messages in and build the index."""
        with self._link.cursor().copy("COPY bench_search FROM STDIN") as copy:
            for each in documents:
                text = each.texts.shown[0]
                held = " ".join(f"'{pair}'" for pair in sorted(set(pairs(text))))
                copy.write_row((each.id, each.month, each.platform, " ".join(tokens.runs(text)), held))
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
        wanted, last = phrase(term)
        query = " & ".join([f"'{pair}'" for pair in wanted] + ([f"'{last}':*"] if last else []))
        pattern = f"%{' '.join(tokens.runs(term))}%"
        sql = statement.format("pairs @@ %s::tsquery AND folded LIKE %s")
        return self._link.execute(sql, [query, pattern]).fetchall()


class Groonga:
    """Groonga, one process asked through a pipe, no answer kept; pairs in a Patricia trie, newest by the key."""

    name = "groonga"
    _SCHEMA = (
        "table_create Said TABLE_PAT_KEY Int64",
        "column_create Said month COLUMN_SCALAR Int32",
        "column_create Said platform COLUMN_SCALAR ShortText",
        "column_create Said body COLUMN_SCALAR Text",
        "table_create Pairs TABLE_PAT_KEY ShortText --default_tokenizer TokenDelimit",
    )
    _AT_ONCE = 20_000

    def __init__(self, folder: Path) -> None:
        command = ["groonga", "-n", str(folder / "groonga.db")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for line in ("cache_limit 0", *self._SCHEMA):
            self._ask(line)

    def answers(self, term: str) -> bool:
        """Say no to a phrase whose last word is only begun: it has prefixes and phrases, not both at once."""
        wanted, last = phrase(term)
        return not (wanted and last)

    def fill(self, documents: Iterable[Document]) -> None:
        """Take the messages in and build the index."""
        rest = map(self._row, documents)
        while batch := list(islice(rest, self._AT_ONCE)):
            self._ask(f"load --table Said\n{json.dumps(batch, ensure_ascii=False)}")
        self._ask("column_create Pairs told COLUMN_INDEX|WITH_POSITION Said body")

    def newest(self, term: str) -> int:
        """Read the newest 50 ids."""
        return len(self._select(term, "--sort_keys -_key --limit 50")[0]) - 2

    def count(self, term: str) -> int:
        """Count exactly."""
        found: int = self._select(term, "--limit 0")[0][0][0]
        return found

    def facets(self, term: str) -> int:
        """Count by month and platform."""
        answer = self._select(term, "--limit 0 --drilldowns[both].keys month,platform --drilldowns[both].limit -1")
        return len(answer[1]["both"]) - 2

    def close(self) -> None:
        """Give everything back."""
        self._process.terminate()
        self._process.wait()

    def _select(self, term: str, more: str) -> Any:
        wanted, last = phrase(term)
        query = f"{last}*" if last else '\\"' + " ".join(wanted) + '\\"'
        return self._ask(f'select Said --match_columns body --query "{query}" --output_columns _key {more}')

    def _ask(self, line: str) -> Any:
        pipes = self._process.stdin, self._process.stdout
        assert pipes[0]
        assert pipes[1]
        pipes[0].write(f"{line}\n".encode())
        pipes[0].flush()
        head, *answer = json.loads(pipes[1].readline())
        if head[0]:
            raise RuntimeError(f"groonga: {head}")
        return answer[0]

    @staticmethod
    def _row(each: Document) -> dict[str, object]:
        body = " ".join(pairs(each.texts.shown[0]))
        return {"_key": each.id, "month": each.month, "platform": each.platform, "body": body}


def pairs(text: str) -> Iterator[str]:
    """Yield the tokens of a text: every pair of a run, then its last character."""
    for run in tokens.runs(text):
        yield from (run[at : at + 2] for at in range(len(run)))


def phrase(term: str) -> tuple[list[str], str]:
    """Return the tokens that stand one behind another, and what a last one begins with or ""."""
    *whole, last = tokens.runs(term)
    before = [pair for run in whole for pair in pairs(run)]
    return (before, last) if len(last) == 1 else ([*before, *list(pairs(last))[:-1]], "")


def _match(term: str) -> str:
    wanted, last = phrase(term)
    return '"' + " ".join([*wanted, last]).strip() + ('" *' if last else '"')
