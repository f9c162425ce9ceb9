"""What a transcript on A4 holds beside its messages, for PDF and for pictures of its pages."""

from typing import Any

from django.utils.translation import gettext as _

from huidang.exports.document import Document
from huidang.exports.fonts import printable
from huidang.exports.setting import Form, Volume
from huidang.exports.wording import facts_of

A4 = (595.28, 841.89)
"""Points."""

FORM = Form(template="transcript.typ")
_AIRY = 20  # messages a conversation, from which on each begins a page


def content_of(document: Document, volume: Volume, *, number: int = 1, numbers: str = "") -> dict[str, Any]:
    """Return the data of the template for a volume. `numbers` names the file that counts its pages, if others do."""
    return {
        "head": printable(document.title),
        "foot": printable(" · ".join(" ".join(line.split()) for line in document.watermark)),
        "page": _("第 {page} 页，共 {last} 页"),
        "numbers": numbers,
        "facts": facts_of(document, printable) if number == 1 else [],
        "contents": len(volume.sections) > 1,
        "apart": document.messages >= _AIRY * document.conversations,
        "words": {"contents": _("目录"), "note": _("批注"), "spoken": _("转写"), "colon": _("：")},
        "sections": volume.sections,
    }
