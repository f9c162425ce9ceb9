"""The only way from stored text to shown text: pages, API, exports, print, snippets and models all pass here.

Everybody sees masks; `Profile.NONE` lifts them only where the reader holds `UNMASK` (the caller has asked for the
reason and writes the entry). What belongs to many messages is loaded in bulk, in a constant number of queries.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery

from huidang.kernel import bulk
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people.readers import Reader
from huidang.records import masking, maskrules, sights
from huidang.records.erasures import erased_at
from huidang.records.masking import PLAIN, Profile, Sight
from huidang.records.models import Attachment, Conversation, FileText, Message, Participant, State
from huidang.records.names import Names
from huidang.records.rows import Plain
from huidang.records.shown import Enclosure, Part, Quote, Sender, Shown, Side, Version

Hits = Mapping[int, Sequence[tuple[int, int]]]
Revisions = Mapping[int, int | None]
Written = Message | Plain

_QUOTED = 120  # code points of a quoted message
_SIDES: dict[str, Side] = {"agent": "ours", "customer": "customer", "robot": "robot", "system": "system"}


def view(message: Written, reader: Reader, *, profile: Profile = Profile.INSIDE) -> Shown:
    """Return one message as this reader may see it. Raises `Absent` where it lies outside their reach."""
    return view_many([message], reader, profile=profile)[0]


def view_many(
    messages: Sequence[Written],
    reader: Reader,
    *,
    profile: Profile = Profile.INSIDE,
    hits: Hits | None = None,
    revisions: Revisions | None = None,
    keyed: bool = False,
) -> list[Shown]:
    """Return messages as this reader may see them, in the same order. Raises `Absent` if one is out of reach.

    `hits` marks half-open ranges of the shown text by message id. Find them in the text that this reader sees, else
    the marks themselves would tell hidden digits apart. `revisions` names by message id the entry whose text is shown
    instead of the one that stands (None: the message's own), where the reader holds `RECALLED`, as for every text that
    stands no more. `keyed` adds the platform's ids.
    """
    if not messages:
        return []
    maskrules.refresh()
    lens = _Lens(reader, profile, messages, revisions, keyed=keyed)
    shown = [lens.show(message, (hits or {}).get(message.pk, ())) for message in messages]
    return _with_quotes(messages, shown, lens)


def parts_of(
    text: str, profile: Profile, hits: Sequence[tuple[int, int]] = (), sight: Sight = PLAIN
) -> tuple[Part, ...]:
    """Cut a text into plain, hidden and hit parts; together they are the masked text."""
    spans = masking.find(text, sight, profile=profile) if profile is not Profile.NONE else ()
    if not (spans or hits):
        return (Part(text),) if text else ()
    shown = masking.apply(text, spans, profile)
    ranges = [(max(start, 0), min(end, len(text))) for start, end in hits]
    edges = sorted({0, len(text)}.union(*ranges, *((span.start, span.end) for span in spans)))
    return tuple(
        Part(
            shown[start:end],
            next((span.kind for span in spans if span.start <= start < span.end), None),
            any(begin <= start < stop for begin, stop in ranges),
        )
        for start, end in pairwise(edges)
    )


def masked_value(value: Any, profile: Profile, sight: Sight = PLAIN) -> Any:
    """Return a JSON value with every string, number and key masked that holds something to hide."""
    if profile is Profile.NONE or value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return masking.masked(value, profile, sight)
    if isinstance(value, dict):
        return {masking.masked(key, profile, sight): masked_value(item, profile, sight) for key, item in value.items()}
    if isinstance(value, list):
        return [masked_value(item, profile, sight) for item in value]
    hidden = masking.masked(str(value), profile, sight)
    return value if hidden == str(value) else hidden


@dataclass(frozen=True, slots=True)
class _Rights:
    """What one reader may see of one conversation."""

    profile: Profile
    may_unmask: bool
    may_recalled: bool
    withheld: bool
    may_mark: bool = False
    may_erase: bool = False


class _Lens:
    """Everything a batch of messages needs, loaded once."""

    def __init__(
        self,
        reader: Reader,
        profile: Profile,
        messages: Sequence[Written],
        revisions: Revisions | None = None,
        *,
        keyed: bool = False,
    ) -> None:
        self.reader, self.profile = reader, profile
        self.revisions = revisions or {}
        self.keyed = keyed
        self.rights = rights_of(reader, profile, {message.conversation_id for message in messages})
        ids = [message.pk for message in messages]
        self.states = {row.pk: row for row in _read(State).filter(pk__in=bulk.among(ids))}
        self.erased = erased_at(ids)
        self.accounts = _accounts(messages)
        self.senders: dict[tuple[int | None, str, str, Profile], Sender] = {}
        self.texts = self._texts()
        self.attachments = _by_message(_files(ids))
        self.versions = self._versions(messages)
        self.sights = sights.load(self.rights, ids)
        self.cleared = sights.cleared(self.attachments) if self.attachments else {}

    def _texts(self) -> dict[int, str]:
        stands = [state.text_entry_id for state in self.states.values() if state.text_entry_id]
        entries = {*stands, *(entry for pk, entry in self.revisions.items() if entry and pk in self.states)}
        return dict(_read(Message).filter(pk__in=bulk.among(entries)).values_list("pk", "text")) if entries else {}

    def _versions(self, messages: Sequence[Written]) -> dict[int, list[Message]]:
        """Return the wordings of messages that were edited: the edits, the last first, then the message itself."""
        edited = [row for row in messages if row.pk in self.states and self.states[row.pk].edits]
        seen = {
            (row.conversation_id, row.key): row.pk for row in edited if self.rights[row.conversation_id].may_recalled
        }
        if not seen:
            return {}
        rows = _read(Message).filter(
            conversation_id__in={conversation for conversation, _key in seen},
            target_key__in={key for _conversation, key in seen},
            entry="edit",
        )
        found: dict[int, list[Message]] = {}
        for row in rows.order_by("-as_of_at", "-pk"):
            if pk := seen.get((row.conversation_id, row.target_key)):
                found.setdefault(pk, []).append(row)
        for row in _read(Message).filter(pk__in=list(found)):
            found[row.pk].append(row)
        return found

    def show(self, message: Written, hits: Sequence[tuple[int, int]]) -> Shown:
        """Return the message without its quote."""
        rights = self.rights[message.conversation_id]
        state = self.states.get(message.pk)
        sender = self._sender(message, rights.profile)
        erased = self.erased.get(message.pk)
        withdrawn = state is not None and bool(state.recalled_at or state.deleted_at)
        seen = not erased and (rights.may_recalled or not withdrawn)
        return Shown(
            id=str(message.pk),
            conversation=str(message.conversation_id),
            sender=sender,
            side=_SIDES.get(sender.role, "unknown"),
            sent_at=message.sent_at,
            precision=message.precision,
            kind=message.kind,
            edited_at=state.edited_at if state else None,
            edits=state.edits if state else 0,
            recalled_at=state.recalled_at if state else None,
            deleted_at=state.deleted_at if state else None,
            erased_at=erased,
            thread=masking.masked(message.thread) if message.thread else "",
            may_unmask=rights.may_unmask,
            key=self.key(message.key, rights.profile),
            zone=message.zone if self.keyed else "",
            may_mark=rights.may_mark,
            may_erase=rights.may_erase and not erased,
            original=seen and withdrawn,
            **(self._content(message, rights, state, hits) if seen else {}),
        )

    def _content(
        self, message: Written, rights: _Rights, state: State | None, hits: Sequence[tuple[int, int]]
    ) -> dict[str, Any]:
        entry, text = self._wording(message, rights, state)
        content: dict[str, Any] = {"parts": parts_of(text, rights.profile, hits, self._sight(message, entry))}
        if message.pk in self.versions:
            content["versions"] = self._earlier(message, rights, text)
        if message.pk in self.attachments or message.details is not None:
            around = self.sights.of(message.conversation_id, message.pk)
            files = self.attachments.get(message.pk, ())
            content["attachments"] = tuple(_enclosure(row, rights, around, self.cleared.get(row.pk)) for row in files)
            content["details"] = masked_value(message.details, rights.profile, around)
        return content

    def key(self, key: str, profile: Profile) -> str:
        """Return an id of the platform, or nothing: it is not asked for, ours, or holds something to hide."""
        if not self.keyed or key.startswith("#"):
            return ""
        return key if profile is Profile.NONE or masking.masked(key, profile) == key else ""

    def _wording(self, message: Written, rights: _Rights, state: State | None) -> tuple[int, str]:
        """Return the entry whose text is shown, and that text."""
        if state is None:
            return message.pk, message.text
        entry = self.revisions.get(message.pk, state.text_entry_id) if rights.may_recalled else state.text_entry_id
        return (entry, self.texts[entry]) if entry in self.texts else (message.pk, message.text)

    def _sight(self, message: Written, entry_id: int) -> Sight:
        return self.sights.of(message.conversation_id, message.pk, entry_id)

    def _earlier(self, message: Written, rights: _Rights, stands: str) -> tuple[Version, ...]:
        """Return the other wordings, each once; an entry may only say that a known one was seen to stand again."""
        others = {row.text: row for row in self.versions[message.pk] if row.text != stands}
        rows = sorted(others.values(), key=lambda row: (row.as_of_at, row.pk))
        return tuple(
            Version(parts_of(row.text, rights.profile, sight=self._sight(message, row.pk)), row.as_of_at)
            for row in rows
        )

    def _sender(self, message: Written, profile: Profile) -> Sender:
        """Return who wrote; a batch has few of them."""
        written = (message.sender_id, message.sender_name, message.role, profile)
        if written not in self.senders:
            self.senders[written] = self._named(*written)
        return self.senders[written]

    def _named(self, sender_id: int | None, stated: str, stated_role: str, profile: Profile) -> Sender:
        account = self.accounts.get(sender_id or 0)
        role, ground = _role(stated_role, account)
        name = stated or (account.name if account else "")
        outside = profile is Profile.OUTSIDE and role in {"customer", ""}
        name = masking.masked(name, profile, Sight(Names([name])) if outside else PLAIN)
        key = self.key(account.platform_id, profile) if account else ""
        return Sender(str(sender_id or ""), name, role, ground, key)


class _Account(NamedTuple):
    """What is asked of an account that wrote."""

    platform_id: str
    name: str
    role: str
    role_ground: str
    role_corrected: str


def rights_of(reader: Reader, profile: Profile, conversations: Iterable[int]) -> dict[int, _Rights]:
    """Return what the reader may see of each conversation. Raises `Absent` if one is out of reach."""
    wanted = set(conversations)
    rows: Any = Conversation.objects.readable_by(reader, Can.READ).filter(pk__in=wanted)
    rights = {pk: _rights(reader, profile, pk, *place) for pk, *place in rows.values_list("pk", *_PLACE)}
    if rights.keys() != wanted:
        raise Absent
    return rights


_PLACE = ("department_id", "owner_id")


def _rights(reader: Reader, profile: Profile, pk: int, department: int | None, owner: int | None) -> _Rights:
    held = {
        can: reader.may(can, department_id=department, owner_id=owner, conversation_id=pk)
        for can in (Can.UNMASK, Can.RECALLED, Can.FILE, Can.EVIDENCE)
    }
    lowest = Profile.INSIDE if profile is Profile.NONE and not held[Can.UNMASK] else profile
    withheld = profile is Profile.OUTSIDE or not held[Can.UNMASK]
    may_mark = held[Can.UNMASK] and held[Can.FILE]
    return _Rights(lowest, held[Can.UNMASK], held[Can.RECALLED], withheld, may_mark, held[Can.EVIDENCE])


def is_withdrawn(shown: Shown) -> bool:
    """Say whether the message was recalled or deleted on the platform."""
    return shown.recalled_at is not None or shown.deleted_at is not None


def _read(model: Any) -> Any:
    return model.objects.unguarded("belongs to messages whose conversations were checked for this reader")


def _accounts(messages: Sequence[Written]) -> dict[int, _Account]:
    ids = {message.sender_id for message in messages if message.sender_id}
    rows = Participant.objects.filter(pk__in=bulk.among(ids))
    return {pk: _Account(*row) for pk, *row in rows.values_list("pk", *_Account._fields)}


def _role(stated: str, account: _Account | None) -> tuple[str, str]:
    if account and account.role_corrected:
        return account.role_corrected, "correction"
    if stated:
        return stated, "message"
    return (account.role, account.role_ground) if account else ("", "")


def _enclosure(row: Any, rights: _Rights, sight: Sight, cleared_by: str | None) -> Enclosure:
    name = masking.masked(row.name, rights.profile, sight)
    held = (str(row.pk), row.kind, name, row.mime, row.size, row.seconds, row.missing)
    withheld = rights.withheld and not row.missing and cleared_by is None
    unread = "" if withheld else row.unread or ""
    return Enclosure(*held, withheld=withheld, cleared=cleared_by is not None, may_clear=rights.may_mark, unread=unread)


def _files(ids: Collection[int]) -> Any:
    """Return the files of messages, each with the reason why its text was not read."""
    reasons = FileText.objects.filter(sha256=OuterRef("sha256")).values("reason")
    rows = _read(Attachment).filter(message_id__in=bulk.among(ids)).annotate(unread=Subquery(reasons))
    return rows.order_by("message_id", "position")


def _by_message(rows: Iterable[Attachment]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(row)
    return found


def _with_quotes(messages: Sequence[Written], shown: list[Shown], lens: _Lens) -> list[Shown]:
    """Add what was answered, seen through the same lens; a withdrawn message does not tell what it answered."""
    wanted = {
        each.id: (row.conversation_id, row.reply_to)
        for row, each in zip(messages, shown, strict=True)
        if row.reply_to and (each.original or not is_withdrawn(each))
    }
    if not wanted:
        return shown
    quotes = _quotes(set(wanted.values()), lens)
    return [replace(each, quote=quotes[wanted[each.id]]) if each.id in wanted else each for each in shown]


def _quotes(wanted: set[tuple[int, str]], lens: _Lens) -> dict[tuple[int, str], Quote]:
    rows = _read(Message).filter(
        conversation_id__in={conversation for conversation, _ in wanted}, key__in={key for _, key in wanted}
    )
    quoted = [row for row in rows if (row.conversation_id, row.key) in wanted]
    own = _Lens(lens.reader, lens.profile, quoted)
    shown = {(row.conversation_id, row.key): own.show(row, ()) for row in quoted}
    return {place: _quote(shown.get(place), lens.key(place[1], lens.rights[place[0]].profile)) for place in wanted}


def _quote(shown: Shown | None, key: str) -> Quote:
    if shown is None:
        return Quote("", "", "", "", key=key)
    return Quote(shown.id, shown.sender.name, shown.text[:_QUOTED], shown.kind, is_withdrawn(shown), key)
