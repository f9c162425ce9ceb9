"""Writes an evidence package: a ZIP with which a stranger verifies a transcript, and needs nothing of the house.

The order matters: the leaves are opened first, then the log is signed and stamped, so that the checkpoint covers all
of them; the paper names the checkpoint and the level of its own signature; the manifest comes last and covers all.
"""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module, resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import override

from huidang import __version__
from huidang.exports.document import Document, Progress
from huidang.exports.evidence import proving, second, signing
from huidang.exports.evidence.bundle import Bundle
from huidang.exports.evidence.proving import Prover, Standing
from huidang.exports.evidence.records import Collected, collect
from huidang.exports.evidence.testify import testify
from huidang.exports.evidence.verify import FORMAT
from huidang.kernel import anchors, ledger
from huidang.kernel.models import Receipt
from huidang.kernel.problems import Problem
from huidang.kernel.signer import signing as house_signing
from huidang.people import Reader
from huidang.records.disclosing import Custody, custody_of

_ALONE = "sys.dont_write_bytecode = True  # a further file would not be in the manifest\n"
_BESIDE = {
    "from huidang.exports.evidence.seals import": f"{_ALONE}from seals import",
    "from huidang.kernel import cms, merkle\n": "import cms\nimport merkle\n",
}
"""How the programs of a package find each other."""

_NOT_ON_CHAIN = "这是防篡改存证，不是区块链存证；"
_ON_CHAIN = "这是防篡改存证。anchors/ 里有区块链的回执，写着交易号，请到该链上查询；"

_OWN_PROGRAMS = {
    "verify.py": "huidang.exports.evidence", "seals.py": "huidang.exports.evidence",
    "cms.py": "huidang.kernel", "merkle.py": "huidang.kernel",
}  # fmt: skip


def write(document: Document, path: Path, *, progress: Progress) -> list[Path]:
    """Write the package of a document and return its path.

    Raises `Absent` where a message is beyond its reader's `EVIDENCE`, `Problem` where a key is lost, the log cannot be
    signed, or the authority fails between the stamp of the log and that of the report.
    """
    if document.reader is None:
        raise Problem("evidence-reader", "存证包要有明确的取证人。")
    with override(document.language):
        found = collect(document, document.reader, progress)
        with TemporaryDirectory(dir=path.parent) as folder, Bundle(path, document.made_at) as bundle:
            _fill(bundle, replace(document, sections=found.sections), document.reader, found, Path(folder))
    progress(document.messages)
    return [path]


def _fill(bundle: Bundle, document: Document, reader: Reader, found: Collected, folder: Path) -> None:
    custody = custody_of((line.message.id for line in found.messages()), reader, document.profile)
    standing = proving.stand([*found.places, *found.erasures.values()])
    level = signing.Level(house_signing(), standing.stamped[0] if standing.stamped else None)
    deposits = proving.deposits_after(found.places, standing.checkpoint.size)
    _add_log(bundle, standing, found, deposits)
    kept = [place for place in found.places if place not in found.erasures]
    twice = second.add(bundle, kept, standing.checkpoint)
    bundle.add_pieces("records.jsonl", found.lines)
    bundle.add("custody.jsonl", b"".join(rfc8785.dumps(_as_json(each)) + b"\n" for each in custody))
    for name, media in found.media.items():
        bundle.add_file(name, media)
    draft, report = folder / "draft.pdf", folder / "report.pdf"
    import_module("huidang.exports.court").write(document, testify(document, found, custody, standing, level), draft)
    signing.sign(draft, report, level, reason=document.why)
    bundle.add_file("report.pdf", report)
    bundle.add("signer-ca.pem", level.signing.root.public_bytes(Encoding.PEM))
    _add_programs(bundle)
    bundle.add("README-验证说明.txt", _readme(document, standing, level, deposits))
    bundle.seal(_stated(document, found, standing, level) | {"sm3": twice})


