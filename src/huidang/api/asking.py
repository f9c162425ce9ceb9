"""Requests by program: asking for a right, reading what became of it, deciding where one holds the right."""

from typing import Any, Literal

from ninja import Router, Status

from huidang.api import schemas
from huidang.api.auth import Asked, Bearer
from huidang.api.schemas import AskedId
from huidang.api.v1 import Limit, number
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people import requests
from huidang.people.models import Request
from huidang.people.requests import Place
from huidang.records.placing import places_of

router = Router(tags=["requests"])
CAPABILITIES = {"reveal": Can.UNMASK, "reveal-bulk": Can.UNMASK, "recalled": Can.RECALLED, "export": Can.EXPORT}


@router.get("", response=schemas.Requests, summary="Requests that wait, one's own, those one decided")
def list_requests(request: Asked, view: Literal["waiting", "own", "decided"] = "own", limit: Limit = 50) -> Any:
    """Return requests: `waiting` for this person's decision (oldest first), their `own`, those they `decided`."""
    if view == "waiting":
        return {"requests": requests.for_decision_by(request.auth)[:limit]}
    rows = requests.asked_by(request.auth) if view == "own" else requests.decided_by(request.auth)
    return {"requests": list(rows[:limit])}


@router.post("", response={201: schemas.Request}, auth=[Bearer()], summary="Ask for a right over conversations")
def ask(request: Asked, asked: schemas.AskedRequest) -> Any:
    """Ask somebody who holds a right to lend it for some minutes. The same question that still waits is one request."""
    ids = {number(each) for each in asked.conversations}
    places = places_of(ids, request.auth, Can.READ)
    if len(places) != len(ids):
        raise Absent
    can = CAPABILITIES[asked.kind]
    return Status(
        201, requests.ask(request.auth, kind=asked.kind, can=can, places=places, why=asked.why, minutes=asked.minutes)
    )


@router.get("/{asked}", response=schemas.Request, summary="One request")
def get_request(request: Asked, asked: AskedId) -> Request:
    """Return a request to its asker, or to whoever may decide it."""
    return requests.get_request(request.auth, number(asked), _places(request, asked))


@router.post("/{asked}/decisions", response=schemas.Request, auth=[Bearer()], summary="Approve or refuse")
def decide(request: Asked, asked: AskedId, decision: schemas.Decision) -> Request:
    """Decide a request of somebody else. A refusal wants a `note`."""
    places = _places(request, asked)
    if decision.approve:
        return requests.approve(request.auth, number(asked), places=places, note=decision.note)
    return requests.refuse(request.auth, number(asked), places=places, note=decision.note)


@router.post("/{asked}/revocations", response=schemas.Request, auth=[Bearer()], summary="Take an approval back")
def revoke(request: Asked, asked: AskedId, revocation: schemas.Revocation) -> Request:
    """End what was approved before its time."""
    return requests.revoke(request.auth, number(asked), places=_places(request, asked), note=revocation.note)


@router.post("/{asked}/withdrawals", response=schemas.Request, auth=[Bearer()], summary="Withdraw one's own request")
def withdraw(request: Asked, asked: AskedId) -> Request:
    """Take one's own request back; what it had lent ends now."""
    return requests.withdraw(request.auth, number(asked))


def _places(request: Asked, asked: str) -> list[Place]:
    """Return where the conversations of a request lie now, as far as this reader holds the right over them."""
    known = Request.objects.filter(pk=number(asked)).first()
    return places_of(requests.covered(known), request.auth, Can(known.capability)) if known else []
