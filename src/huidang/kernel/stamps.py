"""Time stamps over checkpoints by parties outside the house (RFC 3161): when a checkpoint existed is their word.

Each authority is asked for the newest checkpoint by a job of its own, so that one that is away delays nobody; the
consistency of the log carries its word back to every earlier entry. A token is stored only after it was verified
against the authority's own root certificates, as the whole response, which `openssl ts -verify -in` reads.
"""

from datetime import datetime

from cryptography import x509
from django.db import transaction
from django.utils.translation import gettext as _
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from huidang.kernel import clock, cms, jobs, ledger, secrets, witnesses
from huidang.kernel.jobs import Run
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.models import Authority, Stamp
from huidang.kernel.problems import Problem

LARGEST = 256 * 1024
SECONDS = 30
_CONTEXT = "time stamp authority"


def add_authority(*, name: str, url: str, roots: str, authorization: str = "") -> Authority:
    """Store an authority and ask it for its first stamp. Raises `Problem` for what cannot be one."""
    name, url = name.strip(), url.strip()
    if not name or Authority.objects.filter(name=name).exists():
        raise Problem("authority-name", _("写一个还没用过的名称。"))
    if not url.startswith(("https://", "http://")):
        raise Problem("authority-url", _("地址要以 https:// 或 http:// 开头。"))
    _read_roots(roots)
    sealed = secrets.seal_secret(authorization, context=_CONTEXT) if authorization else None
    with transaction.atomic():
        stored = Authority.objects.create(
            name=name[:60], url=url[:500], roots=roots.strip() + "\n", authorization=sealed, created_at=clock.now()
        )
        ask_all()
    return stored


def switch_authority(authority_id: int, *, enabled: bool) -> Authority:
    """Ask an authority from now on, or no longer. Raises `Problem`."""
    authority = Authority.objects.filter(pk=authority_id).first()
    if authority is None:
        raise Problem("authority-unknown", _("没有这个时间戳机构。"))
    with transaction.atomic():
        authority.enabled = enabled
        authority.save(update_fields=["enabled"])
        ask_all()
    return authority


def sign(_run: Run) -> None:
    """Sign the log if it has grown, and ask for the stamps: the job `checkpoint`."""
    checkpoint()


def checkpoint() -> Checkpoint | None:
    """Sign the log as it stands, ask for its stamps and its cosignatures; see `ledger.checkpoint`."""
    with transaction.atomic():
        signed = ledger.checkpoint()
        ask_all()
        witnesses.ask_all()
    return signed


def ask_all() -> None:
    """Enqueue the job `stamp` for every authority that has not stamped the newest checkpoint."""
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        return
    for authority in Authority.objects.filter(enabled=True).exclude(stamps__size=newest.size):
        jobs.enqueue("stamp", key=f"stamp:{authority.pk}", authority=authority.pk)


def stamp(run: Run) -> None:
    """Have the newest checkpoint stamped by one authority: the job `stamp`. A failure is noted and raised again."""
    authority = Authority.objects.filter(pk=run.args["authority"], enabled=True).first()
    if authority is None:
        return
    try:
        stamp_newest(authority)
    except Problem as problem:
        note_failure(authority, problem)
        raise


def stamp_newest(authority: Authority) -> Stamp | None:
    """Return the authority's stamp over the newest checkpoint, asking for it where there is none.

    None before the first checkpoint. Raises `Problem`: the authority is away, refuses, or its answer does not verify.
    """
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        return None
    known = Stamp.objects.filter(authority=authority, size=newest.size).first()
    if known is not None:
        return known
    token, stamped_at = obtain(authority, newest.note.encode())
    with transaction.atomic():
        Authority.objects.filter(pk=authority.pk).update(failing_since_at=None, problem="")
        return Stamp.objects.update_or_create(
            authority=authority, size=newest.size, defaults={"token": token, "stamped_at": stamped_at}
        )[0]


def note_failure(authority: Authority, problem: Problem) -> None:
    """Keep what went wrong, and since when, for the page."""
    since = authority.failing_since_at or clock.now()
    Authority.objects.filter(pk=authority.pk).update(failing_since_at=since, problem=problem.text[:1000])


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
    with outbound.open_client(limit=LARGEST, seconds=SECONDS, attempts=1) as client:
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
