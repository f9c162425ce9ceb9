"""Version 1: what programs may read of the archive, and how they bring files in."""

from dataclasses import fields
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router

from huidang import records, search
from huidang.api import schemas
from huidang.api.auth import Asked
from huidang.api.schemas import AskedId
from huidang.kernel import proofs
from huidang.kernel.access import Can
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.problems import Absent
from huidang.people import INTAKE, Reader, allowances, reveals, searches, sightings
from huidang.people.departments import subtrees
from huidang.records.placing import place_of
from huidang.upkeep.census import take_census

router = Router()
LARGEST_ID = 2**63 - 1
PLAIN = "text/plain; charset=utf-8"
Limit = Annotated[int, Query(ge=1, le=200)]


def number(text: str) -> int:
    """Return the id that a text states. Raises `Absent` for what no row can have."""
    stated = int(text)
    if stated > LARGEST_ID:
        raise Absent
    return stated


def maybe(text: str | None) -> int | None:
    """Return the id that a parameter states, if it was given."""
    return None if text is None else number(text)


def plain_text(description: str) -> dict[str, Any]:
    """Describe an answer in plain text for the document."""
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {"responses": {200: {"description": description, "content": content}}}


@router.get("/me", response=schemas.Me, tags=["me"], summary="Who asks, and what they reach")
def me(request: Asked) -> dict[str, Any]:
    """Return the person behind the token or session, with the reach of each capability."""
    reader = request.auth
    return {
        "id": reader.user_id,
        "username": reader.name,
        "zone": reader.zone,
        "token": reader.token_id,
        "reaches": [_reach(reader, can) for can in Can if reader.reach(can)],
    }


def _reach(reader: Reader, can: Can) -> dict[str, Any]:
    reach = reader.reach(can)
    return {
        "capability": can,
        "everything": reach.everything,
        "own": reach.own,
        "intake": reach.everything or INTAKE in reach.departments,
        "departments": sorted(reach.departments - {INTAKE}),
        "conversations": sorted(reach.conversations),
    }


