"""Where checkpoints are deposited outside: added and switched on the page of the log, their receipts handed out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huidang.kernel import anchors
from huidang.kernel.models import Anchor, Receipt
from huidang.kernel.problems import Absent, Problem
from huidang.web import fields
from huidang.web.admin import manager_of
from huidang.web.pages.admin import log

_BYTES = "application/octet-stream"


@require_POST
def creations(request: HttpRequest) -> HttpResponse:
    """Add a mailbox or an interface."""
    reader = manager_of(request)
    try:
        added = _add_mailbox(request) if fields.text(request, "way") == anchors.MAIL else _add_interface(request)
    except Problem as problem:
        return log.page(request, refusal=problem)
    log.note("anchor", request, reader, name=added.name, url=added.url, enabled=True)
    return redirect("log")


@require_POST
def anchor(request: HttpRequest, anchor_id: int) -> HttpResponse:
    """Deposit with an anchor from now on, or no longer."""
    reader = manager_of(request)
    changed = anchors.ANCHORS.switch(anchor_id, enabled=request.POST.get("enabled") == "1")
    log.note("anchor", request, reader, name=changed.name, enabled=changed.enabled)
    return redirect("log")


@require_safe
def receipt(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Hand out a receipt as the anchor gave it."""
    found = _found(request, receipt_id)
    return log.file(bytes(found.content), f"receipt-{found.size}-{found.anchor_id}", _BYTES)


@require_safe
def sent(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Hand out what the anchor had been sent."""
    found = _found(request, receipt_id)
    suffix = "eml" if found.anchor.way == anchors.MAIL else "json"
    return log.file(bytes(found.sent), f"sent-{found.size}-{found.anchor_id}.{suffix}", _BYTES)


def _found(request: HttpRequest, receipt_id: int) -> Receipt:
    log.seer(request)
    found = Receipt.objects.filter(pk=receipt_id).select_related("anchor").first()
    if found is None:
        raise Absent
    return found


def _add_mailbox(request: HttpRequest) -> Anchor:
    stated = {"name": fields.text(request, "mailbox"), "address": fields.text(request, "address")}
    return anchors.add_mailbox(**stated, hours=_hours(request))


def _add_interface(request: HttpRequest) -> Anchor:
    called = {each: fields.text(request, f"field_{each}") for each in anchors.FIELDS}
    stated: dict[str, Any] = {
        "name": fields.text(request, "anchor"),
        "url": fields.text(request, "anchor_url"),
        "header": fields.text(request, "header"),
        "secret": request.POST.get("secret", ""),
        "more": fields.text(request, "more"),
        "reference": fields.text(request, "reference"),
        "chain": "chain" in request.POST,
    }
    return anchors.add_interface(**stated, fields=called, hours=_hours(request))


def _hours(request: HttpRequest) -> int:
    hours = fields.numbers(request, "hours")
    if not hours:
        raise Problem("anchor-hours", _("写明间隔几小时留存一次，0 表示每个检查点都留存。"))
    return hours[0]
