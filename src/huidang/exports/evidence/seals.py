"""Reads what is signed in an evidence package: keys, notes, checkpoints and the lines of witnesses.

`verify.py` needs it beside itself. The formats are C2SP signed-note, tlog-checkpoint and tlog-cosignature.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HANDOVER = "huidang key handover v1"
HASH, ED25519, COSIGNATURE = 32, b"\x01", b"\x04"
_NUMBER = re.compile(r"0|[1-9][0-9]*")


class Wrong(ValueError):
    """Something in the package is not what it should be; the text says what."""


@dataclass(frozen=True)
class Key:
    """A public key of a log or, with kind 0x04, of a witness, and its name."""

    name: str
    public: bytes
    kind: bytes = ED25519

    @property
    def key_id(self) -> bytes:
        """Return the four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64_of(self.kind + self.public)}"

    def check(self, signature: bytes, message: bytes) -> None:
        """Raise `Wrong` unless the signature is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as problem:
            raise Wrong("签名与内容不符。") from problem


@dataclass(frozen=True)
class Checkpoint:
    """The size and root of a log that its key has signed; `note` is the whole text."""

    note: str
    origin: str
    size: int
    root: bytes


def parse_key(text: str, kind: bytes = ED25519) -> Key:
    """Read a verifier key, `name+id+base64`, of a log or of a witness. Raises `Wrong`."""
    name, _, rest = text.strip().partition("+")
    key_id, _, blob = rest.partition("+")
    raw = bytes_of(blob)
    key = Key(name, raw[1:], kind)
    if raw[:1] != kind or len(raw) != 1 + HASH or key.key_id.hex() != key_id:
        raise Wrong("这不是有效的验证公钥。")
    return key


def open_checkpoint(note: str, key: Key) -> Checkpoint:
    """Return what a checkpoint says that the key has signed. Raises `Wrong`."""
    body = open_note(note, key).split("\n")
    if len(body) < 4 or not _NUMBER.fullmatch(body[1]) or body[0] != key.name:  # noqa: PLR2004 (three lines and the end)
        raise Wrong("这不是这份日志的检查点。")
    root = bytes_of(body[2])
    if len(root) != HASH:
        raise Wrong("检查点的根哈希长度不对。")
    return Checkpoint(note, body[0], int(body[1]), root)


def open_note(note: str, key: Key) -> str:
    """Return the text of a signed note. Raises `Wrong` unless the key has signed it."""
    text, blank, lines = note.rpartition("\n\n")
    for line in lines.splitlines() if blank else ():
        name, _, blob = line.removeprefix("\u2014 ").partition(" ")
        if name == key.name and (signed := bytes_of(blob))[:4] == key.key_id:
            key.check(signed[4:], (text + "\n").encode())
            return text + "\n"
    raise Wrong("没有这份日志的签名。")


def open_cosignature(note: str, key: Key) -> int | None:
    """Return when a witness cosigned a checkpoint, in seconds since 1970; None where it did not. Raises `Wrong`."""
    text, _blank, lines = note.rpartition("\n\n")
    for line in lines.splitlines():
        name, _, blob = line.removeprefix("\u2014 ").partition(" ")
        if name == key.name and (signed := bytes_of(blob))[:4] == key.key_id:
            seconds = int.from_bytes(signed[4:12], "big")
            key.check(signed[12:], f"cosignature/v1\ntime {seconds}\n{text}\n".encode())
            return seconds
    return None


def read_handover(note: str) -> tuple[Key, Key]:
    """Return old and new key of a handover that the old one signed. Raises `Wrong`."""
    header, old_text, new_text, *_rest = note.split("\n")
    old = parse_key(old_text)
    if header != HANDOVER:
        raise Wrong("这不是密钥交接记录。")
    open_note(note, old)
    return old, parse_key(new_text)


def bytes_of(blob: str) -> bytes:
    """Return the bytes of base64 as it is written. Raises `Wrong`."""
    try:
        content = b64decode(blob, validate=True)
    except ValueError as problem:
        raise Wrong("这不是有效的 base64。") from problem
    if base64_of(content) != blob:
        raise Wrong("这不是规范的 base64。")
    return content


def base64_of(content: bytes) -> str:
    """Return base64."""
    return b64encode(content).decode()
