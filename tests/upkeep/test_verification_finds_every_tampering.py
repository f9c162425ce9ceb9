"""The verification passes over an honest archive and names whatever was changed in it, wherever it lies."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from huidang.kernel import blobs, ledger, merkle, notes, secrets
from huidang.kernel.ledger import Checkpoint, Leaf, Log, Node
from huidang.records import Origin, append
from huidang.records.drafts import Draft, MediaDraft, SourceDraft
from huidang.records.models import Attachment, Conversation, Message, MessageKey, Participant, RawBatch, Source
from huidang.upkeep.verify import verify_archive

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = 1_732_000_000_000
FILES = {"files/1": b"a contract", "files/2": b"a picture"}
SOURCE = SourceDraft("wecom", "wangshan")
ODD = {
    "rank": 1.5,
    "n": 2**60,
    "big": [10**400, 1e22, -0.0],
    "\ud83d": "\x00\ud83d",
    "not": float("nan"),
    "é": ("𠮷", None),
}


def say(number: int, **more: Any) -> Draft:
    return Draft(
        "room", AT + number // 3 * 1000, id=f"m{number}", sender=f"u{number % 4}", text=f"第{number}条", **more
    )


@pytest.fixture(autouse=True)
def archive() -> None:
    """Three batches with files, an edit, a recall, a message without an id, and a checkpoint after each."""
    origin = Origin(source=SOURCE, open_media=lambda ref: io.BytesIO(FILES[ref]) if ref in FILES else None)
    image = (MediaDraft("image", name="合同.png", ref="files/1"), MediaDraft("file", name="不在.pdf", ref="files/9"))
    append([say(number) for number in range(300)], origin)
    ledger.checkpoint()
    append([say(300, media=image), say(301, media=(MediaDraft("image", ref="files/2"),))], origin)
    ledger.checkpoint()
    append(
        [
            Draft(
                "room",
                AT + 200_000,
                entry="edit",
                target="m5",
                text="改过的",
                sender="u1",
                details={"rank": 1.5, "n": 2**60},
            ),
            Draft("room", AT + 300_000, entry="recall", target="m6"),
            Draft("other", AT + 1, text="没有编号的消息 \ud83d\ud83d 𠮷", sender="u9", sender_name="张\x00三"),
            Draft("other", AT + 1, text="没有编号的消息 \ud83d\ud83d 𠮷", sender="u9", sender_name="张\x00三"),
            Draft("other", AT + 2, id="empty", reply_to="m1", thread="m1", zone="Asia/Shanghai"),
        ],
        origin,
    )
    ledger.checkpoint()


def codes() -> set[str]:
    return {problem["code"] for problem in verify_archive()["problems"]}


def messages() -> Any:
    return Message.objects.unguarded("test")


def attachments() -> Any:
    return Attachment.objects.unguarded("test")


def change(table: Any, row: int, **values: Any) -> None:
    """Write as somebody with the database's password would: past the application."""
    column = table._meta.pk.column
    names = ", ".join(f'"{name}" = %s' for name in values)
    statement = f'UPDATE "{table._meta.db_table}" SET {names} WHERE "{column}" = %s'
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values.values(), row])


def remove(table: Any, row: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table._meta.db_table}" WHERE "{table._meta.pk.column}" = %s', [row])


def pick(key: str = "m7") -> Any:
    return messages().get(key=key)


def test_an_honest_archive_verifies() -> None:
    seen: list[tuple[int, int]] = []
    result = verify_archive(lambda done, total: seen.append((done, total)))
    assert result["problems"] == []
    assert result["ok"]
    assert result["checked"] == {
        "leaves": 309, "nodes": 1, "checkpoints": 3, "entries": 307, "files": 2, "raw batches": 3, "blobs": 2,
    }  # fmt: skip
    assert seen[-1] == (309, 309)


def test_an_empty_archive_verifies() -> None:
    for table in (Checkpoint, Leaf, Node):
        table.objects.all().delete()
    Log.objects.update(size=0)
    with connection.cursor() as cursor:
        for model in (Attachment, Message, RawBatch):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
    assert verify_archive()["ok"]


