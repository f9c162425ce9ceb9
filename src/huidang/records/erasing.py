"""Erasure that the law demands: content and key of a message go, its leaf stays, and the log says on which ground.

Gone are the text, what only this kind of message has, names and bytes of its files, and the key under which its raw
bytes and the salts of its leaf lie, of the message and of everything that edited it. The leaf tells nothing without
them, and every proof that was ever made stays valid. The leaf of an erasure is the canonical JSON of
`{"at": ms, "entry": leaf hash in hex, "ground": …, "type": "erasure", "v": 1}`: it names nobody.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import rfc8785
from django.db import connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from huidang.kernel import blobs, clock, compacting, events, jobs, ledger, merkle
from huidang.kernel.access import Can
from huidang.kernel.jobs import Run
from huidang.kernel.problems import Absent, Problem
from huidang.people import audit, requests
from huidang.people.readers import Reader
from huidang.records import filetexts, states
from huidang.records.erasures import erasures_of
from huidang.records.leaves import ERASURE_KIND
from huidang.records.models import Attachment, Conversation, Erasure, Message, MessageKey
from huidang.records.stored import ms_of

_REASON = "erasure that the law demands, of messages that were read as somebody who may take evidence"
_PURGE_INDEX_AFTER = timedelta(hours=1)


class Ground(models.TextChoices):
    """Why: the cases of article 47 of the Personal Information Protection Law, and an order from outside."""

    PURPOSE = "pipl-47-purpose", lazy("处理目的已实现或无法实现（个人信息保护法第47条第1项）")
    ENDED = "pipl-47-ended", lazy("保存期限已届满（个人信息保护法第47条第2项）")
    CONSENT = "pipl-47-consent", lazy("个人撤回同意（个人信息保护法第47条第3项）")
    UNLAWFUL = "pipl-47-unlawful", lazy("违法或违约处理（个人信息保护法第47条第4项）")
    ORDER = "order", lazy("主管机关或法院要求")


def erase(
    reader: Reader, conversation_id: int, message_ids: Iterable[int], *, ground: str, why: str, **facts: Any
) -> int:
    """Erase messages of a conversation with all that edited them; return how many entries were erased.

    Whether a second person has to agree is settled before, in `records.deletions`. Wants `EVIDENCE` over the
    conversation; `facts` go into the audit. Raises `Absent`, `Problem` (`ground-unknown`, `reason-wanted`). What was
    erased already is left alone.
    """
    if ground not in Ground.values:
        raise Problem("ground-unknown", _("选一个删除依据。"), ground=ground)
    wanted, why = set(message_ids), requests.checked_reason(why)
    # A legal hold beats every ground; once there are holds, it is asked here, of the rows that `_rows` returns.
    rows = _rows(reader, conversation_id, wanted)
    with transaction.atomic():
        _overwrite_what_is_freed()
        done = erasures_of(row.pk for row in rows)
        left = [row for row in rows if row.pk not in done]
        if left:
            _erase(left, ground)
            audit.note(
                "erase", by=reader, about=f"conversation:{conversation_id}", why=why, **facts,
                ground=ground, messages=[str(each) for each in sorted(wanted)], entries=len(left),
            )  # fmt: skip
            _tell(conversation_id, wanted)
    return len(left)


def leaf_bytes(entry_leaf: bytes, ground: str, at_ms: int) -> bytes:
    """Return the leaf of an erasure."""
    return rfc8785.dumps({"at": at_ms, "entry": entry_leaf.hex(), "ground": ground, "type": ERASURE_KIND, "v": 1})


def leaf_of(row: Erasure) -> bytes:
    """Return the leaf of a stored erasure as its row states it."""
    return leaf_bytes(bytes(row.entry_leaf), row.ground, ms_of(row.at))


def forget_files(run: Run) -> None:
    """Delete the files that only erased messages held, and what SQLite's journal keeps: the job `forget-files`."""
    for sha256 in run.args["files"]:
        if not Attachment.objects.unguarded(_REASON).filter(sha256=sha256).exists():
            blobs.remove(sha256)
    compacting.empty_journal()


def _rows(reader: Reader, conversation_id: int, wanted: set[int]) -> list[Message]:
    """Return the messages and the entries that point at them. Raises `Absent`."""
    mine = Message.objects.readable_by(reader, Can.EVIDENCE).filter(conversation_id=conversation_id)
    messages = list(mine.filter(pk__in=wanted, entry="message"))
    if not wanted or len(messages) != len(wanted):
        raise Absent
    pointing = mine.filter(target_key__in=[row.key for row in messages], target_key__gt="")
    return [*messages, *pointing]


def _tell(conversation_id: int, messages: Iterable[int]) -> None:
    (source,) = Conversation.objects.unguarded(_REASON).filter(pk=conversation_id).values_list("source_id", flat=True)
    facts = {"source": source, "conversation": conversation_id, "messages": sorted(messages)}
    events.emit("erasures", changed=[f"conversation:{conversation_id}"], **facts)


def _erase(rows: Sequence[Message], ground: str) -> None:
    ids, at = [row.pk for row in rows], clock.at_ms(clock.now_ms())
    hashes = dict(ledger.Leaf.objects.filter(index__in=[row.leaf_index for row in rows]).values_list("index", "hash"))
    made = [
        Erasure(
            entry_id=row.pk, conversation_id=row.conversation_id, entry_leaf=bytes(hashes[row.leaf_index]),
            ground=ground, at=at,
        )
        for row in rows
    ]  # fmt: skip
    said = [leaf_of(each) for each in made]
    first = ledger.append([
        ledger.Entry(merkle.leaf_hash(data), ERASURE_KIND, each.entry_id, data)
        for each, data in zip(made, said, strict=True)
    ])  # fmt: skip
    for place, each in enumerate(made, first):
        each.leaf_index = place
    Erasure.objects.bulk_create(made)
    MessageKey.objects.filter(message_id__in=ids).delete()
    Message.objects.unguarded(_REASON).erasing(ground).filter(pk__in=ids).update(text="", details=None)
    _forget_attachments(ids)
    states.restate({(row.conversation_id, row.target_key or row.key) for row in rows})
    jobs.enqueue("rebuild-index", key="rebuild-index", due_at=clock.now() + _PURGE_INDEX_AFTER)
    compacting.ask()


def _forget_attachments(ids: Sequence[int]) -> None:
    rows = Attachment.objects.unguarded(_REASON).filter(message_id__in=ids)
    files = sorted(set(rows.exclude(sha256="").values_list("sha256", flat=True)))
    rows.update(name="", ref="", sha256="", size=None, missing="erased")
    filetexts.forget(files)
    jobs.enqueue("forget-files", files=files)


def _overwrite_what_is_freed() -> None:
    """Have SQLite write zeros where the content lay, instead of only forgetting the place."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
