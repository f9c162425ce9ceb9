"""The names that codes have for people, on pages and in files: platforms, roles and their grounds, kinds, reasons."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

_PLATFORMS = {
    "slack": "Slack",
    "dingtalk": lazy("钉钉"),
    "wecom": lazy("企业微信"),
    "wechat": lazy("微信"),
    "qq": "QQ",
    "discord": "Discord",
    "telegram": "Telegram",
    "whatsapp": "WhatsApp",
    "table": lazy("表格"),
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
    "text": lazy("文字"),
    "image": lazy("图片"),
    "voice": lazy("语音"),
    "video": lazy("视频"),
    "file": lazy("文件"),
    "link": lazy("链接"),
    "card": lazy("名片"),
    "location": lazy("位置"),
    "sticker": lazy("表情"),
    "call": lazy("通话"),
    "redpacket": lazy("红包"),
    "forward": lazy("合并转发"),
    "system": lazy("系统消息"),
    "other": lazy("其他"),
}
_MISSING = {
    "not-in-export": lazy("导出文件里没有这个文件"),
    "platform-deleted": lazy("平台上已删除"),
    "hidden-by-limit": lazy("超出平台版本的保留期，平台没有给出"),
    "needs-token": lazy("只有下载地址，取文件需要平台授权"),
    "not-downloaded": lazy("尚未下载"),
    "expired": lazy("平台的下载地址已过期"),
    "withheld": lazy("导出时未附，仅授权可见"),
}
_UNREAD = {
    "encrypted": lazy("文件有密码，搜不到里面的文字"),
    "large": lazy("文件太大，搜不到里面的文字"),
    "long": lazy("文字太多，只搜得到开头部分"),
    "time": lazy("读取超时，搜不到里面的文字"),
    "memory": lazy("读取占用内存过多，搜不到里面的文字"),
    "missing": lazy("存储中缺少这份文件，搜不到里面的文字"),
}
_THREADS = {"group": lazy("群聊"), "direct": lazy("单聊")}


def platform_name(platform: str) -> str:
    """Return the name of a platform; what came through ChatLab keeps the platform it is about."""
    code = platform.removeprefix("chatlab:")
    return str(_PLATFORMS.get(code, code))


def role_name(role: str) -> str:
    """Return the name of a participant's role."""
    return str(_ROLES.get(role, _("身份未知")))


def ground_name(ground: str) -> str:
    """Return why a role is what it is."""
    return str(_GROUNDS.get(ground, ground))


def kind_name(kind: str) -> str:
    """Return the name of a kind of message or file."""
    return str(_KINDS.get(kind, _KINDS["other"]))


def missing_reason(code: str) -> str:
    """Return why a file is not there."""
    return str(_MISSING.get(code, _("没有文件：%(reason)s") % {"reason": code}))


def unread_reason(code: str) -> str:
    """Return why the text of a file cannot be searched."""
    return str(_UNREAD.get(code, _("文件已损坏，搜不到里面的文字")))


def thread_name(kind: str) -> str:
    """Return what sort of conversation it is."""
    return str(_THREADS.get(kind, _("会话")))
