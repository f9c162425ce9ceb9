"""A package verifies with openssl, sha256sum, Go, pdfsig, a browser without a network, and bare Python."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from huidang.exports.evidence.verify import verify
from huidang.kernel import anchoring, anchors, ledger, merkle, stamps
from huidang.records import Profile
from tests.authority import Authority
from tests.exports.evidence.conftest import known, undone
from tests.exports.evidence.packages import MOBILE, fill, witnessed_package
from tests.journeys.conftest import CHROMIUM, FLAGS
from tests.kernel.test_strangers_verify_a_checkpoint import go_verifier
from tests.notary import Notary

__all__ = ["go_verifier"]

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def unpacked(
    tsa: Authority, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Path:
    """Return the folder of one package, whose signing key was handed over before and that has an earlier stamp.

    A witness has cosigned it, and a notary has an earlier checkpoint.
    """
    folder, notary = tmp_path_factory.mktemp("package"), Notary()
    with django_db_blocker.unblock(), undone(), notary.serving():
        known(tsa)
        conversation = fill()
        anchoring.checkpoint()
        for authority in stamps.Authority.objects.all():
            stamps.AUTHORITIES.ask_newest(authority)
        anchors.ANCHORS.ask_newest(anchors.add_interface(name="公证处", url=notary.url, reference="data.txId"))
        ledger.rotate()
        path = witnessed_package(folder, conversation, Profile.INSIDE)
    found = verify(path)
    assert found["ok"]
    assert len(found["witnessed"]) == 1
    assert [(each["name"], each["size"]) for each in found["deposited"]] == [("公证处", 15)]
    zipfile.ZipFile(path).extractall(folder / "unpacked")
    return folder / "unpacked"


def run(folder: Path, *words: str) -> str:
    """Return what a program says, and fail with it."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=BARE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


BARE = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/")}


def test_sha256sum_knows_the_files(unpacked: Path) -> None:
    assert "FAILED" not in run(unpacked, "sha256sum", "-c", "SHA256SUMS")


def test_openssl_verifies_manifest_checkpoint_and_time_stamp(unpacked: Path) -> None:
    verify_key = ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "log.pub.pem", "-rawin")
    assert "Verified Successfully" in run(unpacked, *verify_key, "-in", "manifest.json", "-sigfile", "manifest.sig")
    text, _, signatures = (unpacked / "checkpoint").read_text().partition("\n\n")
    (unpacked.parent / "text").write_text(text + "\n")
    (unpacked.parent / "sig").write_bytes(b64decode(signatures.split()[2])[4:])
    assert "Verified Successfully" in run(unpacked, *verify_key, "-in", "../text", "-sigfile", "../sig")
    size = text.split("\n")[1]
    for data, stamp in (("checkpoint", size), ("checkpoints/15", "15")):
        stamped = ("-data", data, "-in", f"stamps/{stamp}-1.tsr", "-CAfile", "stamps/roots-1.pem")
        assert "Verification: OK" in run(unpacked, "openssl", "ts", "-verify", *stamped)


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler's pdfsig is not installed")
def test_pdfsig_finds_the_report_signed_and_whole(unpacked: Path) -> None:
    said = subprocess.run(["pdfsig", "report.pdf"], cwd=unpacked, capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in said
    assert "Signature Type: ETSI.CAdES.detached" in said
    assert "Total document signed" in said


def test_receipts_of_anchors_are_attached_and_named_as_not_ours(unpacked: Path, tmp_path: Path) -> None:
    sent, receipt = ((unpacked / f"anchors/15-1.{each}").read_bytes() for each in ("sent", "receipt"))
    assert json.loads(sent)["hash"] == hashlib.sha256((unpacked / "checkpoints/15").read_bytes()).hexdigest()
    assert json.loads(receipt) == Notary().answer
    readme = (unpacked / "README-验证说明.txt").read_text("utf-8")
    assert "不是区块链存证" in readme
    assert "回执的真伪请向出具的机构查询" in readme
    changed = shutil.copytree(unpacked, tmp_path / "changed")
    (changed / "anchors/15-1.sent").write_bytes(sent.swapcase())
    (changed / "anchors/15-1.receipt").write_bytes(receipt.replace(b"0xabc123", b"0xabc124"))
    named = [problem["file"] for problem in verify(changed)["problems"] if problem["code"] == "deposit-changed"]
    assert named == ["anchors/15-1.sent", "anchors/15-1.receipt"]


def test_go_verifies_every_proof(unpacked: Path, go_verifier: Path) -> None:
    for line in (unpacked / "records.jsonl").read_text("utf-8").splitlines()[::5]:
        record = json.loads(line)
        header, _, note = (unpacked / f"proofs/{record['index']}.tlog-proof").read_text().partition("\n\n")
        _first, _index, *hashes = header.split("\n")
        leaf = b64encode(merkle.leaf_hash(record["leaf"].encode())).decode()
        key = (unpacked / "policy.txt").read_text().split()[1]
        assert run(unpacked, str(go_verifier), key, note, leaf, str(record["index"]), *hashes) == "verified\n"


def test_bare_python_verifies_with_cryptography_alone(unpacked: Path) -> None:
    site = next(Path(place) for place in sys.path if place.endswith("site-packages"))
    alone = unpacked.parent / "alone"
    for name in ("cryptography", "cffi", "_cffi_backend*", "pycparser"):
        for found in site.glob(name):
            copy = shutil.copytree if found.is_dir() else shutil.copy
            alone.mkdir(exist_ok=True)
            copy(found, alone / found.name)
    program = f"""
import runpy, sys
sys.path[:0], sys.argv = [".", {str(alone)!r}], ["verify.py", "."]
runpy.run_path("verify.py", run_name="__main__")
"""
    assert "通过" in run(unpacked, sys.executable, "-I", "-S", "-c", program)


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
def test_a_browser_verifies_offline_and_finds_what_was_changed(unpacked: Path) -> None:
    whole, changed = unpacked.parent / "package.zip", unpacked.parent / "changed.zip"
    with zipfile.ZipFile(whole) as held, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as written:
        for name in held.namelist():
            content = held.read(name)
            written.writestr(name, content.replace("今天下午".encode(), "今天上午".encode()))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(offline=True, locale="zh-CN").new_page()
        said: list[str] = []
        page.on("console", lambda line: said.append(line.text))
        page.goto((unpacked / "verify.html").as_uri())
        page.set_input_files("#file", whole)
        expect(page.locator("#verdict")).to_contain_text("通过 · Verified", timeout=30_000)
        expect(page.locator("#rows mark").first).to_have_text("****")
        expect(page.locator("#facts")).to_contain_text("之前已存在")
        expect(page.locator("#facts")).to_contain_text("huidang-witness/")
        expect(page.locator("#facts")).to_contain_text("公证处，编号 0xabc123（回执原样附上，本页不核对其真伪）")
        assert MOBILE not in page.content()
        page.screenshot(path=unpacked.parent / "verified.png", full_page=True)
        page.set_input_files("#file", changed)
        expect(page.locator("#verdict")).to_contain_text("不通过", timeout=30_000)
        expect(page.locator("#problems")).to_contain_text("records.jsonl")
        expect(page.locator("tr.broken")).to_have_count(1)
        assert said == []
        browser.close()
