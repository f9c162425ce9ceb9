"""What the API says: ids are strings (they exceed 2^53), times ISO 8601 with the offset of the reader's zone."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import BeforeValidator, Field, PlainSerializer, SerializationInfo, WithJsonSchema

from huidang.people import requests
from huidang.records.shown import Part


def _with_offset(moment: datetime, info: SerializationInfo) -> str:
    request = info.context["request"] if info.context else None
    zone = ZoneInfo(request.auth.zone) if request else UTC
    return moment.astimezone(zone).isoformat()


def _named(text: Any) -> Any:
    return text or None


Moment = Annotated[datetime, PlainSerializer(_with_offset), WithJsonSchema({"type": "string", "format": "date-time"})]
Id = Annotated[str, BeforeValidator(str), Field(pattern=r"^[0-9]{1,19}$", examples=["1821037362380800004"])]
MaybeId = Annotated[Id | None, BeforeValidator(_named)]
AskedId = Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]


class Problem(Schema):
    """A refusal (RFC 9457). `code` is stable and for programs, `detail` one sentence for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    facts: dict[str, Any] = Field(default_factory=dict)


class Mask(Schema):
    """A stretch of the text that is hidden: code points from `start` to before `end`, and what was there."""

    start: int
    end: int
    kind: str


class Sender(Schema):
    """Who wrote, with the ground for the role. Without `id` the source names nobody."""

    id: MaybeId
    name: str
    role: str
    ground: str


class Quote(Schema):
    """What was answered; without `id` the archive does not hold it."""

    id: MaybeId
    sender: str
    text: str
    kind: str
    recalled: bool


class Enclosure(Schema):
    """A file of a message. `withheld`: not for this reader; `missing`: why there are no bytes."""

    id: Id
    kind: str
    name: str
    mime: str
    size: int | None
    seconds: int | None
    missing: str
    withheld: bool


class Version(Schema):
    """A wording that stood before a later edit."""

    text: str
    as_of_at: Moment

    @staticmethod
    def resolve_text(version: Any) -> str:
        """Return the wording without its marks."""
        return "".join(part.text for part in version.parts)


class Message(Schema):
    """One message as this reader may see it; hidden signs are masked in `text` and listed in `masks`."""

    id: Id
    conversation: Id
    sender: Sender
    side: str
    sent_at: Moment
    precision: str
    kind: str
    text: str
    masks: list[Mask]
    edited_at: Moment | None
    edits: int
    versions: list[Version]
    recalled_at: Moment | None
    deleted_at: Moment | None
    erased_at: Moment | None
    original: bool
    quote: Quote | None
    thread: str
    attachments: list[Enclosure]
    details: Any
    may_unmask: bool

    @staticmethod
    def resolve_masks(shown: Any) -> list[Mask]:
        """Return where the text is hidden."""
        return _masks(shown.parts)


class Checkpoint(Schema):
    """A signed root of the log: how many leaves, the root in hex, when it was signed."""

    size: int
    root: str
    created_at: Moment

    @staticmethod
    def resolve_root(row: Any) -> str:
        """Return the root in hex."""
        return bytes(row.root).hex()


class Checkpoints(Schema):
    """Checkpoints, newest first; the next page is `before` the last size."""

    checkpoints: list[Checkpoint]


class Case(Schema):
    """One matter inside a conversation: the ids of its first and last message."""

    id: Id
    first: Id
    last: Id
    count: int
    opened_at: Moment
    ground: str


class Conversation(Schema):
    """A conversation. `cursor` orders the list; `department` is null in the intake."""

    id: Id
    title: str
    kind: str
    platform: str
    source: Id
    source_name: str
    department: MaybeId
    department_name: str
    count: int
    cursor: MaybeId
    last: Message | None


class Conversations(Schema):
    """A page of conversations; `next` is the `before` of the page after, null after the last."""

    conversations: list[Conversation]
    next: MaybeId


class Messages(Schema):
    """A piece of a transcript in order of time."""

    conversation: Conversation
    messages: list[Message]
    cases: list[Case]
    more_before: bool
    more_after: bool


class FilePage(Schema):
    """The page or sheet of a file that holds what its message does not; without `page` the format has none."""

    name: str
    page: int | None = Field(validation_alias="number")
    place: Annotated[str, BeforeValidator(lambda place: str(place or ""))]
    snippet: str

    @staticmethod
    def resolve_snippet(page: Any) -> str:
        """Return the snippet without its marks."""
        return "".join(part.text for part in page.parts)


class Hit(Schema):
    """A message that was found; `hits` are code points [start, end) of its shown text."""

    message: Message = Field(validation_alias="shown")
    snippet: str
    hits: list[tuple[int, int]]
    file: FilePage | None

    @staticmethod
    def resolve_snippet(hit: Any) -> str:
        """Return the snippet without its marks."""
        return "".join(part.text for part in hit.snippet)


class Count(Schema):
    """How many hits have a value."""

    value: Annotated[str, BeforeValidator(str)]
    label: str
    count: int


class Bar(Schema):
    """How many hits lie between two days, both included. `inside` is false for days that the query leaves out."""

    first: str
    last: str
    count: int
    inside: bool


class Coverage(Schema):
    """What a result does not cover."""

    complete: bool
    behind: int
    rebuilding: bool
    restricted: bool


class Note(Schema):
    """What was made of a part of the query that is not as it was typed."""

    code: str
    text: str


class Found(Schema):
    """A page of hits; `query` is what was understood. `next` is the `beyond` of the page after (sorts new and old)."""

    query: Annotated[str, BeforeValidator(str)]
    total: int
    hits: list[Hit]
    next: MaybeId
    coverage: Coverage
    notes: list[Note]
    facets: dict[str, list[Count]]
    histogram: list[Bar]
    took_ms: float


