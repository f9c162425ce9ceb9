"""Receipts: any file that left is told by its hash, or by the number in it where it was changed; with a proof."""

from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from huidang.exports import verifying
from huidang.exports.models import Export, File
from huidang.kernel import ledger, merkle, notes
from tests.cast import Company
from tests.exports.conftest import Make, of

pytestmark = pytest.mark.django_db


def test_an_unchanged_file_is_told_by_its_hash(company: Company, make: Make) -> None:
    for name in ("xlsx", "jsonl"):
        export, [path] = make(of(company, "售后"), name)
        verdict = verifying.identify(path)
        assert (verdict.export, verdict.unchanged) == (export, True)
        assert verifying.find(verdict.sha256.upper()).export == export
        assert verifying.find(f" {export.receipt.lower()} ").export == export


def test_a_changed_file_is_told_by_the_number_in_it(company: Company, make: Make, tmp_path: Path) -> None:
    export, [path] = make(of(company, "售后"), "jsonl")
    path.write_bytes(path.read_bytes().replace("登记".encode(), "拒绝".encode()))
    verdict = verifying.identify(path)
    assert (verdict.export, verdict.unchanged) == (export, False)
    export, [path] = make(of(company, "售后"), "xlsx")
    changed = tmp_path / "changed.xlsx"
    with ZipFile(path) as source, ZipFile(changed, "w", ZIP_STORED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    verdict = verifying.identify(changed)
    assert (verdict.export, verdict.unchanged) == (export, False)


def test_strange_files_are_unknown(company: Company, tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04 broken", b"%PDF-1.7 stream\nxx\nendstream", b"HD-00000-00000"):
        path = tmp_path / "strange"
        path.write_bytes(content)
        assert verifying.identify(path).export is None
    assert verifying.find("HD-?").export is None


def test_the_proof_holds_without_us(company: Company, make: Make) -> None:
    export, _ = make(of(company, "售后"), "jsonl")
    assert verifying.stand(export).unsigned
    ledger.checkpoint()
    standing = verifying.stand(export)
    assert standing.intact
    head, _, note = standing.proof.partition("\n\n")
    signed = ledger.read_checkpoint(note, ledger.verifier())
    _version, index, *hashes = head.splitlines()
    siblings = [notes.decode_base64(each) for each in hashes]
    leaf = bytes(ledger.Leaf.objects.get(index=export.leaf_index).hash)
    assert int(index.removeprefix("index ")) == export.leaf_index
    assert merkle.verify_inclusion(leaf, export.leaf_index or 0, signed.size, siblings, signed.root) is not False


def test_a_receipt_that_was_altered_is_named(company: Company, make: Make) -> None:
    export, _ = make(of(company, "售后"), "jsonl")
    assert verifying.stand(export).intact
    File.objects.filter(export=export).update(sha256="0" * 64)
    assert not verifying.stand(export).intact
    export, _ = make(of(company, "售后"), "jsonl")
    Export.objects.filter(pk=export.pk).update(leaf_index=0)
    export.refresh_from_db()
    assert not verifying.stand(export).intact
