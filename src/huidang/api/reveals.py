"""Looking behind masks by program: a reason, a time, an entry; and only where the token's scope holds `unmask`."""

from typing import Any

from ninja import Router, Status

from huidang import records
from huidang.api import schemas
from huidang.api.auth import Asked, Bearer
from huidang.api.schemas import AskedId
from huidang.api.v1 import number
from huidang.kernel.access import Can
from huidang.people import reveals
from huidang.people.models import Reveal
from huidang.records import Profile
from huidang.records.placing import place_of

router = Router(tags=["reveals"])


@router.post(
    "/conversations/{conversation}/messages/{message}/reveals",
    response={201: schemas.RevealedMessage},
    auth=[Bearer()],
    summary="Look at one message unmasked",
)
def reveal_message(request: Asked, conversation: AskedId, message: AskedId, asked: schemas.AskedReveal) -> Any:
    """Begin a look at a message and return it unmasked. Until `until_at` its `id` lifts the masks of the message."""
    records.get_message(number(conversation), number(message), request.auth)
    begun = _begin(request, conversation, asked, number(message))
    shown = records.get_message(number(conversation), number(message), request.auth, profile=Profile.NONE)
    return Status(201, {"reveal": begun, "message": shown})


@router.post(
    "/conversations/{conversation}/reveals",
    response={201: schemas.Reveal},
    auth=[Bearer()],
    summary="Look at a whole conversation unmasked",
)
def reveal_conversation(request: Asked, conversation: AskedId, asked: schemas.AskedReveal) -> Any:
    """Begin a look at a conversation; pass its `id` as `reveal` when reading messages.

    Where the house wants two persons for this, it needs an approved request of kind `reveal-bulk`.
    """
    return Status(201, _begin(request, conversation, asked, None))


@router.post("/reveals/{reveal}/endings", response=schemas.Reveal, auth=[Bearer()], summary="Mask again")
def end_reveal(request: Asked, reveal: AskedId) -> Reveal:
    """End a look of this token now."""
    return reveals.end(request.auth, number(reveal))


def _begin(request: Asked, conversation: str, asked: schemas.AskedReveal, message_id: int | None) -> Reveal:
    place = place_of(number(conversation), request.auth, Can.READ)
    return reveals.reveal(request.auth, place, why=asked.why, message_id=message_id, minutes=asked.minutes)