class View(Schema):
    """A saved search. `department`: with whom it is shared; `count` is null where it was not asked for."""

    id: Id
    name: str
    query: str
    sort: str
    rows: bool
    department: MaybeId
    owner: str
    mine: bool
    count: int | None


class Views(Schema):
    """Saved searches: one's own in their order, then shared ones."""

    views: list[View]


class NewView(Schema):
    """What is saved."""

    name: Annotated[str, Field(max_length=60)]
    query: Annotated[str, Field(max_length=4000)]
    sort: Literal["new", "old", "score"] = "new"
    rows: bool = False
    department: AskedId | None = None


class ViewChange(Schema):
    """What changes of a saved search; what is not stated stays."""

    name: Annotated[str, Field(max_length=60)] | None = None
    department: AskedId | None = None
    move: Annotated[int, Field(ge=-100, le=100)] | None = None


class Place(Schema):
    """A department or source within reach, and how many conversations this reader reaches in it."""

    id: Id
    name: str
    count: int


class Department(Place):
    """A department; `parent` is null at the top and where the one above lies outside the reach."""

    parent: MaybeId


class Source(Place):
    """Where conversations come from."""

    platform: str


class Departments(Schema):
    """The departments within reach, parents first, and the conversations that wait to be sorted."""

    departments: list[Department]
    intake: int


class Sources(Schema):
    """The sources within reach."""

    sources: list[Source]


class Import(Schema):
    """A file that was or is being read."""

    id: Id
    name: str
    format: str
    state: str
    progress: float
    department: Annotated[MaybeId, Field(validation_alias="department_id")]
    declared: int | None
    read: int
    new: int
    known: int
    quarantined: int
    conversations: int
    error: str
    created_at: Moment
    finished_at: Moment | None


class Imports(Schema):
    """A page of imports, newest first."""

    imports: list[Import]
    next: MaybeId


class Quarantined(Schema):
    """An item that could not be read: where it stands in the file, and why."""

    id: Id
    place: str
    code: str
    reason: str
    created_at: Moment


class Quarantine(Schema):
    """A page of what could not be read; `next` is the `after` of the page after."""

    items: list[Quarantined]
    next: MaybeId


class Stats(Schema):
    """Counts within reach: messages by platform, by department (empty: the intake) and by day (UTC)."""

    conversations: int
    messages: int
    platforms: dict[str, int]
    departments: dict[str, int]
    days: dict[str, int]


class Reach(Schema):
    """What one capability covers."""

    capability: str
    everything: bool
    own: bool
    intake: bool
    departments: list[Id]
    conversations: list[Id]


class Me(Schema):
    """Who asks, as the door sees them."""

    id: MaybeId
    username: str
    zone: str
    token: MaybeId
    reaches: list[Reach]


def _masks(parts: Iterable[Part]) -> list[Mask]:
    """Return the hidden stretches; a mark inside one does not divide it."""
    masks: list[Mask] = []
    place = 0
    for part in parts:
        end = place + len(part.text)
        if part.kind and masks and masks[-1].end == place and masks[-1].kind == part.kind and part.hit:
            masks[-1].end = end
        elif part.kind:
            masks.append(Mask(start=place, end=end, kind=part.kind))
        place = end
    return masks


class AskedReveal(Schema):
    """A look that is asked for: why, and for 5, 10 or 30 minutes."""

    why: Annotated[str, Field(min_length=2, max_length=1000)]
    minutes: Literal[5, 10, 30] = 5


class Reveal(Schema):
    """A look that was begun; without `message` at the whole conversation."""

    id: Id
    conversation: Annotated[Id, Field(validation_alias="conversation_id")]
    message: Annotated[MaybeId, Field(validation_alias="message_id")]
    why: str
    at: Moment
    until_at: Moment


class RevealedMessage(Schema):
    """A message unmasked, and the look that shows it."""

    reveal: Reveal
    message: Message


class AskedRequest(Schema):
    """What is asked for: the kind, over which conversations, why, and how long once approved."""

    kind: Literal["reveal", "reveal-bulk", "recalled", "export"]
    conversations: Annotated[list[AskedId], Field(min_length=1, max_length=1000)]
    why: Annotated[str, Field(min_length=2, max_length=1000)]
    minutes: Annotated[int, Field(ge=1, le=1440)] = 30


class Decision(Schema):
    """Yes or no; a refusal wants a note."""

    approve: bool
    note: Annotated[str, Field(max_length=1000)] = ""


class Revocation(Schema):
    """Why an approval is taken back."""

    note: Annotated[str, Field(min_length=2, max_length=1000)]


class Request(Schema):
    """A request: who asks for what over which conversations, and what became of it.

    `state` is waiting, approved, refused, withdrawn, revoked, or, once its time has passed, expired or over.
    """

    id: Id
    kind: str
    capability: str
    asker: str
    conversations: list[Id]
    why: str
    minutes: int
    facts: dict[str, Any]
    state: str
    asked_at: Moment
    expires_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    note: str
    until_at: Moment | None

    @staticmethod
    def resolve_asker(row: Any) -> str:
        """Return the account that asks."""
        return str(row.asker.username)

    @staticmethod
    def resolve_conversations(row: Any) -> list[str]:
        """Return the ids of the conversations."""
        return [str(pk) for pk in sorted(requests.covered(row))]

    @staticmethod
    def resolve_state(row: Any) -> str:
        """Return where it stands now."""
        return requests.state_of(row)

    @staticmethod
    def resolve_decided_by(row: Any) -> str | None:
        """Return the account that decided."""
        return str(row.decided_by.username) if row.decided_by else None


class Requests(Schema):
    """A list of requests."""

    requests: list[Request]
