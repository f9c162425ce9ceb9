"""What a package takes from the log: the checkpoint over everything, its stamps, the earlier ones, the proofs."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from huidang.kernel import anchoring, ledger, proofs
from huidang.kernel.ledger import Checkpoint, Handover
from huidang.kernel.models import Authority, Cosignature, Receipt, Stamp, Witness
from huidang.kernel.problems import Problem

_EARLIER_AT_MOST = 64


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest checkpoint, which authorities stand behind it, and those that did not answer."""

    checkpoint: Checkpoint
    stamped: tuple[Authority, ...]
    silent: tuple[str, ...]

    @property
    def witnessed(self) -> str:
        """Return the checkpoint with the lines of its witnesses: what the proofs carry."""
        return proofs.with_cosignatures(self.checkpoint.note, self.checkpoint.size)


def stand(places: Sequence[int]) -> Standing:
    """Sign the log as it is now and have it stamped and cosigned by every authority and witness that answers.

    Raises `Problem` where the log cannot be signed, or does not hold a place.
    """
    checkpoint = anchoring.checkpoint()
    if checkpoint is None or max(places, default=-1) >= checkpoint.size:
        raise Problem("log-unsigned", "这条记录还没有检查点，请过几分钟再取。")
    silent = anchoring.ask_at_once()
    stamped = [stamp.authority for stamp in stamps_of([checkpoint.size]) if stamp.authority.enabled]
    return Standing(checkpoint, tuple(stamped), tuple(party.name for party in silent))


def earlier_stamped(places: Sequence[int], newest: int) -> list[int]:
    """Return the sizes of the checkpoints that were the first to be stamped after each place; at most 64, spread."""
    return _first_after(places, sorted(set(Stamp.objects.filter(size__lt=newest).values_list("size", flat=True))))


def deposits_after(places: Sequence[int], newest: int) -> list[Receipt]:
    """Return each anchor's first receipt over a checkpoint that covers a place, as `earlier_stamped` chooses them."""
    rows = Receipt.objects.filter(size__lte=newest).order_by("size", "anchor_id").select_related("anchor")
    by_anchor: dict[int, dict[int, Receipt]] = {}
    for receipt in rows.defer("sent", "content"):
        by_anchor.setdefault(receipt.anchor_id, {})[receipt.size] = receipt
    chosen = [held[size] for held in by_anchor.values() for size in _first_after(places, list(held))]
    return sorted(chosen, key=lambda receipt: (receipt.size, receipt.anchor_id))


def _first_after(places: Sequence[int], sizes: Sequence[int]) -> list[int]:
    first = sorted({sizes[at] for place in places if (at := bisect_right(sizes, place)) < len(sizes)})
    if len(first) <= _EARLIER_AT_MOST:
        return first
    step = (len(first) - 1) / (_EARLIER_AT_MOST - 1)
    return [first[round(number * step)] for number in range(_EARLIER_AT_MOST)]


def stamps_of(sizes: Sequence[int]) -> list[Stamp]:
    """Return the stamps over checkpoints of these sizes."""
    return list(Stamp.objects.filter(size__in=sizes).select_related("authority").order_by("size", "authority_id"))


def notes_of(sizes: Sequence[int]) -> dict[int, str]:
    """Return the signed texts of checkpoints."""
    return dict(Checkpoint.objects.filter(size__in=sizes).values_list("size", "note"))


def policy(size: int) -> str:
    """Return the C2SP tlog-policy of a package: the log, its witnesses, and as many of them as cosigned this size."""
    lines = [f"log {ledger.verifier()}"]
    signed = set(Cosignature.objects.filter(size=size).values_list("witness_id", flat=True))
    asked = [each for each in Witness.objects.order_by("pk") if each.enabled or each.pk in signed]
    lines += [f"witness w{number} {each.verifier}" for number, each in enumerate(asked, 1)]
    if signed:
        lines.append(f"group witnesses {len(signed)} {' '.join(f'w{number + 1}' for number in range(len(asked)))}")
    return "\n".join([*lines, f"quorum {'witnesses' if signed else 'none'}", ""])


def handovers() -> list[str]:
    """Return the handovers of the signing key, oldest first."""
    return list(Handover.objects.order_by("leaf_index").values_list("note", flat=True))


class Prover:
    """Writes proofs under one checkpoint, remembering the tree between them."""

    def __init__(self, checkpoint: Checkpoint, note: str) -> None:
        self._checkpoint, self._note, self._tree = checkpoint, note, ledger.Tree()

    def inclusion(self, index: int) -> str:
        """Return the tlog-proof of one place."""
        return proofs.write(index, self._tree.inclusion_proof(index, self._checkpoint.size), self._note)

    def consistency(self, old: int) -> str:
        """Return the proof that the checkpoint goes on from a smaller one."""
        return proofs.write_consistency(
            old, self._tree.consistency_proof(old, self._checkpoint.size), self._checkpoint.note
        )
