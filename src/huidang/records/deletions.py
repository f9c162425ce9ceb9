"""Deletions: erasures that somebody asks for, that a second person decides, and that a job carries out.

What goes is pinned when it is asked for: the decider approves exactly these messages on exactly this ground, and
what comes in later stays. `records.erasing` does the deed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from huidang.kernel import clock, jobs
from huidang.kernel.access import Can
from huidang.kernel.events import Event
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Absent, Problem
from huidang.people import reader_for, requests
from huidang.people.models import Request
from huidang.people.readers import Reader, local_operator
from huidang.records import masking
from huidang.records.erasing import Ground, erase
from huidang.records.models import Deletion, Message, Participant, Speaker
from huidang.records.passages import places_within

KIND = "deletion"
"""The kind of request that two persons settle."""

MOST_MESSAGES = 20_000
MINUTES = 60
_AT_ONCE = 200  # messages a transaction
_OPEN = (Deletion.State.ASKED, Deletion.State.WAITING)


@dataclass(frozen=True, slots=True)
class Target:
    """What shall go: conversation -> its messages, and whose they are where all of a person's are meant."""

    messages: Mapping[int, tuple[int, ...]]
    person: str = ""

    @property
    def count(self) -> int:
        """Return how many messages that are."""
        return sum(map(len, self.messages.values()))


def of_messages(reader: Reader, ids: Iterable[int]) -> Target:
    """Return these messages as a target. Raises `Absent` where one of them lies beyond the reader's `EVIDENCE`."""
    wanted = set(ids)
    rows = Message.objects.readable_by(reader, Can.EVIDENCE).filter(pk__in=wanted, entry="message")
    found = list(rows.order_by("pk").values_list("conversation_id", "pk"))
    if not wanted or len(found) != len(wanted):
        raise Absent
    return _target(found)


def of_person(reader: Reader, participant_id: int, *, conversation_id: int | None = None) -> Target:
    """Return all messages of a customer that this reader may erase, over all accounts that are known to be theirs.

    With a conversation, they must have written there. Raises `Absent`: nobody of the kind has written within reach,
    or it is an agent or a robot; `Problem` (`deletion-large`).
    """
    row = Participant.objects.filter(pk=participant_id).first()
    if row is None or (row.role_corrected or row.role) in {"agent", "robot", "system"}:
        raise Absent
    known = Participant.objects.filter(identity=row.identity_id) if row.identity_id else None
    people = [row.pk, *(known.values_list("pk", flat=True) if known is not None else ())]
    talks = set(Speaker.objects.readable_by(reader, Can.EVIDENCE).filter(participant_id__in=people).values_list(
        "conversation_id", flat=True
    ))  # fmt: skip
    if conversation_id is not None and conversation_id not in talks:
        raise Absent
    return _target(_said_by(reader, people, talks), masking.masked(row.name))


def _said_by(reader: Reader, people: list[int], talks: set[int]) -> list[tuple[int, int]]:
    rows = Message.objects.readable_by(reader, Can.EVIDENCE).filter(conversation_id__in=talks, entry="message")
    said = rows.filter(sender_id__in=people).order_by("pk").values_list("conversation_id", "pk")
    found = list(said[: MOST_MESSAGES + 1])
    if not found:
        raise Absent
    if len(found) > MOST_MESSAGES:
        raise Problem("deletion-large", _("一次最多删除 %d 条消息。") % MOST_MESSAGES)
    return found


def _target(found: Iterable[tuple[int, int]], person: str = "") -> Target:
    messages: dict[int, list[int]] = {}
    for conversation, message in found:
        messages.setdefault(conversation, []).append(message)
    return Target({conversation: tuple(ids) for conversation, ids in messages.items()}, person)


