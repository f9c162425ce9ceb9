"""A new signing key is vouched for by the old one in the log itself, and both stay known to whoever verifies."""

import pytest
from django.db import transaction

from huidang.kernel import ledger, merkle, notes
from huidang.kernel.models import Handover
from huidang.upkeep.verify import verify_archive

pytestmark = pytest.mark.django_db


def grow() -> None:
    with transaction.atomic():
        ledger.append([(merkle.leaf_hash(b"x"), "test", 1)])


def test_both_keys_sign_the_checkpoint_of_the_handover() -> None:
    grow()
    first = ledger.checkpoint()
    old = ledger.verifier()
    signed = ledger.rotate()
    new = ledger.verifier()
    assert first
    assert new != old
    assert ledger.read_checkpoint(signed.note, old) == ledger.read_checkpoint(signed.note, new)
    grow()
    later = ledger.checkpoint()
    assert later
    assert ledger.read_checkpoint(later.note, new).size == 3
    with pytest.raises(notes.BadNote):
        ledger.read_checkpoint(later.note, old)
    epochs = ledger.keys()
    assert [epoch.verifier for epoch in epochs] == [old, new]
    assert ledger.key_at(epochs, first.size) == old
    assert ledger.key_at(epochs, signed.size) == new
    assert verify_archive()["ok"]


def test_handovers_form_a_chain() -> None:
    grow()
    for _ in range(3):
        ledger.rotate()
    assert len(ledger.keys()) == 4
    assert verify_archive()["checked"]["handovers"] == 3


def test_a_forged_handover_is_found() -> None:
    grow()
    ledger.checkpoint()
    ledger.rotate()
    forger = notes.Signer(ledger.origin(), bytes(32))
    stored = Handover.objects.get()
    old, _new = ledger.read_handover(stored.note)
    stored.note = forger.sign(stored.note.partition("\n\n")[0].replace(str(old), str(forger.verifier)) + "\n")
    stored.save()
    codes = {problem["code"] for problem in verify_archive()["problems"]}
    assert "handover-changed" in codes
    Handover.objects.all().delete()
    codes = {problem["code"] for problem in verify_archive()["problems"]}
    assert {"handover-changed", "checkpoint-unsigned"} <= codes
