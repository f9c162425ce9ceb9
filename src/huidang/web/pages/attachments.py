"""Files of messages, which strangers made: authorised by message, sandboxed, and saved rather than opened.

A page shows pictures drawn anew, and plays sounds; the originals of pictures and everything else, SVG and HTML above
all, are downloads.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from huidang import records
from huidang.kernel import pictures
from huidang.kernel.pieces import streamed
from huidang.kernel.problems import Absent
from huidang.people import sightings
from huidang.web.headers import SANDBOX
from huidang.web.spelling import shown_kind
from huidang.web.visitors import reader_of

CHUNK_BYTES = 1 << 18
PREVIEW_PIXELS = 1600
"""Enough to read a screenshot; who needs more takes the original."""

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


@require_safe
def attachment(request: HttpRequest, conversation_id: int, message_id: int, file_id: int) -> HttpResponseBase:
    """Hand out a file, whole or the range that a player asks for."""
    reader = reader_of(request)
    opened = records.open_enclosure(conversation_id, message_id, file_id, reader)
    sightings.note(
        "download", by=reader, about=f"message:{message_id}", conversation=str(conversation_id), file=file_id
    )
    size = opened.path.stat().st_size
    part = _range(request.headers.get("Range", ""), size)
    if part is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    shown = shown_kind(opened.enclosure.mime) == "audio"
    response = StreamingHttpResponse(
        streamed(_read(opened.path, part), asynchronous=isinstance(request, ASGIRequest)),
        status=200 if len(part) == size else 206,
        content_type=opened.enclosure.mime if shown else "application/octet-stream",
    )
    response.headers["Content-Length"] = str(len(part))
    response.headers["Accept-Ranges"] = "bytes"
    if len(part) < size:
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    response.headers["Content-Disposition"] = content_disposition_header(not shown, opened.enclosure.name) or "inline"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


@require_safe
def preview(request: HttpRequest, conversation_id: int, message_id: int, file_id: int) -> HttpResponse:
    """Show a picture, drawn anew. Raises `Absent` as the file itself, `Problem` for what is no picture."""
    opened = records.open_enclosure(conversation_id, message_id, file_id, reader_of(request))
    if shown_kind(opened.enclosure.mime) != "image":
        raise Absent
    drawn = pictures.draw_anew(opened.path, longest=PREVIEW_PIXELS)
    kept = {"Content-Security-Policy": SANDBOX, "Cache-Control": "private, max-age=3600"}
    return HttpResponse(drawn, content_type=pictures.MEDIA_TYPE, headers=kept)


def _range(asked: str, size: int) -> range | None:
    """Return the bytes asked for; everything where nothing sensible was asked, None where they do not exist."""
    found = _RANGE.fullmatch(asked)
    if found is None:
        return range(size)
    start, end = int(found[1]), min(int(found[2] or size - 1), size - 1)
    return range(start, end + 1) if start <= end else None


def _read(path: Path, part: range) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(part.start)
        left = len(part)
        while left > 0 and (piece := file.read(min(CHUNK_BYTES, left))):
            left -= len(piece)
            yield piece
