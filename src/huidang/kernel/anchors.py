"""Anchors: places outside the house where checkpoints are deposited, and that give a receipt for it.

Two ways: by mail into a mailbox that somebody else keeps, and to the interface of a notary or a judicial chain, as a
POST of JSON whose fields the house names. What an anchor gives back is kept byte for byte with what it had been sent.
Whether a receipt is worth anything is between the house and the anchor: what is checked here is that an answer came,
that it names its reference where one was agreed, and that what had been sent states the checkpoint's SHA-256.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from huidang.kernel import anchoring, clock, mail, secrets
from huidang.kernel.anchoring import Kind
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.models import Anchor, Receipt
from huidang.kernel.problems import Problem

MAIL, HTTP = "mail", "http"
LARGEST = 256 * 1024
MOST_HOURS = 24 * 366
_CONTEXT = "anchor"
_LONGEST_REFERENCE = 300


class Deposited(NamedTuple):
    """What was sent, what came back, and by which reference the anchor finds it again."""

    sent: bytes
    content: bytes
    reference: str


def add_mailbox(*, name: str, address: str, hours: int = 24) -> Anchor:
    """Store a mailbox outside and send it the newest checkpoint. Raises `Problem` for what cannot be one."""
    address = address.strip()
    local, at, domain = address.rpartition("@")
    if not (at and local and domain) or any(sign.isspace() or sign in ',;<>"' for sign in address):
        raise Problem("anchor-mailbox", _("写一个邮箱地址。"))
    if not mail.is_set_up():
        raise Problem("mail-unset", _("没有设置发信服务器（HUIDANG_SMTP）。"))
    return ANCHORS.add(name=name, url=address, way=MAIL, hours=_checked_hours(hours))


def add_interface(
    *,
    name: str,
    url: str,
    header: str = "",
    secret: str = "",
    fields: Mapping[str, str] | None = None,
    more: str = "",
    reference: str = "id",
    chain: bool = False,
    hours: int = 24,
) -> Anchor:
    """Store an interface and deposit the newest checkpoint. Raises `Problem` for what cannot be one.

    `fields` says what the interface calls the SHA-256 (`hash`), the text of the checkpoint (`checkpoint`), its size
    (`size`) and its name (`title`); one with an empty name is not sent. `more` is a JSON object of what it wants
    besides. `reference` is the path (`data.txId`) of what it finds the deposit by; without one it is not looked for.
    `chain`: the reference is that of a transaction on a chain. `secret` goes into `header`.
    """
    known = {each: (fields or {}).get(each, each if each == "hash" else "").strip() for each in FIELDS}
    if not known["hash"]:
        raise Problem("anchor-fields", _("写出对方用哪个字段收哈希。"))
    options = {
        "fields": known, "more": _read_more(more), "reference": reference.strip(), "chain": chain and bool(reference),
        "header": _checked_header(header),
    }  # fmt: skip
    sealed = secrets.seal_secret(secret, context=_CONTEXT) if secret else None
    place = anchoring.checked_url(url)
    return ANCHORS.add(name=name, url=place, way=HTTP, options=options, secret=sealed, hours=_checked_hours(hours))


FIELDS = ("hash", "checkpoint", "size", "title")
"""What can be sent to an interface."""


def digest_of(note: str) -> str:
    """Return the SHA-256 of a checkpoint's whole note: what is deposited."""
    return hashlib.sha256(note.encode()).hexdigest()


def is_on_chain(receipt: Receipt) -> bool:
    """Say whether a receipt names a transaction on a chain, as the house was told that its reference is one."""
    return bool(receipt.anchor.options.get("chain") and receipt.reference)


def _deposited(anchor: Anchor, signed: Checkpoint) -> dict[str, Any]:
    made = _WAYS[anchor.way](anchor, signed)
    facts = made._asdict() | {"reference": made.reference[:_LONGEST_REFERENCE]}
    return facts | {"sha256": hashlib.sha256(made.content).hexdigest(), "received_at": clock.now()}


def _check(receipt: Receipt, note: str) -> None:
    """Raise `Problem` where a receipt was changed, or what had been sent is not about this checkpoint."""
    whole = hashlib.sha256(bytes(receipt.content)).hexdigest() == receipt.sha256
    if not whole or digest_of(note).encode() not in bytes(receipt.sent):
        raise Problem("receipt-changed", _("回执与检查点不符。"))


