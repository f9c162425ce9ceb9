"""Pressing the buttons of a page without a browser."""

from typing import Any

from django.test import Client
from selectolax.lexbor import LexborHTMLParser as HTMLParser


def undo(client: Client, page: Any) -> Any:
    """Press the undo of the toast on a page and return the page that follows."""
    form = HTMLParser(page.text).css_first(".toast form")
    assert form is not None, "the page offers no undo"
    sent: dict[str, list[str]] = {}
    for field in form.css("input"):
        sent.setdefault(str(field.attributes["name"]), []).append(field.attributes["value"] or "")
    return client.post(str(form.attributes["action"]), sent, follow=True)
