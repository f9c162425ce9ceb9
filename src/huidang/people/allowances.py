"""How often a person may ask: one allowance for all their pages and tokens together, shared between processes."""

from django.utils.crypto import salted_hmac

from huidang.kernel import limits
from huidang.kernel.limits import Limit
from huidang.people.readers import Reader

REQUESTS = Limit("requests", most=600, seconds=60, share=30)
SEARCHES = Limit("searches", most=120, seconds=60, share=6)
UPLOADS = Limit("uploads", most=60, seconds=3600)
EXPORTS = Limit("exports", most=60, seconds=3600)
STRANGERS = Limit("strangers", most=60, seconds=60, share=3)
"""Refused tokens from one address."""


def spend(limit: Limit, reader: Reader) -> None:
    """Count one for the person behind a reader. Raises `TooOften`; the local operator is not counted."""
    if reader.user_id is not None:
        limits.spend(limit, str(reader.user_id))


def note_stranger(address: str) -> None:
    """Count a refused token from an address, of which only a keyed hash is kept. Raises `TooOften`."""
    limits.spend(STRANGERS, salted_hmac("huidang.people.allowances", address, algorithm="sha256").hexdigest())
