"""The operators of the query language: one table for parser, suggestions, help and docs/reference/search.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Takes = Literal["name", "date", "age", "choice"]
Choices = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. `choices` are the values it takes by their other names; those in `later` do not exist yet."""

    name: str
    aliases: tuple[str, ...]
    takes: Takes
    sentence: Promise
    example: Promise | str
    choices: Choices = field(default_factory=lambda: MappingProxyType({}))
    later: frozenset[str] = frozenset()
    exists: bool = True

    def choose(self, value: str) -> str | None:
        """Return the choice that a value names, None where it names none."""
        folded = value.casefold()
        return next((name for name, others in self.choices.items() if folded == name or folded in others), None)


_PLATFORMS: Choices = {
    "dingtalk": ("钉钉", "ding"),
    "wecom": ("企业微信", "企微"),
    "slack": (),
    "wechat": ("微信",),
    "qq": (),
    "table": ("表格",),
}
_KINDS: Choices = {
    "text": ("文字", "文本"),
    "image": ("图片",),
    "voice": ("语音",),
    "video": ("视频",),
    "file": ("文件",),
    "link": ("链接",),
    "card": ("卡片", "名片"),
    "location": ("位置",),
    "sticker": ("表情",),
    "call": ("通话",),
    "redpacket": ("红包",),
    "forward": ("转发", "聊天记录"),
    "system": ("系统", "系统消息"),
    "other": ("其他",),
}
_HELD: Choices = {
    "file": ("文件",),
    "image": ("图片",),
    "voice": ("语音",),
    "video": ("视频",),
    "link": ("链接",),
    "phone": ("手机", "手机号", "电话"),
    "idcard": ("身份证", "身份证号"),
    "bankcard": ("银行卡", "银行卡号"),
}
_STATES: Choices = {
    "recalled": ("撤回", "已撤回"),
    "edited": ("编辑", "已编辑", "修改"),
    "masked": ("遮盖", "有遮盖"),
    "filed": ("归档", "已归档"),
    "held": ("保全",),
    "alert": ("预警",),
    "unanswered": ("未回复", "未答"),
}

OPERATORS = (
    Operator(
        "from", ("发件人", "发送人", "sender"), "name", _("谁发的：姓名的一部分即可，加 = 表示全名。"), _("from:周敏")
    ),
    Operator("to", ("收件人",), "name", _("发给谁或提到谁。"), _("@周敏"), exists=False),
    Operator("in", ("群", "会话", "conv"), "name", _("在哪个会话里：名称的一部分即可。"), _("in:售后群")),
    Operator("dept", ("部门", "department"), "name", _("哪个部门，包括它的下级。"), _("dept:售后")),
    Operator("customer", ("客户",), "name", _("哪位客户的会话：姓名的一部分即可。"), _("customer:王")),
    Operator("platform", ("平台",), "choice", _("哪个平台。"), _("platform:钉钉"), _PLATFORMS),
    Operator("on", ("当天",), "date", _("在哪一天、周、月或年。"), _("on:昨天")),
    Operator("before", ("之前", "早于"), "date", _("在这个日期之前。"), "before:2026-09"),
    Operator("after", ("之后", "晚于"), "date", _("在这个日期之后。"), "after:2026-09-05"),
    Operator("during", ("日期", "时间", "date"), "date", _("在这段时间里。"), _("during:近30天")),
    Operator("older_than", ("早过",), "age", _("比这更久以前。"), _("older_than:3个月")),
    Operator("newer_than", ("近于",), "age", _("在这段时间以内。"), _("newer_than:7天")),
    Operator("tag", ("标签",), "name", _("带有标签。"), _("tag:投诉"), exists=False),
    Operator("class", ("分类", "category"), "name", _("属于分类。"), _("class:退费"), exists=False),
    Operator("cabinet", ("文件柜",), "name", _("归入文件柜。"), _("cabinet:纠纷"), exists=False),
    Operator("type", ("类型", "kind"), "choice", _("哪一类消息。"), _("type:图片"), _KINDS),
    Operator("has", ("含", "包含"), "choice", _("含有什么。"), "has:phone", _HELD),
    Operator(
        "is",
        ("状态",),
        "choice",
        _("处于什么状态。"),
        _("is:撤回"),
        _STATES,
        later=frozenset({"filed", "held", "alert", "unanswered"}),
    ),
    Operator("hit", ("命中词", "命中"), "name", _("命中词库：写分组、词库名，或其中一个词。"), _("hit:投诉")),
)
"""In the order of the help sheet."""

BY_NAME: Mapping[str, Operator] = MappingProxyType(
    {name: each for each in OPERATORS for name in (each.name, *each.aliases)}
)
"""Every operator by each of its names."""
