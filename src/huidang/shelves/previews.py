"""Word lists between their preview and their import: files under HUIDANG_DATA/wordlists, gone within some hours."""

import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from huidang.kernel import clock

SECONDS = 3600
"""How long a preview may be confirmed."""


def keep(content: bytes) -> str:
    """Keep a file under a name of its own, and let go what nobody has confirmed in time."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.iterdir():
        with suppress(FileNotFoundError):
            if clock.now().timestamp() - left.stat().st_mtime > SECONDS:
                left.unlink()
    name = secrets.token_hex(16)
    (folder / name).write_bytes(content)
    return name


def find(name: str) -> Path | None:
    """Return where a file lies that was kept under a name and not let go."""
    place = _folder() / name
    return place if place.is_file() else None


def _folder() -> Path:
    return Path(settings.HOUSE.data) / "wordlists"
