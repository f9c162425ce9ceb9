"""One order carried out: the document put together for its reader, and written into a folder."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language

from huidang.exports.document import Document, Progress
from huidang.exports.formats import get_format
from huidang.exports.gathering import Gathered, media_for, sections_of
from huidang.exports.orders import Order
from huidang.kernel import bulk
from huidang.people import Reader
from huidang.records import Profile, masking

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]+')
LONGEST_NAME = 60


def compose(
    gathered: Gathered, order: Order, reader: Reader, *, receipt: str, made_by: str, made_at: datetime
) -> Document:
    """Return the document of an order, to be written once. It speaks the language that is active."""
    local = f"{made_at.astimezone(ZoneInfo(reader.zone)):%Y-%m-%d %H:%M}"
    lines = (settings.HOUSE.organisation, f"{made_by} {local}", order.watermark or order.why)
    return Document(
        title=order.title or gathered.title,
        sections=sections_of(
            gathered, reader, order.profile, keyed=get_format(order.format).keyed, blackout=order.blackout
        ),
        conversations=len(gathered.passages),
        messages=gathered.messages,
        made_at=made_at,
        made_by=made_by,
        why=order.why,
        query=gathered.query,
        profile=order.profile,
        receipt=receipt,
        rules="" if order.profile is Profile.NONE else masking.rules_version(),
        watermark=tuple(filter(None, lines)),
        zone=reader.zone,
        language=get_language() or settings.LANGUAGE_CODE,
        media=media_for(reader, order.profile),
        note=gathered.note,
        reader=reader,
        words_hidden=len(order.blackout.words),
        messages_hidden=len(order.blackout.messages),
    )


def write(document: Document, format_name: str, path: Path, *, progress: Progress) -> list[Path]:
    """Write a document in a format and return the files, `path` or several beside it."""
    with bulk.rare_collection():
        return get_format(format_name).writer()(document, path, progress=progress)


def file_name(title: str, receipt: str, suffix: str) -> str:
    """Return a name that every system takes: the title as far as it may stand there, and the receipt."""
    plain = _UNSAFE.sub(" ", title).strip(". ")[:LONGEST_NAME].strip()
    return f"{plain} {receipt}{suffix}".strip()
