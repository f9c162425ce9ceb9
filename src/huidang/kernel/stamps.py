"""Time stamps over checkpoints by authorities (RFC 3161): when a checkpoint existed is the word of a party outside.

`kernel.anchoring` asks for them. A token is stored only after it was verified against the authority's own root
certificates, as the whole response, which `openssl ts -verify -in` reads.
"""

from datetime import datetime
from typing import Any

from cryptography import x509
from django.utils.translation import gettext as _
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from huidang.kernel import anchoring, cms, secrets
from huidang.kernel.anchoring import Kind
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.models import Authority, Stamp
from huidang.kernel.problems import Problem

LARGEST = 256 * 1024
_CONTEXT = "time stamp authority"


def add_authority(*, name: str, url: str, roots: str, authorization: str = "") -> Authority:
    """Store an authority and ask it for its first stamp. Raises `Problem` for what cannot be one."""
    url = anchoring.checked_url(url)
    _read_roots(roots)
    sealed = secrets.seal_secret(authorization, context=_CONTEXT) if authorization else None
    return AUTHORITIES.add(name=name, url=url, roots=roots.strip() + "\n", authorization=sealed)


def _stamped(authority: Authority, signed: Checkpoint) -> dict[str, Any]:
    token, stamped_at = obtain(authority, signed.note.encode())
    return {"token": token, "stamped_at": stamped_at}


def _check(stamp: Stamp, note: str) -> datetime:
    return verify(bytes(stamp.token), note.encode(), stamp.authority.roots)


AUTHORITIES = Kind("stamp", "authority", Authority, Stamp, _stamped, _check)


def obtain(authority: Authority, message: bytes) -> tuple[bytes, datetime]:
    """Ask for a stamp over a message and return the verified response (DER) and its time. Raises `Problem`."""
    request = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = exchange(authority, request.as_bytes())
    return answer, verify(answer, message, authority.roots)


def verify(token: bytes, message: bytes, roots: str) -> datetime:
    """Return the time that a response states over a message. Raises `Problem` where it does not verify."""
    try:
        return cms.verify_stamp(token, message, _read_roots(roots))
    except cms.Unverified as problem:
        raise Problem("stamp-invalid", _("时间戳无效：%s") % problem) from problem


def exchange(authority: Authority, request: bytes) -> bytes:
    """POST a request (DER) to an authority and return its answer. Raises `Problem`."""
    from huidang.kernel import outbound  # noqa: PLC0415  (8 MB that importing processes need not carry)

    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    if authority.authorization:
        headers["Authorization"] = secrets.open_secret(bytes(authority.authorization), context=_CONTEXT)
    with outbound.open_client(limit=LARGEST, seconds=anchoring.SECONDS, attempts=1) as client:
        response = client.post(authority.url, content=request, headers=headers)
        if response.is_error:
            text = _("%(name)s 拒绝了时间戳请求（HTTP %(status)s）。") % {
                "name": authority.name,
                "status": response.status_code,
            }
            raise Problem("stamp-refused", text, status=response.status_code)
        return response.content


def _read_roots(pem: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError as problem:
        raise Problem("authority-roots", _("根证书应为 PEM 文本，至少一张。")) from problem
