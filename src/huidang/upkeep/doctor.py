"""How the house is, and where a record went: findings in one sentence each."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from huidang import search
from huidang.kernel import clock, jobs, ledger, secrets
from huidang.kernel.problems import Problem
from huidang.people.readers import local_operator
from huidang.records.models import Conversation, Message, Participant
from huidang.settings import HOUSE
from huidang.sources.models import Import, Quarantine

LEAST_FREE_BYTES = 1 << 30
OLDEST_CHECKPOINT = timedelta(hours=1)
MOST_BEHIND = 1000
AROUND = timedelta(minutes=30)
WHY = "the doctor says where a record is, to the person with a shell on the machine"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `code` for programs, `text` for people, `facts` behind it."""

    code: str
    ok: bool
    text: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody remembers of a record: a name or id, a time (`2026-03-18 14:05`), some of the words."""

    person: str = ""
    around: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.person or self.around or self.text)


def examine() -> list[Finding]:
    """Look at everything that can go wrong without anybody noticing."""
    return [look() for look in EXAMINATIONS]


def _database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding("database", ok=True, text=f"数据库正常（{connection.vendor}）。")


def _key() -> Finding:
    try:
        secrets.site_key()
    except Problem as problem:
        return Finding("key", ok=False, text=problem.text, facts=problem.facts)
    inside = HOUSE.keys.is_relative_to(HOUSE.data)
    text = "密钥在数据目录里：拷走数据就拷走了密钥，请移出。" if inside else "密钥可用，与数据分开存放。"
    return Finding("key", ok=not inside, text=text)


def _disk() -> Finding:
    free = shutil.disk_usage(HOUSE.data).free
    enough = free >= LEAST_FREE_BYTES
    text = f"磁盘剩余 {free / 1e9:.1f} GB{'。' if enough else '，不足 1 GB，导入会中断。'}"
    return Finding("disk", ok=enough, text=text, facts={"free_bytes": free})


def _worker() -> Finding:
    alive = jobs.is_worked()
    return Finding("worker", ok=alive, text="后台进程在运行。" if alive else "没有后台进程：运行 huidang serve。")


def _failures() -> Finding:
    failed = jobs.failures().count()
    text = f"{failed} 个后台任务失败，需要处理。" if failed else "没有失败的后台任务。"
    return Finding("jobs", ok=not failed, text=text, facts={"failed": failed})


def _index() -> Finding:
    behind = max(ledger.size() - search.applied_now(), 0)
    text = f"索引还差 {behind} 条。" if behind else "索引已跟上。"
    return Finding("index", ok=behind <= MOST_BEHIND, text=text, facts={"behind": behind})


def _quarantine() -> Finding:
    waiting = Quarantine.objects.filter(solved_at=None).count()
    text = f"隔离区有 {waiting} 条读不懂的原文，没有丢，也没有入档。" if waiting else "隔离区是空的。"
    return Finding("quarantine", ok=not waiting, text=text, facts={"waiting": waiting})


def _checkpoint() -> Finding:
    latest = ledger.Checkpoint.objects.order_by("-size").first()
    missing = ledger.size() - (latest.size if latest else 0)
    if not missing:
        return Finding("checkpoint", ok=True, text="检查点覆盖全部日志。" if latest else "日志是空的，还没有检查点。")
    since = latest.created_at if latest else ledger.Log.objects.get(id=1).created_at
    text = f"最近的检查点之后又有 {missing} 条日志。" if latest else f"日志有 {missing} 条，还没有检查点。"
    return Finding("checkpoint", ok=clock.now() - since <= OLDEST_CHECKPOINT, text=text, facts={"beyond": missing})


EXAMINATIONS: tuple[Callable[[], Finding], ...] = (
    _database,
    _key,
    _disk,
    _worker,
    _failures,
    _index,
    _quarantine,
    _checkpoint,
)


def look_for(sought: Sought) -> list[Finding]:
    """Say where a record is, or what speaks for its never having come. Raises `Problem` time-unreadable."""
    moment = _read_time(sought.around)
    found = _stored(sought, moment)
    if found:
        return found
    reasons = [*_known_person(sought), *_imports(moment), *_quarantined(sought)]
    return [Finding("record-absent", ok=False, text="档案里没有这样的消息。"), *reasons]


def _read_time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Problem("time-unreadable", f"时间写成 2026-03-18 14:05 这样：{text}", stated=text) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(HOUSE.timezone))


def _stored(sought: Sought, moment: datetime | None) -> list[Finding]:
    mine = Message.objects.unguarded(WHY).select_related("conversation__department")
    if sought.person:
        named = Q(sender__name__icontains=sought.person) | Q(sender__platform_id=sought.person)
        mine = mine.filter(named | Q(sender_name__icontains=sought.person))
    if sought.text:
        mine = mine.filter(text__contains=sought.text)
    if moment:
        mine = mine.filter(sent_at__range=(moment - AROUND, moment + AROUND))
    return [_place(message) for message in mine.order_by("-id")[:10]]


def _place(message: Message) -> Finding:
    department = message.conversation.department
    where = department.name if department else "待分拣（未分部门的会话只有分拣的人看得到）"
    text = f"{message.sent_at:%Y-%m-%d %H:%M} UTC，会话 {message.conversation_id}，消息 {message.pk}，部门：{where}"
    return Finding("record-found", ok=True, text=text, facts={"id": str(message.pk), "entry": message.entry})


def _known_person(sought: Sought) -> Iterator[Finding]:
    if not sought.person:
        return
    known = Participant.objects.filter(Q(name__icontains=sought.person) | Q(platform_id=sought.person)).count()
    text = (
        f"有 {known} 个账号叫「{sought.person}」。"
        if known
        else f"没有账号叫「{sought.person}」：此人的聊天还没有导入。"
    )
    yield Finding("person", ok=bool(known), text=text, facts={"accounts": known})


def _imports(moment: datetime | None) -> Iterator[Finding]:
    if moment is None:
        return
    around = Message.objects.unguarded(WHY).filter(sent_at__range=(moment - AROUND, moment + AROUND)).count()
    text = (
        f"那前后半小时共存有 {around} 条消息。"
        if around
        else "那前后半小时没有任何消息：来源当时没有送来，或没有导入。"
    )
    yield Finding("around", ok=bool(around), text=text, facts={"messages": around})
    for row in Import.objects.filter(state=Import.FAILED).order_by("-created_at")[:3]:
        yield Finding("import-failed", ok=False, text=f"导入「{row.name}」没有完成：{row.error}")


def _quarantined(sought: Sought) -> Iterator[Finding]:
    waiting = Quarantine.objects.filter(solved_at=None).count()
    if waiting:
        text = f"隔离区有 {waiting} 条读不懂的原文，可能就在其中。"
        yield Finding("quarantine", ok=False, text=text, facts={"waiting": waiting})
    if not Conversation.objects.readable_by(local_operator()).exists():
        yield Finding(
            "archive-empty", ok=False, text="档案是空的：先用 huidang ingest 导入。", facts={"text": sought.text}
        )
