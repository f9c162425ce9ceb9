"""What leaves the house, for programs: ordering exports, fetching their files, excerpts, and receipts."""

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from huidang.api import schemas
from huidang.api.auth import Asked, Bearer, address_of
from huidang.api.schemas import AskedId, Id, MaybeId, Moment
from huidang.api.v1 import Limit, maybe, number
from huidang.exports import asking, excerpts, verifying, words
from huidang.exports.blackouts import Blackout
from huidang.exports.models import Excerpt as ExcerptRow
from huidang.exports.models import Export as ExportRow
from huidang.exports.orders import Order, read_profile
from huidang.exports.selection import Selection
from huidang.kernel.pieces import streamed
from huidang.kernel.problems import Absent
from huidang.people import allowances

router = Router()


class AskedSelection(Schema):
    """What shall leave: one of conversations, messages, an excerpt, a query; perhaps within a stretch of time."""

    conversations: list[AskedId] = Field(default_factory=list, max_length=1000)
    messages: list[AskedId] = Field(default_factory=list, max_length=5000)
    excerpt: AskedId | None = None
    query: str | None = Field(default=None, max_length=1000)
    since_at: datetime | None = None
    until_at: datetime | None = None


class AskedExport(AskedSelection):
    """An order: what, in which format, under which masks, why."""

    format: str = Field(max_length=20)
    mask: Literal["none", "inside", "outside"] = "outside"
    why: str = Field(max_length=1000)
    watermark: str = Field(default="", max_length=80)
    black_out: list[str] = Field(default_factory=list, max_length=50)
    hide: list[AskedId] = Field(default_factory=list, max_length=100)


class File(Schema):
    """A file of an export. `kept` says whether it can still be fetched."""

    id: Id
    name: str
    sha256: str
    size: int
    kept: bool

    @staticmethod
    def resolve_kept(file: Any) -> bool:
        """Say whether the bytes are still here."""
        return bool(file.place)


class Export(Schema):
    """How far an export is. `request` is the request that has to be approved before it runs."""

    id: Id
    receipt: str
    state: str
    format: str
    mask: str = Field(validation_alias="profile")
    title: str
    query: str
    why: str
    messages: int
    written: int
    error: str
    request: MaybeId = Field(validation_alias="request_id")
    asked_at: Moment
    finished_at: Moment | None
    expires_at: Moment | None
    files: list[File]

    @staticmethod
    def resolve_files(row: Any) -> Any:
        """Return the files in order."""
        return list(asking.files_of(row))


class Exports(Schema):
    """A page of exports, newest first."""

    exports: list[Export]
    next: MaybeId


class Receipt(Schema):
    """A receipt. What it was about and why is told to who ordered it and to auditors only."""

    number: str
    format: str
    mask: str
    messages: int
    made_by: str
    made_at: datetime | None
    query: str | None
    why: str | None
    files: list[str]
    leaf: MaybeId
    intact: bool
    proof: str


class Excerpt(Schema):
    """An excerpt of a conversation."""

    id: Id
    conversation: Id = Field(validation_alias="conversation_id")
    title: str
    note: str
    made_at: Moment
    changed_at: Moment


class Excerpts(Schema):
    """The excerpts within reach, the last changed first."""

    excerpts: list[Excerpt]


class Pin(Schema):
    """A message of an excerpt; `since` says what happened to it after it was pinned."""

    message: schemas.Message
    whole: bool
    note: str
    since: str


class Pins(Schema):
    """An excerpt with its messages."""

    excerpt: Excerpt
    messages: list[Pin]


class AskedExcerpt(Schema):
    """An excerpt to be kept."""

    conversation: AskedId
    messages: list[AskedId] = Field(min_length=1, max_length=2000)
    title: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=4000)


@router.post("/exports", response={202: Export}, auth=[Bearer()], tags=["exports"], summary="Order an export")
def order(request: Asked, asked: AskedExport) -> Any:
    """Take an order; it runs as a job, once it is approved where that is needed. `GET /exports/{id}` tells how far."""
    allowances.spend(allowances.UPLOADS, request.auth)
    chosen = Selection(
        conversations=tuple(map(number, asked.conversations)),
        messages=tuple(map(number, asked.messages)),
        excerpt=maybe(asked.excerpt),
        query=asked.query,
        since_at=_in_zone(asked.since_at, request.auth.zone),
        until_at=_in_zone(asked.until_at, request.auth.zone),
    )
    wanted = Order(
        selection=chosen,
        format=asked.format,
        profile=read_profile(asked.mask),
        why=asked.why,
        watermark=asked.watermark,
        blackout=Blackout(tuple(asked.black_out), tuple(map(int, asked.hide))),
    )
    return Status(202, asking.place(request.auth, wanted))


