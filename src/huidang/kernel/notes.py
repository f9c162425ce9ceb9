"""Signed notes: a text, a blank line, and signatures of the form `— name base64(key id ‖ Ed25519 signature)`.

The format is C2SP signed-note v1.0.0 (https://c2sp.org/signed-note), which Go's `golang.org/x/mod/sumdb/note`,
Sigsum and the witnesses of transparency logs read. A verifier key is `name+<key id, hex>+base64(0x01 ‖ public key)`.
"""

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from huidang.kernel.problems import Problem

_ED25519 = b"\x01"
_KEY_BYTES = len(_ED25519) + 32
_DASH = "\u2014 "


class BadNote(Problem):
    """The note is not one, or carries no valid signature of the key asked for."""

    def __init__(self, text: str) -> None:
        super().__init__("note-invalid", text)


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half: a key's name and its 32 bytes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_ED25519 + self.public).decode()}"

    def pem(self) -> bytes:
        """Return the public key as openssl reads it."""
        key = Ed25519PublicKey.from_public_bytes(self.public)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def signature(self, note: str) -> bytes:
        """Return this key's 64 bytes of signature from a note. Raises `BadNote` where there is none."""
        _text, lines = divide(note)
        for line in lines:
            name, _, blob = line.removeprefix(_DASH).partition(" ")
            signed = decode_base64(blob)
            if name == self.name and signed[:4] == self.key_id:
                return signed[4:]
        raise BadNote(f"{self.name} 没有在这份文件上签名。")

    def verify(self, note: str) -> str:
        """Return the text of a note that this key has signed. Raises `BadNote` otherwise."""
        text, _lines = divide(note)
        signature = self.signature(note)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature as problem:
            raise BadNote(f"{self.name} 的签名与内容不符。") from problem
        return text


class Signer:
    """The private half: signs texts that end in a newline."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the note that carries `text` and this key's signature."""
        signed = self.verifier.key_id + self._private.sign(text.encode())
        return f"{text}\n{_DASH}{self.verifier.name} {b64encode(signed).decode()}\n"

    def sign_bytes(self, message: bytes) -> bytes:
        """Return the bare signature over bytes."""
        return self._private.sign(message)


def parse_verifier(key: str) -> Verifier:
    """Read a verifier key. Raises `BadNote` where it is none, or its key id does not belong to it."""
    name, _, rest = key.partition("+")
    key_id, _, blob = rest.partition("+")
    public = decode_base64(blob)
    verifier = Verifier(name, public[1:])
    if not name or public[:1] != _ED25519 or len(public) != _KEY_BYTES or verifier.key_id.hex() != key_id:
        raise BadNote("这不是有效的验证公钥。")
    return verifier


def divide(note: str) -> tuple[str, list[str]]:
    """Return a note's text (with its last newline) and its signature lines. Raises `BadNote` where it is none."""
    text, blank, lines = note.rpartition("\n\n")
    signatures = lines.splitlines()
    if not blank or not signatures or not all(line.startswith(_DASH) for line in signatures):
        raise BadNote("这不是带签名的文件。")
    return text + "\n", signatures


def decode_base64(blob: str) -> bytes:
    """Return the bytes of standard base64. Raises `BadNote` where it is none."""
    try:
        return b64decode(blob, validate=True)
    except NotBase64 as problem:
        raise BadNote("这不是有效的 base64。") from problem
