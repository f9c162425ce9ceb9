"""The proof that a leaf is in the log, as one text that anybody can verify away from here (C2SP tlog-proof).

The text is `c2sp.org/tlog-proof@v1`, `index N`, the sibling hashes in base64 from the leaf up, an empty line, and the
signed checkpoint (https://c2sp.org/tlog-proof). Whoever verifies needs the leaf's hash and the log's public key.
"""

from base64 import b64encode
from collections.abc import Sequence

from huidang.kernel.ledger import Checkpoint, consistency_proof, inclusion_proof
from huidang.kernel.models import Cosignature
from huidang.kernel.problems import Problem

HEADER = "c2sp.org/tlog-proof@v1"


class Unsigned(Problem):
    """No checkpoint covers the leaf yet; the next one will."""

    status = 409


def latest_checkpoint() -> str:
    """Return the newest signed checkpoint with the lines of its witnesses. Raises `Unsigned` before the first."""
    signed = _latest()
    return with_cosignatures(signed.note, signed.size)


def with_cosignatures(note: str, size: int) -> str:
    """Return a checkpoint with the lines of all who cosigned it."""
    lines = Cosignature.objects.filter(size=size).order_by("witness_id").values_list("line", flat=True)
    return note + "".join(f"{line}\n" for line in lines)


def write_proof(index: int) -> str:
    """Return the proof that the leaf at `index` is under the newest checkpoint. Raises `Unsigned`."""
    signed = _latest()
    if index >= signed.size:
        raise Unsigned("log-unsigned", "这条记录还没有检查点，请过几分钟再取。", index=index, size=signed.size)
    return write(index, inclusion_proof(index, signed.size), with_cosignatures(signed.note, signed.size))


def write(index: int, siblings: Sequence[bytes], note: str) -> str:
    """Return the text of a proof that the leaf at `index` is under a checkpoint."""
    return _with_hashes([HEADER, f"index {index}"], siblings, note)


def write_consistency(old: int, hashes: Sequence[bytes], note: str) -> str:
    """Return the proof that a checkpoint goes on from the first `old` leaves: what a C2SP tlog-witness is sent."""
    return _with_hashes([f"old {old}"], hashes, note)


def consistency(old: int, new: int) -> str:
    """Return the proof that the checkpoint of size `new` goes on from the first `old` leaves. Raises `Problem`."""
    signed = Checkpoint.objects.filter(size=new).first()
    if signed is None or not 0 < old <= new:
        raise Problem("log-range", f"日志中没有这样的范围：{old}，{new}。", first=old, second=new)
    return write_consistency(old, consistency_proof(old, new), signed.note)


def _with_hashes(head: list[str], hashes: Sequence[bytes], note: str) -> str:
    return "\n".join([*head, *(b64encode(each).decode() for each in hashes), "", note])


def _latest() -> Checkpoint:
    signed = Checkpoint.objects.order_by("-size").first()
    if signed is None:
        raise Unsigned("log-unsigned", "日志还没有检查点，请过几分钟再取。")
    return signed