def _in_zone(moment: datetime | None, zone: str) -> datetime | None:
    """Return a moment; one without an offset is meant in the reader's zone."""
    return moment.replace(tzinfo=ZoneInfo(zone)) if moment and moment.tzinfo is None else moment


@router.get("/exports", response=Exports, tags=["exports"], summary="List one's own exports")
def list_exports(request: Asked, before: AskedId | None = None, limit: Limit = 50) -> dict[str, Any]:
    """Return one's own exports, newest first."""
    rows = asking.find_own(request.auth).order_by("-pk")
    if (stated := maybe(before)) is not None:
        rows = rows.filter(pk__lt=stated)
    found = list(rows[: limit + 1])
    return {"exports": found[:limit], "next": found[limit - 1].pk if len(found) > limit else None}


@router.get("/exports/{export}", response=Export, tags=["exports"], summary="How far an export is")
def get_export(request: Asked, export: AskedId) -> ExportRow:
    """Return an export of one's own with its files."""
    return asking.get_own(request.auth, number(export))


@router.post(
    "/exports/{export}/cancellations", response=Export, auth=[Bearer()], tags=["exports"], summary="Cancel an export"
)
def cancel(request: Asked, export: AskedId) -> ExportRow:
    """Stop an export of one's own that has not ended."""
    return asking.cancel(request.auth, number(export))


@router.get(
    "/exports/{export}/files/{file}",
    tags=["exports"],
    summary="Fetch a file",
    openapi_extra={
        "responses": {
            200: {
                "description": "The file",
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def fetch(request: Asked, export: AskedId, file: AskedId) -> StreamingHttpResponse:
    """Hand out a file of one's own export, as long as it is kept."""
    fetched = asking.fetch(request.auth, number(export), number(file), address=address_of(request), door="api")
    response = StreamingHttpResponse(
        streamed(fetched.pieces, asynchronous=isinstance(request, ASGIRequest)), content_type="application/octet-stream"
    )
    response.headers["Content-Length"] = str(fetched.file.size)
    return response


@router.get("/receipts/{text}", response=Receipt, tags=["exports"], summary="Which receipt a hash or number is")
def get_receipt(request: Asked, text: str) -> dict[str, Any]:
    """Return the receipt of a file's SHA-256, or of the number that stands in it, with the proof of its entry."""
    allowances.spend(allowances.SEARCHES, request.auth)
    verdict = verifying.find(text)
    if verdict.export is None:
        raise Absent
    standing = verifying.stand(verdict.export)
    told = words.receipt_of(verdict.export)
    whole = asking.find_seen(request.auth).filter(pk=verdict.export.pk).exists()
    (seen,) = asking.as_seen(request.auth, [verdict.export])
    return told | {
        "query": seen.query if whole else None,
        "why": told["why"] if whole else None,
        "files": [file["sha256"] for file in told["files"]],
        "leaf": standing.leaf_index,
        "intact": standing.intact,
        "proof": standing.proof,
    }


@router.get("/excerpts", response=Excerpts, tags=["excerpts"], summary="List excerpts")
def list_excerpts(request: Asked, conversation: AskedId | None = None) -> dict[str, Any]:
    """Return the excerpts within reach, or those of one conversation."""
    return {"excerpts": excerpts.find(request.auth, conversation_id=maybe(conversation))}


@router.get("/excerpts/{excerpt}", response=Pins, tags=["excerpts"], summary="One excerpt")
def get_excerpt(request: Asked, excerpt: AskedId) -> dict[str, Any]:
    """Return an excerpt with its messages in the wording that was pinned, as far as the reader may see it."""
    row = excerpts.get_excerpt(request.auth, number(excerpt))
    return {"excerpt": row, "messages": _pins(request, row)}


def _pins(request: Asked, row: ExcerptRow) -> list[excerpts.Pinned]:
    return list(excerpts.read(request.auth, row))


@router.post("/excerpts", response={201: Excerpt}, auth=[Bearer()], tags=["excerpts"], summary="Keep an excerpt")
def keep(request: Asked, asked: AskedExcerpt) -> Any:
    """Pin messages of a conversation as they stand now."""
    ids = [number(each) for each in asked.messages]
    return Status(201, excerpts.make(request.auth, number(asked.conversation), ids, title=asked.title, note=asked.note))


@router.post("/excerpts/{excerpt}/removals", response=Excerpt, auth=[Bearer()], tags=["excerpts"], summary="Remove one")
def remove(request: Asked, excerpt: AskedId) -> ExcerptRow:
    """Take an excerpt away; `restorations` brings it back."""
    return excerpts.remove(request.auth, number(excerpt))


@router.post(
    "/excerpts/{excerpt}/restorations", response=Excerpt, auth=[Bearer()], tags=["excerpts"], summary="Bring one back"
)
def restore(request: Asked, excerpt: AskedId) -> ExcerptRow:
    """Bring a removed excerpt back."""
    return excerpts.restore(request.auth, number(excerpt))
