"""What may be typed: every verb with its options. Loads nothing of the house, so that `--help` is instant."""

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from huidang import __version__

ABOUT = "会档：客服会话档案 · the archive for customer-service chats"
AFTER = "HUIDANG_DATA 指定数据目录（默认 ./data）。退出码：0 完成，1 被拒绝或失败，2 用法不对。"

GROUNDS = ("pipl-47-purpose", "pipl-47-ended", "pipl-47-consent", "pipl-47-unlawful", "order")
"""`records.erasing.Ground`, which cannot be loaded here."""

Verbs = Any  # argparse keeps the type of `add_subparsers` to itself


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command; `run` in its result names the function as `module:function`."""
    parser = Parser(prog="huidang", description=ABOUT, epilog=AFTER)
    parser.add_argument("--version", action="version", version=f"huidang {__version__}")
    verbs = parser.add_subparsers(title="命令 · verbs", metavar="VERB", required=True, dest="verb")
    for add in VERBS:
        add(verbs)
    return parser


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line after the usage."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}\n")


def _verb(verbs: Verbs, name: str, about: str, run: str, *, result: bool = True) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run, json=False, archive=True)
    if result:
        parser.add_argument("--json", action="store_true", help="输出 JSON · print JSON")
    return parser


def _nouns(verbs: Verbs, name: str, about: str) -> Verbs:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=about, description=about)
    return parser.add_subparsers(title="动作 · actions", metavar="ACTION", required=True, dest="action")


def _as_user(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as", dest="as_user", metavar="USER", help="按此人的权限 · with this user's reach")


def _serve(verbs: Verbs) -> None:
    about = "启动网页和一个后台进程 · serve the pages and one worker"
    parser = _verb(verbs, "serve", about, "serve:serve", result=False)
    parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认只限本机 · address, loopback by default")
    parser.add_argument("--port", type=int, default=8000, help="端口 · port")
    parser.add_argument("--demo", action="store_true", help="演示公司，放在 data-demo · the demo company, in data-demo")
    parser.add_argument(
        "--insecure-http", action="store_true", help="允许在非本机地址上不加密 · allow plain HTTP beyond loopback"
    )


def _worker(verbs: Verbs) -> None:
    parser = _verb(verbs, "worker", "再加一个后台进程 · run a further worker", "serve:work", result=False)
    parser.add_argument(
        "--tied", action="store_true", help="标准输入关闭时停止 · stop when standard input closes (used by serve)"
    )
    parser.add_argument("--index-only", action="store_true", help="只建索引 · only follow the log with the index")


def _witness(verbs: Verbs) -> None:
    about = "为别家的档案见证检查点 · cosign the checkpoints of another party's archive"
    parser = _verb(verbs, "witness", about, "witness:witness", result=False)
    parser.set_defaults(archive=False)
    parser.add_argument(
        "--log", action="append", required=True, metavar="KEY", help="日志的公钥，可多个 · verifier key of a log"
    )
    parser.add_argument("--folder", default="witness", metavar="PATH", help="密钥和所见 · key and what was seen")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认只限本机 · address, loopback by default")
    parser.add_argument("--port", type=int, default=8010, help="端口，0 为任一空闲端口 · port, 0 for any free one")


def _ingest(verbs: Verbs) -> None:
    parser = _verb(verbs, "ingest", "导入聊天记录文件 · read chat exports", "ingesting:ingest")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="文件、文件夹或 ZIP · files, folders or ZIPs")
    parser.add_argument("--format", choices=["auto"], default="auto", help="按内容识别 · recognised by content")
    parser.add_argument("--department", default="", metavar="NAME", help="新会话归入的部门 · department of new ones")
    parser.add_argument("--timezone", default="Asia/Shanghai", help="文件未注明时的时区 · zone where none is stated")
    parser.add_argument("--agent", action="append", default=[], metavar="NAME", help="客服的名字 · name of an agent")
    parser.add_argument("--workers", type=int, metavar="N", help="解析进程数，默认按核数 · parsing processes")


def _search(verbs: Verbs) -> None:
    parser = _verb(verbs, "search", "搜索消息 · find messages", "reading:search")
    parser.add_argument("query", metavar="QUERY", help="查询语言 · query language")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="最多几条 · at most so many")
    parser.add_argument("--sort", choices=["new", "old", "score"], default="new", help="顺序 · order")
    _as_user(parser)


def _show(verbs: Verbs) -> None:
    parser = _verb(verbs, "show", "打印会话 · print a transcript", "reading:show")
    parser.add_argument("conversation", type=int, metavar="CONVERSATION", help="会话编号 · id of the conversation")
    parser.add_argument("--around", type=int, metavar="MESSAGE", help="只看这条前后 · only around this message")
    _as_user(parser)


def _export(verbs: Verbs) -> None:
    parser = _verb(verbs, "export", "写成文件 · write a file", "exporting:export")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--query", metavar="Q", help="查到的全部消息 · every message that a query finds")
    what.add_argument("--conversation", type=int, action="append", metavar="ID", help="会话，可多个 · conversation")
    what.add_argument("--excerpt", type=int, metavar="ID", help="摘录 · excerpt")
    parser.add_argument("--from", dest="since", default="", metavar="T", help="从此时起 · from this moment on")
    parser.add_argument("--to", dest="until", default="", metavar="T", help="到此时止（含这一分钟）· up to this moment")
    parser.add_argument("--format", required=True, metavar="F", help="格式，可用逗号连写多个 · formats, with commas")
    parser.add_argument("-o", "--output", required=True, metavar="PATH", help="写到哪里 · where to")
    parser.add_argument("--watermark", default="", metavar="TEXT", help="水印里加上的话 · added to the watermark")
    parser.add_argument("--mask", choices=["none", "inside", "outside"], default="inside", help="遮盖 · masks")
    hidden = "涂黑正文里的这些字，可写多次 · words to black out, repeatable"
    parser.add_argument("--black-out", action="append", default=[], metavar="WORDS", help=hidden)
    whole = "整条隐藏的消息，可写多次 · a message to hide whole, repeatable"
    parser.add_argument("--hide", action="append", default=[], type=int, metavar="MESSAGE", help=whole)
    parser.add_argument("--reason", default="", metavar="R", help="事由，不遮盖时必填 · reason, wanted without masks")
    _as_user(parser)


def _verify(verbs: Verbs) -> None:
    about = "校验整个档案，或查对一个导出的文件 · verify the archive, or a file that left it"
    parser = _verb(verbs, "verify", about, "care:verify")
    parser.add_argument("file", nargs="?", metavar="FILE", help="导出的文件 · an exported file")


def _erase(verbs: Verbs) -> None:
    parser = _verb(verbs, "erase", "依法删除消息的内容 · erase what the law demands", "erasing:erase")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--message", type=int, action="append", metavar="ID", help="消息，可多个 · message")
    what.add_argument(
        "--person", type=int, metavar="ID", help="此账号所属客户的全部消息 · all of a customer's messages"
    )
    parser.add_argument("--ground", required=True, choices=GROUNDS, help="依据 · ground")
    parser.add_argument("--reason", required=True, metavar="R", help="事由 · reason")
    _as_user(parser)


def _stats(verbs: Verbs) -> None:
    _as_user(_verb(verbs, "stats", "按平台、部门、日期计数 · counts and the state of the index", "care:stats"))


def _index(verbs: Verbs) -> None:
    actions = _nouns(verbs, "index", "搜索索引 · the search index")
    _verb(actions, "rebuild", "重建索引 · build it anew", "care:rebuild_index")


def _doctor(verbs: Verbs) -> None:
    parser = _verb(verbs, "doctor", "体检，或查一条记录去了哪里 · health, or where a record went", "care:doctor")
    parser.add_argument("--person", default="", help="发送人的名字或账号 · name or id of the sender")
    parser.add_argument("--around", default="", metavar="TIME", help="大约时间，前后半小时 · time, half an hour around")
    parser.add_argument("--text", default="", metavar="T", help="记得的几个字 · some of the words")


def _user(verbs: Verbs) -> None:
    actions = _nouns(verbs, "user", "账号 · accounts")
    _verb(actions, "list", "列出账号和角色 · print the accounts", "staff:list_users")
    add = _verb(actions, "add", "新增账号，打印一次性链接 · add an account, print its link", "staff:add_user")
    add.add_argument("username", help="账号 · account name")
    add.add_argument("--name", default="", help="姓名 · name of the person")
    add.add_argument("--role", action="append", default=[], help="角色，可多个 · role, may be repeated")
    add.add_argument("--department", default="", metavar="NAME", help="角色的范围，不写为全公司 · reach of the roles")
    again = _verb(actions, "invite", "再打印一个一次性链接 · print a new link", "staff:invite_user")
    again.add_argument("username", help="账号 · account name")


def _department(verbs: Verbs) -> None:
    actions = _nouns(verbs, "department", "部门 · departments")
    _verb(actions, "list", "列出部门树 · print the tree", "staff:list_departments")
    add = _verb(actions, "add", "新增部门 · add a department", "staff:add_department")
    add.add_argument("path", metavar="PATH", help="名称或路径，如 客服中心/售后组 · name or path")


def _source(verbs: Verbs) -> None:
    actions = _nouns(verbs, "source", "来源 · sources")
    _verb(actions, "list", "列出来源 · print the sources", "intake:list_sources")


VERBS: tuple[Callable[[Verbs], None], ...] = (
    _serve,
    _worker,
    _ingest,
    _search,
    _show,
    _export,
    _verify,
    _erase,
    _stats,
    _index,
    _doctor,
    _user,
    _department,
    _source,
    _witness,
)
