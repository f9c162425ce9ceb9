"""An invented Slack export of a service team: legacy and modern messages, threads, edits, tombstones, files, DMs."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

TEAM, CHANNEL, PRIVATE, DIRECT, GROUP = "T0HUIDANG", "C0AFTER01", "G0LEGAL01", "D0DIRECT1", "G0MPDM001"
ZHOU, ZHAO, BOT = "U0ZHOUMIN", "U0ZHAOLAN", "U0BOT0001"

USERS: list[dict[str, Any]] = [
    {"id": ZHOU, "team_id": TEAM, "name": "zhoumin", "real_name": "周敏", "is_bot": False,
     "profile": {"display_name": "周敏", "real_name": "周敏", "email": "zhoumin@example.com"}},
    {"id": ZHAO, "team_id": TEAM, "name": "zhaolan", "deleted": False, "is_bot": False,
     "profile": {"display_name": "", "real_name": "赵岚"}},
    {"id": BOT, "team_id": TEAM, "name": "ticketbot", "is_bot": True, "profile": {"real_name": "工单机器人"}},
]  # fmt: skip
LISTS: dict[str, list[dict[str, Any]]] = {
    "users.json": USERS,
    "channels.json": [{"id": CHANNEL, "name": "after-sales", "created": 1756000000, "members": [ZHOU, ZHAO]}],
    "groups.json": [{"id": PRIVATE, "name": "legal", "members": [ZHAO]}],
    "dms.json": [{"id": DIRECT, "created": 1756000000, "members": [ZHOU, ZHAO]}],
    "mpims.json": [{"id": GROUP, "name": "mpdm-zhoumin--zhaolan--ticketbot-1", "members": [ZHOU, ZHAO, BOT]}],
    "integration_logs.json": [],
}
_UPLOAD = {"id": "F0CONTRACT", "name": "合同.pdf", "mimetype": "application/pdf", "filetype": "pdf", "size": 9,
           "url_private": "https://files.slack.com/x?t=xoxe-1", "mode": "hosted"}  # fmt: skip
_GONE = {"id": "F0GONE0001", "mode": "tombstone", "name": None}
_HIDDEN = {"id": "F0HIDDEN01", "mode": "hidden_by_limit", "name": "旧图.png", "mimetype": "image/png"}
DAYS: dict[str, list[dict[str, Any]]] = {
    "after-sales/2026-09-01.json": [
        {"type": "message", "subtype": "channel_join", "user": ZHOU, "text": f"<@{ZHOU}> has joined the channel",
         "ts": "1788228000.000100"},
        {"type": "message", "user": ZHOU, "client_msg_id": "a", "team": TEAM, "ts": "1788228001.897649",
         "text": f"<@{ZHAO}> 客户说“价格 &lt; 100 &amp; 包邮”，见 <#{CHANNEL}|after-sales> "
                 "和 <https://example.com/o/47|订单 47>",
         "thread_ts": "1788228001.897649", "reply_count": 2, "reactions": [{"name": "+1", "users": [ZHAO], "count": 1}],
         "edited": {"user": ZHOU, "ts": "1788228060.000000"}},
        {"type": "message", "user": ZHAO, "text": "收到，我来跟进 <!here>", "ts": "1788228100.000200",
         "thread_ts": "1788228001.897649", "parent_user_id": ZHOU},
        {"type": "message", "subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT",
         "hidden": True, "ts": "1788228200.000300", "thread_ts": "1788228200.000300", "reply_count": 1},
        {"type": "message", "subtype": "bot_message", "bot_id": "B0TICKET1", "username": "工单机器人", "text": "",
         "attachments": [{"title": "工单 47 已创建", "fields": [{"title": "优先级", "value": "高"}],
                          "fallback": "工单"}], "ts": "1788228300.000400"},
    ],
    "after-sales/2026-09-02.json": [
        {"type": "message", "user": ZHOU, "text": "合同在这里", "files": [_UPLOAD, _GONE, _HIDDEN],
         "ts": "1788314401.000100"},
        {"type": "message", "subtype": "file_share", "user": ZHOU, "upload": True, "ts": "1788314402.000100",
         "text": f"<@{ZHOU}> uploaded a file: <https://example.com/f|破损.jpg>",
         "file": {"id": "F0LEGACY01", "name": "破损.jpg", "mimetype": "image/jpeg", "size": 3}},
        {"type": "message", "subtype": "file_comment", "text": "", "ts": "1788314403.000100",
         "comment": {"user": ZHAO, "comment": "外箱也坏了"}},
        {"type": "message", "subtype": "message_changed", "hidden": True, "ts": "1788314500.000100",
         "message": {"type": "message", "user": ZHAO, "text": "改为三天内处理", "ts": "1788228100.000200"}},
        {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": "1788314600.000100",
         "deleted_ts": "1788314401.000100"},
        {"type": "message", "subtype": "something_new_2027", "text": "新事件", "ts": "1788314700.000100"},
        {"type": "message", "subtype": "me_message", "user": ZHAO, "text": "在开会", "ts": "1788314800.000100"},
    ],
    f"{DIRECT}/2026-09-02.json": [
        {"type": "message", "user": ZHAO, "text": "这单要退款", "ts": "1788314900.000100"},
        {"type": "message", "user": ZHOU, "text": "", "ts": "1788314901.000100", "blocks": [
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
                {"type": "text", "text": "好的"}, {"type": "user", "user_id": ZHAO}]}]}]},
    ],
    "legal/2026-09-02.json": [{"type": "message", "user": ZHAO, "text": "保留证据", "ts": "1788315000.000100"}],
    "mpdm-zhoumin--zhaolan--ticketbot-1/2026-09-02.json": [
        {"type": "message", "user": BOT, "bot_id": "B0TICKET1", "text": "提醒：回访", "ts": "1788315100.000100"}
    ],
}  # fmt: skip
BYTES = {
    "__uploads/F0CONTRACT/合同.pdf": b"%PDF-1.7\n",
    "after-sales/attachments/F0LEGACY01-破损.jpg": b"\xff\xd8\xff",
}


def members(prefix: str = "") -> dict[str, bytes]:
    """Return the files of the export by name."""
    documents = {name: json.dumps(content, ensure_ascii=False).encode() for name, content in (LISTS | DAYS).items()}
    return {prefix + name: content for name, content in (documents | BYTES).items()}


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    """Return a ZIP of the files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    target.seek(0)
    return target


def unpacked(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the files below a folder and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
