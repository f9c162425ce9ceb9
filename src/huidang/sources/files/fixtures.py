"""Chats in the formats that belong to no platform, written after their specifications, for tests and the demo."""

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl

CHATLAB_META = {"name": "华东售后服务群", "platform": "wechat", "type": "group", "groupId": "48213905@chatroom"}
CHATLAB_MEMBERS: list[dict[str, Any]] = [
    {"platformId": "wxid_zhoumin", "accountName": "周敏", "groupNickname": "售后客服-周敏", "roles": [{"id": "admin"}]},
    {"platformId": "wxid_chenguang", "accountName": "陈光", "aliases": ["老陈"]},
]
CHATLAB_MESSAGES: list[dict[str, Any]] = [
    {"sender": "wxid_chenguang", "accountName": "陈光", "timestamp": 1788314401, "type": 0,
     "content": "你好，我买的净水器漏水了，订单号 SH20260901-0047", "platformMessageId": "7301"},
    {"sender": "wxid_chenguang", "accountName": "陈光", "timestamp": 1788314410, "type": 1,
     "content": "media/leak.jpg", "platformMessageId": "7302"},
    {"sender": "wxid_zhoumin", "accountName": "周敏", "groupNickname": "售后客服-周敏", "timestamp": 1788314466,
     "type": 25, "content": "陈先生您好，非常抱歉，师傅明天上午上门，请问电话是 13800138000 吗？",
     "platformMessageId": "7303", "replyToMessageId": "7301"},
    {"sender": "wxid_chenguang", "accountName": "陈光", "timestamp": 1788314470, "type": 0, "content": "是的",
     "platformMessageId": "7304"},
    {"sender": "wxid_chenguang", "accountName": "陈光", "timestamp": 1788314470, "type": 0, "content": "是的",
     "platformMessageId": "7305"},
    {"sender": "wxid_zhoumin", "accountName": "周敏", "timestamp": 1788314500, "type": 81,
     "content": "“周敏”撤回了一条消息", "platformMessageId": "7306", "replyToMessageId": "7303"},
    {"sender": "wxid_zhoumin", "accountName": "周敏", "timestamp": 1788314510, "type": 21,
     "content": "[转账] 退款 ¥36.00", "platformMessageId": "7307"},
    {"sender": "system", "accountName": "系统", "timestamp": 1788314520, "type": 80, "content": "“陈光”修改群名",
     "platformMessageId": None},
]  # fmt: skip
CHATLAB_HEAD = {"version": "0.0.2", "exportedAt": 1788400000, "generator": "WeFlow"}


def chatlab_lines() -> list[dict[str, Any]]:
    """Return the lines of a ChatLab JSONL file."""
    header = {"_type": "header", "chatlab": CHATLAB_HEAD, "meta": CHATLAB_META}
    members = [{"_type": "member", **member} for member in CHATLAB_MEMBERS]
    return [header, *members, *({"_type": "message", **message} for message in CHATLAB_MESSAGES)]


def chatlab_document() -> dict[str, Any]:
    """Return a ChatLab JSON document."""
    return {"chatlab": CHATLAB_HEAD, "meta": CHATLAB_META, "members": CHATLAB_MEMBERS, "messages": CHATLAB_MESSAGES}


def write_lines(path: Path, lines: list[dict[str, Any]], encoding: str = "utf-8") -> Path:
    """Write JSON lines to `path` and return it."""
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding=encoding)
    return path


def write_document(path: Path, document: Any, encoding: str = "utf-8", indent: int | None = None) -> Path:
    """Write one JSON document to `path`, its folders made, and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=indent), encoding=encoding)
    return path


TABLE_HEADERS = ["会话", "会话ID", "发送人", "发送人ID", "角色", "发送时间", "消息类型", "消息内容", "附件"]
TABLE_ROWS = [
    ["退费群", "g-7", "陈光", "u-1", "客户", "2026-09-02 10:00:01", "文本", "课程退费怎么办理？\n急，谢谢", ""],
    ["退费群", "g-7", "周敏", "u-2", "客服", "2026年9月2日 下午3:05", "文本", '您好，请提供"合同号"', ""],
    ["退费群", "g-7", "陈光", "u-1", "客户", "2026/9/2 15:06", "图片", "", "合同.jpg"],
    ["退费群", "g-7", "陈光", "u-1", "客户", "2026/9/2 15:06", "文本", "好的", ""],
    ["退费群", "g-7", "陈光", "u-1", "客户", "2026/9/2 15:06", "文本", "好的", ""],
]


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write a table as a delimited text file and return its path."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def write_xlsx(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    """Write sheets of rows as a workbook and return its path."""
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path
