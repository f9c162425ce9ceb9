"""Bringing files in: a file is the body of a request, read as it comes, and a job reads what it holds."""

from typing import Annotated, Any
from zoneinfo import available_timezones

from django.conf import settings
from ninja import Query, Router, Status

from huidang import sources
from huidang.api import schemas
from huidang.api.auth import Asked, Bearer, address_of
from huidang.api.schemas import AskedId
from huidang.api.v1 import Limit, maybe, number
from huidang.kernel.problems import Problem
from huidang.people import allowances, audit
from huidang.people.models import User
from huidang.sources import ImportOptions, imports
from huidang.sources.models import Import

router = Router()
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("", response=schemas.Imports, tags=["imports"], summary="List imports")
def list_imports(request: Asked, before: AskedId | None = None, limit: Limit = 50) -> dict[str, Any]:
    """Return the imports into what the person manages, newest first."""
    rows = imports.imports_within(request.auth).order_by("-pk")
    if (stated := maybe(before)) is not None:
        rows = rows.filter(pk__lt=stated)
    found = list(rows[: limit + 1])
    return {"imports": found[:limit], "next": found[limit - 1].pk if len(found) > limit else None}


@router.post(
    "", response={202: schemas.Import}, auth=[Bearer()], tags=["imports"], summary="Import a file", openapi_extra=_BODY
)
def receive(
    request: Asked,
    name: Annotated[str, Query(min_length=1, max_length=300)],
    department: AskedId | None = None,
    timezone: Annotated[str, Query(max_length=64)] = "",
    agent: Annotated[list[str], Query(max_length=200)] = [],  # noqa: B006  # the framework copies it
) -> Any:
    """Take a file as the body of the request and ask for its import; `GET /imports/{id}` tells how far it is.

    `name` is the file's name, by which some formats are told apart; `timezone` reads wall-clock times without a zone;
    `agent` names those who wrote for the house, where the file does not say.
    """
    place = imports.managed_department(request.auth, maybe(department))
    allowances.spend(allowances.UPLOADS, request.auth)
    row = sources.receive(
        request,  # type: ignore[arg-type]  # a request reads like a file
        name=name,
        options=ImportOptions(timezone=_zone(timezone), agents=frozenset(agent)),
        department=place,
        by=User.objects.get(pk=request.auth.user_id or 0),
        limit=settings.HOUSE.upload_bytes,
    )
    audit.note("import", by=request.auth, address=address_of(request), about=f"import:{row.pk}", door="api")
    return Status(202, row)


@router.get("/{imported}", response=schemas.Import, tags=["imports"], summary="How far an import is")
def get_import(request: Asked, imported: AskedId) -> Import:
    """Return the state of an import and what it came to."""
    return imports.get_import(request.auth, number(imported))


@router.get("/{imported}/quarantine", response=schemas.Quarantine, tags=["imports"], summary="What could not be read")
def list_quarantine(
    request: Asked, imported: AskedId, after: AskedId | None = None, limit: Limit = 50
) -> dict[str, Any]:
    """Return the items of an import that could not be read and still wait."""
    row = imports.get_import(request.auth, number(imported))
    found = list(imports.quarantined(row, after=maybe(after) or 0)[: limit + 1])
    return {"items": found[:limit], "next": found[limit - 1].pk if len(found) > limit else None}


def _zone(name: str) -> str:
    if name and name not in available_timezones():
        raise Problem("zone-unknown", "不认识这个时区，应写作 Asia/Shanghai。", zone=name)
    return name or settings.HOUSE.timezone
