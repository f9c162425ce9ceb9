"""The log's roots and proofs are those of RFC 6962, at every size, on both databases."""

import hashlib

import pytest
from django.db import transaction

from huidang.kernel import ledger, merkle
from huidang.kernel.problems import Problem

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# The eight inputs and roots of the Certificate Transparency test suite (google/certificate-transparency, merkletree).
CT_DATA = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243")]
CT_DATA += [bytes(range(0x50, 0x58)), bytes(range(0x60, 0x70))]
CT_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def leaf(number: int) -> bytes:
    return merkle.leaf_hash(number.to_bytes(4, "big"))


def defined_root(hashes: list[bytes]) -> bytes:
    """Compute MTH as RFC 6962, 2.1 writes it down."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    cut = merkle.split(len(hashes))
    return hashlib.sha256(b"\x01" + defined_root(hashes[:cut]) + defined_root(hashes[cut:])).digest()


def fill(hashes: list[bytes], batch: int) -> None:
    for start in range(0, len(hashes), batch):
        with transaction.atomic():
            first = ledger.append([(value, "test", start) for value in hashes[start : start + batch]])
        assert first == start


def test_roots_are_those_of_certificate_transparency() -> None:
    fill([merkle.leaf_hash(data) for data in CT_DATA], batch=3)
    assert {size: ledger.root(size).hex() for size in CT_ROOTS} == CT_ROOTS
    assert ledger.root(0) == merkle.EMPTY


def test_every_inclusion_up_to_forty() -> None:
    hashes = [leaf(number) for number in range(40)]
    fill(hashes, batch=7)
    tree = ledger.Tree()
    for size, index in [(count, place) for count in range(1, 41) for place in range(count)]:
        root, proof = defined_root(hashes[:size]), tree.inclusion_proof(index, size)
        assert ledger.verify_inclusion(hashes[index], index, size, proof, root)
        assert not ledger.verify_inclusion(leaf(99), index, size, proof, root)
        assert not ledger.verify_inclusion(hashes[index], index, size, [*proof, root], root)
        assert size == 1 or not ledger.verify_inclusion(hashes[index], (index + 1) % size, size, proof, root)


def test_every_consistency_up_to_forty() -> None:
    hashes = [leaf(number) for number in range(40)]
    fill(hashes, batch=40)
    tree = ledger.Tree()
    for new, old in [(after, before) for after in range(41) for before in range(after + 1)]:
        before, after = defined_root(hashes[:old]), defined_root(hashes[:new])
        proof = tree.consistency_proof(old, new)
        assert ledger.verify_consistency(old, new, before, after, proof)
        assert not ledger.verify_consistency(old, new, leaf(99), after, proof)
        assert old == 0 or not ledger.verify_consistency(old, new, before, leaf(99), proof)


@pytest.fixture
def large() -> list[bytes]:
    hashes = [leaf(number) for number in range(66_000)]
    fill(hashes, batch=4_999)
    return hashes


def test_a_tree_of_three_levels_of_tiles(large: list[bytes]) -> None:
    assert ledger.Node.objects.count() == 66_000 // 256 + 1
    for size in (255, 256, 257, 65_535, 65_536, 65_537, 66_000):
        root, tree = merkle.root_hash(large[:size]), ledger.Tree()
        assert tree.root(size) == root
        for index in {0, 1, 255, 256, size // 2, size - 1} & set(range(size)):
            assert ledger.verify_inclusion(large[index], index, size, tree.inclusion_proof(index, size), root)
        for old in {1, 200, 256, 300, 65_536} & set(range(size)):
            proof = tree.consistency_proof(old, size)
            assert ledger.verify_consistency(old, size, merkle.root_hash(large[:old]), root, proof)


def test_leaves_belong_inside_a_transaction(transactional_db: None) -> None:
    with pytest.raises(RuntimeError):
        ledger.append([(leaf(0), "test", 0)])


def test_a_range_outside_the_log_is_refused() -> None:
    fill([leaf(0)], batch=1)
    for ask in (lambda: ledger.inclusion_proof(1, 1), lambda: ledger.consistency_proof(2, 1)):
        with pytest.raises(Problem, match="没有这样的范围"):
            ask()
    with pytest.raises(Problem, match="缺少"):
        ledger.root(2)
