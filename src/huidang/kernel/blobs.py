"""Content-addressed files: bytes under HUIDANG_DATA/blobs, named by their SHA-256, written once, never changed.

A blob is complete and on the disk when its name is returned: the bytes are written to a file in `blobs/new`, synced,
made read-only, renamed to `blobs/ab/cdef…`, and the folder is synced. A kill leaves at most a file in `blobs/new`,
which `clean` takes away.
"""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.conf import settings

from huidang.kernel import clock
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Problem

CHUNK_BYTES = 1 << 20
ABANDONED_SECONDS = 3600
_SHA256 = re.compile(r"[0-9a-f]{64}")


def path(sha256: str) -> Path:
    """Return where the blob of this name lies, or would lie. Raises ValueError if it is no SHA-256 in lower hex."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return _root() / sha256[:2] / sha256[2:]


def exists(sha256: str) -> bool:
    """Say whether the blob is here."""
    return path(sha256).is_file()


def open(sha256: str) -> IO[bytes]:  # noqa: A001
    """Open a blob for reading. Raises `Problem("blob-missing")`."""
    try:
        return path(sha256).open("rb")
    except FileNotFoundError:
        raise Problem("blob-missing", "存储中缺少这份文件。", sha256=sha256) from None


def put(content: bytes) -> str:
    """Store bytes and return their SHA-256 in hex."""
    sha256 = hashlib.sha256(content).hexdigest()
    return sha256 if exists(sha256) else put_stream(io.BytesIO(content))


def put_stream(file: IO[bytes], *, limit: int | None = None) -> str:
    """Store all that is left of a stream, in constant memory, and return its SHA-256 in hex.

    Raises `Problem("too-large")` beyond `limit` bytes; nothing is kept then.
    """
    with _new_file() as new:
        digest = hashlib.sha256()
        size = 0
        while chunk := file.read(CHUNK_BYTES):
            size += len(chunk)
            if limit is not None and size > limit:
                raise Problem("too-large", "文件超过允许的大小。", limit=limit)
            digest.update(chunk)
            new.write(chunk)
        sha256 = digest.hexdigest()
        if not exists(sha256):
            _settle(new, path(sha256))
    return sha256


def remove(sha256: str) -> None:
    """Delete a blob, if it is here. The caller answers for nobody needing it any more."""
    with suppress(FileNotFoundError):
        path(sha256).unlink()
        _sync(path(sha256).parent)


def clean(_run: Run) -> None:
    """Take away what killed processes left half written: the job `clean-blobs`."""
    for left in (_root() / "new").glob("*"):
        with suppress(FileNotFoundError):
            if clock.now().timestamp() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()


def _root() -> Path:
    return Path(settings.HOUSE.data) / "blobs"


@contextmanager
def _new_file() -> Iterator[IO[bytes]]:
    folder = _root() / "new"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as new:
        try:
            yield new
        finally:
            Path(new.name).unlink(missing_ok=True)


def _settle(new: IO[bytes], place: Path) -> None:
    new.flush()
    os.fchmod(new.fileno(), 0o440)
    os.fsync(new.fileno())
    if not place.parent.exists():
        place.parent.mkdir(mode=0o700, exist_ok=True)
        _sync(place.parent.parent)
    Path(new.name).rename(place)
    _sync(place.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
