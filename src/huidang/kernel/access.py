"""No row without a reader: a query on a guarded model that names neither reader nor reason does not compile.

A guarded model inherits `Guarded` and says in `within` which of its rows a reader reaches. Its manager answers
only to `readable_by(reader, can)` and `unguarded(reason)`. Everything else raises `Unguarded` in the moment
Django compiles the query: count, exists, aggregate, subquery, prefetch, reverse relation, update, delete.
Saving and deleting one instance raise too, because Django does both without asking for a reader.

A joined table asks nobody. So no unguarded model may lead to a guarded one, neither forward nor backward;
`find_side_doors` is the start-up check of it.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast

from django.apps import apps
from django.core import checks
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

    def combine(self, rhs: sql.Query, connector: str) -> None:
        """Join with `|`, `&` or `^`: both sides must be guarded, else one would open the other."""
        self.require_guard()
        cast("GuardedQuery", rhs).require_guard()
        super().combine(rhs, connector)


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
        if not reason.strip():
            raise Unguarded(f"{self.model.__name__}.unguarded() wants a reason")
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

    def delete(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse: Django would delete by id alone."""
        raise Unguarded(f"delete {type(self).__name__} rows through readable_by(reader, can) or unguarded(reason)")


@checks.register(checks.Tags.models)
def find_side_doors(*, app_configs: Any = None, **_options: Any) -> list[checks.Error]:
    """Return an error for every relation through which an unguarded query would reach a guarded table."""
    del app_configs  # a side door may lie between two packages, so always all of them
    models_ = apps.get_models(include_auto_created=True)
    return [error for model in models_ for error in (*_open_relations(model), *_open_managers(model))]


def _open_relations(model: type[models.Model]) -> Iterator[checks.Error]:
    for field in (*model._meta.fields, *model._meta.many_to_many):
        target = field.related_model
        if not isinstance(target, type) or _is_guarded(model) == _is_guarded(target):
            continue
        if _is_guarded(target):
            text, number = "leads to a guarded model; keep the id in a plain field, or guard this model", "E001"
        elif field.remote_field and not _is_hidden(field.remote_field):
            text, number = 'can be walked backward; give it related_name="+" and no related_query_name', "E002"
        else:
            continue
        yield checks.Error(f"{field} {text}", obj=model, id=f"access.{number}")


def _is_hidden(backward: models.ForeignObjectRel) -> bool:
    return backward.hidden and not backward.related_query_name


def _open_managers(model: type[models.Model]) -> Iterator[checks.Error]:
    if not _is_guarded(model):
        return
    for manager in (*model._meta.managers, model._base_manager):
        if not isinstance(manager.get_queryset().query, GuardedQuery):
            text = f"{model.__name__}.{manager.name} is not guarded; inherit objects and Guarded.Meta"
            yield checks.Error(text, obj=model, id="access.E003")


def _is_guarded(model: type[models.Model]) -> bool:
    return issubclass(model, Guarded)
