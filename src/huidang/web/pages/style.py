"""The style sheets as one file under a name of its content: one request instead of thirty-odd, kept for ever."""

import hashlib
import re
from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

FOLDER = Path(__file__).parent.parent / "static" / "css"
_IMPORT = re.compile(r'@import url\("([a-z]+\.css)"\);')


@cache
def sheet() -> tuple[str, str]:
    """Return the name and the text of `index.css` with every file in the place of its import."""
    index = (FOLDER / "index.css").read_text("utf-8")
    text = _IMPORT.sub(lambda found: (FOLDER / found[1]).read_text("utf-8"), index)
    return hashlib.sha256(text.encode()).hexdigest()[:16], text


@login_not_required
@require_safe
def style(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with the style sheet of this version, whatever version was asked for."""
    known, text = sheet()
    kept = "public, max-age=31536000, immutable" if name == known else "no-cache"
    return HttpResponse(text, content_type="text/css; charset=utf-8", headers={"Cache-Control": kept})