FACTS: dict[str, Any] = {
    "key": "m9999",
    "entry": "delete",
    "target_key": "m8",
    "kind": "image",
    "sender_name": "别人",
    "role": "agent",
    "precision": "ms",
    "zone": "UTC",
    "text": "第8条",
    "reply_to": "m8",
    "thread": "m8",
    "details": '{"x": 1}',
}


@pytest.mark.parametrize("column", FACTS)
def test_a_changed_fact_is_found(column: str) -> None:
    change(Message, pick().id, **{column: FACTS[column]})
    assert codes() == {"entry-changed"}


@pytest.mark.parametrize("column", ["sent_at", "as_of_at", "received_at"])
def test_a_changed_time_is_found(column: str) -> None:
    change(Message, pick().id, **{column: getattr(pick(), column) + timedelta(milliseconds=1)})
    assert codes() >= {"entry-changed"}


def test_another_sender_is_found() -> None:
    change(Message, pick().id, sender_id=Participant.objects.get(platform_id="u9").id)
    assert codes() == {"entry-changed"}


def test_another_conversation_is_found() -> None:
    change(Message, pick().id, conversation_id=Conversation.objects.unguarded("test").get(platform_id="other").id)
    assert codes() == {"key-lost"}  # the secret opens under its own conversation's key alone


@pytest.mark.parametrize(
    ("table", "values"),
    [(Participant, {"platform_id": "u99"}), (Conversation, {"platform_id": "x"}), (Source, {"account": "x"})],
)
def test_a_renamed_account_conversation_or_source_is_found(table: Any, values: dict[str, str]) -> None:
    row = {Participant: pick().sender_id, Conversation: pick().conversation_id, Source: Source.objects.get().id}[table]
    change(table, row, **values)
    assert codes() == {"entry-changed"}


def test_two_messages_in_exchanged_order_are_found() -> None:
    first, second = pick("m6"), pick("m7")
    for table, column in ((Message, "id"), (MessageKey, "message_id")):
        for old, new in ((first.id, 1), (second.id, first.id), (1, second.id)):
            change(table, old, **{column: new})
    for leaf, row in ((first.leaf_index, second.id), (second.leaf_index, first.id)):
        change(Leaf, leaf, subject_id=row)
    assert codes() == {"entry-misplaced"}


def test_an_id_of_another_time_is_found() -> None:
    row, moved = pick().id, pick().id + (1 << 20)
    change(Message, row, id=moved)
    change(MessageKey, row, message_id=moved)
    change(Leaf, pick().leaf_index, subject_id=moved)
    assert codes() == {"entry-misplaced"}


def test_an_omitted_message_is_found() -> None:
    remove(Message, pick().id)
    assert codes() == {"entry-missing"}


def test_an_added_message_is_found() -> None:
    copy = pick()
    values = {field.attname: getattr(copy, field.attname) for field in Message._meta.concrete_fields}
    values |= {"id": copy.id + 5, "key": "forged"}
    with connection.cursor() as cursor:
        names, marks = ", ".join(f'"{name}"' for name in values), ", ".join(["%s"] * len(values))
        cursor.execute(f'INSERT INTO "{Message._meta.db_table}" ({names}) VALUES ({marks})', list(values.values()))
    assert "entry-unlogged" in codes()


def test_a_lost_key_is_found() -> None:
    remove(MessageKey, pick().id)
    assert codes() == {"key-lost"}


def test_a_changed_leaf_is_found_in_the_tree_and_at_its_message() -> None:
    change(Leaf, 7, hash=bytes(32))
    assert codes() == {"entry-changed", "node-changed", "root-changed"}


def test_a_rewritten_message_with_its_leaf_and_nodes_is_found_by_the_signed_root() -> None:
    """The forger knows everything but the site key."""
    change(Leaf, 301, hash=merkle.leaf_hash(b"forged"))
    root, checkpoint = ledger.root(309), Checkpoint.objects.get(size=309)
    forged = notes.Signer(ledger.origin(), secrets.new_key()).sign(str(ledger.Head(ledger.origin(), 309, root)))
    change(Checkpoint, 309, root=root, note=forged)
    assert {"checkpoint-unsigned", "root-changed"} <= codes()
    change(Checkpoint, 309, note=checkpoint.note)
    assert "checkpoint-changed" in codes()


