"""The names that codes have on a page: platforms, roles and their grounds, kinds, reasons."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

_PLATFORMS = {
    "slack": ("Slack", "slack"),
    "dingtalk": (lazy("钉钉"), "dingtalk"),
    "wecom": (lazy("企业微信"), "wecom"),
    "wechat": (lazy("微信"), "wecom"),
    "qq": ("QQ", "chat"),
    "discord": ("Discord", "chat"),
    "telegram": ("Telegram", "chat"),
    "whatsapp": ("WhatsApp", "chat"),
    "table": (lazy("表格"), "table"),
}
_ROLES = {
    "agent": lazy("客服"),
    "customer": lazy("客户"),
    "robot": lazy("机器人"),
    "system": lazy("系统"),
}
_GROUNDS = {
    "correction": lazy("人工更正"),
    "message": lazy("消息里写明"),
    "directory": lazy("通讯录"),
    "external-id": lazy("外部联系人编号"),
    "isSend": lazy("导出者本人"),
    "is_bot": lazy("平台标为机器人"),
    "agents": lazy("导入时指定"),
    "column": lazy("表格列"),
}
_KINDS = {
    "text": (lazy("文字"), "chat"),
    "image": (lazy("图片"), "image"),
    "voice": (lazy("语音"), "play"),
    "video": (lazy("视频"), "video"),
    "file": (lazy("文件"), "file"),
    "link": (lazy("链接"), "link"),
    "card": (lazy("名片"), "user"),
    "location": (lazy("位置"), "flag"),
    "sticker": (lazy("表情"), "image"),
    "call": (lazy("通话"), "bell"),
    "redpacket": (lazy("红包"), "tag"),
    "forward": (lazy("合并转发"), "export"),
    "system": (lazy("系统消息"), "info"),
    "other": (lazy("其他"), "more"),
}
_MISSING = {
    "not-in-export": lazy("导出文件里没有这个文件"),
    "platform-deleted": lazy("平台上已删除"),
    "hidden-by-limit": lazy("超出平台版本的保留期，平台没有给出"),
    "needs-token": lazy("只有下载地址，取文件需要平台授权"),
    "not-downloaded": lazy("尚未下载"),
    "expired": lazy("平台的下载地址已过期"),
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
_THREADS = {"group": lazy("群聊"), "direct": lazy("单聊")}


def platform_name(platform: str) -> str:
    """Return the name of a platform; what came through ChatLab keeps the platform it is about."""
    code = platform.removeprefix("chatlab:")
    known = _PLATFORMS.get(code)
    return str(known[0]) if known else code


def platform_icon(platform: str) -> str:
    """Return the mark of a platform."""
    known = _PLATFORMS.get(platform.removeprefix("chatlab:"))
    return known[1] if known else "chat"


def role_name(role: str) -> str:
    """Return the name of a participant's role."""
    return str(_ROLES.get(role, _("身份未知")))


def ground_name(ground: str) -> str:
    """Return why a role is what it is."""
    return str(_GROUNDS.get(ground, ground))


def kind_name(kind: str) -> str:
    """Return the name of a kind of message or file."""
    return str(_KINDS.get(kind, _KINDS["other"])[0])


def kind_icon(kind: str) -> str:
    """Return the icon of a kind of message or file."""
    return _KINDS.get(kind, _KINDS["other"])[1]


def missing_reason(code: str) -> str:
    """Return why a file is not there."""
    return str(_MISSING.get(code, _("没有文件：%(reason)s") % {"reason": code}))


def thread_name(kind: str) -> str:
    """Return what sort of conversation it is."""
    return str(_THREADS.get(kind, _("会话")))


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
