"""Checkpoints are stamped by authorities outside the house; one that is away or lies blocks nothing and is shown."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from huidang.kernel import anchoring, ledger, merkle, stamps
from huidang.kernel.models import Authority, Checkpoint, Job, Stamp
from huidang.kernel.problems import Problem
from tests.authority import Authority as Tsa

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    tsa = Tsa(tmp_path_factory.mktemp("tsa"))
    with tsa.serving():
        yield tsa


@pytest.fixture(autouse=True)
def loopback(settings: Settings, tsa: Tsa) -> None:
    settings.HOUSE = replace(settings.HOUSE, allow_addresses=(ip_network("127.0.0.1/32"),))
    tsa.broken = False


@pytest.fixture
def authority(tsa: Tsa) -> Authority:
    return stamps.add_authority(name="测试机构", url=tsa.url, roots=tsa.roots, authorization="Bearer s3cret")


def grow(count: int = 10) -> Checkpoint:
    with transaction.atomic():
        ledger.append([(merkle.leaf_hash(b"%d" % number), "test", number) for number in range(count)])
    signed = anchoring.checkpoint()
    assert signed
    return signed


def run(words: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def test_openssl_verifies_the_stamp_of_a_checkpoint(authority: Authority, tsa: Tsa, tmp_path: Path) -> None:
    signed = grow()
    assert Job.objects.get(kind="stamp").args == {"authority": authority.pk}
    stored = stamps.AUTHORITIES.ask_newest(authority)
    assert stored is not None
    assert stored.size == signed.size
    assert stamps.verify(stored.token, signed.note.encode(), authority.roots) == stored.stamped_at
    assert tsa.asked[-1] == "Bearer s3cret"
    (tmp_path / "checkpoint").write_text(signed.note)
    (tmp_path / "tsr").write_bytes(stored.token)
    verify = ["openssl", "ts", "-verify", "-data", "checkpoint", "-in", "tsr", "-CAfile", tsa.folder / "root.pem"]
    assert "Verification: OK" in run(verify, tmp_path).stdout
    (tmp_path / "checkpoint").write_text(signed.note.replace("10", "11", 1))
    assert run(verify, tmp_path).returncode


@pytest.mark.filterwarnings("ignore")  # of certificates whose bits were turned
def test_any_bit_of_a_stamp_that_is_turned_is_found_or_says_the_same(authority: Authority) -> None:
    signed = grow()
    stored = stamps.AUTHORITIES.ask_newest(authority)
    assert stored is not None
    token, message = bytearray(stored.token), signed.note.encode()
    silent = 0
    for place in range(len(token)):
        token[place] ^= 1 << place % 8
        try:
            assert stamps.verify(bytes(token), message, authority.roots) == stored.stamped_at
            silent += 1
        except Problem:
            pass
        token[place] ^= 1 << place % 8
    assert silent < len(token) / 2  # in the main the root's certificate, which is known anyway


def test_a_stamp_belongs_to_its_checkpoint_and_its_root(authority: Authority, tmp_path: Path) -> None:
    signed = grow()
    stored = stamps.AUTHORITIES.ask_newest(authority)
    assert stored is not None
    for message, roots in ((b"another", authority.roots), (signed.note.encode(), Tsa(tmp_path, "stranger").roots)):
        with pytest.raises(Problem) as caught:
            stamps.verify(stored.token, message, roots)
        assert caught.value.code == "stamp-invalid"


def test_nothing_is_asked_twice(authority: Authority, tsa: Tsa) -> None:
    grow()
    first, asked = stamps.AUTHORITIES.ask_newest(authority), len(tsa.asked)
    assert stamps.AUTHORITIES.ask_newest(authority) == first
    assert len(tsa.asked) == asked
    Job.objects.all().delete()
    anchoring.checkpoint()
    assert not Job.objects.exists()


def test_an_authority_that_fails_is_shown_and_blocks_nothing(authority: Authority, tsa: Tsa) -> None:
    tsa.broken = True
    signed = grow()
    with pytest.raises(Problem) as caught:
        stamps.AUTHORITIES.ask_newest(authority)
    anchoring.note_failure(authority, caught.value)
    authority.refresh_from_db()
    assert authority.failing_since_at
    assert "500" in authority.problem
    assert grow().size > signed.size
    tsa.broken = False
    assert stamps.AUTHORITIES.ask_newest(authority)
    authority.refresh_from_db()
    assert authority.failing_since_at is None


def test_inner_addresses_are_not_asked(authority: Authority, settings: Settings) -> None:
    settings.HOUSE = replace(settings.HOUSE, allow_addresses=())
    grow()
    with pytest.raises(Problem) as caught:
        stamps.AUTHORITIES.ask_newest(authority)
    assert caught.value.code == "address-refused"
    assert not Stamp.objects.exists()


def test_what_cannot_be_an_authority_is_refused(tsa: Tsa) -> None:
    for wrong in ({"roots": "nothing"}, {"url": "ftp://x"}, {"name": " "}):
        with pytest.raises(Problem):
            stamps.add_authority(**({"name": "x", "url": tsa.url, "roots": tsa.roots} | wrong))
