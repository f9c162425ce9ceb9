"""Keys and sealing: the site key outside the data folder, keys wrapped under keys, secrets encrypted at rest.

Sealed bytes are `nonce (12) ‖ AES-256-GCM ciphertext ‖ tag (16)`; the context is the associated data, so that what
was sealed for one purpose does not open for another. One key seals at most 2^32 times (NIST SP 800-38D, 8.3).
"""

import hashlib
import os
from functools import partial
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models, transaction

from huidang.kernel import clock, keyfiles
from huidang.kernel.problems import Problem

KEY_BYTES = 32
_NONCE_BYTES = 12
_known: dict[Path, bytes] = {}


class SiteKey(models.Model):
    """Which site key this archive was begun with: its id, never the key."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    key_id = models.CharField(max_length=16)
    created_at = models.DateTimeField()


class Unopened(Problem):
    """Sealed bytes did not open: another key, another context, or they were changed."""

    def __init__(self) -> None:
        super().__init__("unsealed", "密文无法解开：密钥不符，或者内容被改动过。")


class Sealer:
    """Seals and unseals under one key; keep it where many things are sealed, since setting up costs 3 µs."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plaintext: bytes, *, context: bytes) -> bytes:
        """Return `plaintext` sealed: 28 bytes longer."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plaintext, context)

    def unseal(self, sealed: bytes, *, context: bytes) -> bytes:
        """Return what was sealed. Raises `Unopened`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as problem:
            raise Unopened from problem


def new_key() -> bytes:
    """Return 32 random bytes."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plaintext: bytes, *, context: bytes) -> bytes:
    """Seal once under a key; see `Sealer`."""
    return Sealer(key).seal(plaintext, context=context)


def unseal(key: bytes, sealed: bytes, *, context: bytes) -> bytes:
    """Unseal once. Raises `Unopened`."""
    return Sealer(key).unseal(sealed, context=context)


def wrap(key: bytes, *, under: bytes, context: bytes) -> bytes:
    """Return `key` wrapped under another: 60 bytes for 32."""
    return seal(under, key, context=context)


def unwrap(wrapped: bytes, *, under: bytes, context: bytes) -> bytes:
    """Return the wrapped key. Raises `Unopened`."""
    return unseal(under, wrapped, context=context)


def seal_secret(secret: str, *, context: str) -> bytes:
    """Seal a secret (a token, a password of a platform) under the site key, to be stored in the database."""
    return seal(site_key(), secret.encode(), context=context.encode())


def open_secret(sealed: bytes, *, context: str) -> str:
    """Return a secret sealed by `seal_secret` with the same context. Raises `Unopened`."""
    return unseal(site_key(), bytes(sealed), context=context.encode()).decode()


def site_key() -> bytes:
    """Return the key under which every other key of this archive is wrapped, made on first use.

    Raises `Problem` (`site-key-missing`, `site-key-wrong`) where the archive was begun with a key that is not in
    the key folder: a new one would open nothing and hide the loss.
    """
    path = settings.HOUSE.keys / "site.key"
    known = _known.get(path)
    if known is None:
        known = _read_or_make(path)
        _claim(known, path)
        transaction.on_commit(partial(_known.__setitem__, path, known))
    return known


def key_id(key: bytes) -> str:
    """Return the 16 hexadecimal digits that name a key and tell nothing of it."""
    return hashlib.blake2b(key, digest_size=8, person=b"huidang key id").hexdigest()


def _read_or_make(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except FileNotFoundError:
        return _make(path)
    except ValueError as problem:
        raise _unreadable(path) from problem
    if len(key) != KEY_BYTES:
        raise _unreadable(path)
    return key


def _make(path: Path) -> bytes:
    """Make the key, unless the archive was begun with one."""
    if (begun := SiteKey.objects.first()) and not path.exists():
        raise Problem(
            "site-key-missing",
            f"找不到密钥文件 {path}（编号 {begun.key_id}）。请从备份中恢复它，否则已有数据无法解开。",
            path=str(path),
            key_id=begun.key_id,
        )
    return bytes.fromhex(keyfiles.keep(path, new_key().hex() + "\n"))


def _claim(key: bytes, path: Path) -> None:
    """Note in the archive which key it is kept with, or compare with the note."""
    begun, _ = SiteKey.objects.get_or_create(id=1, defaults={"key_id": key_id(key), "created_at": clock.now()})
    if begun.key_id != key_id(key):
        raise Problem(
            "site-key-wrong",
            f"密钥文件 {path} 不属于这个档案（需要编号 {begun.key_id}，现为 {key_id(key)}）。",
            path=str(path),
            key_id=begun.key_id,
        )


def _unreadable(path: Path) -> Problem:
    return Problem("site-key-unreadable", f"密钥文件 {path} 已损坏：应为 64 个十六进制字符。", path=str(path))
