"""What every answer tells the browser: run only our own files, send nothing elsewhere, let nobody frame us."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "media-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(f"{kind} {source}" for kind, source in _SOURCES.items())
"""The policy of our own pages. No inline script, no inline style, no other host."""

_NOTHING = ", ".join(
    f"{power}=()"
    for power in ("camera", "display-capture", "geolocation", "hid", "microphone", "midi", "payment", "serial", "usb")
)
"""The powers of a browser that no page of ours asks for."""

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The policy of files that other people made: even opened in a tab of their own they run nothing."""


class ContentPolicy:
    """Adds the policy to every answer that does not bring a stricter one (attachments do)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the policy."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", _NOTHING)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
