"""Many rows at once through Django's connection: raw SQL on SQLite, COPY and arrays on PostgreSQL.

ORM objects cost about ten times as much a row, so what moves messages by the thousand writes here. Column names and
tables come from the code, never from users; values are always bound. Names are quoted as written, so that a caller
passes the model's own `db_table` and column names.
"""

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Literal, cast

import msgspec
from django.db import connection
from django.db.models.expressions import RawSQL

Column = Sequence[str | int | None]
RARE_COLLECTION = (100_000, 50, 100)
"""Thresholds of Python's collector for a process that moves plain values by the ten thousand."""

NICENESS = 8
"""Of processes that help the one that writes. All wait for it in the end; so it comes first, and they fill the rest."""

Kind = Literal["text", "bigint"]


def insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows. Raises django.db.IntegrityError when one of them is there already."""
    names = _quoted(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ",".join(["%s"] * len(columns))
        cast("Any", cursor).executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608


def execute(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement with `%s` marks for every row."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def select(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return all rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def plain(rows: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of a query as they are stored: moments perhaps without their zone (UTC), JSON as text.

    The query is compiled as ever, so that a guard on it holds; spared are Django's conversions of every value.
    """
    return select(*rows.values_list(*columns).query.sql_with_params())


def among(ids: Collection[int]) -> RawSQL:
    """Return ids as what `__in` takes: one bound value, where a list binds and prepares each by itself."""
    wanted, parameters = table_of(id=("bigint", list(ids)))
    return RawSQL(f"SELECT id FROM {wanted} wanted", parameters)  # noqa: S608, S611  (no value stands in the text)


def table_of(**columns: tuple[Kind, Column]) -> tuple[str, list[Any]]:
    """Make a table expression out of equally long columns of values, and the parameters it binds.

    `table_of(key=("text", keys), at=("bigint", times))` joins like any table. Write `FROM {expression} wanted CROSS
    JOIN other WHERE …`: SQLite keeps that order, and would else scan the other table for lack of statistics.
    """
    if connection.vendor == "postgresql":
        arrays = ",".join(f"%s::{kind}[]" for kind, _ in columns.values())
        expression = f"(SELECT * FROM unnest({arrays}) AS given({_quoted(columns)}))"  # noqa: S608
        return expression, [list(values) for _, values in columns.values()]
    picks = ",".join(f"json_extract(value,'$[{place}]') AS \"{name}\"" for place, name in enumerate(columns))
    rows = list(zip(*(values for _, values in columns.values()), strict=True))
    return f"(SELECT {picks} FROM json_each(%s))", [msgspec.json.encode(rows).decode()]  # noqa: S608


def hold_for_writing(name: int) -> None:
    """Let one writer at a time pass until the transaction ends; SQLite's IMMEDIATE transactions are that already."""
    if connection.vendor == "postgresql":
        select("SELECT pg_advisory_xact_lock(%s)", [name])


def moment(milliseconds: int) -> str:
    """Write a UTC moment (ms since 1970) as both databases store and compare it in columns of a DateTimeField."""
    hour, rest = divmod(milliseconds, 3_600_000)
    second, fraction = divmod(rest, 1000)
    if fraction:
        return f"{_hour(hour)}{_IN_HOUR[second]}.{fraction:03d}000{_zone()}"
    return f"{_hour(hour)}{_IN_HOUR[second]}{_zone()}"


_IN_HOUR = tuple(f"{second // 60:02d}:{second % 60:02d}" for second in range(3600))


@lru_cache(maxsize=4096)
def _hour(hour: int) -> str:
    return f"{_date(hour // 24)} {hour % 24:02d}:"


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d")


@cache
def _zone() -> str:
    return "+00" if connection.vendor == "postgresql" else ""


def _quoted(names: Iterable[str]) -> str:
    return ",".join(f'"{name}"' for name in names)


def ms_of(stored: str | datetime | None) -> int:
    """Read a stored moment as milliseconds since 1970; -1 where there is none."""
    if stored is None:
        return -1
    when = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return round(when.timestamp() * 1000)


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let Python look for cycles seldom while a block moves plain values by the ten thousand.

    With the usual thresholds the collector took up to a third of an import's time, and found nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(*RARE_COLLECTION)
    try:
        yield
    finally:
        gc.set_threshold(*before)