def _wants(anchor: Anchor) -> bool:
    """Say whether it is time: some hours after the last deposit."""
    last = ANCHORS.answers_of(anchor).first()
    return last is None or clock.now() - last.received_at >= timedelta(hours=anchor.hours)


def _post(anchor: Anchor, signed: Checkpoint) -> Deposited:
    """Send a checkpoint into a mailbox; the receipt is the server's last word."""
    message = EmailMessage()
    house = settings.HOUSE.organisation or "会档 Huidang"
    message["To"], message["Message-ID"] = anchor.url, make_msgid(domain="huidang.invalid")
    message["Date"] = formatdate(clock.now().timestamp())
    message["Subject"] = f"{house}：检查点 {signed.size} · checkpoint"
    message.set_content(
        "请保存这封邮件，不要改动。日后它可以证明：下面这个检查点在邮件到达时已经存在。\n"
        "Please keep this message unchanged. It shows that the checkpoint below existed when it arrived.\n\n"
        f"SHA-256:\n{digest_of(signed.note)}\n\n{signed.note}",
        cte="quoted-printable",
    )
    name, plain = f"checkpoint-{signed.size}.txt", {"charset": "utf-8"}
    message.add_attachment(signed.note.encode(), "text", "plain", filename=name, params=plain)
    posted = mail.post(message)
    return Deposited(posted.message, posted.reply, str(message["Message-ID"]))


def _submit(anchor: Anchor, signed: Checkpoint) -> Deposited:
    """POST a checkpoint to an interface; the receipt is the body of its answer."""
    from huidang.kernel import outbound  # noqa: PLC0415  (8 MB that importing processes need not carry)

    options = anchor.options
    values = {
        "hash": digest_of(signed.note), "checkpoint": signed.note, "size": signed.size,
        "title": f"{settings.HOUSE.organisation or '会档'} 检查点 {signed.size}",
    }  # fmt: skip
    body = options["more"] | {called: values[each] for each, called in options["fields"].items() if called}
    sent = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if anchor.secret is not None:
        headers[options["header"]] = secrets.open_secret(bytes(anchor.secret), context=_CONTEXT)
    with outbound.open_client(limit=LARGEST, seconds=anchoring.SECONDS, attempts=1) as client:
        response = client.post(anchor.url, content=sent, headers=headers)
        if not response.is_success:
            facts = {"name": anchor.name, "status": response.status_code}
            raise Problem("anchor-refused", _("%(name)s 没有收下检查点（HTTP %(status)s）。") % facts, **facts)
        return Deposited(sent, response.content, _reference(anchor, response.content))


_WAYS = {MAIL: _post, HTTP: _submit}


def _reference(anchor: Anchor, content: bytes) -> str:
    """Return what the answer names as reference. Raises `Problem` where one was agreed and it names none."""
    path = anchor.options["reference"]
    if not path:
        return ""
    try:
        found = json.loads(content)
        for step in path.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (ValueError, LookupError, TypeError):
        found = None
    if not isinstance(found, str | int) or found in ("", False, True):
        raise Problem("anchor-refused", _("%(name)s 的回答里没有回执编号（%(path)s）。") % {
            "name": anchor.name, "path": path
        })  # fmt: skip
    return str(found)


def _read_more(text: str) -> dict[str, Any]:
    try:
        stated = json.loads(text.strip() or "{}")
    except ValueError:
        stated = None
    if not isinstance(stated, dict):
        raise Problem("anchor-fields", _("附加字段应为一个 JSON 对象。"))
    return stated


def _checked_header(name: str) -> str:
    name = name.strip() or "Authorization"
    if not all(sign.isascii() and (sign.isalnum() or sign in "-_") for sign in name):
        raise Problem("anchor-header", _("请求头的名称只能有字母、数字和连字符。"))
    return name


def _checked_hours(hours: int) -> int:
    if not 0 <= hours <= MOST_HOURS:
        raise Problem("anchor-hours", _("间隔应在 0 到 %d 小时之间。") % MOST_HOURS)
    return hours


ANCHORS = Kind("anchor", "anchor", Anchor, Receipt, _deposited, _check, _wants)
