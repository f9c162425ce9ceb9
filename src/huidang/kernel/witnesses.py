"""The witnesses of this log: other parties who cosign its checkpoints, so that nobody can be shown another history.

`kernel.anchoring` asks each for the newest checkpoint, with the proof that it goes on from the last one that witness
saw. A cosignature is stored only after it was verified.
"""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from huidang.kernel import anchoring, cosign, ledger, proofs
from huidang.kernel.anchoring import Kind
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.models import Cosignature, Witness
from huidang.kernel.problems import Problem

LARGEST = 16 * 1024
_SIZE = "text/x.tlog.size"


def add_witness(*, name: str, url: str, verifier: str) -> Witness:
    """Store a witness and ask it for its first cosignature. Raises `Problem` for what cannot be one."""
    url, key = anchoring.checked_url(url), str(cosign.parse_cosigner(verifier))
    if Witness.objects.filter(verifier=key).exists():
        raise Problem("witness-known", _("已经有一个见证人用这把公钥。"))
    return WITNESSES.add(name=name, url=url, verifier=key)


def _cosigned(witness: Witness, signed: Checkpoint) -> dict[str, Any]:
    known = WITNESSES.answers_of(witness).first()
    answer = _obtain(witness, signed, known.size if known else 0)
    line, seconds = cosign.parse_cosigner(witness.verifier).find(answer, signed.note)
    return {"line": line, "witnessed_at": datetime.fromtimestamp(seconds, UTC)}


def _check(held: Cosignature, note: str) -> object:
    return cosign.parse_cosigner(held.witness.verifier).find(held.line, note)


WITNESSES = Kind("cosign", "witness", Witness, Cosignature, _cosigned, _check)


def _obtain(witness: Witness, newest: Checkpoint, old: int) -> str:
    """Return the answer to `add-checkpoint`; a witness that says what it saw last is asked once more from there."""
    status, text = _post(witness, newest, old)
    if status == 409 and text.strip().isdecimal() and old != int(text) <= newest.size:  # noqa: PLR2004 (Conflict)
        status, text = _post(witness, newest, int(text))
    if status != 200:  # noqa: PLR2004 (OK)
        raise Problem("witness-refused", _("%(name)s 没有见证这个检查点（HTTP %(status)s）：%(reason)s") % {
            "name": witness.name, "status": status, "reason": _reason(status)
        }, status=status)  # fmt: skip
    return text


def _reason(status: int) -> str:
    if status in {409, 422}:
        return _("它见过的日志与这份不一致。")
    if status in {403, 404}:
        return _("它不认识这份日志的公钥。")
    return _("它没有说明原因。")


def _post(witness: Witness, newest: Checkpoint, old: int) -> tuple[int, str]:
    from huidang.kernel import outbound  # noqa: PLC0415  (8 MB that importing processes need not carry)

    body = proofs.write_consistency(old, ledger.consistency_proof(old, newest.size), newest.note)
    with outbound.open_client(limit=LARGEST, seconds=anchoring.SECONDS, attempts=1) as client:
        response = client.post(f"{witness.url.rstrip('/')}/add-checkpoint", content=body.encode())
        sized = response.headers.get("Content-Type", "").partition(";")[0] == _SIZE
        return response.status_code, response.text if response.is_success or sized else ""