def _add_log(bundle: Bundle, standing: Standing, found: Collected, deposits: Sequence[Receipt]) -> None:
    """Add the checkpoint with its stamps, the stamped ones before it, and the proof of every record."""
    newest, witnessed = standing.checkpoint, standing.witnessed
    prover = Prover(newest, witnessed)
    verifier = ledger.verifier()
    bundle.add("checkpoint", newest.note)
    if witnessed != newest.note:
        bundle.add("checkpoint.witnessed", witnessed)
    bundle.add("policy.txt", proving.policy(newest.size))
    bundle.add("log.pub.pem", verifier.pem())
    for number, note in enumerate(proving.handovers(), 1):
        bundle.add(f"keys/{number:04}.note", note)
    earlier = sorted({*proving.earlier_stamped(found.places, newest.size), *_sizes(deposits, newest.size)})
    for size, note in proving.notes_of(earlier).items():
        bundle.add(f"checkpoints/{size}", note)
        bundle.add(f"consistency/{size}-{newest.size}", prover.consistency(size))
    authorities: dict[int, str] = {}
    for stamp in proving.stamps_of([*earlier, newest.size]):
        number = list(authorities).index(stamp.authority_id) + 1 if stamp.authority_id in authorities else 0
        if not number:
            authorities[stamp.authority_id] = stamp.authority.roots
            number = len(authorities)
            bundle.add(f"stamps/roots-{number}.pem", stamp.authority.roots)
        bundle.add(f"stamps/{stamp.size}-{number}.tsr", bytes(stamp.token))
    for number, receipt in enumerate(deposits, 1):
        _add_deposit(bundle, f"anchors/{receipt.size}-{number}", receipt)
    for index in found.places:
        bundle.add(f"proofs/{index}.tlog-proof", prover.inclusion(index))
    for entry, index in found.erasures.items():
        bundle.add(f"proofs/{entry}.erasure.tlog-proof", prover.inclusion(index))


def _sizes(deposits: Sequence[Receipt], newest: int) -> set[int]:
    return {receipt.size for receipt in deposits} - {newest}


def _add_deposit(bundle: Bundle, stem: str, receipt: Receipt) -> None:
    """Add what an anchor was sent, what it gave back, and what we say of it."""
    stated: dict[str, Any] = {
        "name": receipt.anchor.name,
        "way": receipt.anchor.way,
        "url": receipt.anchor.url,
        "chain": anchors.is_on_chain(receipt),
        "size": receipt.size,
        "reference": receipt.reference,
        "received_at": receipt.received_at.isoformat(),
        "sha256": receipt.sha256,
    }
    bundle.add(f"{stem}.json", rfc8785.dumps(stated))
    bundle.add(f"{stem}.sent", bytes(receipt.sent))
    bundle.add(f"{stem}.receipt", bytes(receipt.content))


def _add_programs(bundle: Bundle) -> None:
    """Add the verifiers; the Python one finds its two parts beside it."""
    for name, package in _OWN_PROGRAMS.items():
        source = resources.files(package).joinpath(name).read_text("utf-8")
        for ours, beside in _BESIDE.items():
            source = source.replace(ours, beside)
        bundle.add(name, source)
    bundle.add("verify.html", page())


def page() -> str:
    """Return the verifying page; its policy lets it run its own script and style, and nothing reach the network."""
    text = resources.files("huidang.exports.evidence").joinpath("verify.html").read_text("utf-8")
    for tag in ("script", "style"):
        inside = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        digest = b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        text = text.replace(f"{tag}-hash", f"'sha256-{digest}'")
    return text


def _readme(document: Document, standing: Standing, level: signing.Level, deposits: Sequence[Receipt]) -> str:
    text = resources.files("huidang.exports.evidence").joinpath("README.txt").read_text("utf-8")
    return text.format(
        receipt=document.receipt,
        messages=document.messages,
        size=standing.checkpoint.size,
        stamped="checkpoint",
        signature=level.name,
        kind=_ON_CHAIN if any(anchors.is_on_chain(each) for each in deposits) else _NOT_ON_CHAIN,
    )


def _stated(document: Document, found: Collected, standing: Standing, level: signing.Level) -> dict[str, Any]:
    """Return what the manifest says beside the hashes of the files."""
    return {
        "format": FORMAT,
        "software": f"huidang {__version__}",
        "title": document.title,
        "query": document.query,
        "why": document.why,
        "receipt": document.receipt,
        "made_at": document.made_at.isoformat(),
        "made_by": document.made_by,
        "mask": str(document.profile),
        "messages": document.messages,
        "conversations": document.conversations,
        "records": len(found.lines),
        "hidden": found.hidden,
        "log": ledger.origin(),
        "size": standing.checkpoint.size,
        "root": bytes(standing.checkpoint.root).hex(),
        "report": level.name,
        "stamped_by": [authority.name for authority in standing.stamped],
    }


def _as_json(custody: Custody) -> dict[str, Any]:
    return {
        "origin": dict(custody.origin),
        "stored_at": custody.stored_at,
        "sealed_sha256": custody.sha256,
        "entries": custody.entries,
    }
