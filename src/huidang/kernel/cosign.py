"""Cosignatures: a witness's word that a checkpoint goes on from all it saw before, and when (C2SP tlog-cosignature v1).

A line of a signed note, `— name base64(key id ‖ seconds since 1970, 8 bytes ‖ Ed25519 signature)`, over
`cosignature/v1`, `time T` and the checkpoint's text. The verifier key is `name+<key id, hex>+base64(0x04 ‖ public
key)`. Whoever knows nothing of cosignatures takes the line for that of an unknown key and passes over it.
"""

import hashlib
from base64 import b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from huidang.kernel import notes
from huidang.kernel.notes import BadNote

_COSIGNATURE = b"\x04"
_KEY_BYTES = len(_COSIGNATURE) + 32
_LINE_BYTES = 4 + 8 + 64
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class Cosigner:
    """The public half of a witness: a key's name and its 32 bytes."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes by which a line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_COSIGNATURE + self.public).decode()}"

    def find(self, answer: str, note: str) -> tuple[str, int]:
        """Return this key's line over a checkpoint, from an answer of lines, and its seconds since 1970.

        Raises `BadNote` where there is none, or it is over something else.
        """
        for line in answer.split("\n"):
            name, _, blob = line.removeprefix(_DASH).partition(" ")
            if line.startswith(_DASH) and name == self.name and notes.decode_base64(blob)[:4] == self.key_id:
                return line, self._verify(notes.decode_base64(blob), note)
        raise BadNote(f"{self.name} 没有在这份文件上签名。")

    def _verify(self, signed: bytes, note: str) -> int:
        seconds = int.from_bytes(signed[4:12])
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signed[12:], _message(note, seconds))
        except InvalidSignature as problem:
            raise BadNote(f"{self.name} 的签名与内容不符。") from problem
        if len(signed) != _LINE_BYTES or not seconds:
            raise BadNote(f"{self.name} 的签名与内容不符。")
        return seconds


class CosigningKey:
    """The private half."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.cosigner = Cosigner(name, self._private.public_key().public_bytes_raw())

    def cosign(self, note: str, seconds: int) -> str:
        """Return the line over a checkpoint, with its newline."""
        signed = self.cosigner.key_id + seconds.to_bytes(8) + self._private.sign(_message(note, seconds))
        return f"{_DASH}{self.cosigner.name} {b64encode(signed).decode()}\n"


def parse_cosigner(key: str) -> Cosigner:
    """Read a witness's verifier key. Raises `BadNote` where it is none, or its key id does not belong to it."""
    name, _, rest = key.strip().partition("+")
    key_id, _, blob = rest.partition("+")
    public = notes.decode_base64(blob)
    cosigner = Cosigner(name, public[1:])
    if (
        not name
        or any(sign.isspace() for sign in name)
        or public[:1] != _COSIGNATURE
        or len(public) != _KEY_BYTES
        or cosigner.key_id.hex() != key_id
    ):
        raise BadNote("这不是有效的见证公钥。")
    return cosigner


def _message(note: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{notes.divide(note)[0]}".encode()
