"""Saved searches for programs: the same as on pages, with the reach of the token's person."""

from collections.abc import Iterator
from typing import Any

from ninja import Router, Status

from huidang.api import schemas
from huidang.api.auth import Asked, Bearer
from huidang.api.schemas import AskedId
from huidang.api.v1 import number
from huidang.people import Reader
from huidang.search import saved
from huidang.search.models import SavedSearch

router = Router(tags=["views"])


@router.get("", response=schemas.Views, summary="Saved searches")
def list_views(request: Asked, *, counts: bool = False) -> dict[str, Any]:
    """Return one's own in their order, then those that others share; `counts` says what each finds within reach."""
    reader, rows = request.auth, saved.visible(request.auth)
    found = saved.counts(reader, rows) if counts else {}
    return {"views": [_told(reader, row, found.get(row.pk)) for row in rows]}


@router.post("", response={201: schemas.View}, auth=[Bearer()], summary="Save a search")
def create_view(request: Asked, stated: schemas.NewView) -> Any:
    """Save a search under a name; `department` shares it with those who read or belong to it."""
    draft = saved.Draft(name=stated.name, query=stated.query, sort=stated.sort, rows=stated.rows)
    department = number(stated.department) if stated.department else None
    return Status(201, _told(request.auth, saved.save(request.auth, draft, department_id=department)))


@router.get("/{view}", response=schemas.View, summary="One saved search")
def get_view(request: Asked, view: AskedId) -> dict[str, Any]:
    """Return a saved search with what it finds within reach."""
    row = saved.get_saved(request.auth, number(view))
    return _told(request.auth, row, saved.counts(request.auth, [row])[row.pk])


@router.patch("/{view}", response=schemas.View, auth=[Bearer()], summary="Rename, share or move a saved search")
def change_view(request: Asked, view: AskedId, stated: schemas.ViewChange) -> dict[str, Any]:
    """Change what is stated of one's own: `department` null ends the sharing, `move` goes down by so many places."""
    reader, pk, changes = request.auth, number(view), stated.model_dump(exclude_unset=True)
    if changes.get("name") is not None:
        saved.rename(reader, pk, changes["name"])
    if "department" in changes:
        saved.share(reader, pk, number(changes["department"]) if changes["department"] else None)
    if changes.get("move"):
        saved.move(reader, pk, by=changes["move"])
    return _told(reader, saved.get_saved(reader, pk))


@router.delete("/{view}", response={204: None}, auth=[Bearer()], summary="Remove a saved search")
def remove_view(request: Asked, view: AskedId) -> Any:
    """Remove one's own; it can be restored for a month."""
    saved.remove(request.auth, number(view))
    return Status(204, None)


@router.post("/{view}/restorations", response=schemas.View, auth=[Bearer()], summary="Restore a saved search")
def restore_view(request: Asked, view: AskedId) -> dict[str, Any]:
    """Bring back what was removed."""
    return _told(request.auth, saved.restore(request.auth, number(view)))


def _told(reader: Reader, row: SavedSearch, count: int | None = None) -> dict[str, Any]:
    return dict(_facts(reader, row), count=count)


def _facts(reader: Reader, row: SavedSearch) -> Iterator[tuple[str, Any]]:
    yield "id", row.pk
    yield "name", row.name
    yield "query", row.query
    yield "sort", row.sort
    yield "rows", row.rows
    yield "department", row.department_id
    yield "owner", row.owner.name
    yield "mine", row.owner_id == reader.user_id
