"""The leaf of an entry: salted commitments to everything about it that can never change.

Pure and lean, since it runs in worker processes for every message. The format is written down, for whoever wants to
verify it without this code, in `docs/reference/log-format.md`; the two must say the same.

Each group of facts stands in the leaf as SHA-256(0x02 ‖ salt ‖ canonical JSON), the raw bytes as themselves. The text
is an RFC 6962 tree whose records are up to 32 commitments SHA-256(0x00 ‖ salt ‖ UTF-8), one a code point, so that any
mask chosen later still proves what it shows. Salts come from the entry's own random secret (`Secret`): without it
nothing can be guessed, and erasing it erases.
"""

import hashlib
from collections.abc import Mapping, Sequence
from struct import Struct
from typing import Any

import msgspec
import rfc8785

from huidang.kernel import merkle, secrets
from huidang.records import codepoints

GROUPS = (
    "as_of",
    "conversation",
    "details",
    "entry",
    "id",
    "kind",
    "media",
    "raw",
    "received",
    "reply",
    "role",
    "sender",
    "sent",
    "source",
    "text",
    "thread",
)
"""The groups of facts, in the order of canonical JSON. Each can be disclosed alone."""

ENTRY_KIND, FILE_KIND, ERASURE_KIND = "entry", "file", "erasure"
"""The kinds under which the leaves of records stand in the log; the subject of each is the entry's id."""

_TEMPLATE = '{"commitments":{' + ",".join(f'"{group}":"%s"' for group in GROUPS) + '},"type":"entry","v":1}'
_FILE_TEMPLATE = '{"commitments":{"content":"%s","of":"%s"},"type":"file","v":1}'
_COMMITMENT = b"\x02"
_SALT_BYTES = codepoints.SALT_BYTES
_LONG = merkle.BLOCK - _SALT_BYTES
_cut_groups = Struct(f"{_SALT_BYTES}s" * len(GROUPS)).unpack_from
_TEXT_SALTS = len(GROUPS) * _SALT_BYTES
_SAFE_INTEGER = 2**53 - 1
_encode = msgspec.json.encode  # equal to RFC 8785 for strings, integers below 2^53 and arrays of them


class Facts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a leaf commits to, in the very form in which it is stored, so that it can be computed again from the rows.

    Times are milliseconds since 1970, UTC; `""` means not stated. `media` holds (kind, name, ref, seconds) an item;
    `id` is the entry's key without the occurrence number of a message that has no id.
    """

    source: tuple[str, str, str]  # platform, workspace, account
    conversation: str
    id: str
    entry: str
    target: str
    kind: str
    sender: str
    sender_name: str
    role: str
    reply: str
    thread: str
    sent_ms: int
    precision: str
    zone: str
    received_ms: int
    as_of_ms: int
    text: str
    details: Mapping[str, Any]
    media: Sequence[tuple[str, str, str, int | None]] = ()


class Sealed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What becomes of an entry's facts and raw bytes: its secret (to be wrapped), its leaf hash, its sealed bytes."""

    secret: bytes
    leaf: bytes
    raw: bytes


def seal(facts: Facts, raw: bytes) -> Sealed:
    """Commit to an entry and seal its raw bytes under a new random secret."""
    secret = secrets.new_key()
    stream = _stream(secret, len(facts.text))
    return Sealed(
        secret, _leaf_hash(facts, raw, stream), secrets.seal(stream[: secrets.KEY_BYTES], raw, context=b"raw")
    )


def leaf_hash(facts: Facts, raw: bytes, secret: bytes) -> bytes:
    """Compute an entry's leaf hash again, from its stored facts, unsealed raw bytes and unwrapped secret."""
    return _leaf_hash(facts, raw, _stream(secret, len(facts.text)))


def open_raw(sealed: bytes, secret: bytes) -> bytes:
    """Return an entry's raw bytes. Raises `secrets.Unopened`."""
    return secrets.unseal(_stream(secret, 0)[: secrets.KEY_BYTES], sealed, context=b"raw")


def file_leaf_hash(entry_leaf: bytes, position: int, sha256: str, secret: bytes) -> bytes:
    """Compute the leaf hash that ties a file (SHA-256, hex) to the entry whose `position`th attachment it is.

    `entry_leaf` is the leaf hash of the entry. A leaf of its own, since files may come later than the entry.
    """
    return merkle.leaf_hash(file_leaf_bytes(entry_leaf, position, sha256, secret))


