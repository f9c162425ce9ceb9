"""Where asked for, a second log over the same bytes is hashed by SM3, and whatever is turned in it is named."""

from dataclasses import replace

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from huidang.kernel import anchoring, ledger, merkle, sm3log
from huidang.kernel.forest import Tree
from huidang.kernel.sm3log import Sm3Beginning, Sm3Checkpoint, Sm3Leaf, Sm3Log, Sm3Node
from huidang.people import requests
from huidang.people.readers import local_operator
from huidang.records.erasing import Ground, erase
from huidang.records.models import Message
from huidang.upkeep.verify import verify_archive
from tests.exports.evidence.packages import fill

pytestmark = [pytest.mark.django_db, pytest.mark.database]

VECTORS = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}
"""GB/T 32905-2016, annex A: the two examples of the standard."""


@pytest.fixture
def second(settings: Settings) -> None:
    settings.HOUSE = replace(settings.HOUSE, sm3=True)


def problems() -> set[str]:
    return {problem["code"] for problem in verify_archive()["problems"]}


@pytest.mark.parametrize("message", VECTORS)
def test_sm3_is_the_standard_one(message: bytes) -> None:
    assert merkle.sm3(message).digest().hex() == VECTORS[message]


def test_the_second_log_begins_with_the_first_and_keeps_step(settings: Settings) -> None:
    fill(30)
    before = ledger.size()
    settings.HOUSE = replace(settings.HOUSE, sm3=True)
    conversation = fill(300)
    gone = Message.objects.unguarded("the stage is ours").get(key="m200")
    requests.set_two_persons("deletion", needed=False, by=local_operator())
    erase(local_operator(), conversation.pk, [gone.pk], ground=Ground.CONSENT, why="撤回同意")
    ledger.rotate()
    size = ledger.size()
    assert Sm3Log.objects.get().size == size - before + 1
    said = sm3log.beginning_bytes(ledger.origin(), before, ledger.root(before))
    assert Sm3Beginning.objects.get().text.encode() == said
    assert bytes(Sm3Leaf.objects.get(index=0).hash) == merkle.sm3(b"\0" + said).digest()
    assert list(Sm3Leaf.objects.order_by("index").values_list("of", flat=True))[1:] == list(range(before, size))
    signed = Sm3Checkpoint.objects.get(follows=size)
    hashes = [bytes(each) for each in Sm3Leaf.objects.order_by("index").values_list("hash", flat=True)]
    assert bytes(signed.root) == merkle.root_hash(hashes[: signed.size], merkle.sm3)
    verifier = sm3log.verifier()
    assert verifier
    assert verifier.name == f"{ledger.origin()}/sm3"
    assert ledger.read_checkpoint(signed.note, verifier).root == bytes(signed.root)
    proof = Tree(sm3log.STORED).inclusion_proof(7, signed.size)
    assert merkle.verify_inclusion(hashes[7], 7, signed.size, proof, bytes(signed.root), merkle.sm3)
    assert not merkle.verify_inclusion(hashes[7], 7, signed.size, proof, bytes(signed.root))
    report = verify_archive()
    assert report["ok"], report["problems"]
    assert report["checked"]["sm3 leaves"] == Sm3Leaf.objects.count()
    assert report["checked"]["sm3 checkpoints"] == Sm3Checkpoint.objects.count()


def test_switched_off_and_on_again_it_says_from_where_it_goes_on(second: None, settings: Settings) -> None:
    fill(10)
    anchoring.checkpoint()
    settings.HOUSE = replace(settings.HOUSE, sm3=False)
    fill(20)
    anchoring.checkpoint()
    settings.HOUSE = replace(settings.HOUSE, sm3=True)
    fill(25)
    anchoring.checkpoint()
    assert Sm3Beginning.objects.count() == 2
    assert problems() == set()


def test_what_is_turned_in_the_second_tree_is_named(second: None) -> None:
    fill(300)
    anchoring.checkpoint()
    assert problems() == set()
    for rows, change, code in (
        (Sm3Leaf.objects.filter(index=5), {"hash": bytes(32)}, "sm3-leaf-changed"),
        (Sm3Leaf.objects.filter(index=5), {"of": None}, "sm3-beginning-changed"),
        (Sm3Leaf.objects.filter(index=5), {"of": 999_999}, "sm3-out-of-step"),
        (Sm3Node.objects.all(), {"hash": bytes(32)}, "node-changed"),
        (Sm3Checkpoint.objects.all(), {"root": bytes(32)}, "sm3-root-changed"),
        (Sm3Checkpoint.objects.all(), {"note": "nothing"}, "sm3-checkpoint-unsigned"),
        (Sm3Log.objects.all(), {"size": 9}, "sm3-shortened"),
        (Sm3Beginning.objects.all(), {"text": "{}"}, "sm3-beginning-changed"),
    ):
        with transaction.atomic():
            assert rows.update(**change)
            assert code in problems(), code
            transaction.set_rollback(True)
    Sm3Leaf.objects.filter(index=6).delete()
    assert "sm3-leaf-missing" in problems()


def test_without_the_setting_there_is_none(db: None) -> None:
    fill(5)
    anchoring.checkpoint()
    assert not Sm3Log.objects.exists()
    assert "sm3 leaves" not in verify_archive()["checked"]
