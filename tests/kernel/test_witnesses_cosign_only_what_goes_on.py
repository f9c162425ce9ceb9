"""A witness cosigns what goes on from all it saw before, and refuses a log that was made up anew."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from huidang.kernel import anchoring, cosign, ledger, merkle, notes, proofs, witnesses
from huidang.kernel.ledger import Head
from huidang.kernel.models import Cosignature, Job, Witness
from huidang.kernel.problems import Problem
from huidang.kernel.witness import Answer
from huidang.kernel.witness import Witness as Seeing
from huidang.upkeep.verify import verify_archive
from tests.witness import witnessing

LOG = notes.Signer("huidang/test", bytes(32))
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(20)]


def signed(size: int, *, leaves: list[bytes] = LEAVES, signer: notes.Signer = LOG) -> str:
    return signer.sign(str(Head("huidang/test", size, merkle.root_hash(leaves[:size]))))


def proof(old: int, new: int) -> list[bytes]:
    """Prove by the definition of RFC 6962, 2.1.2."""

    def sub(start: int, stop: int, old: int, *, whole: bool) -> list[bytes]:
        if old == stop - start:
            return [] if whole else [merkle.root_hash(LEAVES[start:stop])]
        middle = start + merkle.split(stop - start)
        if old <= middle - start:
            return [*sub(start, middle, old, whole=whole), merkle.root_hash(LEAVES[middle:stop])]
        return [*sub(middle, stop, old - (middle - start), whole=False), merkle.root_hash(LEAVES[start:middle])]

    return sub(0, new, old, whole=True) if 0 < old < new else []


def ask(witness: Seeing, old: int, note: str, hashes: list[bytes] | None = None) -> Answer:
    given = proof(old, ledger.read_head(note).size) if hashes is None else hashes
    return witness.add_checkpoint(proofs.write_consistency(old, given, note).encode())


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Seeing]:
    seeing = Seeing(tmp_path, [LOG.verifier])
    yield seeing
    seeing.close()


def test_what_goes_on_is_cosigned(witness: Seeing) -> None:
    for old, new in ((0, 5), (5, 5), (5, 13), (13, 20)):
        answer = ask(witness, old, note := signed(new))
        assert answer.status == 200
        line, seconds = cosign.parse_cosigner(witness.verifier).find(answer.text, note)
        assert seconds > 1_700_000_000
        assert LOG.verifier.verify(f"{note}{line}\n") == notes.divide(note)[0]
        with pytest.raises(notes.BadNote):
            cosign.parse_cosigner(witness.verifier).find(answer.text, signed(new - 1))


def test_everything_else_is_refused_as_the_protocol_says(witness: Seeing) -> None:
    assert ask(witness, 0, signed(5)).status == 200
    other = [*LEAVES[:4], merkle.leaf_hash(b"forged"), *LEAVES[5:]]
    stranger = notes.Signer("huidang/test", bytes(31) + b"\1")
    assert ask(witness, 0, signed(9)) == (409, "5\n", "text/x.tlog.size")
    assert ask(witness, 4, signed(9)) == (409, "5\n", "text/x.tlog.size")
    assert ask(witness, 5, signed(5, leaves=other)) == (409, "5\n", "text/x.tlog.size")
    assert ask(witness, 5, signed(9, leaves=other)).status == 422
    assert ask(witness, 5, signed(9), []).status == 422
    assert ask(witness, 9, signed(5), []).status == 400
    assert ask(witness, 5, signed(9, signer=stranger)).status == 403
    assert (
        ask(witness, 0, notes.Signer("elsewhere", bytes(32)).sign(str(Head("elsewhere", 1, bytes(32))))).status == 404
    )
    good = proofs.write_consistency(5, proof(5, 9), signed(9)).encode()
    for bad in (
        b"",
        b"\xff",
        b"old x" + good[5:],
        b"old 05" + good[5:],
        good[4:],
        good.replace(b"\n\n", b"\n!\n\n", 1),
    ):
        assert witness.add_checkpoint(bad).status == 400
    assert witness.add_checkpoint(good).status == 200


def test_what_was_seen_outlives_the_process_and_belongs_to_one(witness: Seeing, tmp_path: Path) -> None:
    assert ask(witness, 0, signed(5)).status == 200
    with pytest.raises(Problem):
        Seeing(tmp_path, [LOG.verifier])
    witness.close()
    again = Seeing(tmp_path, [LOG.verifier])
    assert again.verifier == witness.verifier
    assert ask(again, 0, signed(9)).status == 409
    assert ask(again, 5, signed(9)).status == 200
    again.close()
    next(tmp_path.glob("*.checkpoint")).write_text("nothing")
    with pytest.raises(Problem):
        Seeing(tmp_path, [LOG.verifier])


def grow(count: int = 10) -> None:
    with transaction.atomic():
        ledger.append([(merkle.leaf_hash(b"%d" % number), "test", number) for number in range(count)])
    anchoring.checkpoint()


@pytest.fixture
def house(db: None, settings: Settings) -> None:
    settings.HOUSE = replace(settings.HOUSE, allow_addresses=(ip_network("127.0.0.1/32"),))


def test_the_archive_is_witnessed_and_a_forked_one_is_refused(house: None, tmp_path: Path) -> None:
    grow()
    with witnessing(tmp_path / "w", str(ledger.verifier())) as running:
        witness = witnesses.add_witness(name="律所", url=running.url, verifier=running.verifier)
        assert Job.objects.get(kind="cosign").args == {"witness": witness.pk}
        first = witnesses.WITNESSES.ask_newest(witness)
        grow()
        second = witnesses.WITNESSES.ask_newest(witness)
        assert first
        assert second
        assert (first.size, second.size) == (10, 20)
        assert not (tmp_path / "w" / "no-archive").exists()
        assert verify_archive()["checked"]["cosignatures"] == 2
        Cosignature.objects.all().delete()  # it forgot; the witness says what it saw
        grow()
        assert witnesses.WITNESSES.ask_newest(witness)
        fork()
        with pytest.raises(Problem) as caught:
            witnesses.WITNESSES.ask_newest(witness)
        assert caught.value.code == "witness-refused"
        anchoring.note_failure(witness, caught.value)
        witness.refresh_from_db()
        assert "不一致" in witness.problem


def fork() -> None:
    """Make up another history of the same log, as somebody with its key could."""
    for model in (ledger.Leaf, ledger.Node, ledger.Checkpoint):
        rows = model.objects.all()
        rows._raw_delete(rows.db)
    ledger.Log.objects.update(size=0)
    with transaction.atomic():
        ledger.append([(merkle.leaf_hash(b"forged %d" % number), "test", number) for number in range(40)])
    ledger.checkpoint()


def test_a_cosignature_that_was_changed_is_found(house: None, tmp_path: Path) -> None:
    grow()
    with witnessing(tmp_path, str(ledger.verifier())) as running:
        witness = witnesses.add_witness(name="律所", url=running.url, verifier=running.verifier)
        assert witnesses.WITNESSES.ask_newest(witness)
    Cosignature.objects.update(size=11)
    assert "cosignature-changed" in {problem["code"] for problem in verify_archive()["problems"]}


def test_what_cannot_be_a_witness_is_refused(house: None) -> None:
    key = str(cosign.CosigningKey("w", bytes(32)).cosigner)
    for wrong in ({"name": " "}, {"url": "ftp://x"}, {"verifier": str(LOG.verifier)}, {"verifier": "no"}):
        with pytest.raises(Problem):
            witnesses.add_witness(**({"name": "x", "url": "https://w.example", "verifier": key} | wrong))
    assert not Witness.objects.exists()
