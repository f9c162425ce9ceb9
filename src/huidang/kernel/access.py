"""No row without a reader: a query on a guarded model that names neither reader nor reason does not compile.

A guarded model inherits `Guarded` and says in `within` which of its rows a reader reaches. Its manager answers
only to `readable_by(reader, can)` and `unguarded(reason)`. Everything else raises `Unguarded` in the moment
Django compiles the query: count, exists, aggregate, subquery, prefetch, reverse relation, update, delete.
"""

from enum import StrEnum
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast

from django.db import models
from django.db.models import sql


class Can(StrEnum):
    """What a person may do with the conversations in their reach. Capabilities are separate, not a ladder."""

    READ = "read"
    UNMASK = "unmask"
    RECALLED = "recalled"
    EXPORT = "export"
    EVIDENCE = "evidence"
    FILE = "file"
    MANAGE = "manage"
    AUDIT = "audit"


class Unguarded(RuntimeError):
    """A query on a guarded model was about to run without naming a reader: a defect, never a user's error."""


class AnyReader(Protocol):
    """What the guard needs to know of a reader; `people.readers.Reader` is the real one."""

    @property
    def user_id(self) -> int | None:
        """The account behind the reader, None for the local operator."""


class GuardedQuery(sql.Query):
    """A query that compiles only after it was guarded."""

    guard: str | None = None

    def require_guard(self) -> None:
        """Raise `Unguarded` unless a reader or a reason was named."""
        if self.guard is None:
            name = self.model.__name__ if self.model else "?"
            raise Unguarded(f"{name} was queried without readable_by(reader, can) or unguarded(reason)")

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        """Compile, if guarded."""
        self.require_guard()
        return super().get_compiler(*args, **kwargs)

    def chain(self, klass: Any = None) -> Any:
        """Clone; a change of class (update, delete, aggregate) leaves the guard behind, so it is asked now."""
        if klass is not None and not issubclass(klass, GuardedQuery):
            self.require_guard()
        return super().chain(klass)


_Model = TypeVar("_Model", bound=models.Model)


class GuardedQuerySet(models.QuerySet[_Model]):
    """The query set of a guarded model."""

    def __init__(self, model: Any = None, query: Any = None, using: str | None = None, hints: Any = None) -> None:
        super().__init__(model, query or GuardedQuery(model), using, hints)

    def readable_by(self, reader: AnyReader, can: Can = Can.READ) -> Self:
        """Keep the rows inside the reader's reach for one capability."""
        model = cast("type[Guarded]", self.model)
        return self._guarded("reader").filter(model.within(reader, can))

    def unguarded(self, reason: str) -> Self:
        """Query as the house itself, for a stated reason. `tests/house` lists every use."""
        return self._guarded(reason)

    def _guarded(self, guard: str) -> Self:
        chained = self._chain()  # type: ignore[attr-defined]
        chained.query.guard = guard
        return cast("Self", chained)

    def raw(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse: raw SQL cannot be guarded."""
        raise Unguarded(f"{self.model.__name__}.objects.raw() cannot be guarded")

    def _raw_delete(self, using: str | None) -> int:
        cast("GuardedQuery", self.query).require_guard()
        return super()._raw_delete(using)


class Guarded(models.Model):
    """Base of every model that leads to a conversation."""

    objects: ClassVar[Any] = GuardedQuerySet.as_manager()

    class Meta:
        """The base manager is guarded too, so that following a relation cannot walk around the guard."""

        abstract = True
        base_manager_name = "objects"

    @classmethod
    def within(cls, reader: AnyReader, can: Can) -> models.Q:
        """Return the condition that keeps the rows a reader reaches."""
        raise NotImplementedError
