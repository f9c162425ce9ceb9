"""The transcript for a court: cover, parties, collection, numbered messages, files with hashes, custody, how to check.

One PDF/A-2b file, ready to be signed. What stands around the messages is given by whoever looked it up (`Testimony`).
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import override

from huidang.exports import watermark, words
from huidang.exports.document import Document, Progress
from huidang.exports.fonts import printable
from huidang.exports.pictures import Album
from huidang.exports.setting import Form, bits, press, volumes_of
from huidang.exports.testimony import Exhibit, Testimony
from huidang.exports.wording import size_of
from huidang.records.words import kind_name

_FORM = Form(template="court.typ", serif=True)
_A4 = (595.28, 841.89)
_FAINT = 22


def write(document: Document, facts: Testimony, path: Path, *, progress: Progress = lambda _written: None) -> None:
    """Write the paper to `path`. Raises what `progress` raises, or `press.Stuck`."""
    with override(document.language), tempfile.TemporaryDirectory(dir=path.parent, prefix=".court-") as name:
        folder = Path(name)
        watermark.draw(document.watermark, folder / "watermark.png", width=_A4[0], height=_A4[1], alpha=_FAINT)
        (volume,) = volumes_of(document, Album(folder), progress=progress, whole=True, exact=True)
        content = _around(document, facts) | {"sections": volume.sections}
        with press(folder, _FORM, "court.pdf", content, document) as machine:
            machine.answer(tick=lambda: progress(volume.lines))
        shutil.move(folder / "court.pdf", path)


def _around(document: Document, facts: Testimony) -> dict[str, Any]:
    return {
        "words": _words(),
        "head": printable(f"{_('聊天记录存证文书')} · {document.title}"),
        "foot": printable(" · ".join(" ".join(line.split()) for line in document.watermark)),
        "holder": printable(facts.holder),
        "cover": _pairs(_cover(document, facts)),
        "limits": printable(facts.limits),
        "signature": printable(facts.signature),
        "parties": [
            {"name": bits(printable(each.name)), "role": printable(each.role), "account": bits(printable(each.account))}
            for each in facts.parties
        ],
        "collected": _pairs(facts.collected),
        "exhibits": [_exhibit(each) for each in facts.exhibits],
        "custody": [
            {"at": words.moment(each.at, document.zone), "actor": printable(each.actor), "deed": printable(each.deed)}
            for each in facts.custody
        ],
        "checkpoint": _pairs(facts.checkpoint),
        "steps": [bits(printable(step)) for step in facts.steps],
    }


def _cover(document: Document, facts: Testimony) -> tuple[tuple[str, str], ...]:
    local = document.made_at.astimezone(ZoneInfo(document.zone))
    counted = _("%(conversations)s 个会话，%(messages)s 条消息") % {
        "conversations": f"{document.conversations:,}",
        "messages": f"{document.messages:,}",
    }
    rows = (
        (_("事项"), facts.matter),
        (_("内容"), counted),
        (_("范围"), document.query),
        (_("遮盖"), words.profile_name(document.profile)),
        (_("制作人"), document.made_by),
        (_("制作时间"), f"{local:%Y-%m-%d %H:%M:%S} ({document.zone})"),
        (_("回执编号"), document.receipt),
    )
    return tuple((name, value) for name, value in rows if value)


def _pairs(rows: tuple[tuple[str, str], ...]) -> list[tuple[str, str | list[dict[str, Any]]]]:
    """Return names and values; a hash goes in whole, the template lets it wrap."""
    return [(printable(name), printable(value)) for name, value in rows]


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    about = [kind_name(exhibit.kind)] + ([size_of(exhibit.size)] if exhibit.size is not None else [])
    return {
        "line": exhibit.line,
        "name": bits(printable(exhibit.name)),
        "about": " · ".join(about),
        "sha256": exhibit.sha256,
        "note": printable(exhibit.note),
    }


def _words() -> dict[str, str]:
    return {
        "cover": _("聊天记录存证文书"),
        "contents": _("目录"),
        "page": _("第 {page} 页，共 {last} 页"),
        "parties": _("一、当事人与参与账号"),
        "collected": _("二、来源与采集方式"),
        "transcript": _("三、聊天记录"),
        "exhibits": _("四、附件清单"),
        "custody": _("五、保管链"),
        "checkpoint": _("六、检查点与时间戳"),
        "steps": _("七、核验步骤"),
        "proves": _("八、签名与证明范围"),
        "name": _("名称"),
        "role": _("身份"),
        "account": _("平台账号"),
        "line": _("序号"),
        "file": _("文件"),
        "time": _("时间"),
        "actor": _("经手"),
        "deed": _("事项"),
        "none": _("无附件"),
        "note": _("批注"),
        "spoken": _("转写"),
        "colon": _("："),
    }
