"""The formats that a document can be written in: one table. A writer is a module with the one door `write`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huidang.exports.document import Document, Progress
from huidang.kernel.access import Can
from huidang.kernel.problems import Problem


class Write(Protocol):
    """Writes a document to `path`, or to several files beside it, and returns those it wrote, in order."""

    def __call__(self, document: Document, path: Path, *, progress: Progress) -> list[Path]:
        """Write. Nothing of it counts before it returns: the folder is the caller's, and taken away after a failure."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how people call it, what it is good for, and which right it wants over every conversation."""

    name: str
    suffix: str
    media_type: str
    title: Promise
    about: Promise
    can: Can = Can.EXPORT
    keyed: bool = False
    """Its messages carry the platform's own ids, so that they can be read in again."""

    def writer(self) -> Write:
        """Load the writer; its libraries are heavy."""
        write: Callable[..., list[Path]] = import_module(f"huidang.exports.{self.name}").write
        return cast("Write", write)


_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("pdf", ".pdf", "application/pdf", "PDF", _("像聊天一样排版，可打印，带水印、目录和书签")),  # type: ignore[arg-type]
        Format("xlsx", ".xlsx", _XLSX, _("表格"), _("Excel，一行一条消息")),
        Format("docx", ".docx", _DOCX, "Word", _("可编辑，带样式、标题和页码")),  # type: ignore[arg-type]
        Format("png", ".png", "image/png", _("长图"), _("像手机聊天截图，过长时在消息之间分张")),
        Format("pages", ".zip", "application/zip", _("分页图片"), _("PDF 的每一页一张图，打成一个 ZIP")),
        Format("html", ".html", "text/html", _("网页"), _("单个文件，含图片与语音，浏览器打开即可")),
        Format("jsonl", ".jsonl", "application/x-ndjson", "ChatLab JSONL", _("可再导入，一个会话一个文件"), keyed=True),  # type: ignore[arg-type]
        Format("evidence", ".zip", "application/zip", _("存证包"), _("签名报告、记录与证明"), can=Can.EVIDENCE),
    )
}
"""Every format, in the order in which they are offered."""


def get_format(name: str) -> Format:
    """Return a format by name. Raises `Problem` format-unknown."""
    if name not in FORMATS:
        raise Problem("format-unknown", f"没有「{name}」这种格式，可选：{'、'.join(FORMATS)}。", format=name)
    return FORMATS[name]
