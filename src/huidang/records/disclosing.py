"""What may be handed out of the log's leaves: for every message a person may see, its leaf and the openings of it.

A group of facts is opened where the lens hides nothing in it, the text code point by code point: a position that the
lens hides stays a bare commitment, so that the copy proves what it shows, and how much it hides and where. The raw
bytes hold everything, and are opened only where nothing at all is hidden. Whatever changed a message (edits, recalls)
comes with it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from huidang.kernel import merkle
from huidang.kernel.access import Can
from huidang.kernel.problems import Absent
from huidang.people.readers import Reader
from huidang.records import codepoints, leaves, lens, stored
from huidang.records.codepoints import MaskedText
from huidang.records.erasing import leaf_of
from huidang.records.erasures import erasures_of
from huidang.records.leaves import ENTRY_KIND, FILE_KIND, Facts
from huidang.records.masking import Profile
from huidang.records.models import Attachment, Message, RawBatch
from huidang.records.shown import Shown

_ALWAYS = ("as_of", "kind", "received", "role", "sent", "text")
"""Groups without a word that a person wrote or bears; `text` holds length and root only."""

_PLAIN = ("conversation", "id", "reply", "source", "thread")
_CONCEALED = ("kind", "role", "sent", "text")


@dataclass(frozen=True, slots=True)
class Opening:
    """A salt, and the value that it and the commitment in the leaf belong to."""

    salt: bytes
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """A leaf with what is opened of it. `message` is the id of the message it belongs to."""

    message: str
    kind: str
    index: int
    leaf: bytes
    openings: Mapping[str, Opening] = field(default_factory=dict)
    text: MaskedText | None = None
    enclosure: str = ""
    """Of a file: the id of the enclosure. Its bytes may go out only where `content` is opened."""
    erasure: tuple[int, bytes, bytes] | None = None
    """Of an erased entry: place and leaf of the erasure, and the entry's leaf hash; `leaf` is empty then."""


@dataclass(frozen=True, slots=True)
class Custody:
    """How a batch of entries came in: facts of the source, when it was stored, the hash of its sealed bytes."""

    origin: Mapping[str, Any]
    stored_at: str
    sha256: str
    entries: int


def disclose(shown: Sequence[Shown], reader: Reader, profile: Profile) -> list[Disclosure]:
    """Return the leaves of these messages, of what changed them, and of their files, in the order of the messages.

    Raises `Absent` where one is beyond the reader's `EVIDENCE`, `Problem` where its key or bytes are lost.
    """
    opener = _Opener(shown, reader, profile)
    try:
        return [each for message in shown for each in opener.disclose(message)]
    finally:
        opener.raw.close()


def custody_of(messages: Iterable[str], reader: Reader, profile: Profile) -> list[Custody]:
    """Return how these messages came in, a batch once, oldest first. Raises `Absent` as `disclose` does."""
    ids = {int(each) for each in messages}
    rows = Message.objects.readable_by(reader, Can.EVIDENCE).filter(pk__in=ids).values_list("raw_batch_id", flat=True)
    batches = list(rows)
    if len(batches) != len(ids):
        raise Absent
    counted = {batch: batches.count(batch) for batch in set(batches)}
    return [
        Custody(_origin(row, profile), row.stored_at.isoformat(), row.sha256, counted[row.pk])
        for row in RawBatch.objects.filter(pk__in=counted).order_by("pk")
    ]


def _origin(row: RawBatch, profile: Profile) -> dict[str, Any]:
    """Return the facts of a batch; a masked copy does not name the file, whose name may tell whom it is about."""
    origin = {name: value for name, value in row.origin.items() if profile is Profile.NONE or name in _TOLD}
    return dict(lens.masked_value(origin, profile))


_TOLD = ("format", "parser", "version", "host", "tool", "reread")