@router.get("/conversations", response=schemas.Conversations, tags=["conversations"], summary="List conversations")
def list_conversations(
    request: Asked,
    source: AskedId | None = None,
    department: AskedId | None = None,
    view: Literal["all", "own", "intake"] = "all",
    before: AskedId | None = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Return conversations by their last message, newest first. `department` includes the ones below it."""
    chosen = maybe(department)
    found = records.find_conversations(
        request.auth,
        source=maybe(source),
        department=None if chosen is None else subtrees([chosen]),
        view=view,
        before=maybe(before),
        limit=limit + 1,
    )
    page = found[:limit]
    return {"conversations": page, "next": page[-1].cursor if len(found) > limit else None}


@router.get(
    "/conversations/{conversation}", response=schemas.Conversation, tags=["conversations"], summary="One conversation"
)
def get_conversation(request: Asked, conversation: AskedId) -> records.Listed:
    """Return a conversation without its last message."""
    return records.get_conversation(request.auth, number(conversation))


@router.get(
    "/conversations/{conversation}/messages",
    response=schemas.Messages,
    tags=["conversations"],
    summary="A piece of a transcript",
)
def list_messages(
    request: Asked,
    conversation: AskedId,
    around: AskedId | None = None,
    before: AskedId | None = None,
    after: AskedId | None = None,
    reveal: AskedId | None = None,
    limit: Limit = 50,
) -> records.Page:
    """Return messages around, before or after an id, else the newest. Any id stands for its moment.

    Of several, `around` wins, then `after`. `reveal` names a look at the whole conversation that still runs.
    """
    page = records.thread(
        number(conversation),
        request.auth,
        around=maybe(around),
        before=maybe(before),
        after=maybe(after),
        limit=limit,
        profile=_profile(request, conversation, reveal, None),
    )
    _note_view(request, conversation)
    return page


@router.get(
    "/conversations/{conversation}/messages/{message}",
    response=schemas.Message,
    tags=["conversations"],
    summary="One message",
)
def get_message(
    request: Asked, conversation: AskedId, message: AskedId, reveal: AskedId | None = None
) -> records.Shown:
    """Return one message as its permanent address names it. `reveal` names a look at it that still runs."""
    profile = _profile(request, conversation, reveal, message)
    shown = records.get_message(number(conversation), number(message), request.auth, profile=profile)
    _note_view(request, conversation)
    return shown


@router.get(
    "/conversations/{conversation}/messages/{message}/proof",
    tags=["log"],
    summary="The proof that a message is in the log",
    openapi_extra=plain_text("A C2SP tlog-proof"),
)
def prove(request: Asked, conversation: AskedId, message: AskedId) -> HttpResponse:
    """Return a C2SP tlog-proof: the place of the message's leaf, its siblings, and the signed checkpoint."""
    return HttpResponse(records.prove(number(conversation), number(message), request.auth), content_type=PLAIN)


@router.get("/log/checkpoint", tags=["log"], summary="The latest signed checkpoint", openapi_extra=plain_text("A note"))
def checkpoint(request: Asked) -> HttpResponse:
    """Return the C2SP checkpoint that was signed last, with the lines of its witnesses below the log's own."""
    return HttpResponse(proofs.latest_checkpoint(), content_type=PLAIN)


@router.get("/log/checkpoints", response=schemas.Checkpoints, tags=["log"], summary="Signed checkpoints")
def list_checkpoints(request: Asked, before: int | None = None, limit: Limit = 50) -> Any:
    """Return checkpoints, the newest first."""
    rows = Checkpoint.objects.order_by("-size").filter(**({"size__lt": before} if before is not None else {}))
    found = list(rows[:limit])
    return {"checkpoints": found}


@router.get(
    "/log/checkpoints/{size}", tags=["log"], summary="One checkpoint", openapi_extra=plain_text("A C2SP checkpoint")
)
def get_checkpoint(request: Asked, size: int) -> HttpResponse:
    """Return the checkpoint of this size, with the lines of its witnesses; time stamps are over it without them."""
    found = Checkpoint.objects.filter(size=size).first() if size <= LARGEST_ID else None
    if found is None:
        raise Absent
    return HttpResponse(proofs.with_cosignatures(found.note, size), content_type=PLAIN)


@router.get("/log/consistency", tags=["log"], summary="A consistency proof", openapi_extra=plain_text("A proof"))
def consistency(
    request: Asked, old: Annotated[int, Query(ge=1, le=LARGEST_ID)], new: Annotated[int, Query(ge=1, le=LARGEST_ID)]
) -> HttpResponse:
    """Return the proof that the checkpoint of size `new` goes on from the first `old` leaves."""
    return HttpResponse(proofs.consistency(old, new), content_type=PLAIN)


@router.get("/search", response=schemas.Found, tags=["search"], summary="Find messages")
def find(
    request: Asked,
    *,
    q: Annotated[str, Query(max_length=1000)],
    sort: Literal["new", "old", "score"] = "new",
    limit: Limit = 50,
    beyond: AskedId | None = None,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
    facets: bool = True,
) -> Any:
    """Find by the query language. Any text is a query; `notes` say what of it was understood otherwise.

    `beyond` takes the `next` of the page before (sorts new and old), `offset` pages by score.
    """
    allowances.spend(allowances.SEARCHES, request.auth)
    result = search.find(request.auth, q, sort=sort, limit=limit, beyond=maybe(beyond), offset=offset)
    around = search.overview(request.auth, q) if facets else search.Surroundings(result.query)
    searches.note(q, by=request.auth, total=result.total, door="api")
    found = {each.name: getattr(result, each.name) for each in fields(result)}
    return found | {"facets": around.facets, "histogram": around.histogram}


@router.get("/departments", response=schemas.Departments, tags=["places"], summary="Departments within reach")
def list_departments(request: Asked) -> Any:
    """Return the tree as far as the reader reaches."""
    return records.rail(request.auth)


@router.get("/sources", response=schemas.Sources, tags=["places"], summary="Sources within reach")
def list_sources(request: Asked) -> Any:
    """Return the sources that hold a conversation within reach."""
    return records.rail(request.auth)


@router.get("/stats", response=schemas.Stats, tags=["places"], summary="Counts within reach")
def stats(request: Asked, days: Annotated[int, Query(ge=1, le=366)] = 14) -> Any:
    """Return what the reader reaches in numbers; `days` limits the table by day to the last days with messages."""
    return take_census(request.auth, days=days)


def _profile(request: Asked, conversation: str, reveal: str | None, message: str | None) -> records.Profile:
    """Return how much is masked: nothing while the named look runs. Raises `Absent` where it does not cover this."""
    if reveal is None:
        return records.Profile.INSIDE
    place = place_of(number(conversation), request.auth, Can.READ)
    covers = {None, number(message)} if message else {None}
    if not any(
        each.pk == number(reveal) and each.message_id in covers for each in reveals.running(request.auth, place)
    ):
        raise Absent
    return records.Profile.NONE


def _note_view(request: Asked, conversation: str) -> None:
    sightings.note("view", by=request.auth, about=f"conversation:{number(conversation)}", door="api")
