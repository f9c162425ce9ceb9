"""Files of exports at rest: sealed piece by piece under a key of their own, readable as a stream, gone when expired.

A kept file is a run of sealed pieces of a mebibyte of plaintext each; the context of a piece is the file's name, its
number, and whether it is the last, so that pieces cannot be moved, dropped or cut off unnoticed.
"""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from django.conf import settings

from huidang.kernel import clock, secrets
from huidang.kernel.problems import Problem

PIECE_BYTES = 1 << 20
ABANDONED_SECONDS = 24 * 3600
_SEALED_BYTES = PIECE_BYTES + 28  # nonce and tag, see `kernel.secrets`
_KEY_CONTEXT = b"export file"


class Kept(NamedTuple):
    """A sealed file: its name in the folder, and its key wrapped by the site key."""

    place: str
    key: bytes


@contextmanager
def workbench() -> Iterator[Path]:
    """Give a folder of one's own inside the archive's data for the block; whatever lies in it is deleted afterwards."""
    root = _root() / "new"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(mkdtemp(dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(path: Path) -> Kept:
    """Seal a file and keep it; complete and on the disk when this returns."""
    place, key = os.urandom(16).hex(), secrets.new_key()
    sealer = secrets.Sealer(key)
    target = _root() / place
    draft = target.with_suffix(".part")
    with path.open("rb") as source, draft.open("xb") as sealed:
        for number, piece, last in _pieces_of(source.read(PIECE_BYTES), source):
            sealed.write(sealer.seal(piece, context=_context(place, number, last=last)))
        sealed.flush()
        os.fsync(sealed.fileno())
    draft.rename(target)
    return Kept(place, secrets.wrap(key, under=secrets.site_key(), context=_KEY_CONTEXT))


def read(kept: Kept) -> Iterator[bytes]:
    """Yield the plaintext of a kept file. Raises `Problem` file-gone, or `secrets.Unopened` where it was changed."""
    sealer = secrets.Sealer(secrets.unwrap(bytes(kept.key), under=secrets.site_key(), context=_KEY_CONTEXT))
    try:
        source = (_root() / kept.place).open("rb")
    except FileNotFoundError:
        raise Problem("file-gone", "文件已过期删除，回执仍在。") from None
    with source:
        for number, piece, last in _pieces_of(source.read(_SEALED_BYTES), source, _SEALED_BYTES):
            yield sealer.unseal(piece, context=_context(kept.place, number, last=last))


def forget(place: str) -> None:
    """Delete a kept file, if there is one of this name."""
    if place:
        (_root() / place).unlink(missing_ok=True)


def clean(*, keeping_only: Collection[str]) -> None:
    """Take away what killed processes left a day ago: work folders, and sealed files that no row names."""
    kept = {*keeping_only, "new"}
    for left in [*(_root() / "new").glob("*"), *(path for path in _root().glob("*") if path.name not in kept)]:
        with suppress(FileNotFoundError):
            if clock.now().timestamp() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pieces_of(first: bytes, source: object, size: int = PIECE_BYTES) -> Iterator[tuple[int, bytes, bool]]:
    """Yield numbered pieces and whether each is the last; an empty file is one empty piece."""
    number, piece = 0, first
    while True:
        following = source.read(size)  # type: ignore[attr-defined]
        yield number, piece, not following
        if not following:
            return
        number, piece = number + 1, following


def _context(place: str, number: int, *, last: bool) -> bytes:
    return f"{place}:{number}:{'last' if last else 'more'}".encode()


def _root() -> Path:
    return Path(settings.HOUSE.data) / "exports"
