"""Undo: what was done is said in a toast that carries the form which takes it back, a POST to an ordinary address."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Undo:
    """The form of an undo: where it goes and what it carries."""

    url: str
    fields: list[tuple[str, str]]


def tell(request: HttpRequest, text: str, undo: str = "", **fields: Any) -> None:
    """Say on the next page what was done; `undo` is the address that takes it back, `fields` what to send there.

    A field may be a list; None is sent as empty.
    """
    messages.success(request, text, extra_tags=json.dumps([undo, _listed(fields)]) if undo else "")


def undo_of(message: Message) -> Undo | None:
    """Return the undo that a message carries."""
    if not message.extra_tags.startswith("["):
        return None
    url, fields = json.loads(message.extra_tags)
    return Undo(url, [(name, value) for name, value in fields])


def _listed(fields: dict[str, Any]) -> list[tuple[str, str]]:
    values = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return [(name, "" if each is None else str(each)) for name, value in values.items() for each in value]
