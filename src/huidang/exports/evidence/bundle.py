"""The ZIP of a package: remembers the hash of every file that goes in, for the manifest and SHA256SUMS."""

import hashlib
import zipfile
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import rfc8785

from huidang.kernel import ledger

_CHUNK = 1 << 20
_PACKED = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp4", ".mp3", ".amr", ".silk", ".zip", ".pdf"})


class Bundle:
    """A ZIP being written."""

    def __init__(self, path: Path, made_at: datetime) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._date = (*made_at.timetuple()[:6],)
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, name: str, content: bytes | str) -> None:
        """Add a file."""
        self.add_pieces(name, [content.encode() if isinstance(content, str) else content])

    def add_file(self, name: str, path: Path) -> None:
        """Add a file from the disk, in constant memory."""
        with path.open("rb") as file:
            self.add_pieces(name, iter(lambda: file.read(_CHUNK), b""))

    def add_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a file that comes in pieces."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(self._entry(name), "w", force_zip64=True) as target:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.files[name] = {"sha256": digest.hexdigest(), "size": size}

    def seal(self, stated: dict[str, Any]) -> None:
        """Add the list of hashes, and the manifest with its signature by the log's key."""
        sums = "".join(f"{self.files[name]['sha256']}  {name}\n" for name in sorted(self.files))
        self.add("SHA256SUMS", sums)
        manifest = rfc8785.dumps({**stated, "files": self.files})
        signature = ledger.sign_bytes(manifest)
        self.add("manifest.json", manifest)
        self.add("manifest.sig", signature)

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._date)
        packed = Path(name).suffix.lower() in _PACKED
        entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        return entry

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()


def encoded(content: bytes) -> str:
    """Return base64."""
    return b64encode(content).decode()
