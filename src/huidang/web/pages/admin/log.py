"""The log: checkpoints, time stamps and who gives them, key and proofs, and whether everything still agrees.

Auditors see it and may have it verified; whoever manages the house also signs, names authorities and
witnesses, and changes the key.
"""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel import anchoring, anchors, jobs, ledger, mail, proofs, stamps
from huidang.kernel import witnesses as witnessing
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.models import Anchor, Authority, Cosignature, Job, Receipt, Stamp, Witness
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit
from huidang.people.models import Entry
from huidang.people.readers import Reader
from huidang.people.rights import is_manager
from huidang.web import fields
from huidang.web.admin import manager_of, may_see_log
from huidang.web.selection import number_of
from huidang.web.visitors import address_of, reader_of

SHOWN = 30
SHOWN_RECEIPTS = 20
_WITNESS_FIELDS = {"name": "witness", "url": "witness_url", "verifier": "verifier"}
_TEXT = "text/plain; charset=utf-8"


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the log as it stands."""
    seer(request)
    return page(request)


@require_POST
def checkpoints(request: HttpRequest) -> HttpResponse:
    """Sign the log now and ask for the stamps."""
    reader = manager_of(request)
    try:
        signed = anchoring.checkpoint()
    except Problem as problem:
        return page(request, refusal=problem)
    note("checkpoint", request, reader, size=signed.size if signed else 0)
    return redirect("log")


@require_POST
def verifications(request: HttpRequest) -> HttpResponse:
    """Have everything verified in the background."""
    reader = seer(request)
    note("verify-asked", request, reader)
    jobs.enqueue("verify", key="verify")
    return redirect("log")


@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Hand over to a new signing key."""
    reader = manager_of(request)
    try:
        signed = ledger.rotate()
    except Problem as problem:
        return page(request, refusal=problem)
    note("log-key", request, reader, size=signed.size, key=str(ledger.verifier()))
    anchoring.ask_everybody()
    return redirect("log")


@require_POST
def authorities(request: HttpRequest) -> HttpResponse:
    """Add an authority that stamps."""
    reader = manager_of(request)
    stated = {name: request.POST.get(name, "") for name in ("name", "url", "roots", "authorization")}
    try:
        added = stamps.add_authority(**stated)
    except Problem as problem:
        return page(request, refusal=problem)
    note("authority", request, reader, name=added.name, url=added.url, enabled=True)
    return redirect("log")


@require_POST
def authority(request: HttpRequest, authority_id: int) -> HttpResponse:
    """Ask an authority from now on, or no longer."""
    reader = manager_of(request)
    changed = stamps.AUTHORITIES.switch(authority_id, enabled=request.POST.get("enabled") == "1")
    note("authority", request, reader, name=changed.name, enabled=changed.enabled)
    return redirect("log")


@require_POST
def witnesses(request: HttpRequest) -> HttpResponse:
    """Add a witness that cosigns."""
    reader = manager_of(request)
    stated = {name: request.POST.get(field, "") for name, field in _WITNESS_FIELDS.items()}
    try:
        added = witnessing.add_witness(**stated)
    except Problem as problem:
        return page(request, refusal=problem)
    note("witness", request, reader, name=added.name, url=added.url, key=added.verifier, enabled=True)
    return redirect("log")


@require_POST
def witness(request: HttpRequest, witness_id: int) -> HttpResponse:
    """Ask a witness from now on, or no longer."""
    reader = manager_of(request)
    changed = witnessing.WITNESSES.switch(witness_id, enabled=request.POST.get("enabled") == "1")
    note("witness", request, reader, name=changed.name, enabled=changed.enabled)
    return redirect("log")


@require_safe
def checkpoint(request: HttpRequest, size: int) -> HttpResponse:
    """Hand out a signed checkpoint as it was stamped; with `?witnessed=1` the lines of its witnesses follow."""
    seer(request)
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise Absent
    text = proofs.with_cosignatures(found.note, size) if "witnessed" in request.GET else found.note
    return file(text.encode(), f"checkpoint-{size}")


@require_safe
def stamp(request: HttpRequest, stamp_id: int) -> HttpResponse:
    """Hand out a time stamp, as openssl reads it."""
    seer(request)
    found = Stamp.objects.filter(pk=stamp_id).first()
    if found is None:
        raise Absent
    return file(bytes(found.token), f"checkpoint-{found.size}-{found.authority_id}.tsr", "application/timestamp-reply")


@require_safe
def consistency(request: HttpRequest) -> HttpResponse:
    """Hand out the proof that one checkpoint goes on from another."""
    seer(request)
    old, new = number_of(request, "old"), number_of(request, "new")
    try:
        text = proofs.consistency(old or 0, new or 0)
    except Problem as problem:
        return page(request, refusal=problem)
    return file(text.encode(), f"consistency-{old}-{new}")


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """Hand out the log's public key as PEM."""
    seer(request)
    return file(ledger.verifier().pem(), "log.pub.pem")


def seer(request: HttpRequest) -> Reader:
    """Return the reader, who may see the log. Raises `Absent`."""
    reader = reader_of(request)
    if not may_see_log(reader):
        raise Absent
    return reader


def note(what: str, request: HttpRequest, reader: Reader, **facts: Any) -> None:
    """Note a change of the log's settings."""
    audit.note(what, by=reader, address=address_of(request), about="log", **facts)


def file(content: bytes, name: str, media_type: str = _TEXT) -> HttpResponse:
    """Hand out a file."""
    return HttpResponse(
        content, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def page(request: HttpRequest, *, refusal: Problem | None = None) -> HttpResponse:
    """Return the page, with what was refused."""
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
        "anchors": Anchor.objects.order_by("pk"),
        "receipts": Receipt.objects.select_related("anchor").order_by("-size", "pk")[:SHOWN_RECEIPTS],
        "fields": [(each, fields.text(request, f"field_{each}")) for each in anchors.FIELDS],
        "mail_is_set_up": mail.is_set_up(),
        "verified": Entry.objects.filter(what="verified").order_by("-at", "-pk").first(),
        "verifying": Job.objects.filter(kind="verify", failed_at=None).exists(),
        "keeps": is_manager(reader_of(request)),
        "stated": request.POST,
        "refusal": refusal,
    }
    return render(request, "admin/log.html", facts, status=refusal.status if refusal else 200)
