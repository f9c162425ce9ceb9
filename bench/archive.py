"""An archive of any length for `bench/search.py`: the corpus as rows and as index, written past the way in.

Forty departments, three platforms, one conversation for 250 messages, 300 owners. The reader of the benchmark is a
person of that archive: reads twenty departments and their own conversations, unmasks five, sees recalls of one.
Leaves, keys and raw bytes are left out; `bench/ingest.py` measures those.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from django.db import transaction

from huidang.kernel import bulk, clock
from huidang.people import grants
from huidang.people.models import Department, Role, User
from huidang.people.readers import Reader
from huidang.records.models import Conversation, Message, Participant, RawBatch, Source, State
from huidang.search import generations
from huidang.search.engines.tantivy import TantivyIndex
from huidang.search.index import Document
from huidang.upkeep.schema import bring_up_to_date

DEPARTMENTS, OWNERS, SENDERS = 40, 300, 5000
PLATFORMS = ("dingtalk", "wecom", "slack")
ASKING = range(3, 53)
"""People who ask; each may see the same departments, and conversations of their own."""
BATCH = 20_000
_MESSAGE = (
    "id", "conversation_id", "key", "entry", "target_key", "kind", "sender_id", "sender_name", "role", "sent_at",
    "precision", "zone", "text", "reply_to", "thread", "as_of_at", "received_at", "leaf_index", "raw_batch_id",
    "raw_offset", "raw_size",
)  # fmt: skip
_SPAN = (
    f"UPDATE {Conversation._meta.db_table} SET message_count = %s, first_message_id = %s, last_message_id = %s"
    " WHERE id = %s"
)
_STATE = ("message_id", "conversation_id", "edits", "recalled_at")


def found(rooms: int) -> None:
    """Store who and where."""
    bring_up_to_date()
    with transaction.atomic():
        _settle(rooms)
        _employ()


def _settle(rooms: int) -> None:
    now = clock.now()
    Department.objects.bulk_create(Department(pk=each, name=f"客服{each}组") for each in range(1, DEPARTMENTS + 1))
    User.objects.bulk_create(
        User(pk=each, username=f"kf{each:03d}", name=f"客服{each:03d}", password="!") for each in range(1, OWNERS + 1)
    )
    Source.objects.bulk_create(
        Source(pk=place + 1, platform=name, workspace="bench", name=name, created_at=now)
        for place, name in enumerate(PLATFORMS)
    )
    senders = range(1, SENDERS + 1)
    Participant.objects.bulk_create(
        (Participant(pk=each, source_id=1, platform_id=f"u{each}", name=f"用户{each}") for each in senders),
        batch_size=500,
    )
    RawBatch.objects.bulk_create([RawBatch(pk=1, sha256="0" * 64, size=0, origin={}, stored_at=now)])
    Conversation.objects.unguarded("the benchmark's own").bulk_create(
        (
            Conversation(
                pk=room, source_id=room % 3 + 1, platform_id=f"c{room}", title=f"服务群 {room}", kind="group",
                department_id=room % DEPARTMENTS + 1, owner_id=room % OWNERS + 1, key=b"", created_at=now,
            )
            for room in range(1, rooms + 1)
        ),
        batch_size=500,
    )  # fmt: skip


def _employ() -> None:
    Role.objects.bulk_create(
        [
            Role(name="bench-reader", capabilities=["read"]),
            Role(name="bench-unmasker", capabilities=["unmask"]),
            Role(name="bench-recaller", capabilities=["recalled"]),
        ]
    )
    departments = {each.pk: each for each in Department.objects.all()}
    for user in User.objects.filter(pk__in=ASKING):
        for each in range(1, 21):
            grants.give(user, "bench-reader", over=departments[each])
        grants.give(user, "bench-reader", own=True)
        for each in range(1, 6):
            grants.give(user, "bench-unmasker", over=departments[each])
        grants.give(user, "bench-recaller", over=departments[4])


def reader() -> Reader:
    """Return what the person who asks may see."""
    return grants.reader_for(User.objects.get(pk=ASKING[0]))


def fill(documents: Iterable[Document]) -> tuple[TantivyIndex, dict[str, float]]:
    """Store the rows and build the index, and return it with what the index alone cost."""
    generation, spans = generations.create(), dict[int, tuple[int, int, int]]()
    engine, seconds, count = TantivyIndex(generation.engine), 0.0, 0
    for batch in _batches(documents):
        seconds += _timed(lambda some=batch: engine.put(some, new=True))
        with transaction.atomic():
            _store(batch, count)
        count += len(batch)
        for each in batch:
            said, first, _last = spans.get(each.conversation, (0, each.id, each.id))
            spans[each.conversation] = (said + 1, first, each.id)
    seconds += _timed(engine.commit) + _timed(engine.close)
    mark = generation.mark()
    assert mark
    generation.write_mark(replace(mark, stamp=engine.stamp()))
    generations.adopt(generation)
    with transaction.atomic():
        bulk.execute(_SPAN, [(*span, room) for room, span in spans.items()])
    engine.reload()
    size = sum(each.stat().st_size for each in generation.engine.rglob("*") if each.is_file())
    return engine, {"messages_per_second": round(count / seconds), "bytes_per_message": round(size / count, 1)}


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    rest = iter(documents)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _store(batch: list[Document], first: int) -> None:
    bulk.insert(Message._meta.db_table, _MESSAGE, (_row(each, first + at) for at, each in enumerate(batch)))
    recalled = [each for each in batch if "recalled" in each.flags]
    bulk.insert(
        State._meta.db_table,
        _STATE,
        ((each.id, each.conversation, 0, bulk.moment((each.id >> 20) + 60_000)) for each in recalled),
    )


def _row(document: Document, number: int) -> tuple[object, ...]:
    """Return the row of a message; its leaf lies before the first one of the log, which therefore goes on by itself."""
    shown, full, recalled, recalled_full = document.texts
    sent_at = bulk.moment(document.id >> 20)
    text = (full or recalled_full or shown or recalled)[0]
    return (
        document.id, document.conversation, f"m{number}", "message", "", document.kind, document.sender,
        f"用户{document.sender}", "", sent_at, "s", "", text, "", "", sent_at, sent_at, -1 - number, 1, 0, 0,
    )  # fmt: skip