def file_leaf_bytes(entry_leaf: bytes, position: int, sha256: str, secret: bytes) -> bytes:
    """Return the leaf itself, canonical JSON."""
    of, content = file_openings(entry_leaf, position, sha256, secret)
    return (_FILE_TEMPLATE % (commit(*content), commit(*of))).encode()


def file_openings(
    entry_leaf: bytes, position: int, sha256: str, secret: bytes
) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
    """Return salt and value of the two groups of a file's leaf: `of`, then `content`."""
    salts = hashlib.shake_256(b"huidang file 1" + position.to_bytes(4, "big") + secret).digest(2 * _SALT_BYTES)
    of = (salts[_SALT_BYTES:], _encode((entry_leaf.hex(), position)))
    return of, (salts[:_SALT_BYTES], _encode(sha256))


def leaf_bytes(facts: Facts, raw: bytes, secret: bytes) -> bytes:
    """Return the leaf itself, canonical JSON: what a package hands out beside a proof."""
    return _leaf_bytes(facts, raw, _stream(secret, len(facts.text)))


def group_salts(secret: bytes) -> dict[str, bytes]:
    """Return the salt of each group; to disclose a group is to hand out its salt and its value."""
    return dict(zip(GROUPS, _cut_groups(_stream(secret, 0), secrets.KEY_BYTES), strict=True))


def text_salts(secret: bytes, code_points: int) -> bytes:
    """Return 16 bytes of salt for each code point of the text."""
    return _stream(secret, code_points)[secrets.KEY_BYTES + _TEXT_SALTS :]


def commit(salt: bytes, value: bytes) -> str:
    """Return the commitment to one group's value, as it stands in a leaf."""
    return str(merkle.sha256(_COMMITMENT + salt + value).hexdigest())


def values(facts: Facts, raw: bytes, text_root: bytes) -> tuple[bytes, ...]:
    """Return the bytes that each of `GROUPS` commits to, in that order."""
    return (
        b"%d" % facts.as_of_ms,
        _encode(facts.conversation),
        canonical(facts.details) if facts.details else b"{}",
        _encode((facts.entry, facts.target)),
        _encode(facts.id),
        _encode(facts.kind),
        _encode(facts.media),
        raw,
        b"%d" % facts.received_ms,
        _encode(facts.reply),
        _encode(facts.role),
        _encode((facts.sender, facts.sender_name)),
        _encode((facts.sent_ms, facts.precision, facts.zone)),
        _encode(facts.source),
        _encode((len(facts.text), text_root.hex())),
        _encode(facts.thread),
    )


def canonical(details: Mapping[str, Any]) -> bytes:
    """Return RFC 8785 bytes. Integers beyond 2^53 count as the double they are in every other JSON reader (64 bits).

    So a value reads the same from SQLite's text and from PostgreSQL's jsonb, which writes 1e22 as an integer.
    """
    return rfc8785.dumps(_as_double(dict(details)))


def _as_double(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_double(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_as_double(part) for part in value]
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return float(value)
    return value


def _leaf_hash(facts: Facts, raw: bytes, stream: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + _leaf_bytes(facts, raw, stream)).digest()


def _leaf_bytes(facts: Facts, raw: bytes, stream: bytes) -> bytes:
    salts = stream[secrets.KEY_BYTES :]
    root = codepoints.root(codepoints.commit(facts.text, salts[_TEXT_SALTS:]))
    short, long = merkle.sha256_of_block, merkle.sha256
    pairs = zip(_cut_groups(salts), values(facts, raw, root), strict=True)
    commitments = [
        (short if len(value) < _LONG else long)(_COMMITMENT + salt + value).hexdigest() for salt, value in pairs
    ]
    return (_TEMPLATE % tuple(commitments)).encode()


def _stream(secret: bytes, code_points: int) -> bytes:
    """Return the entry's key stream: 32 bytes that seal its raw bytes, a salt a group, a salt a code point."""
    wanted = secrets.KEY_BYTES + _SALT_BYTES * (len(GROUPS) + code_points)
    return hashlib.shake_256(b"huidang entry 1" + secret).digest(wanted)
