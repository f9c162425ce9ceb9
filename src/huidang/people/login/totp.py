"""Codes that change every half minute (RFC 6238 over RFC 4226: SHA-1, 30 seconds, 6 digits, as every app has them)."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

from huidang.kernel import clock

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
ISSUER = "Huidang"
_EARLIER_AND_LATER = 1  # clocks of phones differ; RFC 6238, 5.2 recommends one step


def new_secret() -> str:
    """Return 160 random bits in base32, as apps want to be told them."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """Return the code of a step, which is the count of half minutes since 1970."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8), hashlib.sha1)
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, code: str) -> int | None:
    """Return the step whose code this is, among the present one and its neighbours, None where it is none of them."""
    present = clock.now_ms() // 1000 // STEP_SECONDS
    steps = range(present - _EARLIER_AND_LATER, present + _EARLIER_AND_LATER + 1)
    same = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return same[-1] if same else None


def address_of(secret: str, username: str) -> str:
    """Return the `otpauth:` address that the QR code holds."""
    label = quote(f"{ISSUER}:{username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"
