"""Headers: one strict policy on every answer, errors included."""

import re
from pathlib import Path

import pytest
from django.test import Client

from huidang.web.headers import POLICY

TEMPLATES = Path(__file__).parents[2] / "src" / "huidang" / "web" / "templates"

pytestmark = pytest.mark.django_db


def test_absent_page_carries_the_policy(client: Client) -> None:
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert response["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_has_inline_style_or_script(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:", source)
    assert not re.search(r"<script(?![^>]*src=)", source)
    assert not re.search(r"(src|href)=[\"']https?://", source)


def test_static_files_come_from_our_own_house(client: Client) -> None:
    for name in ("css/index.css", "js/app.js", "icons.svg", "django_htmx/htmx-2.min.js"):
        assert client.get(f"/static/{name}").status_code == 200


def test_the_style_is_one_file_that_may_be_kept(client: Client) -> None:
    place = re.search(r'<link rel="stylesheet" href="([^"]+)"', client.get("/signin").text)
    assert place is not None
    answer = client.get(place[1])
    assert "immutable" in answer["Cache-Control"]
    assert "@import" not in answer.text
    assert ".calendar-head" in answer.text
    assert client.get("/style/older.css")["Cache-Control"] == "no-cache"
