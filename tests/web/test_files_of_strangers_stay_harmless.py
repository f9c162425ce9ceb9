"""Attachments: authorised by message, sandboxed, never opened unless they are a safe picture or sound."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from huidang.kernel import blobs
from huidang.records.models import Attachment, Message
from tests.cast import Company, attach, recall, write

Visit = Callable[[str], Client]


@pytest.fixture
def sent(company: Company) -> Message:
    """Store a message that has a file."""
    return write(company.conversations["售后"], "请看", minutes=5)


def place_of(message: Message, file: Attachment) -> str:
    return f"/conversations/{message.conversation_id}/messages/{message.pk}/files/{file.pk}"


def store(message: Message, name: str, mime: str, content: bytes = b"0123456789") -> str:
    return place_of(message, attach(message, name=name, mime=mime, sha256=blobs.put(content), size=len(content)))


def test_a_picture_stands_in_the_page_drawn_anew(visit: Visit, sent: Message) -> None:
    written = BytesIO()
    Image.new("RGB", (40, 20), "red").save(written, "PNG")
    original = written.getvalue() + b"<script>alert(1)</script>"
    place = store(sent, "屏幕.png", "image/png", original)
    client = visit("zhaolan")
    page = client.get(f"/conversations/{sent.conversation_id}").text
    assert f'<img src="{place}/preview"' in page
    answer = client.get(f"{place}/preview")
    assert (answer["Content-Type"], b"script" in answer.content) == ("image/webp", False)
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    saved = client.get(place)
    assert saved.getvalue() == original
    assert saved["Content-Disposition"].startswith("attachment")
    assert saved["Content-Type"] == "application/octet-stream"


def test_what_is_no_picture_has_no_preview(visit: Visit, sent: Message) -> None:
    client = visit("zhaolan")
    assert client.get(store(sent, "屏幕.png", "image/png") + "/preview").status_code == 400
    drawn = attach(sent, position=1, name="a.svg", mime="image/svg+xml", sha256=blobs.put(b"<svg/>"), size=6)
    assert client.get(place_of(sent, drawn) + "/preview").status_code == 404


@pytest.mark.parametrize("mime", ["image/svg+xml", "text/html", "application/pdf", "IMAGE/SVG+XML; charset=utf-8", ""])
def test_everything_else_is_saved_not_opened(visit: Visit, sent: Message, mime: str) -> None:
    place = store(sent, "page.html", mime, b"<script>alert(1)</script>")
    client = visit("zhaolan")
    assert f'<img src="{place}"' not in client.get(f"/conversations/{sent.conversation_id}").text
    answer = client.get(place)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"


def test_players_may_ask_for_a_range(visit: Visit, sent: Message) -> None:
    place = store(sent, "voice.mp3", "audio/mpeg")
    answer = visit("zhaolan").get(place, headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.getvalue(), answer["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert visit("zhaolan").get(place, headers={"Range": "bytes=50-"}).status_code == 416


def test_the_message_decides_who_gets_the_file(visit: Visit, sent: Message, company: Company) -> None:
    place = store(sent, "屏幕.png", "image/png")
    elsewhere = place.replace(f"/conversations/{sent.conversation_id}/", f"/conversations/{sent.conversation_id + 1}/")
    assert visit("zhaolan").get(elsewhere).status_code == 404
    assert visit("chenwei").get(place).status_code == 404
    assert visit("zhoumin").get(place).status_code == 404, "withheld from who may not unmask"
    recall(sent)
    assert visit("zhaolan").get(place).status_code == 200, "the supervisor may see what was recalled"


def test_a_file_without_bytes_is_absent(visit: Visit, sent: Message) -> None:
    missing = attach(sent, missing="not-in-export", sha256="")
    assert visit("zhaolan").get(place_of(sent, missing)).status_code == 404