def ask(reader: Reader, target: Target, *, ground: str, why: str, **facts: Any) -> Deletion:
    """Ask for an erasure: it waits for a second person where the house says so, and else is carried out now.

    `facts` go into the audit. What was asked before and is open is one deletion. Raises `Problem` (`ground-unknown`,
    `reason-wanted`), `Refused` where a second person is needed and nobody is signed in.
    """
    if ground not in Ground.values:
        raise Problem("ground-unknown", _("选一个删除依据。"), ground=ground)
    why = requests.checked_reason(why)
    stated = [[conversation, list(ids)] for conversation, ids in sorted(target.messages.items())]
    with transaction.atomic():
        mine = Deletion.objects.filter(user=reader.user_id, ground=ground, state__in=_OPEN)
        known = next((each for each in mine if each.messages == stated and state_of(each) != "expired"), None)
        if known:
            return known
        made = Deletion.objects.create(
            user_id=reader.user_id, ground=ground, why=why, messages=stated, count=target.count,
            person=target.person[:200], facts=facts, asked_at=clock.now(),
        )  # fmt: skip
        if requests.needs_two_persons(KIND):
            made.request_id = _request(reader, made).pk
            made.save(update_fields=["request_id"])
            return made
        made.state = Deletion.State.WAITING
        made.save(update_fields=["state"])
        jobs.enqueue("erase", key=f"deletion:{made.pk}", deletion=made.pk)
    return settle(made) if made.count <= _AT_ONCE else made


def _request(reader: Reader, made: Deletion) -> Request:
    places = places_within(reader, [conversation for conversation, _ids in made.messages], Can.EVIDENCE)
    told = {"ground": made.ground, "messages": made.count, "deletion": made.pk}
    return requests.ask(
        reader, kind=KIND, can=Can.EVIDENCE, places=list(places.values()), why=made.why, minutes=MINUTES, facts=told
    )


def state_of(deletion: Deletion) -> str:
    """Return where a deletion stands now: its stored state, or `expired` where nobody decided in time."""
    if deletion.state != Deletion.State.ASKED:
        return deletion.state
    request = Request.objects.filter(pk=deletion.request_id or 0).first()
    return "expired" if request and requests.state_of(request) == "expired" else deletion.state


def get_deletion(reader: Reader, deletion_id: int) -> Deletion:
    """Return a deletion to who asked for it, and to whoever may take evidence of all its conversations.

    Raises `Absent` for everybody else.
    """
    found = Deletion.objects.filter(pk=deletion_id).select_related("user").first()
    if found is None:
        raise Absent
    ids = [conversation for conversation, _messages in found.messages]
    own = found.user_id is not None and found.user_id == reader.user_id
    if len(places_within(reader, ids, Can.READ if own else Can.EVIDENCE)) < len(ids):
        raise Absent
    return found


def decided(event: Event) -> None:
    """Hear that a request was decided: the deletion that waited for it goes on or ends."""
    for waiting in Deletion.objects.filter(request_id=int(event.topic.partition(":")[2]), state__in=_OPEN):
        jobs.enqueue("erase", key=f"deletion:{waiting.pk}", deletion=waiting.pk)


def carry_out(run: Run) -> None:
    """Carry out a deletion, or end it as its request ended: the job `erase`."""
    found = Deletion.objects.filter(pk=run.args["deletion"], state__in=_OPEN).first()
    if found is not None:
        settle(found, heartbeat=run.heartbeat)


def settle(deletion: Deletion, *, heartbeat: Any = None) -> Deletion:
    """Erase what was approved, or needs no approval; safe to repeat. A refusal is its result, not a failure."""
    ended = _ended(deletion)
    if ended is not None:
        return _close(deletion, *ended)
    reader = reader_for(deletion.user) if deletion.user else local_operator()
    try:
        for conversation, ids in deletion.messages:
            for start in range(0, len(ids), _AT_ONCE):
                some = ids[start : start + _AT_ONCE]
                erase(reader, conversation, some, ground=deletion.ground, why=deletion.why, **deletion.facts)
                if heartbeat:
                    heartbeat()
    except Problem as problem:
        return _close(deletion, Deletion.State.FAILED, problem.text)
    return _close(deletion, Deletion.State.DONE, "")


def _ended(deletion: Deletion) -> tuple[str, str] | None:
    """Return how a deletion ended without being carried out; None where it may be."""
    if deletion.request_id is None:
        return None
    request = Request.objects.get(pk=deletion.request_id)
    if request.state == Request.State.APPROVED:
        return None
    if request.state == Request.State.WAITING:
        return (Deletion.State.ASKED, "")
    state = Deletion.State.REFUSED if request.state == Request.State.REFUSED else Deletion.State.CANCELLED
    return (state, request.note)


def _close(deletion: Deletion, state: str, error: str) -> Deletion:
    deletion.state, deletion.error = state, error
    deletion.done_at = None if state in _OPEN else clock.now()
    deletion.save(update_fields=["state", "error", "done_at"])
    return deletion
