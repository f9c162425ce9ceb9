"""Template tags and filters of the house; every template has them without `load`.

Moments come in UTC and are shown in the zone that the middleware activated for the person who reads.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huidang.exports.formats import FORMATS
from huidang.exports.models import Export
from huidang.exports.words import hidden_by_hand, hidden_in, profile_name
from huidang.kernel import clock as house_clock
from huidang.people.roles import title_of as role_title
from huidang.web import asked, conditions, deposits, grounds, looks, undo, words
from huidang.web.pages.style import sheet

register = template.Library()

WEEKDAYS = "一二三四五六日"


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of `icons.svg`; `size` is sm, lg or empty."""
    classes = f"icon icon-{size}" if size else "icon"
    place = f"{static('icons.svg')}#i-{name}"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, place)


@register.simple_tag
def platform_mark(platform: str) -> SafeString:
    """Draw the small sign of a platform in the corner of an avatar."""
    return _platform_mark(platform, words.platform_name(platform))


@lru_cache(maxsize=256)
def _platform_mark(platform: str, name: str) -> SafeString:
    text = '<span class="avatar-mark" title="{0}">{1}<span class="vh">{0}</span></span>'
    return format_html(text, name, icon(words.platform_icon(platform)))


@register.simple_tag
def stylesheet() -> str:
    """Return the address of the one style sheet; while developing, of the files it is made of."""
    return static("css/index.css") if settings.DEBUG else reverse("style", args=[sheet()[0]])


@register.simple_tag(takes_context=True)
def invalid(context: Context, form: str, name: str) -> SafeString:
    """Mark the field of a form that was refused, tie it to the sentence that says why, and put the cursor there."""
    if not form or context.get("refused") != form or context.get("field") != name:
        return SafeString("")
    return format_html(' aria-invalid="true" aria-describedby="refused-{}" autofocus', form)


@register.filter
def initial(name: str) -> str:
    """Return the sign that stands in the avatar of a name."""
    return (name or "").strip().lstrip("#@")[:1].upper() or "?"


@register.filter
def number(count: int | None) -> str:
    """Return a count with its thousands apart: `1,284`."""
    return "" if count is None else f"{count:,}"


@register.filter
def utc(at: datetime | None) -> str:
    """Return a moment for machines."""
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


@register.filter
def clock(at: datetime | None) -> str:
    """Return hour and minute: `14:06`."""
    return f"{timezone.localtime(at):%H:%M}" if at else ""


@register.filter
def full(at: datetime | None) -> str:
    """Return the whole moment, never shortened: `2026-11-22 14:06:03`."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""


@register.filter
def moment(at: datetime | None) -> str:
    """Return a moment as short as it stays clear: `14:06`, `昨天 20:14`, `11-18 16:32`, `2025-11-18`."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), local_today()
    days = (today - local.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    if days == 1:
        return _("昨天 %(time)s") % {"time": f"{local:%H:%M}"}
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"


@register.filter
def at_most(value: int, limit: int) -> int:
    """Return a number, at most a limit."""
    return min(value, limit)


@register.filter
def day_heading(day: date) -> str:
    """Return a day as a heading: `今天 11 月 22 日`, `11 月 21 日 星期六`, `2025 年 11 月 21 日 星期五`."""
    today = local_today()
    written = _day_written(day, with_year=day.year != today.year)
    near = {0: _("今天"), 1: _("昨天")}.get((today - day).days)
    if near:
        return f"{near} {written}"
    return f"{_weekday(day)} {written}" if get_language() == "en" else f"{written} {_weekday(day)}"


def _day_written(day: date, *, with_year: bool) -> str:
    if get_language() == "en":
        return date_format(day, "j M Y" if with_year else "j M")
    return f"{day.year} 年 {day.month} 月 {day.day} 日" if with_year else f"{day.month} 月 {day.day} 日"


def _weekday(day: date) -> str:
    return date_format(day, "l") if get_language() == "en" else f"星期{WEEKDAYS[day.weekday()]}"


@register.filter
def day_group(at: datetime) -> str:
    """Return the heading under which a list puts a moment: 今天, 昨天, 本周, a month."""
    day, today = timezone.localtime(at).date(), local_today()
    days = (today - day).days
    if days <= 0:
        return _("今天")
    if days == 1:
        return _("昨天")
    if day.isocalendar()[:2] == today.isocalendar()[:2]:
        return _("本周")
    return month_heading(day)


def local_today() -> date:
    """Return today in the zone of the person who reads."""
    return timezone.localtime(house_clock.now()).date()


@register.filter
def duration(seconds: int) -> str:
    """Return a length of sound: `0:18`."""
    return f"{seconds // 60}:{seconds % 60:02d}"


@register.filter
def seconds(milliseconds: float) -> str:
    """Return a time taken in seconds: `0.18`."""
    return f"{milliseconds / 1000:.2f}"


@register.simple_tag
def query(**values: str) -> str:
    """Write values as a query string."""
    return urlencode(values)


@register.filter
def percent(part: float, sign: str = "%") -> str:
    """Return a part of one as the width of a meter: `62%`."""
    return f"{round(100 * part)}{sign}"


@register.filter
def share(part: int, whole: int) -> str:
    """Return a part as the width of a bar: `58%`."""
    return f"{round(100 * part / whole) if whole else 0}%"


@register.filter
def of(values: Mapping[Any, Any], name: Any) -> Any:
    """Return the value that a mapping has for a name, None where it has none."""
    return values.get(name)


@register.filter
def dot(length: float) -> str:
    """Return a length for SVG, in which only a point divides."""
    return f"{length:g}"


@register.filter
def month_heading(day: date) -> str:
    """Return a month: `2026 年 11 月`."""
    return date_format(day, "F Y") if get_language() == "en" else f"{day.year} 年 {day.month} 月"


@register.filter
def week_names(_month: date) -> list[str]:
    """Return the short names of the days of a week, Monday first."""
    return ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] if get_language() == "en" else list(WEEKDAYS)


@register.filter("hidden_by_hand")
def hidden_of(row: Export) -> str:
    """Return in words how much was hidden by hand in an export."""
    hidden = hidden_in(row)
    return hidden_by_hand(hidden["words"], len(hidden["messages"])) if hidden else ""


@register.filter
def export_format(name: str) -> str:
    """Return the name of a format of exports."""
    return str(FORMATS[name].title) if name in FORMATS else name


@register.filter
def translated(text: str) -> str:
    """Return a stored sentence of the house in the language of the person who reads."""
    return _(text) if text else ""


register.filter("profile_name", profile_name)

for _filter in (
    words.platform_name,
    words.platform_icon,
    words.role_name,
    words.ground_name,
    words.kind_name,
    words.mask_name,
    words.kind_icon,
    words.missing_reason,
    words.unread_reason,
    words.thread_name,
    words.case_ground,
    words.format_name,
    words.until,
    deposits.receipt_kind,
    deposits.field_name,
    grounds.ground_sentence,
    grounds.allowed,
    grounds.allows,
    words.capability_name,
    words.capability_sentence,
    conditions.suggestion_icon,
    conditions.operator_name,
    conditions.operator_value,
    conditions.operator_options,
    asked.deletion_mark,
    asked.deletion_state,
    asked.length_name,
    asked.request_mark,
    asked.request_name,
    asked.request_state,
    looks.seconds_left,
    words.way_name,
    undo.undo_of,
):
    register.filter(_filter.__name__, _filter)
register.filter("role_title", role_title)
