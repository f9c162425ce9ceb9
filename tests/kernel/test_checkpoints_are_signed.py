"""A checkpoint says where the log stood; nothing is signed over a beginning that has changed."""

from dataclasses import replace

import pytest
from django.db import transaction

from huidang.kernel import ledger, merkle, notes
from huidang.kernel.problems import Problem

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def grow(count: int) -> None:
    with transaction.atomic():
        ledger.append([ledger.Entry(merkle.leaf_hash(b"%d" % number), "test", number) for number in range(count)])


def signed() -> ledger.Checkpoint:
    checkpoint = ledger.checkpoint()
    assert checkpoint is not None
    return checkpoint


def test_an_empty_log_has_none() -> None:
    assert ledger.checkpoint() is None


def test_a_checkpoint_states_origin_size_and_root() -> None:
    grow(5)
    head = ledger.read_checkpoint(signed().note, ledger.verifier())
    assert head == ledger.Head(ledger.origin(), 5, ledger.root(5))


def test_a_log_that_has_not_grown_gets_no_second_one() -> None:
    grow(5)
    assert signed() == signed()
    grow(1)
    assert signed().size == 6
    assert ledger.Checkpoint.objects.count() == 2


def test_a_changed_beginning_is_not_signed() -> None:
    grow(5)
    signed()
    ledger.Leaf.objects.filter(index=2).update(hash=bytes(32))
    grow(1)
    with pytest.raises(Problem, match="拒绝签署"):
        ledger.checkpoint()


def test_a_head_that_names_another_key_does_not_sign() -> None:
    grow(1)
    other = notes.Signer(ledger.origin(), bytes(32)).verifier
    ledger.Log.objects.update(verifier=str(other))
    with pytest.raises(Problem, match="签名密钥不符"):
        ledger.checkpoint()


NOTE = notes.Signer("huidang/test", bytes(32)).sign("huidang/test\n1\nAAAA\n")
VERIFIER = notes.Signer("huidang/test", bytes(32)).verifier


def test_a_note_opens_with_its_key_alone() -> None:
    assert VERIFIER.verify(NOTE) == "huidang/test\n1\nAAAA\n"
    assert notes.parse_verifier(str(VERIFIER)) == VERIFIER
    for stranger in (replace(VERIFIER, name="other"), notes.Signer("huidang/test", bytes([1] * 32)).verifier):
        with pytest.raises(notes.BadNote):
            stranger.verify(NOTE)


def test_an_unknown_signature_beside_ours_is_ignored() -> None:
    assert VERIFIER.verify(NOTE + "\u2014 witness AAAAAAAA\n")


@pytest.mark.parametrize(
    "note", ["", "text\n", "text\n\n", NOTE.replace("\n1\n", "\n2\n"), NOTE.replace("AAAA\n", "AAAB\n")]
)
def test_what_is_no_note_or_was_changed_is_refused(note: str) -> None:
    with pytest.raises(notes.BadNote):
        VERIFIER.verify(note)


@pytest.mark.parametrize("key", ["", "a+b", "huidang/test+00000000+" + str(VERIFIER).split("+", 2)[2], "a+b+%%%"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(notes.BadNote):
        notes.parse_verifier(key)
