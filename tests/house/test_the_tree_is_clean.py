"""Licences, machine paths, lock files: what must not slip into the tree."""

import re
import subprocess
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = re.findall(r"(?m)^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==", (ROOT / "requirements" / "main.txt").read_text("utf-8"))
COPYLEFT = re.compile(r"\b(?:A?GPL|GNU (?:AFFERO )?GENERAL PUBLIC)", re.IGNORECASE)
LESSER = re.compile(r"LGPL|LESSER|LIBRARY GENERAL", re.IGNORECASE)
MACHINE_PATH = re.compile(rb"/(?:home|Users|work)/[a-z][\w.-]*/|[A-Z]:\\\\Users\\\\")


def licence_of(name: str) -> str:
    about = metadata(name)
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License")]
    stated = [about.get("License-Expression") or "", (about.get("License") or "")[:200], *classifiers]
    return " | ".join(filter(None, stated))


@pytest.mark.parametrize("name", LOCKED)
def test_nothing_we_import_is_gpl(name: str) -> None:
    try:
        licence = licence_of(name)
    except PackageNotFoundError:
        pytest.skip("not installed on this platform")
    assert not COPYLEFT.search(LESSER.sub("", licence)), licence


def tracked() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return [path for path in (ROOT / "src").rglob("*") if path.is_file()]
    return [ROOT / name.decode() for name in listed.split(b"\0") if name and (ROOT / name.decode()).is_file()]


def test_no_machine_path_is_in_the_tree() -> None:
    found = [str(path.relative_to(ROOT)) for path in tracked() if MACHINE_PATH.search(path.read_bytes())]
    assert not found


def test_every_dependency_is_locked_with_hashes() -> None:
    for name in ("main.txt", "dev.txt"):
        text = (ROOT / "requirements" / name).read_text("utf-8")
        assert text.count("==") <= text.count("--hash=sha256:")
