"""Receipts: what left, who took it and why, bound to the file's hash by an entry of the log.

The number is drawn before a file is written and printed in it; the entry is written when its hash is known. Whoever
holds a file finds its receipt by the hash, or, where the file was changed, by the number that still stands in it.
"""

import re
import secrets as randomness
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from huidang.exports import keeping, words
from huidang.exports.models import Export, File
from huidang.kernel import clock, ledger
from huidang.people import Reader, audit

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that is mistaken for a digit or another letter."""

NUMBER = re.compile(rf"HD-[{ALPHABET}]{{5}}-[{ALPHABET}]{{5}}")


def new_number() -> str:
    """Return a number that nobody can guess: 50 random bits."""
    signs = "".join(randomness.choice(ALPHABET) for _ in range(10))
    return f"HD-{signs[:5]}-{signs[5:]}"


def issue(export: Export, files: Sequence[File], *, by: Reader, account: str = "") -> None:
    """Write the entry that is the receipt of an export, with the hash of every file; the caller saves the row.

    Belongs to the caller's transaction. `account` is the system's account behind the command.
    """
    facts: dict[str, Any] = {"account": account, "door": "command"} if account else {}
    if hidden := words.hidden_in(export):
        facts["hidden"] = hidden
    with transaction.atomic():
        entry = audit.note(
            "export",
            by=by,
            about=f"receipt:{export.receipt}",
            why=export.why,
            query=export.query,
            format=export.format,
            messages=export.messages,
            conversations=[str(each) for each in export.conversations],
            mask=export.profile,
            rules=export.rules,
            request=export.request_id,
            files=[{"name": file.name, "sha256": file.sha256, "size": file.size} for file in files],
            **facts,
        )
        export.entry_id, export.leaf_index = entry.pk, ledger.size() - 1
    export.state, export.finished_at = Export.State.DONE, clock.now()


def describe(export: Export, path: Path, media_type: str) -> File:
    """Return the row of a written file, not yet saved."""
    return File(
        export=export,
        name=path.name,
        media_type=media_type,
        sha256=keeping.sha256_of(path),
        size=path.stat().st_size,
    )