def test_a_forged_public_key_does_not_help() -> None:
    change(Log, 1, verifier=str(notes.Signer(ledger.origin(), bytes(32)).verifier))
    assert "log-key-wrong" in codes()


def test_a_removed_leaf_is_found() -> None:
    remove(Leaf, 7)
    assert codes() >= {"leaf-missing", "root-changed", "entry-unlogged"}


def test_an_extra_leaf_is_found() -> None:
    Leaf.objects.create(index=309, hash=bytes(32), kind="entry", subject_id=1)
    assert codes() == {"leaf-extra"}


def test_a_shortened_log_is_found() -> None:
    change(Log, 1, size=308)
    assert codes() >= {"leaf-extra", "log-shortened"}


def test_a_changed_or_missing_node_is_found() -> None:
    node = Node.objects.get()
    change(Node, node.id, hash=bytes(32))
    assert codes() == {"node-changed"}
    remove(Node, node.id)
    assert codes() == {"node-missing"}


def overwrite(path: Path, edit: Callable[[bytearray], None]) -> None:
    content = bytearray(path.read_bytes())
    edit(content)
    path.chmod(0o600)
    path.write_bytes(bytes(content))


def flip(content: bytearray) -> None:
    content[len(content) // 2] ^= 1


@pytest.fixture
def restored() -> Any:
    """Blobs outlive the transaction of a test: put back what it spoiled."""
    kept: dict[Path, bytes] = {}

    def spoil(sha256: str, edit: Callable[[bytearray], None] | None) -> None:
        path = blobs.path(sha256)
        kept[path] = path.read_bytes()
        if edit:
            overwrite(path, edit)
        else:
            path.unlink()

    yield spoil
    for path, content in kept.items():
        path.unlink(missing_ok=True)
        path.write_bytes(content)


def test_a_flipped_bit_in_raw_bytes_is_found(restored: Any) -> None:
    restored(RawBatch.objects.earliest("id").sha256, flip)
    assert codes() == {"raw-changed", "blob-changed"}


def test_a_missing_batch_of_raw_bytes_is_found(restored: Any) -> None:
    restored(RawBatch.objects.earliest("id").sha256, None)
    assert codes() == {"raw-changed", "blob-missing"}


def test_raw_bytes_of_another_message_are_found() -> None:
    other = pick("m8")
    change(Message, pick().id, raw_offset=other.raw_offset, raw_size=other.raw_size)
    assert codes() == {"raw-changed"}


def test_a_flipped_bit_in_a_file_is_found(restored: Any) -> None:
    restored(attachments().get(ref="files/1").sha256, flip)
    assert codes() == {"blob-changed"}


def test_another_file_in_its_place_is_found() -> None:
    change(Attachment, attachments().get(ref="files/1").id, sha256=blobs.put(b"forged"))
    assert codes() == {"file-changed"}


def test_a_removed_file_is_found() -> None:
    remove(Attachment, attachments().get(ref="files/1").id)
    assert codes() == {"entry-changed", "file-missing"}


def test_an_added_file_is_found() -> None:
    change(Attachment, attachments().get(ref="files/9").id, sha256=blobs.put(b"forged"))
    assert codes() == {"file-unlogged"}


@pytest.mark.parametrize(("column", "value"), [("name", "别的.png"), ("kind", "file"), ("position", 5), ("seconds", 9)])
def test_a_changed_attachment_is_found(column: str, value: Any) -> None:
    change(Attachment, attachments().get(ref="files/1").id, **{column: value})
    assert codes() & {"entry-changed", "file-changed"}


def test_more_problems_than_can_be_named_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huidang.upkeep.findings.NAMED", 10)
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{Message._meta.db_table}" SET role = %s', ["robot"])
    problems = verify_archive()["problems"]
    assert len(problems) == 11
    assert problems[-1]["count"] == 297
