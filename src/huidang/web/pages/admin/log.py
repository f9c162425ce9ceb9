"""The log: checkpoints, time stamps and who gives them, key and proofs, and whether everything still agrees.

Auditors see it and may have it verified; whoever manages the house also signs, names authorities and
witnesses, and changes the key.
"""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel import jobs, ledger, proofs, stamps
from huidang.kernel import witnesses as witnessing
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.models import Authority, Cosignature, Job, Stamp, Witness
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit
from huidang.people.models import Entry
from huidang.people.readers import Reader
from huidang.people.rights import is_manager
from huidang.web.admin import manager_of, may_see_log
from huidang.web.selection import number_of
from huidang.web.visitors import address_of, reader_of

SHOWN = 30
_WITNESS_FIELDS = {"name": "witness", "url": "witness_url", "verifier": "verifier"}
_TEXT = "text/plain; charset=utf-8"


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the log as it stands."""
    _seer(request)
    return _page(request)


@require_POST
def checkpoints(request: HttpRequest) -> HttpResponse:
    """Sign the log now and ask for the stamps."""
    reader = manager_of(request)
    try:
        signed = stamps.checkpoint()
    except Problem as problem:
        return _page(request, refusal=problem)
    _note("checkpoint", request, reader, size=signed.size if signed else 0)
    return redirect("log")


@require_POST
def verifications(request: HttpRequest) -> HttpResponse:
    """Have everything verified in the background."""
    reader = _seer(request)
    _note("verify-asked", request, reader)
    jobs.enqueue("verify", key="verify")
    return redirect("log")


@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Hand over to a new signing key."""
    reader = manager_of(request)
    try:
        signed = ledger.rotate()
    except Problem as problem:
        return _page(request, refusal=problem)
    _note("log-key", request, reader, size=signed.size, key=str(ledger.verifier()))
    stamps.ask_all()
    witnessing.ask_all()
    return redirect("log")


@require_POST
def authorities(request: HttpRequest) -> HttpResponse:
    """Add an authority that stamps."""
    reader = manager_of(request)
    stated = {name: request.POST.get(name, "") for name in ("name", "url", "roots", "authorization")}
    try:
        added = stamps.add_authority(**stated)
    except Problem as problem:
        return _page(request, refusal=problem)
    _note("authority", request, reader, name=added.name, url=added.url, enabled=True)
    return redirect("log")


@require_POST
def authority(request: HttpRequest, authority_id: int) -> HttpResponse:
    """Ask an authority from now on, or no longer."""
    reader = manager_of(request)
    if not Authority.objects.filter(pk=authority_id).exists():
        raise Absent
    changed = stamps.switch_authority(authority_id, enabled=request.POST.get("enabled") == "1")
    _note("authority", request, reader, name=changed.name, enabled=changed.enabled)
    return redirect("log")


@require_POST
def witnesses(request: HttpRequest) -> HttpResponse:
    """Add a witness that cosigns."""
    reader = manager_of(request)
    stated = {name: request.POST.get(field, "") for name, field in _WITNESS_FIELDS.items()}
    try:
        added = witnessing.add_witness(**stated)
    except Problem as problem:
        return _page(request, refusal=problem)
    _note("witness", request, reader, name=added.name, url=added.url, key=added.verifier, enabled=True)
    return redirect("log")


@require_POST
def witness(request: HttpRequest, witness_id: int) -> HttpResponse:
    """Ask a witness from now on, or no longer."""
    reader = manager_of(request)
    if not Witness.objects.filter(pk=witness_id).exists():
        raise Absent
    changed = witnessing.switch_witness(witness_id, enabled=request.POST.get("enabled") == "1")
    _note("witness", request, reader, name=changed.name, enabled=changed.enabled)
    return redirect("log")


@require_safe
def checkpoint(request: HttpRequest, size: int) -> HttpResponse:
    """Hand out a signed checkpoint as it was stamped; with `?witnessed=1` the lines of its witnesses follow."""
    _seer(request)
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise Absent
    note = witnessing.with_cosignatures(found.note, size) if "witnessed" in request.GET else found.note
    return _file(note.encode(), f"checkpoint-{size}")


@require_safe
def stamp(request: HttpRequest, stamp_id: int) -> HttpResponse:
    """Hand out a time stamp, as openssl reads it."""
    _seer(request)
    found = Stamp.objects.filter(pk=stamp_id).first()
    if found is None:
        raise Absent
    return _file(bytes(found.token), f"checkpoint-{found.size}-{found.authority_id}.tsr", "application/timestamp-reply")


@require_safe
def consistency(request: HttpRequest) -> HttpResponse:
    """Hand out the proof that one checkpoint goes on from another."""
    _seer(request)
    old, new = number_of(request, "old"), number_of(request, "new")
    try:
        text = proofs.consistency(old or 0, new or 0)
    except Problem as problem:
        return _page(request, refusal=problem)
    return _file(text.encode(), f"consistency-{old}-{new}")


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """Hand out the log's public key as PEM."""
    _seer(request)
    return _file(ledger.verifier().pem(), "log.pub.pem")


def _seer(request: HttpRequest) -> Reader:
    reader = reader_of(request)
    if not may_see_log(reader):
        raise Absent
    return reader


def _note(what: str, request: HttpRequest, reader: Reader, **facts: Any) -> None:
    audit.note(what, by=reader, address=address_of(request), about="log", **facts)


def _file(content: bytes, name: str, media_type: str = _TEXT) -> HttpResponse:
    return HttpResponse(
        content, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _page(request: HttpRequest, *, refusal: Problem | None = None) -> HttpResponse:
    signed = list(Checkpoint.objects.order_by("-size")[:SHOWN])
    sizes = [row.size for row in signed]
    held, seen = defaultdict[int, list[Stamp]](list), defaultdict[int, list[Cosignature]](list)
    for stamp in Stamp.objects.filter(size__in=sizes).select_related("authority").order_by("pk"):
        held[stamp.size].append(stamp)
    for line in Cosignature.objects.filter(size__in=sizes).select_related("witness").order_by("pk"):
        seen[line.size].append(line)
    facts = {
        "size": ledger.size(),
        "origin": ledger.origin(),
        "verifier": str(ledger.verifier()),
        "handovers": len(ledger.keys()) - 1,
        "rows": [(row, bytes(row.root).hex(), held[row.size], seen[row.size]) for row in signed],
        "more": Checkpoint.objects.count() - len(signed),
        "witnesses": Witness.objects.order_by("pk"),
        "authorities": Authority.objects.order_by("pk"),
        "verified": Entry.objects.filter(what="verified").order_by("-at", "-pk").first(),
        "verifying": Job.objects.filter(kind="verify", failed_at=None).exists(),
        "keeps": is_manager(reader_of(request)),
        "stated": request.POST,
        "refusal": refusal,
    }
    return render(request, "admin/log.html", facts, status=refusal.status if refusal else 200)
