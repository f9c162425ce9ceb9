"""Checkpoints and proofs verify with openssl and with Go's `note` and `tlog`: none of our code takes part."""

import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction

from huidang.kernel import cosign, ledger, merkle

pytestmark = pytest.mark.django_db

GO = Path(__file__).parent / "gonote"


@pytest.fixture
def note() -> str:
    with transaction.atomic():
        ledger.append([(merkle.leaf_hash(b"%d" % number), "test", number) for number in range(300)])
    signed = ledger.checkpoint()
    assert signed is not None
    return signed.note


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_verifies_the_signature(note: str, tmp_path: Path) -> None:
    key = Ed25519PublicKey.from_public_bytes(ledger.verifier().public)
    (tmp_path / "pem").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "sig").write_bytes(ledger.verifier().signature(note))
    verify = ("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "pem", "-rawin", "-sigfile", "sig", "-in", "text")
    (tmp_path / "text").write_text(note.partition("\n\n")[0] + "\n")
    assert "Verified Successfully" in run(*verify, cwd=tmp_path).stdout
    (tmp_path / "text").write_text(note.partition("\n\n")[0].replace("\n300\n", "\n301\n") + "\n")
    assert run(*verify, cwd=tmp_path).returncode != 0


@pytest.fixture(scope="module")
def go_verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    folder = tmp_path_factory.mktemp("go")
    fetched = run("go", "mod", "download", cwd=GO)
    if fetched.returncode:
        pytest.skip(f"golang.org/x/mod cannot be had here: {fetched.stderr.strip()[-200:]}")
    built = run("go", "build", "-o", folder / "verify", ".", cwd=GO)
    assert built.returncode == 0, built.stderr
    return folder / "verify"


def test_go_verifies_checkpoint_and_inclusion(note: str, go_verifier: Path) -> None:
    leaf, proof = merkle.leaf_hash(b"77"), ledger.inclusion_proof(77, 300)
    given = [b64encode(value).decode() for value in (leaf, *proof)]
    key = str(ledger.verifier())
    note += cosign.CosigningKey("witness.example/w1", bytes(32)).cosign(note, 1_800_000_000)  # an unknown key to Go
    assert run(go_verifier, key, note, given[0], "77", *given[1:]).stdout == "verified\n"
    assert "invalid transparency proof" in run(go_verifier, key, note, given[1], "77", *given[1:]).stdout
    assert "invalid" in run(go_verifier, key, note.replace("\n300\n", "\n301\n"), given[0], "77", *given[1:]).stdout
