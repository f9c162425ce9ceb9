"""The standing cast: the company Wangshan, its people, and a few conversations that everybody's tests may use.

    望山家电 ─ 客服中心 ─ 售前组
             │          └ 售后组
             └ 商务部

周敏 zhoumin, agent of 售后组 · 赵岚 zhaolan, supervisor of 客服中心 with all below it · 法务 fawu, compliance of the
whole company · 管理员 admin, who keeps accounts and reads no chat · 审计员 auditor · 陈未 chenwei, without any grant.

`write` stores rows straight into the tables, for tests of reading; tests of appending go through the appender.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from huidang.people import departments, grants
from huidang.people.models import Department, User
from huidang.people.readers import Reader
from huidang.records.entries import key_of
from huidang.records.models import Attachment, Conversation, Message, Participant, RawBatch, Source, Speaker, State

START = datetime(2024, 11, 18, 1, 0, tzinfo=UTC)
PASSWORD = "Wangshan-2024-archive"
MOBILE, RESIDENT, CARD = "13812345678", "11010519491231002X", "6222021234567890128"


@dataclass
class Company:
    """Who and what stands on the stage."""

    departments: dict[str, Department] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    source: Source = field(default_factory=Source)
    conversations: dict[str, Conversation] = field(default_factory=dict)

    def reader(self, username: str) -> Reader:
        """Return what one of the cast may see."""
        return grants.reader_for(self.users[username])


def set_stage() -> Company:
    """Store the company, its people and one conversation in each place: 售后, 售前, 商务, and the intake."""
    company = Company()
    for name in (
        "望山家电",
        "望山家电/客服中心",
        "望山家电/客服中心/售前组",
        "望山家电/客服中心/售后组",
        "望山家电/商务部",
    ):
        company.departments[name.rpartition("/")[2]] = departments.ensure(name)
    hire(company)
    company.source = Source.objects.create(platform="dingtalk", workspace="wangshan", name="钉钉", created_at=START)
    for name, place in (("售后", "售后组"), ("售前", "售前组"), ("商务", "商务部"), ("待分拣", None)):
        company.conversations[name] = open_conversation(company, title=f"{name}群", department=place)
        write(company.conversations[name], f"您好，我的电话是{MOBILE}", sender="王女士", role="customer")
        write(company.conversations[name], "好的，已经帮您登记", sender="周敏", role="agent", minutes=2)
    return company


def hire(company: Company) -> None:
    """Store the people and their grants."""
    for username, name in (
        ("zhoumin", "周敏"),
        ("zhaolan", "赵岚"),
        ("fawu", "法务"),
        ("admin", "管理员"),
        ("auditor", "审计员"),
        ("chenwei", "陈未"),
    ):
        company.users[username] = User.objects.create(username=username, name=name, password=make_password(None))
    grants.give(company.users["zhoumin"], "agent", over=company.departments["售后组"])
    grants.give(company.users["zhaolan"], "supervisor", over=company.departments["客服中心"])
    grants.give(company.users["fawu"], "compliance", everything=True)
    grants.give(company.users["admin"], "administrator", everything=True)
    grants.give(company.users["auditor"], "auditor", everything=True)


def open_conversation(company: Company, *, title: str, department: str | None, **more: Any) -> Conversation:
    """Store an empty conversation in a department of the company."""
    return Conversation.objects.create(
        source=company.source,
        platform_id=f"cid-{title}",
        title=title,
        kind="group",
        department=company.departments[department] if department else None,
        key=b"",
        created_at=START,
        **more,
    )


def write(
    conversation: Conversation,
    text: str,
    *,
    sender: str = "王女士",
    role: str = "customer",
    minutes: float = 0,
    number: int | None = None,
    **more: Any,
) -> Message:
    """Store a message `minutes` after the start; `id` is its platform id."""
    sent_at = START + timedelta(minutes=minutes)
    serial = conversation.message_count
    pk = (int(sent_at.timestamp() * 1000) << 20) + (number if number is not None else conversation.pk * 1000 + serial)
    account, _ = Participant.objects.get_or_create(
        source=conversation.source, platform_id=f"u-{sender}", defaults={"name": sender, "role": role}
    )
    key = key_of(more.pop("id", f"msg-{serial}"))
    values = {"entry": "message", "kind": "text", "precision": "s", "as_of_at": sent_at, "received_at": sent_at} | more
    message = Message.objects.create(
        id=pk,
        conversation=conversation,
        key=key,
        sender=account,
        sender_name=sender,
        role=role,
        sent_at=sent_at,
        text=text,
        leaf_index=pk % 2**31,
        raw_batch=_batch(),
        raw_offset=0,
        raw_size=0,
        **values,
    )
    Speaker.objects.unguarded("the stage is ours").get_or_create(conversation=conversation, participant=account)
    _count(conversation, pk)
    return message


def edit(message: Message, text: str, *, minutes: float = 1) -> Message:
    """Store an edit of a message."""
    entry = _further(message, "edit", text, minutes)
    state = _state(message)
    _keep(state, text_entry_id=entry.pk, edits=state.edits + 1, edited_at=entry.sent_at)
    return entry


def recall(message: Message, *, minutes: float = 1) -> Message:
    """Store a recall of a message."""
    entry = _further(message, "recall", "", minutes)
    state = _state(message)
    _keep(state, recall_entry_id=entry.pk, recalled_at=entry.sent_at)
    return entry


def attach(message: Message, *, kind: str = "image", name: str = "凭证.jpg", **more: Any) -> Attachment:
    """Store a file of a message."""
    values = {"position": 0, "mime": "image/jpeg", "size": 12, "sha256": "0" * 64} | more
    return Attachment.objects.create(
        conversation_id=message.conversation_id, message_id=message.pk, kind=kind, name=name, **values
    )


def _further(message: Message, entry: str, text: str, minutes: float) -> Message:
    conversation = Conversation.objects.unguarded("the stage is ours").get(pk=message.conversation_id)
    later = (message.sent_at - START).total_seconds() / 60 + minutes
    return write(
        conversation,
        text,
        entry=entry,
        target_key=message.key,
        minutes=later,
        id=f"{entry}-{conversation.message_count}",
    )


def _state(message: Message) -> State:
    rows = State.objects.unguarded("the stage is ours")
    state: State
    state, _ = rows.get_or_create(message_id=message.pk, defaults={"conversation_id": message.conversation_id})
    return state


def _keep(state: State, **values: Any) -> None:
    State.objects.unguarded("the stage is ours").filter(pk=state.pk).update(**values)


def _batch() -> RawBatch:
    return RawBatch.objects.first() or RawBatch.objects.create(sha256="0" * 64, size=0, origin={}, stored_at=START)


def _count(conversation: Conversation, pk: int) -> None:
    conversation.message_count += 1
    conversation.first_message_id = min(conversation.first_message_id or pk, pk)
    conversation.last_message_id = max(conversation.last_message_id or pk, pk)
    Conversation.objects.unguarded("the stage is ours").filter(pk=conversation.pk).update(
        message_count=conversation.message_count,
        first_message_id=conversation.first_message_id,
        last_message_id=conversation.last_message_id,
    )
