"""Mail out of the house, through the server that HUIDANG_SMTP names: the one place that speaks SMTP.

`smtps://user:password@host:465` speaks TLS from the start, `smtp://user:password@host:587` begins plainly and must
change to TLS (STARTTLS) before anything is said, `smtp+plain://host:25` stays plain: for a server on this machine.
"""

import smtplib
import ssl
from email.message import EmailMessage
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from huidang.kernel.problems import Problem

SECONDS = 30
_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
_ACCEPTED = 250  # RFC 5321, 4.2.3


class Posted(NamedTuple):
    """What was handed over, byte for byte, and what the server said as it took it."""

    message: bytes
    reply: bytes


def is_set_up() -> bool:
    """Say whether there is a server to send by."""
    return bool(settings.HOUSE.smtp)


def post(message: EmailMessage) -> Posted:
    """Hand a message to the server. Raises `Problem` (`mail-unset`, `mail-setting`, `mail-refused`)."""
    server = _server()
    message["From"] = settings.HOUSE.mail_from or unquote(server.username or "")
    if not message["From"]:
        raise Problem("mail-setting", _("没有发件地址（HUIDANG_MAIL_FROM）。"))
    try:
        with _connected(server) as session:
            return _handed_over(session, message)
    except (smtplib.SMTPException, OSError) as problem:
        text = _("邮件没有发出：%s") % (str(problem) or type(problem).__name__)
        raise Problem("mail-refused", text[:500], host=server.hostname) from problem


def _server() -> SplitResult:
    if not is_set_up():
        raise Problem("mail-unset", _("没有设置发信服务器（HUIDANG_SMTP）。"))
    server = urlsplit(settings.HOUSE.smtp)
    if server.scheme not in _PORTS or not server.hostname:
        raise Problem("mail-setting", _("发信服务器写成 smtps://用户:密码@主机:465（HUIDANG_SMTP）。"))
    return server


def _connected(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        session: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    else:
        session = smtplib.SMTP(host, port, timeout=SECONDS)
    if server.scheme == "smtp":
        session.starttls(context=context)
    if server.username:
        session.login(unquote(server.username), unquote(server.password or ""))
    return session


def _handed_over(session: smtplib.SMTP, message: EmailMessage) -> Posted:
    content = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
    session.ehlo_or_helo_if_needed()
    for code, reply in (
        session.mail(_address(message["From"])),
        *(session.rcpt(_address(each)) for each in message["To"].split(",")),
    ):
        if code != _ACCEPTED:
            raise smtplib.SMTPResponseException(code, reply)
    code, reply = session.data(content)
    if code != _ACCEPTED:
        raise smtplib.SMTPResponseException(code, reply)
    return Posted(content, b"%d %b" % (code, reply))


def _address(stated: str) -> str:
    return stated.rpartition("<")[2].rstrip(">").strip()
