"""What the law demands to be erased is gone everywhere, and every proof but its own still stands."""

from pathlib import Path

import pytest
from django.db import connection

from huidang import records
from huidang.exports.evidence.verify import verify
from huidang.kernel import anchoring, blobs, jobs, ledger
from huidang.kernel.jobs import Run
from huidang.kernel.models import Job
from huidang.kernel.problems import Absent, Problem, Refused
from huidang.people import requests
from huidang.people.models import Entry
from huidang.people.readers import Reader, local_operator
from huidang.records import deletions
from huidang.records.erasing import Ground, erase, forget_files
from huidang.records.models import Attachment, Conversation, Erasure, Message, MessageKey
from huidang.upkeep.verify import verify_archive
from tests.cast import Company
from tests.exports.evidence.packages import MOBILE, PICTURE, files_of, fill, package

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def conversation(db: None) -> Conversation:
    requests.set_two_persons("deletion", needed=False, by=local_operator())
    return fill()


def message(conversation: Conversation, key: str) -> Message:
    found: Message = Message.objects.unguarded("the stage is ours").get(conversation=conversation, key=key)
    return found


def erase_some(conversation: Conversation, *keys: str, by: Reader | None = None) -> int:
    ids = [message(conversation, key).pk for key in keys]
    return erase(by or local_operator(), conversation.pk, ids, ground=Ground.CONSENT, why="客户撤回同意")


def test_content_and_key_go_and_the_verification_knows(conversation: Conversation) -> None:
    before = anchoring.checkpoint()
    assert erase_some(conversation, "m0", "m1", "m3") == 4
    assert before
    stored = message(conversation, "m1")
    assert (stored.text, stored.details) == ("", None)
    assert not MessageKey.objects.filter(message_id=stored.pk).exists()
    edit = Message.objects.unguarded("the stage is ours").get(target_key="m1")
    assert edit.text == ""
    report = verify_archive()
    assert report["ok"], report["problems"]
    assert report["checked"]["erased"] == 4
    now = anchoring.checkpoint()
    assert now
    proof = ledger.consistency_proof(before.size, now.size)
    assert ledger.verify_consistency(before.size, now.size, bytes(before.root), bytes(now.root), proof)
    assert Entry.objects.get(what="erase").why == "客户撤回同意"


def test_files_that_nobody_else_holds_go(conversation: Conversation) -> None:
    (sha256,) = Attachment.objects.unguarded("ours").exclude(sha256="").values_list("sha256", flat=True)
    erase_some(conversation, "m3")
    job = Job.objects.get(kind="forget-files")
    forget_files(Run(job, jobs.HANDLERS["forget-files"]))
    assert not blobs.exists(sha256)
    assert verify_archive()["ok"]


def test_a_page_says_so_and_shows_nothing(conversation: Conversation) -> None:
    erase_some(conversation, "m0")
    shown = records.get_message(conversation.pk, message(conversation, "m0").pk, local_operator())
    assert shown.erased_at
    assert (shown.text, shown.attachments, shown.versions) == ("", (), ())
    assert anchoring.checkpoint()
    assert records.prove(conversation.pk, int(shown.id), local_operator())


def test_an_older_export_does_not_bring_it_back(conversation: Conversation) -> None:
    erase_some(conversation, "m0", "m1")
    count = Message.objects.unguarded("ours").count()
    fill()
    assert Message.objects.unguarded("ours").count() == count
    assert not Message.objects.unguarded("ours").filter(text__contains=MOBILE).exists()


def test_the_database_file_forgets_it(conversation: Conversation) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            erase_some(conversation, "m0")
            cursor.execute("PRAGMA secure_delete")
            assert cursor.fetchone()[0] == 1


def test_a_package_tells_of_the_erasure(conversation: Conversation, tmp_path: Path) -> None:
    erase_some(conversation, "m0", "m3")
    path = package(tmp_path, conversation)
    result = verify(path)
    assert result["ok"], result["problems"]
    assert any(name.endswith(".erasure.tlog-proof") for name in files_of(path))
    assert PICTURE not in files_of(path).values()


def test_what_is_undone_or_forged_is_named(conversation: Conversation) -> None:
    erase_some(conversation, "m0", "m2")
    gone = message(conversation, "m0")
    Message.objects.unguarded("ours").erasing("a test").filter(pk=gone.pk).update(text="又回来了")
    Erasure.objects.unguarded("ours").erasing("a test").filter(pk=message(conversation, "m2").pk).delete()
    codes = {problem["code"] for problem in verify_archive()["problems"]}
    assert {"erasure-undone", "erasure-missing", "key-lost"} <= codes


def test_it_needs_the_right_the_ground_and_two_persons(conversation: Conversation, company: Company) -> None:
    for username in ("zhoumin", "zhaolan", "admin"):
        with pytest.raises(Absent):
            erase_some(conversation, "m0", by=company.reader(username))
    with pytest.raises(Problem):
        erase(local_operator(), conversation.pk, [message(conversation, "m0").pk], ground="because", why="因为")
    requests.set_two_persons("deletion", needed=True, by=local_operator())
    target = deletions.of_messages(local_operator(), [message(conversation, "m0").pk])
    with pytest.raises(Refused):
        deletions.ask(local_operator(), target, ground=Ground.CONSENT, why="客户撤回同意")
    assert deletions.ask(company.reader("fawu"), target, ground=Ground.CONSENT, why="撤回同意").state == "asked"
    assert not Erasure.objects.unguarded("ours").exists()
