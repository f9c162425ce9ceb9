"""Searches in the audit: the entry commits to the words, which stand beside it and can be erased.

People search for names and numbers; those must be erasable, while that they searched must not be. The entry holds
`commitment`, the hex SHA-256(0x03 ‖ salt ‖ UTF-8 of the words); words and salt are a row of their own. Without it the
commitment tells nothing, with it anybody can check that the words are the ones that were searched for.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from huidang.kernel import clock
from huidang.kernel.gathering import Gathering
from huidang.kernel.problems import Absent
from huidang.people import audit, auditing
from huidang.people.models import Entry, SearchText
from huidang.people.readers import Reader
from huidang.people.requests import checked_reason

WHAT = "search"
_SALT_BYTES = 16
_BATCH = 500
_SEAL_DIGITS = 24


class _Searched(NamedTuple):
    entry: Entry
    text: SearchText


def note(text: str, *, by: Reader, total: int, **facts: Any) -> None:
    """Note a search with how many it found; stored within a second."""
    salt = secrets.token_bytes(_SALT_BYTES)
    entry = audit.draft(WHAT, by=by, total=total, commitment=commitment(text, salt), **facts)
    _GATHERED.add(_Searched(entry, SearchText(text=text, salt=salt)))


def seal(text: str, *, by: Reader) -> str:
    """Return what proves that a search was noted today: who asks for more of its result with it, is not noted again."""
    stated = f"{by.user_id}\n{clock.now():%Y-%m-%d}\n{text}"
    return salted_hmac("huidang.people.searches", stated, algorithm="sha256").hexdigest()[:_SEAL_DIGITS]


def is_sealed(text: str, *, by: Reader, seal_of: str) -> bool:
    """Say whether a search was noted today, by the seal that its pages carry."""
    return constant_time_compare(seal_of, seal(text, by=by))


def commitment(text: str, salt: bytes) -> str:
    """Return the commitment to the words of a search."""
    return hashlib.sha256(b"\x03" + salt + text.encode(errors="surrogatepass")).hexdigest()


def texts_of(entries: Iterable[Entry]) -> dict[int, str]:
    """Return entry id -> the words, where they were not erased."""
    ids = [entry.pk for entry in entries if entry.what == WHAT]
    return dict(SearchText.objects.filter(pk__in=ids).values_list("pk", "text"))


def erase(by: Reader, entry_id: int, *, why: str) -> None:
    """Erase the words of a search; entry and leaf stay. Raises `Absent`, and `Problem` reason-wanted.

    For holders of AUDIT over the whole house alone; that it was done is an entry.
    """
    auditing.require_auditor(by)
    reason = checked_reason(why)
    with transaction.atomic():
        if not SearchText.objects.filter(pk=entry_id).delete()[0]:
            raise Absent
        audit.note("search-erased", by=by, about=f"entry:{entry_id}", why=reason)


def altered() -> list[int]:
    """Return the ids of entries beside which other words stand than they commit to, for `huidang verify`."""
    changed: list[int] = []
    rows: list[SearchText] = []
    for row in SearchText.objects.order_by("pk").iterator():
        rows.append(row)
        if len(rows) == _BATCH:
            changed += _altered(rows)
            rows = []
    return changed + _altered(rows)


def _altered(rows: Sequence[SearchText]) -> list[int]:
    entries = Entry.objects.in_bulk([row.pk for row in rows])
    return [row.pk for row in rows if row.pk not in entries or not _agrees(row, entries[row.pk])]


def _agrees(row: SearchText, entry: Entry) -> bool:
    return bool(entry.facts.get("commitment") == commitment(row.text, bytes(row.salt)))


def _store(searched: Sequence[_Searched]) -> None:
    with transaction.atomic():
        audit.append([each.entry for each in searched])
        for each in searched:
            each.text.entry_id = each.entry.pk
        SearchText.objects.bulk_create([each.text for each in searched])


_GATHERED: Gathering[_Searched] = Gathering(_store)
