"""What a browser calls itself, in two words: `Chrome · Windows`."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()

_BROWSERS = {
    "wxwork": "企业微信",
    "MicroMessenger": "微信",
    "DingTalk": "钉钉",
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "HarmonyOS": "HarmonyOS",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}
_LONGEST = 60


@register.filter
def device(agent: str) -> str:
    """Return the browser and the system that a User-Agent names; the first sign that fits counts."""
    named = [next((_(name) for sign, name in known.items() if sign in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, named)) or agent[:_LONGEST] or _("未知设备")
