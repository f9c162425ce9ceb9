"""A 63-bit primary key that is given, not counted, and that SQLite takes as the row's own id."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _BigInteger = models.BigIntegerField[int, int]
else:
    _BigInteger = models.BigIntegerField


class RowId(_BigInteger):
    """A given primary key. SQLite keeps a table in the order of an `integer` key; for a `bigint` it adds an index.

    That index would double the cost of every insert and every look-up. `integer` holds 64 bits there.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "primary_key": True})

    def db_type(self, connection: Any) -> str | None:
        """Return the column's type: `integer` on SQLite, `bigint` elsewhere."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)
