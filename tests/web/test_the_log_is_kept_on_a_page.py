"""The log has a page: who keeps the house signs and names authorities, auditors look and verify, others see nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from huidang.kernel import anchoring, anchors, ledger, stamps, witnesses
from huidang.kernel.models import Anchor, Authority, Checkpoint, Job, Witness
from huidang.people import audit
from huidang.people.models import Entry
from huidang.upkeep.verify import verify_in_background
from tests.authority import Authority as Tsa
from tests.cast import Company
from tests.exports.evidence.conftest import stamped, tsa
from tests.notary import Notary
from tests.witness import witnessing

__all__ = ["stamped", "tsa"]
pytestmark = pytest.mark.django_db

Visit = Callable[[str], Client]


def test_a_manager_signs_and_everybody_else_sees_no_button(visit: Visit, company: Company) -> None:
    audit.note("sign-in", by=company.users["admin"])
    admin = visit("admin")
    assert "还没有外部时间戳" in admin.get("/log").text
    assert admin.post("/log/checkpoints").status_code == 302
    newest = Checkpoint.objects.order_by("-size").first()
    assert newest
    assert admin.get(f"/log/checkpoints/{newest.size}").content.decode() == newest.note
    assert admin.get("/log/checkpoints/999999").status_code == 404
    auditor = visit("auditor")
    page = auditor.get("/log").text
    assert "立即校验" in page
    assert "立即签署" not in page
    assert auditor.post("/log/checkpoints").status_code == 404
    assert visit("zhoumin").get("/log").status_code == 404


def test_an_authority_is_added_asked_and_switched_off(visit: Visit, stamped: None, tsa: Tsa) -> None:
    admin = visit("admin")
    form = {"name": "第二家", "url": tsa.url, "roots": tsa.roots, "authorization": "Bearer s3cret"}
    assert admin.post("/log/authorities", form).status_code == 302
    refused = admin.post("/log/authorities", form | {"name": "第三家", "roots": "no"})
    assert "根证书应为 PEM" in refused.text
    assert "s3cret" not in refused.text
    authority = Authority.objects.get(name="第二家")
    anchoring.checkpoint()
    stamp = stamps.AUTHORITIES.ask_newest(authority)
    assert stamp
    assert admin.get(f"/log/stamps/{stamp.pk}").content == bytes(stamp.token)
    admin.post(f"/log/authorities/{authority.pk}", {"enabled": "0"})
    authority.refresh_from_db()
    assert not authority.enabled
    assert Entry.objects.filter(what="authority").count() == 2


def test_a_witness_is_added_and_its_cosignature_is_shown(
    visit: Visit, company: Company, stamped: None, tmp_path: Path
) -> None:
    audit.note("sign-in", by=company.users["admin"])
    admin = visit("admin")
    admin.post("/log/checkpoints")
    assert "huidang witness" in admin.get("/log").text
    with witnessing(tmp_path, str(ledger.verifier())) as running:
        form = {"witness": "律所", "witness_url": running.url, "verifier": running.verifier}
        assert "这不是有效的见证公钥" in admin.post("/log/witnesses", form | {"verifier": "no"}).text
        assert admin.post("/log/witnesses", form).status_code == 302
        witness = Witness.objects.get(name="律所")
        line = witnesses.WITNESSES.ask_newest(witness)
    assert line
    assert f"/log/checkpoints/{line.size}?witnessed=1" in admin.get("/log").text
    assert line.line in admin.get(f"/log/checkpoints/{line.size}?witnessed=1").text
    assert line.line not in admin.get(f"/log/checkpoints/{line.size}").text
    admin.post(f"/log/witnesses/{witness.pk}", {"enabled": "0"})
    witness.refresh_from_db()
    assert not witness.enabled
    assert Entry.objects.filter(what="witness").count() == 2


def test_any_two_checkpoints_are_proved_and_the_key_is_changed(visit: Visit) -> None:
    admin = visit("admin")
    admin.post("/log/checkpoints")
    assert admin.post("/log/keys").status_code == 302
    assert len(ledger.keys()) == 2
    admin.post("/log/checkpoints")
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    proof = admin.get(f"/log/consistency?old={sizes[0]}&new={sizes[-1]}").content.decode()
    assert proof.startswith(f"old {sizes[0]}\n")
    assert "日志中没有这样的范围" in admin.get("/log/consistency?old=9&new=8").text
    assert admin.get("/log/key").content.startswith(b"-----BEGIN PUBLIC KEY-----")


def test_the_verification_runs_in_the_background_and_is_shown(visit: Visit, db: None) -> None:
    auditor = visit("auditor")
    auditor.post("/log/verifications")
    assert Job.objects.filter(kind="verify").exists()
    assert "校验中" in auditor.get("/log").text
    verify_in_background(None)
    Job.objects.all().delete()
    assert "处不符" in auditor.get("/log").text  # the stage stores messages that were never logged


def test_checkpoints_are_deposited_and_receipts_handed_out(visit: Visit, company: Company, stamped: None) -> None:
    audit.note("sign-in", by=company.users["admin"])
    admin, notary = visit("admin"), Notary()
    admin.post("/log/checkpoints")
    assert "HUIDANG_SMTP" in admin.get("/log").text
    with notary.serving():
        form = {
            "way": "http", "anchor": "公证处", "anchor_url": notary.url, "header": "X-Api-Key", "secret": "k3y",
            "field_hash": "digest", "reference": "data.txId", "hours": "24",
        }  # fmt: skip
        refused = admin.post("/log/anchors", form | {"more": "[]"})
        assert "附加字段应为一个 JSON 对象" in refused.text
        assert "k3y" not in refused.text
        assert admin.post("/log/anchors", form).status_code == 302
        anchor = Anchor.objects.get()
        receipt = anchors.ANCHORS.ask_newest(anchor)
    assert receipt
    page = visit("auditor").get("/log").text
    for text in ("公证处", "机构的回执", "0xabc123", f"/log/receipts/{receipt.pk}"):
        assert text in page
    assert "区块链交易号" not in page
    assert "停用" not in page
    assert admin.get(f"/log/receipts/{receipt.pk}").content == bytes(receipt.content)
    assert b"digest" in admin.get(f"/log/receipts/{receipt.pk}/sent").content
    assert visit("zhoumin").get(f"/log/receipts/{receipt.pk}").status_code == 404
    Anchor.objects.update(options=anchor.options | {"chain": True})
    assert "区块链交易号" in admin.get("/log").text
    admin.post(f"/log/anchors/{anchor.pk}", {"enabled": "0"})
    anchor.refresh_from_db()
    assert not anchor.enabled
    assert admin.post("/log/anchors/999", {"enabled": "0"}).status_code == 404
    assert Entry.objects.filter(what="anchor").count() == 2
