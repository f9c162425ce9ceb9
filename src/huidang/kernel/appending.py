"""Append only: rows that are written once; changing or deleting one needs a door of its own name.

`erasing(reason)` is that door, for erasure that the law demands. Everything else raises `Unchanging`: update,
bulk_update, delete, and saving or deleting a single instance.
"""

from typing import Any, ClassVar, Self, TypeVar, cast

from django.db import models

from huidang.kernel.access import GuardedQuerySet


class Unchanging(RuntimeError):
    """Rows that are appended for ever were about to be changed: a defect, never a user's error."""


_Model = TypeVar("_Model", bound=models.Model)


class AppendedQuerySet(models.QuerySet[_Model]):
    """The query set of an appended model."""

    erasing_reason = ""

    def erasing(self, reason: str) -> Self:
        """Open the only door to changing and deleting, for a stated reason."""
        opened = self.all()
        opened.erasing_reason = reason.strip()
        return opened

    def update(self, **values: Any) -> int:
        """Change rows, if erasing."""
        self._require_erasing()
        return super().update(**values)

    def _update(self, values: Any) -> int:
        self._require_erasing()
        return cast("int", super()._update(values))  # type: ignore[misc]  # not in the stubs

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete rows, if erasing."""
        self._require_erasing()
        return super().delete()

    def _clone(self) -> Self:
        clone = cast("Self", super()._clone())  # type: ignore[misc]  # not in the stubs
        clone.erasing_reason = self.erasing_reason
        return clone

    def _require_erasing(self) -> None:
        if not self.erasing_reason:
            name = self.model.__name__
            raise Unchanging(f"{name} rows are appended, never changed; erasing(reason) is the only other way")


class AppendedGuardedQuerySet(AppendedQuerySet[_Model], GuardedQuerySet[_Model]):  # type: ignore[override]
    """The query set of a model that is both appended and guarded."""


class Appended(models.Model):
    """Base of an appended model that no reader is asked for."""

    objects: ClassVar[Any] = AppendedQuerySet.as_manager()

    class Meta:
        """The base manager is the same, so that saving an instance cannot change its row."""

        abstract = True
        base_manager_name = "objects"

    def delete(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse: Django would delete by id alone."""
        raise Unchanging(f"{type(self).__name__} rows are appended, never deleted one by one")
