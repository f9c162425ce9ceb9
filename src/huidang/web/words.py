"""What pages add to `records.words`: icons, and the names of file formats, of capabilities and of what cut a case."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from huidang.records.words import (
    ground_name,
    kind_name,
    missing_reason,
    platform_name,
    role_name,
    thread_name,
    unread_reason,
)

__all__ = [
    "CAPABILITIES",
    "capability_name",
    "capability_sentence",
    "case_ground",
    "format_name",
    "ground_name",
    "kind_icon",
    "kind_name",
    "mask_name",
    "missing_reason",
    "platform_icon",
    "platform_name",
    "role_name",
    "thread_name",
    "unread_reason",
    "until",
]

_PLATFORM_ICONS = {"slack": "slack", "dingtalk": "dingtalk", "wecom": "wecom", "wechat": "wecom", "table": "table"}
_KIND_ICONS = {
    "text": "chat",
    "image": "image",
    "voice": "play",
    "video": "video",
    "file": "file",
    "link": "link",
    "card": "user",
    "location": "flag",
    "sticker": "image",
    "call": "bell",
    "redpacket": "tag",
    "forward": "export",
    "system": "info",
}
_FORMATS = {
    "slack-export": lazy("Slack 导出"),
    "chatlab-json": "ChatLab JSON",
    "chatlab-jsonl": "ChatLab JSONL",
    "dingtalk-dws-json": lazy("钉钉 dws 历史"),
    "dingtalk-dws-ndjson": lazy("钉钉 dws 事件"),
    "dingtalk-robot": lazy("钉钉机器人回调"),
    "wecom-archive": lazy("企业微信会话存档"),
    "table-text": lazy("表格"),
    "table-xlsx": lazy("工作簿"),
}
_MASKS = {
    "resident": lazy("身份证号"),
    "mobile": lazy("手机号"),
    "card": lazy("银行卡号"),
    "landline": lazy("座机"),
    "email": lazy("邮箱"),
    "plate": lazy("车牌"),
    "company": lazy("统一社会信用代码"),
    "passport": lazy("护照与通行证"),
    "wechat": lazy("微信号"),
    "qq": lazy("QQ 号"),
    "address": lazy("地址"),
    "name": lazy("姓名"),
    "own": lazy("自定规则"),
    "hand": lazy("人工遮盖"),
}
_CUTS = {
    "silence": lazy("静默后新开"),
    "first": lazy("会话开始"),
    "closing": lazy("上一单已办结"),
    "ticket": lazy("平台工单"),
    "person": lazy("人工划分"),
}
_CAPABILITIES = {
    "read": (lazy("阅读"), lazy("看会话与消息，号码等敏感内容遮盖。")),
    "unmask": (lazy("看原文"), lazy("写明事由后，在几分钟内看到被遮盖的内容；每次都记入审计。")),
    "recalled": (lazy("看撤回"), lazy("看到已撤回、已删除消息的原文。")),
    "file": (lazy("归档"), lazy("整理会话：打标签、归档，改所属部门和归属人，共享给同事。")),
    "export": (lazy("导出"), lazy("把会话导出成文件；设了双人规则的，还要另一人批准。")),
    "evidence": (lazy("存证"), lazy("生成可独立验证的存证包。")),
    "manage": (lazy("管理"), lazy("管账号、部门、授权、来源和设置；不带来阅读权。")),
    "audit": (lazy("审计"), lazy("查看谁在何时看过、改过、导出过什么。")),
}


def platform_icon(platform: str) -> str:
    """Return the mark of a platform."""
    return _PLATFORM_ICONS.get(platform.removeprefix("chatlab:"), "chat")


def kind_icon(kind: str) -> str:
    """Return the icon of a kind of message or file."""
    return _KIND_ICONS.get(kind, "more")


def case_ground(ground: str) -> str:
    """Return what cut a case."""
    return str(_CUTS.get(ground, ground))


def format_name(code: str) -> str:
    """Return the name of a file format."""
    return str(_FORMATS.get(code, code))


def capability_name(can: str) -> str:
    """Return the name of a capability."""
    known = _CAPABILITIES.get(can)
    return str(known[0]) if known else can


def capability_sentence(can: str) -> str:
    """Return in one sentence what a capability lets somebody do."""
    known = _CAPABILITIES.get(can)
    return str(known[1]) if known else ""


CAPABILITIES = tuple(_CAPABILITIES)
"""Every capability, in the order in which pages show them."""


def until(at: datetime | None) -> str:
    """Return how long something holds: its last day where it ends with one, else its moment; `长期` without an end."""
    if at is None:
        return _("长期")
    local = timezone.localtime(at)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return _("到 %s") % f"{local - timedelta(days=1):%Y-%m-%d}"
    return _("到 %s") % f"{local:%Y-%m-%d %H:%M}"


_WAYS = {"password": lazy("密码"), "link": lazy("登录链接"), "passkey": lazy("通行密钥"), "oidc": lazy("单点登录")}


def way_name(way: str) -> str:
    """Return how somebody signed in."""
    return str(_WAYS.get(way, "—"))


def mask_name(kind: str | None) -> str:
    """Return what a mask hides: `手机号`."""
    return str(_MASKS.get(kind or "", kind or ""))
