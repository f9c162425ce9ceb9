"""Template tags and filters of the house; every template has them without `load`."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of `icons.svg`; `size` is sm, lg or empty."""
    classes = f"icon icon-{size}" if size else "icon"
    place = f"{static('icons.svg')}#i-{name}"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, place)


@register.filter
def initial(name: str) -> str:
    """Return the sign that stands in the avatar of a name."""
    return name.strip()[:1].upper() or "?"
