"""Documents made by hand, for writers: what a reader was shown, without a database."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from huidang.exports.document import Document, Line, Section
from huidang.records import Listed, Part, Profile, Shown
from huidang.records.shown import Enclosure, Quote, Sender, Version

START = datetime(2024, 11, 18, 1, 0, tzinfo=UTC)
CUSTOMER = Sender("1", "王女士", "customer", "directory")
AGENT = Sender("2", "周敏", "agent", "directory")
ROBOT = Sender("3", "小望助手", "robot", "is_bot")


def said(text: str = "", sender: Sender = CUSTOMER, *, minutes: float = 0, **more: Any) -> Shown:
    """Return a message with a plain text."""
    side = {"agent": "ours", "customer": "customer", "robot": "robot"}.get(sender.role, "unknown")
    parts = more.pop("parts", (Part(text),) if text else ())
    values = {"id": "7", "conversation": "1", "precision": "s", "kind": "text", "side": side} | more
    return Shown(sender=sender, sent_at=START + timedelta(minutes=minutes), parts=parts, **values)


def listed(title: str = "王女士售后群", number: int = 1) -> Listed:
    """Return a conversation."""
    return Listed(str(number), title, "group", "1", "dingtalk", "钉钉", "1", "售后组", 3, "")


def document(*sections: Iterable[Shown], media: dict[str, Path] | None = None, **more: Any) -> Document:
    """Return a document with a conversation for each list of messages, or for each list of lines."""
    count, found = 0, []
    for number, messages in enumerate(sections, 1):
        lines = []
        for message in messages:
            count += 1
            lines.append(message if isinstance(message, Line) else Line(count, message))
        found.append(Section(listed(f"王女士售后群{number}", number), lines))
    values: dict[str, Any] = {
        "title": "王女士售后群", "made_at": START, "made_by": "赵岚", "why": "客诉处理", "query": "王女士售后群",
        "profile": Profile.INSIDE, "receipt": "R-2024-000017", "zone": "Asia/Shanghai", "language": "zh-hans",
        "watermark": ("望山家电", "赵岚 2024-11-18 09:00", "客诉处理专用"),
    }  # fmt: skip
    held = media or {}
    return Document(
        sections=found,
        conversations=len(found),
        messages=more.pop("messages", count),
        media=lambda _message, enclosure: held.get(enclosure),
        **(values | more),
    )


def quiet(_written: int) -> None:
    """Take note of progress, and say nothing."""


def picture(path: Path, size: tuple[int, int] = (640, 400)) -> Path:
    """Store a picture."""
    Image.new("RGB", size, "#7090b0").save(path)
    return path


def everything(folder: Path) -> Document:
    """Return a document that shows all that a message can be."""
    at = START + timedelta(minutes=30)
    shot = Enclosure("11", "image", "破损照片.png", "image/png", 20480, None, "", withheld=False)
    torn = Enclosure("12", "image", "坏图.png", "image/png", 12, None, "", withheld=False)
    voice = Enclosure("13", "voice", "语音.amr", "audio/amr", 2048, 18, "", withheld=False)
    locked = replace(voice, id="14", kind="file", name="合同.pdf", seconds=None, withheld=True)
    gone = replace(locked, id="15", name="旧附件.zip", withheld=False, missing="expired")
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing more")
    media = {"11": picture(folder / "shot.png"), "12": folder / "torn.png", "13": folder / "torn.png"}
    first = [
        said("您好，冰箱门上有一道划痕，请问怎么处理？", minutes=0),
        said(minutes=1, kind="image", attachments=(shot, torn)),
        said(parts=(Part("我的电话是"), Part("138****5678", kind="mobile"), Part("，请尽快回复")), minutes=2),  # type: ignore[arg-type]
        said("您好，我是智能助手小望，正在为您转接人工。", ROBOT, minutes=3),
        said(
            "非常抱歉，我们会为您更换门板。", AGENT, minutes=4, quote=Quote("7", "王女士", "冰箱门上有一道划痕", "text")
        ),
        said(
            parts=(Part("承诺"), Part("三天内", hit=True), Part("上门，否则"), Part("投诉", sensitive="高风险 · 投诉")),
            minutes=5,
        ),
        said(AGENT.name, AGENT, minutes=6, recalled_at=at, parts=()),
        said("这句已经撤回", AGENT, minutes=7, recalled_at=at, original=True),
        said(
            "改为后天上午", AGENT, minutes=8, edited_at=at, edits=1, versions=(Version((Part("改为明天上午"),), START),)
        ),
        said("门铃坏了，到了打电话。", minutes=9, kind="voice", attachments=(voice,)),
        said(minutes=10, kind="file", attachments=(locked, gone)),
        said("赵岚 邀请 李思远 加入了群聊", Sender("", "", "system", ""), minutes=11, kind="system", side="system"),
        said(minutes=12, kind="location", details={"地点": "上海市徐汇区漕溪北路 88 号"}),
    ]
    second = [
        said("第二天的消息 😀👨‍👩‍👧 𠮷 ❤️", minutes=1500),
        said("收到 https://example.com/" + "a" * 120, AGENT, minutes=1501),
    ]
    lines = [*first[:5], Line(6, first[5], hit=True, note="此处承诺了时限，请核对工单。"), *first[6:]]
    return document(lines, second, media=media)  # type: ignore[arg-type]
