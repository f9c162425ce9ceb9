"""The names that requests have on a page: what is asked for, where it stands, what it tells, how long it holds."""

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from huidang.exports.formats import FORMATS
from huidang.exports.words import profile_name
from huidang.records.erasing import Ground

_REQUESTS = {
    "reveal": lazy("查看遮盖的原文"),
    "reveal-bulk": lazy("一次查看整个会话的原文"),
    "recalled": lazy("查看撤回的原文"),
    "export": lazy("导出文件"),
    "deletion": lazy("删除记录"),
    "release": lazy("解除保全"),
}
_STATES = {
    "waiting": (lazy("待审批"), "warn"),
    "expired": (lazy("已过期，无人审批"), ""),
    "approved": (lazy("已批准"), "ok"),
    "over": (lazy("已到期"), ""),
    "refused": (lazy("已拒绝"), "bad"),
    "withdrawn": (lazy("已撤回"), ""),
    "revoked": (lazy("已收回"), "bad"),
}
_FACTS = {
    "query": lazy("条件"),
    "format": lazy("格式"),
    "formats": lazy("格式"),
    "mask": lazy("遮盖"),
    "count": lazy("条数"),
    "messages": lazy("消息"),
    "conversations": lazy("会话"),
    "title": lazy("标题"),
    "excerpt": lazy("摘录"),
    "watermark": lazy("水印"),
    "ground": lazy("依据"),
}
_DELETIONS = {
    "asked": (lazy("待审批"), "warn"),
    "expired": (lazy("已过期，无人审批"), ""),
    "waiting": (lazy("正在删除"), "warn"),
    "done": (lazy("已删除"), "ok"),
    "failed": (lazy("没有删除"), "bad"),
    "refused": (lazy("已拒绝"), "bad"),
    "cancelled": (lazy("已撤回"), ""),
}


def request_name(kind: str) -> str:
    """Return what a request asks for."""
    return str(_REQUESTS.get(kind, kind))


def request_state(state: str) -> str:
    """Return where a request stands (`people.requests.state_of`)."""
    return str(_STATES[state][0]) if state in _STATES else state


def request_mark(state: str) -> str:
    """Return the colour of that: ok, warn, bad or none."""
    return _STATES[state][1] if state in _STATES else ""


def deletion_state(state: str) -> str:
    """Return where a deletion stands (`records.deletions.state_of`)."""
    return str(_DELETIONS[state][0])


def deletion_mark(state: str) -> str:
    """Return the colour of that: ok, warn, bad or none."""
    return _DELETIONS[state][1]


def fact_name(name: str) -> str:
    """Return what a fact of a request is called."""
    return str(_FACTS.get(name, name))


def fact_value(name: str, value: object) -> str:
    """Return a fact of a request in words: `存证包` rather than the code of its format."""
    text = str(value)
    if name == "ground" and text in Ground.values:
        return str(Ground(text).label)
    if name == "format" and text in FORMATS:
        return str(FORMATS[text].title)
    return profile_name(text) if name == "mask" else text


def length_name(minutes: int) -> str:
    """Return a length of time: `30 分钟`, `4 小时`."""
    hours, rest = divmod(minutes, 60)
    if rest:
        return ngettext("%(n)d 分钟", "%(n)d 分钟", minutes) % {"n": minutes}
    return ngettext("%(n)d 小时", "%(n)d 小时", hours) % {"n": hours}
