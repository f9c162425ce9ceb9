"""Files that hold a key: made once, whole from the first moment they can be seen, for their owner's eyes only."""

import os
from contextlib import suppress
from pathlib import Path


def keep(path: Path, key: str) -> str:
    """Write a key file, with its folder, and return what is in it: of several makers the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    return path.read_text("ascii")
