"""Verifies a package for the command: by the verifier that every package carries, and against this archive's keys."""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from huidang.exports.evidence.verify import FORMAT, MANIFEST, verify
from huidang.kernel import ledger


def is_package(path: Path) -> bool:
    """Say whether a file, or a folder, is an evidence package, however damaged."""
    if path.is_dir():
        return (path / MANIFEST).is_file()
    try:
        with ZipFile(path) as held:
            names = set(held.namelist())
    except (BadZipFile, OSError):
        return False
    return {MANIFEST, "checkpoint"} <= names or {"records.jsonl", "checkpoint"} <= names


def check(path: Path) -> dict[str, Any]:
    """Return what the verifier finds; one that names this archive's log must bear one of its keys."""
    result, epochs = verify(path), ledger.keys()
    known = {str(epoch.verifier) for epoch in epochs}
    result["format"], result["own"] = FORMAT, _log_of(result) == ledger.origin()
    if result["own"] and result["key"] not in known:
        text = "存证包写着本档案的日志，公钥却不是本档案的：它是伪造的。"
        result["problems"].append({"code": "key-unknown", "text": text, "file": "policy.txt"})
        result["ok"] = False
    return result


def _log_of(result: dict[str, Any]) -> str:
    return str(result.get("key", "")).partition("+")[0]
