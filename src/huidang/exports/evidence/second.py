"""What a package takes from the second log, where the house keeps one: its checkpoint, key, and a proof a record."""

from collections.abc import Iterator, Sequence

from django.conf import settings

from huidang.exports.evidence.bundle import Bundle
from huidang.kernel import proofs, sm3log
from huidang.kernel.forest import Tree
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.sm3log import Sm3Beginning, Sm3Checkpoint, Sm3Leaf

_AT_ONCE = 500


def add(bundle: Bundle, places: Sequence[int], newest: Checkpoint) -> int:
    """Add the second log's checkpoint of the same moment, and return how many records it proves; 0 without one.

    Records that came in while no second log was kept have no place in it; its beginnings say from where it goes on.
    """
    signed = Sm3Checkpoint.objects.filter(follows=newest.size).first() if settings.HOUSE.sm3 else None
    verifier = sm3log.verifier()
    if signed is None or verifier is None:
        return 0
    bundle.add("sm3/checkpoint", signed.note)
    bundle.add("sm3/policy.txt", f"log {verifier}\nquorum none\n")
    tree, found = Tree(sm3log.STORED), dict(_places(places))
    for of, index in found.items():
        proof = proofs.write(index, tree.inclusion_proof(index, signed.size), signed.note)
        bundle.add(f"sm3/proofs/{of}.tlog-proof", proof)
    for begun in Sm3Beginning.objects.filter(index__lt=signed.size).order_by("index"):
        proof = proofs.write(begun.index, tree.inclusion_proof(begun.index, signed.size), signed.note)
        bundle.add(f"sm3/beginnings/{begun.index}.json", begun.text)
        bundle.add(f"sm3/beginnings/{begun.index}.tlog-proof", proof)
    return len(found)


def _places(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the places in the first log that the second has too, each with its place there."""
    for start in range(0, len(places), _AT_ONCE):
        rows = Sm3Leaf.objects.filter(of__in=places[start : start + _AT_ONCE]).order_by("index")
        yield from ((row.of, row.index) for row in rows if row.of is not None)
