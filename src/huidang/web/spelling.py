"""How a message is written into a page: its parts with masks, hits and links; its file; its line in the list.

Everything that people wrote passes through `format_html`, nothing is marked safe on its way.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huidang.records import Part, Shown
from huidang.records.shown import Enclosure
from huidang.web import words
from huidang.web.tags import clock, icon

register = template.Library()

_OF_LINK = r"[^\s<>\"'()，。；：！？、）】》」]"
LINK = re.compile(rf"(https?://(?:{_OF_LINK}|\({_OF_LINK}*\))+(?<![.,:;!?]))")  # brackets in pairs, no stop at the end
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SOUNDS = frozenset({"audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/x-wav", "audio/webm", "audio/aac"})


@register.simple_tag
def spell(parts: Iterable[Part], message: Shown | None = None) -> SafeString:
    """Write a text: hits marked, hidden signs with an eye, addresses as links that tell nobody where they stand.

    With its `message`, what is hidden leads to the form that shows it, or that asks for it.
    """
    written = format_html_join("", "{}", ((_spell_part(part, message),) for part in parts))
    return format_html('<span class="text">{}</span>', written) if written else written


@register.simple_tag
def spell_plain(parts: Iterable[Part]) -> SafeString:
    """Write the same without links, for a text that is itself inside one."""
    return format_html_join("", "{}", ((_spell_part(part, linked=False),) for part in parts))


def _spell_part(part: Part, message: Shown | None = None, *, linked: bool = True) -> SafeString:
    text = _hidden(part, message) if part.kind or part.lifted else _plain(part.text, linked=linked)
    if part.sensitive:
        text = format_html('<span class="sensitive" title="{}">{}</span>', part.sensitive, text)
    return format_html("<mark>{}</mark>", text) if part.hit else text


def _hidden(part: Part, message: Shown | None) -> SafeString:
    """Write what a mask hides: as it is while a look lifts it, else as the way to a look where there is one."""
    if part.lifted:
        return format_html('<span class="mask" data-shown title="{}">{}</span>', _("本次查看已记录"), part.text)
    if message is None:
        pattern = '<span class="mask" title="{}">{}{}</span>'
        return format_html(pattern, _("已遮盖，仅授权可见"), part.text, icon("eye-off"))
    title = _("已遮盖，写明事由后查看") if message.may_unmask else _("已遮盖，申请查看")
    pattern = '<a class="mask" href="{0}" hx-get="{0}" hx-target="#drawer" title="{1}">{2}{3}</a>'
    return format_html(pattern, place_of_look(message), title, part.text, icon("eye"))


def place_of_look(message: Shown) -> str:
    """Return where what a message hides is shown, or asked for by whoever may not see it."""
    if message.may_unmask:
        return reverse("message-reveals", args=[message.conversation, message.id])
    return f"{reverse('asking', args=[message.conversation])}?{urlencode({'message': message.id})}"


def _plain(text: str, *, linked: bool) -> SafeString:
    return _linked(text) if linked else format_html("{}", text)


def _linked(text: str) -> SafeString:
    pieces = LINK.split(text)
    if len(pieces) == 1:
        return format_html("{}", text)
    anchor = '<a class="link" href="{0}" rel="noopener noreferrer nofollow" target="_blank">{0}</a>'
    return format_html_join(
        "", "{}", ((format_html(anchor if at % 2 else "{0}", piece),) for at, piece in enumerate(pieces))
    )


@register.filter
def snippet(message: Shown) -> str:
    """Return the line that stands for a message in the list."""
    if message.erased_at:
        return _("已依法删除的消息")
    if message.deleted_at and not message.original:
        return _("已删除的消息")
    if message.recalled_at and not message.original:
        return _("已撤回的消息")
    text = Truncator(" ".join(message.text.split())).chars(80)
    if text or not message.attachments:
        return text or words.kind_name(message.kind)
    kind, count = words.kind_name(message.attachments[0].kind), len(message.attachments)
    return ngettext("%(kind)s", "%(kind)s × %(count)d", count) % {"kind": kind, "count": count}


@register.filter
def sent_time(message: Shown) -> str:
    """Return the time of a message; where the source states only a day, no time is invented."""
    return _("时刻未记录") if message.precision == "day" else clock(message.sent_at)


@register.filter
def particulars(details: Any) -> list[tuple[str, str]]:
    """Return what only this kind of message has, as far as it is plain text or a number."""
    if not isinstance(details, dict):
        return []
    return [(name, str(value)) for name, value in details.items() if isinstance(value, str | int | float) and value]


@register.filter
def shown_as(file: Enclosure) -> Literal["image", "audio", "download"]:
    """Say how a file may be shown: only safe pictures and sounds stand in the page."""
    return shown_kind(file.mime)


def shown_kind(mime: str) -> Literal["image", "audio", "download"]:
    """Say the same of a media type."""
    plain = mime.partition(";")[0].strip().lower()
    if plain in IMAGES:
        return "image"
    return "audio" if plain in SOUNDS else "download"


@register.filter
def extension(file: Enclosure) -> str:
    """Return the short name of a file's format, `PDF`."""
    return PurePosixPath(file.name).suffix.lstrip(".")[:4].upper() or "?"
