"""Conversations as the appender needs them: found or made with a random key, titled, counted, members noted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from huidang.kernel import bulk, clock, secrets
from huidang.records import entries
from huidang.records.drafts import ConversationDraft
from huidang.records.models import Conversation, Member, Speaker

_TABLE = Conversation._meta.db_table
_MEMBERS = Member._meta.db_table
_SPEAKERS = Speaker._meta.db_table
_REMEMBERED = 20_000
CONVERSATION_KEY = b"conversation key"
MESSAGE_KEY = b"message key"


@dataclass(slots=True)
class Thread:
    """A conversation with what wraps under its key, and since when its title stands (ms since 1970)."""

    id: int
    sealer: secrets.Sealer
    title: str
    titled_ms: int
    kind: str

    def wrap(self, secret: bytes) -> bytes:
        """Wrap the key of one message under the conversation's."""
        return self.sealer.seal(secret, context=MESSAGE_KEY)


class Threads:
    """The conversations of one source, remembered between batches. Forget it when a transaction was rolled back."""

    def __init__(self, source_id: int, department_id: int | None) -> None:
        self._source = source_id
        self._department = department_id
        self._known: dict[str, Thread] = {}

    def settle(self, wanted: Iterable[str], stated: Mapping[str, ConversationDraft], at_ms: int) -> dict[str, Thread]:
        """Store what is new and return every conversation by its stored platform id."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        names = {*wanted, *stated}
        missing = [name for name in names if name not in self._known]
        if missing:
            self._load(missing)
            self._add([name for name in missing if name not in self._known])
        self._retitle(stated, at_ms)
        return {name: self._known[name] for name in names}

    def _load(self, names: list[str]) -> None:
        wanted, parameters = bulk.table_of(name=("text", names))
        rows = bulk.select(
            f"SELECT c.platform_id, c.id, c.key, c.title, c.titled_at, c.kind FROM {wanted} wanted "  # noqa: S608
            f'CROSS JOIN "{_TABLE}" c WHERE c.source_id = %s AND c.platform_id = wanted.name',
            [*parameters, self._source],
        )
        site = secrets.Sealer(secrets.site_key())
        for name, row, key, title, titled_at, kind in rows:
            opened = site.unseal(bytes(key), context=CONVERSATION_KEY)
            self._known[name] = Thread(row, secrets.Sealer(opened), title, bulk.ms_of(titled_at), kind)

    def _add(self, names: list[str]) -> None:
        now = bulk.moment(clock.now_ms())
        site = secrets.Sealer(secrets.site_key())
        keys = [site.seal(secrets.new_key(), context=CONVERSATION_KEY) for _ in names]
        rows = [
            (self._source, name, "", "", self._department, key, 0, now) for name, key in zip(names, keys, strict=True)
        ]
        columns = ("source_id", "platform_id", "title", "kind", "department_id", "key", "message_count", "created_at")
        bulk.insert(_TABLE, columns, rows)
        self._load(names)

    def _retitle(self, stated: Mapping[str, ConversationDraft], at_ms: int) -> None:
        changed = []
        for name, draft in stated.items():
            known = self._known[name]
            title, kind = draft.title[:300], draft.kind or known.kind
            newer = bool(title) and (at_ms, title) > (known.titled_ms, known.title)
            if newer:
                known.title, known.titled_ms = title, at_ms
            if newer or kind != known.kind:
                known.kind = kind
                changed.append((known.title, bulk.moment(max(known.titled_ms, 0)), kind, known.id))
        bulk.execute(f'UPDATE "{_TABLE}" SET title=%s, titled_at=%s, kind=%s WHERE id=%s', changed)  # noqa: S608


def members_of(stated: Iterable[ConversationDraft]) -> set[str]:
    """Return the stored ids of all accounts that the conversations name as members."""
    return {entries.fit(member) for draft in stated for member in draft.members}


def note_members(
    stated: Mapping[str, ConversationDraft], threads: Mapping[str, Thread], accounts: Mapping[str, int]
) -> None:
    """Store who belongs to which conversation; what is known is left alone."""
    rows = [
        (threads[name].id, accounts[entries.fit(member)]) for name, draft in stated.items() for member in draft.members
    ]
    bulk.execute(
        f'INSERT INTO "{_MEMBERS}" (conversation_id, participant_id) VALUES (%s,%s) ON CONFLICT DO NOTHING',  # noqa: S608
        rows,
    )


class Speakers:
    """Who has written where, remembered between batches, so that a long conversation costs nothing."""

    def __init__(self) -> None:
        self._known: set[tuple[int, int]] = set()

    def note(self, pairs: set[tuple[int, int]]) -> None:
        """Store (conversation, participant) pairs that are new."""
        fresh = pairs - self._known
        bulk.execute(
            f'INSERT INTO "{_SPEAKERS}" (conversation_id, participant_id) VALUES (%s,%s) ON CONFLICT DO NOTHING',  # noqa: S608
            sorted(fresh),
        )
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known |= fresh


def count(additions: Mapping[int, list[int]]) -> None:
    """Add new messages (conversation id -> message ids) to the counters, and mark cases stale from the earliest."""
    rows = []
    for conversation, ids in additions.items():
        low, high = min(ids), max(ids)
        rows.append((len(ids), low, low, high, high, low, low, conversation))
    bulk.execute(_COUNT, rows)


_COUNT = f"""UPDATE "{_TABLE}" SET message_count = message_count + %s,
  first_message_id = CASE WHEN first_message_id <= %s THEN first_message_id ELSE %s END,
  last_message_id = CASE WHEN last_message_id >= %s THEN last_message_id ELSE %s END,
  uncut_message_id = CASE WHEN uncut_message_id <= %s THEN uncut_message_id ELSE %s END
  WHERE id = %s"""  # noqa: S608
