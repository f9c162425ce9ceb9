"""What a file says in words: what became of a message, its files, and the facts of the whole document."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from huidang.exports.document import Document
from huidang.exports.models import Export, File
from huidang.records import Profile, Shown
from huidang.records.shown import Enclosure
from huidang.records.words import kind_name, missing_reason

_PROFILES = {
    Profile.NONE: lazy("不遮盖"),
    Profile.INSIDE: lazy("对内标准"),
    Profile.OUTSIDE: lazy("对外标准"),
}


def profile_name(profile: Profile | str) -> str:
    """Return the name of a mask profile."""
    return str(_PROFILES[Profile(profile)])


def moment(at: datetime, zone: str) -> str:
    """Return a whole moment in a zone: `2026-11-22 14:06:03`."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def enclosure_line(file: Enclosure) -> str:
    """Return a file in one line: its name, its length, and why it is not here."""
    length = f" {file.seconds // 60}:{file.seconds % 60:02d}" if file.seconds else ""
    lacking = missing_reason("withheld" if file.withheld else file.missing) if file.withheld or file.missing else ""
    return " ".join(filter(None, (f"[{kind_name(file.kind)}]", file.name + length, lacking and f"({lacking})")))


def standing(shown: Shown, zone: str) -> str:
    """Return what became of a message: recalled, deleted, edited."""
    told = []
    if shown.concealed:
        told.append(_("此副本隐去整条消息"))
    if shown.erased_at:
        told.append(_("内容已依法删除，存证哈希仍在"))
    if shown.recalled_at:
        told.append(_("已撤回 %(at)s") % {"at": moment(shown.recalled_at, zone)})
    if shown.deleted_at:
        told.append(_("已删除 %(at)s") % {"at": moment(shown.deleted_at, zone)})
    if (shown.recalled_at or shown.deleted_at) and not shown.original:
        told.append(_("原文仅授权可见"))
    if shown.edited_at:
        told.append(_("已编辑 %(at)s") % {"at": moment(shown.edited_at, zone)})
    return "；".join(told)


def facts_of(document: Document) -> Iterator[tuple[str, str]]:
    """Yield what a file says of itself: what it holds, who made it, when, why, under which masks, its receipt."""
    yield _("标题"), document.title
    yield _("回执编号"), document.receipt
    yield _("内容"), document.query
    yield _("会话数"), f"{document.conversations:,}"
    yield _("消息数"), f"{document.messages:,}"
    yield _("导出人"), document.made_by
    yield _("导出时间"), f"{moment(document.made_at, document.zone)}（{document.zone}）"
    yield _("事由"), document.why or _("未填写")
    rules = _("，规则版本 %s") % document.rules if document.rules else ""
    yield _("遮盖"), profile_name(document.profile) + rules
    if document.words_hidden or document.messages_hidden:
        yield _("手工涂黑"), hidden_by_hand(document.words_hidden, document.messages_hidden)
    yield _("水印"), " · ".join(document.watermark)
    if document.note:
        yield _("注意"), document.note
    yield _("核验"), _("凭回执编号或文件的 SHA-256，可在会档的「核验」页或用 huidang verify 查对这份文件。")


def hidden_in(export: Export) -> dict[str, Any] | None:
    """Return what was hidden by hand in an export: how many words, and which messages; never the words."""
    chosen = export.order.get("blackout")
    return {"words": len(chosen["words"]), "messages": chosen["messages"]} if chosen else None


def hidden_by_hand(words: int, messages: int) -> str:
    """Say how much was chosen to be hidden in a copy."""
    told = []
    if words:
        told.append(ngettext("%d 处词句", "%d 处词句", words) % words)
    if messages:
        told.append(ngettext("整条隐藏 %d 条消息", "整条隐藏 %d 条消息", messages) % messages)
    return "，".join(told)


def receipt_of(export: Export) -> dict[str, Any]:
    """Return a receipt in JSON types, for who may read all of it."""
    return {
        "number": export.receipt,
        "format": export.format,
        "title": export.title,
        "query": export.query,
        "messages": export.messages,
        "conversations": len(export.conversations),
        "mask": export.profile,
        "rules": export.rules,
        "hidden": hidden_in(export),
        "why": export.why,
        "made_by": export.made_by,
        "made_at": export.finished_at.isoformat() if export.finished_at else None,
        "files": [
            {"name": file.name, "sha256": file.sha256, "size": file.size}
            for file in File.objects.filter(export=export).order_by("pk")
        ],
    }
