"""How an entry is named inside its conversation, and what every entry must keep to before it is stored.

An entry with the platform's id bears that id. A message without one bears `#<second and content hash>:<occurrence>`;
the second stands first, so that neighbours in time are neighbours in the index. Edits, recalls and deletions live in
a name space of their own (`!edit:`, `!recall:`, `!delete:`): some platforms give them the id of what they change.
"""

import hashlib
import math
import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from huidang.kernel import clock
from huidang.kernel.problems import Problem
from huidang.records.drafts import Draft, MediaDraft

LONGEST_ID = 160
LONGEST_NAME = 200
AHEAD_MS = 2 * 86_400_000
_NOT_TEXT = str.maketrans({"\x00": "\N{REPLACEMENT CHARACTER}"})


def key_of(platform_id: str) -> str:
    """Return the key of the message that bears this platform id. Different ids never share a key."""
    if len(platform_id) > LONGEST_ID:
        return "!long:" + hashlib.sha256(platform_id.encode()).hexdigest()
    return f"!id:{platform_id}" if platform_id[:1] in {"#", "!"} else platform_id


def point(platform_id: str) -> str:
    """Return the key that an entry points at, or "" where it points nowhere."""
    return key_of(platform_id) if platform_id else ""


def fit(platform_id: str) -> str:
    """Return the id of a conversation or an account as it is stored: itself, or its hash where it is too long."""
    return platform_id if len(platform_id) <= LONGEST_ID else key_of(platform_id)


def name(draft: Draft) -> tuple[str, bool]:
    """Return the key of an entry, and whether it must still be counted: messages without an id may repeat."""
    if draft.entry == "message":
        return (key_of(draft.id), False) if draft.id else (f"#{_fingerprint(draft)}", True)
    if draft.id and draft.id != draft.target:
        return f"!{draft.entry}:{key_of(draft.id)}", False
    return f"!{draft.entry}:{_fingerprint(draft)}", False


def name_revision(key: str, text: str, as_of_ms: int | None = None) -> str:
    """Return the key under which another text of a known entry is kept; with a moment, the return of an old one."""
    return f"!text:{_digest(key, text, str(as_of_ms))}"


def order_of(text: str) -> str:
    """Return what decides between two texts of the same moment, alike in whatever order they came."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _fingerprint(draft: Draft) -> str:
    content = [draft.sender or draft.sender_name, draft.kind, draft.text, draft.target, str(draft.sent_ms)]
    if draft.entry != "message":
        content.append(str(draft.as_of_ms))
    content.extend(f"{media.kind}/{media.name}/{media.ref}" for media in draft.media)
    return f"{draft.sent_ms // 1000:09x}{_digest(*content)}"


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=15).hexdigest()


def check(draft: Draft) -> Draft:
    """Return the entry as it can be stored on every database. Raises Problem `time-out-of-range`, `no-conversation`.

    Only what no database stores is replaced: NUL and lone surrogates. The raw bytes keep the original.
    """
    if not 0 <= draft.sent_ms <= clock.now_ms() + AHEAD_MS:
        raise Problem("time-out-of-range", "这条消息的时间早于 1970 年，或在两天以后。", sent_ms=draft.sent_ms)
    if draft.as_of_ms is not None and not 0 <= draft.as_of_ms <= clock.now_ms() + AHEAD_MS:
        raise Problem("time-out-of-range", "这条消息的修改时间早于 1970 年，或在两天以后。", sent_ms=draft.as_of_ms)
    if not draft.conversation:
        raise Problem("no-conversation", "这条消息没有说明属于哪个会话。")
    if draft.entry != "message" and not draft.target:
        raise Problem("no-target", "这条修改或撤回没有说明指向哪条消息。")
    return _storable(draft)


def _storable(draft: Draft) -> Draft:
    plain = not draft.details and not draft.media and len(draft.sender_name) <= LONGEST_NAME
    if plain and _is_clean(_words(draft), ""):
        return draft
    fixed: dict[str, Any] = {
        field: _clean(value)[: LONGEST_NAME if field == "sender_name" else None]
        for field in ("text", "conversation", "id", "target", "sender", "sender_name", "reply_to", "thread")
        if (value := getattr(draft, field)) and not _is_clean(value, field)
    }
    if draft.media and not all(_is_clean(media.name + media.ref, "name") for media in draft.media):
        fixed["media"] = tuple(_storable_media(media) for media in draft.media)
    if draft.details:
        fixed["details"] = storable_json(draft.details)
    return msgspec.structs.replace(draft, **fixed) if fixed else draft


def _words(draft: Draft) -> str:
    return (
        f"{draft.text}{draft.conversation}{draft.id}{draft.target}"
        f"{draft.sender}{draft.sender_name}{draft.reply_to}{draft.thread}"
    )


def storable_json(value: Any) -> Any:
    """Return JSON that both databases store and give back alike: clean strings, finite numbers, integers of 64 bits."""
    if isinstance(value, str):
        return value if _is_clean(value, "") else _clean(value)
    if isinstance(value, dict):
        return {storable_json(str(name)): storable_json(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63 else value


def _storable_media(media: MediaDraft) -> MediaDraft:
    return msgspec.structs.replace(media, name=_clean(media.name)[:LONGEST_NAME], ref=_clean(media.ref)[:500])


def _is_clean(value: str, field: str) -> bool:
    if value.isascii():
        return "\x00" not in value and (field != "sender_name" or len(value) <= LONGEST_NAME)
    if "\x00" in value or (field in {"sender_name", "name"} and len(value) > LONGEST_NAME):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _clean(value: str) -> str:
    return value.translate(_NOT_TEXT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Occurrences:
    """Counts how often a message without an id came in one import, in a temporary file: memory stays constant."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-4096;")
        self._file.execute("CREATE TABLE seen (name TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID")

    def number(self, names: Sequence[str]) -> list[int]:
        """Return the occurrence number, from 1, of each name in its turn. Counted once: never call it for a retry."""
        known = dict(self._file.execute(_KNOWN, [msgspec.json.encode(names).decode()]))
        numbers = []
        for each in names:
            known[each] = number = known.get(each, 0) + 1
            numbers.append(number)
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR REPLACE INTO seen VALUES (?,?)", known.items())
        self._file.execute("COMMIT")
        return numbers

    def close(self) -> None:
        """Forget the counts."""
        self._file.close()


_KNOWN = "SELECT name, times FROM seen JOIN json_each(?) ON name = value"