class _Opener:
    """Everything that the leaves of a batch of messages need, loaded once."""

    def __init__(self, shown: Sequence[Shown], reader: Reader, profile: Profile) -> None:
        self._profile = profile
        self._keys, self.raw = stored.Keys(), stored.RawBytes()
        self._rows = _rows({int(each.id) for each in shown}, reader)
        self._pointing = _pointing(self._rows.values(), reader)
        everything = [*self._rows, *(row.id for rows in self._pointing.values() for row in rows)]
        self._wrapped, self._media = stored.wrapped_keys(everything), stored.media_of(everything)
        self._files = _files(everything)
        self._erased = erasures_of(everything)

    def disclose(self, shown: Shown) -> Iterator[Disclosure]:
        """Yield the leaf of a message, of its files, and of the entries that point at it."""
        row = self._rows[int(shown.id)]
        yield from self._entry(row, shown, own=True)
        for pointing in self._pointing.get((row.conversation_id, row.key), ()):
            yield from self._entry(pointing, shown, own=False)

    def _entry(self, row: stored.Row, shown: Shown, *, own: bool) -> Iterator[Disclosure]:
        if erasure := self._erased.get(row.id):
            said = (erasure.leaf_index, leaf_of(erasure), bytes(erasure.entry_leaf))
            yield Disclosure(message=shown.id, kind=ENTRY_KIND, index=row.leaf_index, leaf=b"", erasure=said)
            return
        secret = self._keys.open(row.conversation_id, self._wrapped.get(row.id))
        facts = stored.facts_of(row, self._media.get(row.id, []))
        raw = leaves.open_raw(self.raw.read(row.batch, row.raw_offset, row.raw_size), secret)
        leaf = leaves.leaf_bytes(facts, raw, secret)
        salts = leaves.text_salts(secret, len(facts.text))
        root = codepoints.root(codepoints.commit(facts.text, salts))
        hidden = hidden_of(facts.text, shown)
        values = dict(zip(leaves.GROUPS, leaves.values(facts, raw, root), strict=True))
        group_salts = leaves.group_salts(secret)
        opened = self._opened(facts, shown, own=own, hidden=hidden)
        yield Disclosure(
            message=shown.id,
            kind=ENTRY_KIND,
            index=row.leaf_index,
            leaf=leaf,
            openings={group: Opening(group_salts[group], values[group]) for group in opened},
            text=MaskedText.of(facts.text, salts, hidden),
        )
        for file in self._files.get(row.id, ()):
            yield self._file(file, merkle.leaf_hash(leaf), secret, shown)

    def _opened(self, facts: Facts, shown: Shown, *, own: bool, hidden: Collection[int]) -> list[str]:
        """Return the groups in which nothing is hidden."""
        if shown.concealed:
            return list(_CONCEALED)
        opened = [*_ALWAYS, *(group for group in _PLAIN if self._is_plain(getattr(facts, group)))]
        opened += ["entry"] if self._is_plain(facts.target) else []
        if self._profile is Profile.NONE:
            full = not hidden and not (own and _withdrawn(shown))
            told = full or not facts.details or (own and shown.details == facts.details)
            return [*opened, *(["details"] if told else []), "media", "sender", *(["raw"] if full else [])]
        return [*opened, *self._opened_masked(facts, shown)] if own else opened

    def _opened_masked(self, facts: Facts, shown: Shown) -> Iterator[str]:
        """Yield the groups with a person's words or names that the lens leaves as they are, of a message itself."""
        if self._is_plain([facts.sender, facts.sender_name]) and shown.sender.name in {facts.sender_name, ""}:
            yield "sender"
        if shown.details == (facts.details or None) or not facts.details:
            yield "details"
        names = [name for _kind, name, *_rest in facts.media]
        if self._is_plain([list(each) for each in facts.media]) and [each.name for each in shown.attachments] == names:
            yield "media"

    def _is_plain(self, value: Any) -> bool:
        return bool(lens.masked_value(value, self._profile) == value)

    def _file(self, file: Attachment, entry_leaf: bytes, secret: bytes, shown: Shown) -> Disclosure:
        of, content = leaves.file_openings(entry_leaf, file.position, file.sha256, secret)
        seen = any(each.id == str(file.pk) and not each.withheld for each in shown.attachments)
        return Disclosure(
            message=shown.id,
            kind=FILE_KIND,
            index=file.leaf_index or 0,
            leaf=leaves.file_leaf_bytes(entry_leaf, file.position, file.sha256, secret),
            openings={"of": Opening(*of)} | ({"content": Opening(*content)} if seen else {}),
            enclosure=str(file.pk),
        )


def hidden_of(text: str, shown: Shown) -> frozenset[int]:
    """Return the positions of a stored wording that the lens hides: all, where it does not show this wording."""
    wordings = [shown.text, *("".join(part.text for part in version.parts) for version in shown.versions)]
    for wording in wordings:
        if len(wording) == len(text):
            hidden = {at for at, (seen, char) in enumerate(zip(wording, text, strict=True)) if seen != char}
            if all(wording[at] == codepoints.HIDDEN for at in hidden):
                return frozenset(hidden)
    return frozenset(range(len(text)))


def _withdrawn(shown: Shown) -> bool:
    """Say whether the message was withdrawn and its original is not for this reader."""
    return lens.is_withdrawn(shown) and not shown.original


def _rows(ids: Collection[int], reader: Reader) -> dict[int, stored.Row]:
    rows = Message.objects.readable_by(reader, Can.EVIDENCE).filter(pk__in=ids, entry="message")
    found = {row.id: row for row in (stored.Row(*values) for values in rows.values_list(*stored.FIELDS))}
    if len(found) != len(ids):
        raise Absent
    return found


def _pointing(rows: Iterable[stored.Row], reader: Reader) -> dict[tuple[int, str], list[stored.Row]]:
    """Return the entries that changed these messages, in the order of the log."""
    places = {(row.conversation_id, row.key) for row in rows}
    found: dict[tuple[int, str], list[stored.Row]] = {}
    entries = Message.objects.readable_by(reader, Can.EVIDENCE).filter(
        conversation_id__in={conversation for conversation, _key in places},
        target_key__in={key for _conversation, key in places},
    )
    for values in entries.order_by("leaf_index").values_list(*stored.FIELDS):
        row = stored.Row(*values)
        if (row.conversation_id, row.target) in places:
            found.setdefault((row.conversation_id, row.target), []).append(row)
    return found


def _files(ids: Collection[int]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    rows = Attachment.objects.unguarded("belongs to messages that were read as somebody who may take evidence")
    for row in rows.filter(message_id__in=ids, leaf_index__isnull=False).order_by("message_id", "position"):
        found.setdefault(row.message_id, []).append(row)
    return found
