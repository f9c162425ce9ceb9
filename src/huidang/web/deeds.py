"""Deeds: entries of the audit as sentences. Every word that `audit.note` is given has its sentence here.

A sentence may name `about`, the object as this reader may see it, and any fact. Texts that people typed pass the
masks, whoever reads.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from huidang.people.models import Entry
from huidang.people.roles import title_of
from huidang.records import masking
from huidang.web.asked import length_name, request_name
from huidang.web.tags import full
from huidang.web.words import format_name

DEEDS: dict[str, Promise] = {
    "sign-in": lazy("登录，用{way}"),
    "sign-in-begun": lazy("通过第一步登录，用{way}"),
    "sign-in-failed": lazy("登录失败 {about}"),
    "sign-out": lazy("退出登录"),
    "password-changed": lazy("修改密码"),
    "factor-added": lazy("添加{kind}作第二因素"),
    "factor-removed": lazy("移除第二因素{kind}"),
    "factor-failed": lazy("第二因素验证失败"),
    "factor-policy": lazy("修改第二因素的要求"),
    "factor-reset": lazy("重置{about}的第二因素"),
    "recovery-renewed": lazy("换新恢复码"),
    "recovery-used": lazy("用掉一个恢复码"),
    "identity-bound": lazy("把{about}绑定到单点登录"),
    "provider-set": lazy("设置单点登录 {issuer}"),
    "provider-removed": lazy("移除单点登录 {issuer}"),
    "session-ended": lazy("结束{about}的一处登录"),
    "sessions-ended": lazy("结束{about}的其他登录，{count} 处"),
    "link-made": lazy("给{about}发登录链接"),
    "token-created": lazy("新建令牌「{name}」"),
    "token-revoked": lazy("撤销 {owner} 的令牌"),
    "view": lazy("查看{about}，{count} 次"),
    "show": lazy("在命令行打印{about}"),
    "download": lazy("取{about}的文件，{count} 次"),
    "search": lazy("搜索「{text}」，{total} 条结果"),
    "search-erased": lazy("清除{about}的检索词"),
    "reveal": lazy("查看{about}的原文，至 {until}"),
    "reveal-ended": lazy("遮回{about}"),
    "request": lazy("申请{kind}，{minutes}"),
    "request-approved": lazy("批准{about}：{kind}，{minutes}"),
    "request-refused": lazy("拒绝{about}：{kind}"),
    "request-withdrawn": lazy("撤回{about}：{kind}"),
    "request-revoked": lazy("收回{about}：{kind}"),
    "two-persons": lazy("双人规则「{about}」：{needed}"),
    "grant-given": lazy("给{about}授权「{role}」"),
    "grant-withdrawn": lazy("收回{about}的授权「{role}」"),
    "grant-narrowed": lazy("把{about}的授权收窄为只看本人会话"),
    "grant-widened": lazy("恢复{about}的授权范围"),
    "roles-set": lazy("设定{about}的角色：{roles}"),
    "role-made": lazy("新建角色「{name}」"),
    "role-changed": lazy("修改角色「{name}」的权限"),
    "role-renamed": lazy("角色「{before}」改名为「{after}」"),
    "role-dropped": lazy("删除角色「{name}」"),
    "user-created": lazy("新建{about}"),
    "user-renamed": lazy("修改{about}的姓名"),
    "user-moved": lazy("修改{about}的归属部门"),
    "user-closed": lazy("停用{about}"),
    "user-reopened": lazy("重新启用{about}"),
    "department-made": lazy("新建部门「{name}」"),
    "department-renamed": lazy("部门「{before}」改名为「{after}」"),
    "department-moved": lazy("移动{about}"),
    "department-removed": lazy("删除部门「{name}」"),
    "department-restored": lazy("恢复部门「{name}」"),
    "departments-imported": lazy("从文件导入部门，新建 {made} 个"),
    "conversation-moved": lazy("把{about}移到别的部门"),
    "conversation-given": lazy("修改{about}的归属人"),
    "shared": lazy("共享{about}，至 {until}"),
    "share-ended": lazy("收回{about}的共享"),
    "lexicon-create": lazy("新建词库「{name}」"),
    "lexicon-words": lazy("修改{about}的词语"),
    "lexicon-change": lazy("修改{about}的启用与范围"),
    "lexicon-remove": lazy("删除词库「{name}」"),
    "lexicon-export": lazy("导出{about}，{format}"),
    "lexicon-import": lazy("导入{about}，新增 {added} 个词"),
    "mask-keeps": lazy("修改遮盖规则"),
    "mask-pattern-add": lazy("新增遮盖规则{about}"),
    "mask-pattern-set": lazy("修改遮盖规则{about}"),
    "mask-pattern-remove": lazy("删除遮盖规则{about}"),
    "mark-hide": lazy("在{about}里手工遮盖一处"),
    "mark-clear": lazy("在{about}里放开一处遮盖"),
    "mark-undo": lazy("撤销{about}里的手工遮盖"),
    "file-clear": lazy("放开{about}"),
    "file-withhold": lazy("收起{about}"),
    "export": lazy("导出{about}"),
    "print": lazy("打印{about}，编号 {number}"),
    "view-share": lazy("修改{about}的共享"),
    "import": lazy("导入文件，{about}"),
    "erase": lazy("删除{about}里 {entries} 条记录的内容"),
    "import-reread": lazy("重新读取{about}"),
    "audit-exported": lazy("导出审计记录 {count} 条，{format}"),
    "audit-pruned": lazy("清理过期的审计记录 {count} 条"),
    "checkpoint": lazy("签一个检查点"),
    "verify-asked": lazy("要求校验整个档案"),
    "log-key": lazy("更换日志的签名密钥"),
    "authority": lazy("设置时间戳机构「{name}」"),
    "witness": lazy("设置见证人「{name}」"),
    "anchor": lazy("设置外部留存「{name}」"),
    "verified": lazy("校验档案：{ok}，不符 {problems} 处"),
}

GROUPS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "signing": (
        lazy("登录与令牌"),
        ("sign-", "password-", "link-", "token-", "session", "factor", "recovery-", "identity-", "provider-"),
    ),
    "views": (lazy("查看与下载"), ("view", "show", "download")),
    "searches": (lazy("搜索"), ("search",)),
    "reveals": (lazy("看原文与申请"), ("reveal", "request", "two-persons")),
    "rights": (lazy("账号与权限"), ("grant-", "role", "user-", "department", "shar", "conversation-")),
    "exports": (lazy("导出与存证"), ("export", "print", "excerpt", "receipt", "evidence", "audit-exported")),
    "settings": (lazy("设置与数据"), ("lexicon-", "mask-", "mark-", "file-", "import", "source", "eras")),
    "audit": (lazy("审计与校验"), ("audit-", "verif", "checkpoint", "log-", "authority", "witness", "anchor")),
}
"""Kinds of deeds to choose from, each with how its words begin."""

FACTS: dict[str, Promise] = {
    "account": lazy("系统账号"),
    "after": lazy("改后"),
    "before": lazy("改前"),
    "capabilities": lazy("权限"),
    "capability": lazy("权限"),
    "commitment": lazy("检索词的承诺值"),
    "conversation": lazy("会话"),
    "conversations": lazy("会话"),
    "count": lazy("次数"),
    "department": lazy("部门"),
    "departments": lazy("部门"),
    "door": lazy("入口"),
    "facts": lazy("申请内容"),
    "file": lazy("文件"),
    "format": lazy("格式"),
    "grant": lazy("授权"),
    "kept_days": lazy("保存天数"),
    "kind": lazy("内容"),
    "last_at": lazy("最后一次"),
    "minutes": lazy("时长"),
    "name": lazy("名称"),
    "over": lazy("范围"),
    "problems": lazy("不符"),
    "reveal": lazy("查看编号"),
    "role": lazy("角色"),
    "roles": lazy("角色"),
    "size": lazy("日志长度"),
    "token": lazy("令牌"),
    "total": lazy("结果"),
    "until": lazy("截止"),
    "username": lazy("账号"),
    "users": lazy("账号"),
    "way": lazy("方式"),
}
"""What facts are called; others keep their own name."""

_VALUES: dict[str, dict[Any, Promise]] = {
    "way": {
        "password": lazy("密码"),
        "link": lazy("一次性链接"),
        "oidc": lazy("单点登录"),
        "passkey": lazy("通行密钥"),
    },
    "kind": {"passkey": lazy("通行密钥"), "totp": lazy("验证器")},
    "door": {"api": lazy("接口"), "command": lazy("命令行")},
    "needed": {True: lazy("需要两个人"), False: lazy("不需要两个人")},
    "ok": {True: lazy("通过"), False: lazy("未通过")},
    "over": {"everything": lazy("全公司"), "own": lazy("本人会话"), "intake": lazy("待分拣")},
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def sentence(entry: Entry, about: Any, text: str | None) -> SafeString:
    """Return an entry as a sentence for a page. `about` is its object as text or link, `text` what was searched."""
    template = _template(entry)
    values = _values(template, entry, about, text)
    return format_html(template, **values) if values else format_html("{}", template)


def plain_sentence(entry: Entry, about: str, text: str | None) -> str:
    """Return the same for a file."""
    template = _template(entry)
    return template.format(**_values(template, entry, about, text))


def facts_of(entry: Entry, *, named: bool) -> list[tuple[str, str]]:
    """Return every fact of an entry with its name, in words where there are some.

    `named` is False where the entry speaks of conversations that the reader does not read: what would call them by name
    is left out then.
    """
    facts = entry.facts if named else _nameless(entry.facts)
    return [(str(FACTS.get(name, name)), value_of(name, value)) for name, value in sorted(facts.items())]


def _nameless(value: Any) -> Any:
    if isinstance(value, list):
        return [_nameless(each) for each in value]
    if isinstance(value, dict):
        return {name: _nameless(each) for name, each in value.items() if name not in _NAMING}
    return value


_NAMING = ("query", "file", "name")
"""Facts of what left that hold the title of a conversation, or the words that somebody looked for."""


def value_of(name: str, value: Any) -> str:
    """Return a fact's value in words; what people typed passes the masks."""
    if isinstance(value, list):
        return _("、").join(value_of(name, each) for each in value) or "—"
    if isinstance(value, dict):
        return _("、").join(f"{FACTS.get(key, key)} {value_of(key, each)}" for key, each in value.items()) or "—"
    known = _VALUES.get(name, {}).get(value) if value.__hash__ else None
    if known is not None:
        return str(known)
    if value is None or value == "":
        return "—"
    return _word(name, value)


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if name == "minutes" and isinstance(value, int):
        return length_name(value)
    if isinstance(value, str) and _MOMENT.match(value):
        return full(datetime.fromisoformat(value))
    if name in _NAMED:
        return _NAMED[name](str(value))
    return masking.masked(str(value))


_NAMED = {"role": title_of, "roles": title_of, "kind": request_name, "format": format_name}


def _template(entry: Entry) -> str:
    return str(DEEDS.get(entry.what, entry.what.replace("{", "").replace("}", "")))


def _values(template: str, entry: Entry, about: Any, text: str | None) -> Mapping[str, Any]:
    known: dict[str, Any] = {"about": about}
    if "text" not in entry.facts:
        known["text"] = masking.masked(text) if text is not None else _("检索词已清除")
    wanted = {name for _literal, name, _spec, _conversion in Formatter().parse(template) if name}
    return {name: known[name] if name in known else value_of(name, entry.facts.get(name)) for name in wanted}
