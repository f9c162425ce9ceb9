"""Checkpoints are deposited by mail and with a notary; receipts are kept byte for byte, failures shown and retried."""

import email
import email.policy
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from huidang.kernel import anchoring, anchors, clock, jobs, ledger, merkle
from huidang.kernel.jobs import Run
from huidang.kernel.models import Anchor, Checkpoint, Job, Receipt
from huidang.kernel.problems import Problem
from huidang.upkeep.verify import verify_archive
from tests.letterbox import Mailbox
from tests.notary import Notary

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    mailbox = Mailbox(tmp_path_factory.mktemp("mail"))
    with mailbox.serving():
        yield mailbox


@pytest.fixture
def notary() -> Iterator[Notary]:
    notary = Notary()
    with notary.serving():
        yield notary


@pytest.fixture(autouse=True)
def house(settings: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    smtp = f"smtp://archive%40example.cn:s3cret@localhost:{mailbox.port}"
    inner = (ip_network("127.0.0.1/32"),)
    settings.HOUSE = replace(settings.HOUSE, smtp=smtp, allow_addresses=inner, organisation="望山家电")
    monkeypatch.setenv("SSL_CERT_FILE", str(mailbox.certificate))
    mailbox.broken = False
    mailbox.messages.clear()


def grow(count: int = 10) -> Checkpoint:
    with transaction.atomic():
        ledger.append([(merkle.leaf_hash(b"%d" % number), "test", number) for number in range(count)])
    signed = anchoring.checkpoint()
    assert signed
    return signed


def submit(notary: Notary, **more: object) -> Anchor:
    stated: dict[str, object] = {
        "name": "公证处", "url": notary.url, "header": "X-Api-Key", "secret": "k3y",
        "fields": {"hash": "evidenceHash", "size": "count"},
        "more": '{"appId": "wangshan"}', "reference": "data.txId", "chain": True,
    }  # fmt: skip
    return anchors.add_interface(**(stated | more))  # type: ignore[arg-type]


def test_a_mailbox_gets_the_checkpoint_over_tls_and_the_reply_is_the_receipt(mailbox: Mailbox) -> None:
    signed = grow()
    anchor = anchors.add_mailbox(name="律所邮箱", address="law@example.cn")
    assert Job.objects.get(kind="anchor").args == {"anchor": anchor.pk}
    receipt = anchors.ANCHORS.ask_newest(anchor)
    assert receipt
    assert bytes(receipt.content) == b"250 2.0.0 queued as Q1"
    assert (mailbox.secured[-1], mailbox.logins[-1]) == (True, "archive@example.cn\0s3cret")
    assert mailbox.messages == [bytes(receipt.sent)]
    arrived = email.message_from_bytes(mailbox.messages[0], policy=email.policy.default)
    assert (arrived["To"], arrived["From"]) == ("law@example.cn", "archive@example.cn")
    assert "望山家电" in arrived["Subject"]
    body = arrived.get_body()
    assert body
    assert hashlib.sha256(signed.note.encode()).hexdigest() in body.get_content()
    (attached,) = arrived.iter_attachments()
    assert attached.get_content() == signed.note
    assert receipt.reference == arrived["Message-ID"]


def test_nothing_is_said_to_a_server_that_will_not_speak_tls_or_is_another(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    grow()
    anchor, before = anchors.add_mailbox(name="律所邮箱", address="law@example.cn"), len(mailbox.logins)
    (tmp_path / "none.pem").write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(Problem) as caught:
        anchors.ANCHORS.ask_newest(anchor)
    assert caught.value.code == "mail-refused"
    assert len(mailbox.logins) == before


def test_a_notary_is_sent_its_own_words_and_the_answer_is_kept_verbatim(notary: Notary) -> None:
    signed, anchor = grow(), submit(notary)
    receipt = anchors.ANCHORS.ask_newest(anchor)
    assert receipt
    digest = hashlib.sha256(signed.note.encode()).hexdigest()
    assert notary.asked == [{"appId": "wangshan", "evidenceHash": digest, "count": signed.size}]
    assert notary.keys == ["k3y"]
    assert bytes(receipt.content) == json.dumps(notary.answer, ensure_ascii=False, indent=1).encode()
    assert receipt.sha256 == hashlib.sha256(bytes(receipt.content)).hexdigest()
    assert (receipt.reference, anchors.is_on_chain(receipt)) == ("0xabc123", True)
    anchor.refresh_from_db()
    assert b"k3y" not in bytes(anchor.secret or b"")
    assert "k3y" not in json.dumps(anchor.options)


def test_an_answer_without_its_reference_is_no_receipt(notary: Notary) -> None:
    grow()
    anchor = submit(notary)
    for answer in ({"code": 500, "message": "余额不足"}, {"data": None}, {"data": {"txId": ""}}, ["data"], "text"):
        notary.answer = answer
        with pytest.raises(Problem, match="没有回执编号"):
            anchors.ANCHORS.ask_newest(anchor)
    assert not Receipt.objects.exists()


def test_a_failing_anchor_is_shown_retried_and_blocks_nothing(notary: Notary, mailbox: Mailbox) -> None:
    signed, anchor = grow(), submit(notary)
    other = anchors.add_mailbox(name="律所邮箱", address="law@example.cn")
    notary.status = 503
    run = Run(Job.objects.get(key=f"anchor:{anchor.pk}"), jobs.HANDLERS["anchor"])
    with pytest.raises(Problem):
        anchors.ANCHORS.carry_out(run)
    anchor.refresh_from_db()
    assert anchor.failing_since_at
    assert "503" in anchor.problem
    assert anchors.ANCHORS.ask_newest(other)
    assert grow().size > signed.size
    assert Job.objects.filter(key=f"anchor:{anchor.pk}").exists()
    notary.status = 200
    anchors.ANCHORS.carry_out(run)
    anchor.refresh_from_db()
    assert (anchor.failing_since_at, anchor.problem) == (None, "")


def test_an_anchor_is_asked_again_only_after_its_hours(notary: Notary) -> None:
    grow()
    anchor = submit(notary, hours=24)
    assert anchors.ANCHORS.ask_newest(anchor)
    Job.objects.all().delete()
    grow()
    assert not Job.objects.filter(kind="anchor").exists()
    with clock.frozen(clock.now() + timedelta(hours=25)):
        grow()
    assert Job.objects.filter(kind="anchor").exists()


def test_inner_addresses_are_not_asked(notary: Notary, settings: Settings) -> None:
    settings.HOUSE = replace(settings.HOUSE, allow_addresses=())
    grow()
    with pytest.raises(Problem) as caught:
        anchors.ANCHORS.ask_newest(submit(notary))
    assert caught.value.code == "address-refused"


def test_receipts_that_were_changed_are_found(notary: Notary) -> None:
    grow()
    receipt = anchors.ANCHORS.ask_newest(submit(notary))
    assert receipt
    assert verify_archive()["checked"]["receipts"] == 1
    for change in ({"content": b"{}"}, {"size": receipt.size + 1}, {"sent": b"{}"}):
        with transaction.atomic():
            Receipt.objects.update(**change)
            assert "receipt-changed" in {problem["code"] for problem in verify_archive()["problems"]}
            transaction.set_rollback(True)


def test_what_cannot_be_an_anchor_is_refused(notary: Notary, settings: Settings) -> None:
    for wrong in ({"url": "ftp://x"}, {"more": "[1]"}, {"header": "X Key"}, {"fields": {"hash": ""}}, {"hours": -1}):
        with pytest.raises(Problem):
            submit(notary, **wrong)
    for address in ("", "law", "a@b c", "a@b,c@d"):
        with pytest.raises(Problem, match="邮箱"):
            anchors.add_mailbox(name="律所邮箱", address=address)
    settings.HOUSE = replace(settings.HOUSE, smtp="")
    with pytest.raises(Problem, match="HUIDANG_SMTP"):
        anchors.add_mailbox(name="律所邮箱", address="law@example.cn")
    assert not Anchor.objects.exists()
