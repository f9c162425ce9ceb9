"""The witnesses of this log: other parties who cosign its checkpoints, so that nobody can be shown another history.

Each is asked for the newest checkpoint by a job of its own, with the proof that it goes on from the last one that
witness saw. A cosignature is stored only after it was verified.
"""

from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from huidang.kernel import clock, cosign, jobs, ledger, proofs
from huidang.kernel.jobs import Run
from huidang.kernel.ledger import Checkpoint
from huidang.kernel.models import Cosignature, Witness
from huidang.kernel.problems import Problem

LARGEST = 16 * 1024
SECONDS = 30
_SIZE = "text/x.tlog.size"


def add_witness(*, name: str, url: str, verifier: str) -> Witness:
    """Store a witness and ask it for its first cosignature. Raises `Problem` for what cannot be one."""
    name, url = name.strip(), url.strip()
    if not name or Witness.objects.filter(name=name).exists():
        raise Problem("witness-name", _("写一个还没用过的名称。"))
    if not url.startswith(("https://", "http://")):
        raise Problem("witness-url", _("地址要以 https:// 或 http:// 开头。"))
    key = str(cosign.parse_cosigner(verifier))
    if Witness.objects.filter(verifier=key).exists():
        raise Problem("witness-known", _("已经有一个见证人用这把公钥。"))
    with transaction.atomic():
        stored = Witness.objects.create(name=name[:60], url=url[:500], verifier=key, created_at=clock.now())
        ask_all()
    return stored


def switch_witness(witness_id: int, *, enabled: bool) -> Witness:
    """Ask a witness from now on, or no longer. Raises `Problem`."""
    witness = Witness.objects.filter(pk=witness_id).first()
    if witness is None:
        raise Problem("witness-unknown", _("没有这个见证人。"))
    with transaction.atomic():
        witness.enabled = enabled
        witness.save(update_fields=["enabled"])
        ask_all()
    return witness


def ask_all() -> None:
    """Enqueue the job `cosign` for every witness that has not cosigned the newest checkpoint."""
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        return
    for witness in Witness.objects.filter(enabled=True).exclude(cosignatures__size=newest.size):
        jobs.enqueue("cosign", key=f"cosign:{witness.pk}", witness=witness.pk)


def cosign_by(run: Run) -> None:
    """Have the newest checkpoint cosigned by one witness: the job `cosign`. A failure is noted and raised again."""
    witness = Witness.objects.filter(pk=run.args["witness"], enabled=True).first()
    if witness is None:
        return
    try:
        cosign_newest(witness)
    except Problem as problem:
        note_failure(witness, problem)
        raise


def cosign_newest(witness: Witness) -> Cosignature | None:
    """Return the witness's cosignature over the newest checkpoint, asking for it where there is none.

    None before the first checkpoint. Raises `Problem`: the witness is away, or has seen another log, or its answer
    does not verify.
    """
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        return None
    known = Cosignature.objects.filter(witness=witness).order_by("-size").first()
    if known is not None and known.size == newest.size:
        return known
    answer = _obtain(witness, newest, known.size if known else 0)
    line, seconds = cosign.parse_cosigner(witness.verifier).find(answer, newest.note)
    with transaction.atomic():
        Witness.objects.filter(pk=witness.pk).update(failing_since_at=None, problem="")
        facts = {"line": line, "witnessed_at": datetime.fromtimestamp(seconds, UTC)}
        return Cosignature.objects.update_or_create(witness=witness, size=newest.size, defaults=facts)[0]


def note_failure(witness: Witness, problem: Problem) -> None:
    """Keep what went wrong, and since when, for the page."""
    since = witness.failing_since_at or clock.now()
    Witness.objects.filter(pk=witness.pk).update(failing_since_at=since, problem=problem.text[:1000])


def with_cosignatures(note: str, size: int) -> str:
    """Return a checkpoint with the lines of all who cosigned it."""
    lines = Cosignature.objects.filter(size=size).order_by("witness_id").values_list("line", flat=True)
    return note + "".join(f"{line}\n" for line in lines)


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
    with outbound.open_client(limit=LARGEST, seconds=SECONDS, attempts=1) as client:
        response = client.post(f"{witness.url.rstrip('/')}/add-checkpoint", content=body.encode())
        sized = response.headers.get("Content-Type", "").partition(";")[0] == _SIZE
        return response.status_code, response.text if response.is_success or sized else ""
