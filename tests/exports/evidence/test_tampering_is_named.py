"""Whatever changes the meaning of a package is found and named, in whichever file it was done, however it is hidden.

Three forgers: one changes a file; one also writes its hash into the manifest; one also signs that with a key of their
own. Only a forger with the log's key and its authorities could do better.
"""

import contextlib
import json
import random
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from huidang.cli import main
from huidang.exports.evidence.seals import Key, parse_key
from huidang.exports.evidence.verify import Package, canonical, verify
from huidang.kernel import anchoring, cosign, ledger, notes, stamps
from huidang.records import Profile
from tests.authority import Authority
from tests.exports.evidence.conftest import known, undone
from tests.exports.evidence.packages import files_of, fill, witnessed_package

pytestmark = pytest.mark.django_db

Files = dict[str, bytes]


class Held:
    """A package in memory, as the verifier takes it."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def names(self) -> list[str]:
        return list(self.files)

    def chunks(self, name: str) -> Iterator[bytes]:
        yield self.files[name]


@pytest.fixture(scope="module")
def honest(
    tsa: Authority, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Path:
    """Return a package of everything that the small archive holds, with an earlier stamp."""
    folder = tmp_path_factory.mktemp("package")
    with django_db_blocker.unblock(), undone():
        known(tsa)
        conversation = fill()
        anchoring.checkpoint()
        for authority in stamps.Authority.objects.all():
            stamps.AUTHORITIES.ask_newest(authority)
        ledger.rotate()
        return witnessed_package(folder, conversation, Profile.NONE)


def changed_line(files: Files, chance: random.Random, change: Callable[[dict[str, Any]], None]) -> None:
    lines = files["records.jsonl"].splitlines(keepends=True)
    at = chance.randrange(len(lines))
    record = json.loads(lines[at])
    change(record)
    lines[at] = canonical(record) + b"\n"
    files["records.jsonl"] = b"".join(lines)


def value_of(group: str) -> Callable[[Files, random.Random], None]:
    def change(files: Files, chance: random.Random) -> None:
        def alter(record: dict[str, Any]) -> None:
            opened = record.get("disclosed", {})
            name = group if group in opened else next(iter(opened))
            text = opened[name][1]
            at = chance.randrange(len(text))
            opened[name][1] = text[:at] + chance.choice("019一二x") + text[at + 1 :]

        changed_line(files, chance, alter)

    return change


def text(files: Files, chance: random.Random) -> None:
    def alter(record: dict[str, Any]) -> None:
        said = record.get("text", {}).get("text", "")
        at = chance.randrange(len(said)) if said else 0
        if said:
            record["text"]["text"] = said[:at] + chance.choice(["改", "", "不是", "\u202e"]) + said[at + 1 :]
        else:
            record["number"] = -record["number"]
            record["index"] += 1

    changed_line(files, chance, alter)


def hide(files: Files, chance: random.Random) -> None:
    def alter(record: dict[str, Any]) -> None:
        if record.get("text", {}).get("text"):
            record["text"]["hidden"] = [[0, 1]]
        else:
            record["leaf"] = record["leaf"].replace("a", "b")

    changed_line(files, chance, alter)


def order(files: Files, chance: random.Random) -> None:
    lines = files["records.jsonl"].splitlines(keepends=True)
    at = chance.randrange(len(lines) - 1)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    files["records.jsonl"] = b"".join(lines)


def leave_out(files: Files, chance: random.Random) -> None:
    lines = files["records.jsonl"].splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    files["records.jsonl"] = b"".join(lines)


def add(files: Files, chance: random.Random) -> None:
    lines = files["records.jsonl"].splitlines(keepends=True)
    record = json.loads(chance.choice(lines))
    record["index"] = chance.randrange(10_000)
    lines.insert(chance.randrange(len(lines)), canonical(record) + b"\n")
    files["records.jsonl"] = b"".join(lines)


def in_file(start: str) -> Callable[[Files, random.Random], None]:
    def change(files: Files, chance: random.Random) -> None:
        name = chance.choice(sorted(name for name in files if name.startswith(start)))
        content = bytearray(files[name])
        at = chance.randrange(len(content))
        content[at] = (content[at] + chance.randrange(1, 256)) % 256
        files[name] = bytes(content)

    return change


def lose(files: Files, chance: random.Random) -> None:
    del files[chance.choice(sorted(files))]


def slip_in(files: Files, chance: random.Random) -> None:
    files[f"media/{chance.randrange(1000)}.txt"] = b"further evidence"


CHANGES: dict[str, Callable[[Files, random.Random], None]] = {
    "text": text,
    "time": value_of("sent"),
    "sender": value_of("sender"),
    "role": value_of("role"),
    "raw": value_of("raw"),
    "mask": hide,
    "order": order,
    "omission": leave_out,
    "addition": add,
    "proof": in_file("proofs/"),
    "token": in_file("stamps/"),
    "pdf": in_file("report.pdf"),
    "media": in_file("media/"),
    "checkpoint": in_file("check"),
    "consistency": in_file("consistency/"),
    "custody": in_file("custody"),
    "key": in_file("policy"),
    "file lost": lose,
    "file added": slip_in,
}
FORGER = notes.Signer("huidang/forger", bytes(32))


def rehash(files: Files) -> None:
    """Do what the second forger does: make the manifest fit, whose signature they cannot make."""
    if "manifest.json" not in files:
        return
    manifest = json.loads(files["manifest.json"])
    inside = {name: content for name, content in files.items() if name not in ("manifest.json", "manifest.sig")}
    manifest["files"] = {
        name: {"sha256": sha256(content).hexdigest(), "size": len(content)} for name, content in inside.items()
    }
    manifest["records"] = files.get("records.jsonl", b"").count(b"\n")
    files["manifest.json"] = canonical(manifest)


def resign(files: Files) -> None:
    """Do what the third forger does: sign it anew with another key under the log's name."""
    rehash(files)
    files["manifest.sig"] = FORGER.sign_bytes(files.get("manifest.json", b""))


def assault(honest: Path, times: int, seed: int) -> None:
    """Change a package in many ways, each hidden in one of three, and expect every one to be named."""
    whole, chance = files_of(honest), random.Random(seed)
    key = parse_key(whole["policy.txt"].split()[1].decode())
    hidings: tuple[Callable[[Files], None], ...] = (lambda _files: None, rehash, resign)
    for number in range(times):
        kind = list(CHANGES)[number % len(CHANGES)]
        files = dict(whole)
        CHANGES[kind](files, chance)
        if files == whole:
            continue
        hide_it = chance.choice(hidings)
        with contextlib.suppress(ValueError):
            hide_it(files)
        report = Package(Held(files), key).verify()
        assert report.problems, (number, kind, hide_it)
        assert all(problem["code"] and problem["text"] for problem in report.problems)


def test_an_honest_package_passes(honest: Path) -> None:
    assert verify(honest)["ok"]
    assert Package(Held(files_of(honest))).verify().problems == []


@pytest.mark.parametrize("change", ["line lost", "line of another", "file lost"])
def test_a_missing_or_foreign_cosignature_is_named(honest: Path, change: str) -> None:
    files = files_of(honest)
    line = files["checkpoint.witnessed"].removeprefix(files["checkpoint"])
    assert line.count(b"\n") == 1
    if change == "file lost":
        del files["checkpoint.witnessed"]
    else:
        forged = cosign.CosigningKey("huidang-witness/0", bytes(32)).cosign(files["checkpoint"].decode(), 1_800_000_000)
        files["checkpoint.witnessed"] = files["checkpoint"] + (forged.encode() if change == "line of another" else b"")
    problems = Package(Held(files)).verify().problems
    assert "witness-changed" in {problem["code"] for problem in problems}


def test_every_change_of_meaning_is_named(honest: Path) -> None:
    assault(honest, 190, seed=1)


@pytest.mark.soak
def test_ten_thousand_changes_of_meaning_are_named(honest: Path) -> None:
    assault(honest, 10_000, seed=2)


def flips(honest: Path, tmp_path: Path, times: int, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Turn one bit of a file inside the ZIP, run the whole command over it, and print how it went."""
    chance, whole, counted = random.Random(seed), files_of(honest), Counter[str]()
    names = sorted(whole)
    for _number in range(times):
        name = chance.choice(names)
        content = bytearray(whole[name])
        at = chance.randrange(len(content))
        content[at] ^= 1 << chance.randrange(8)
        path = tmp_path / "flipped.zip"
        with zipfile.ZipFile(path, "w") as written:
            for each, held in whole.items():
                written.writestr(each, bytes(content) if each == name else held)
        code = main(["verify", str(path), "--json"])
        said = json.loads(capsys.readouterr().out)
        assert code == 1, (name, at)
        counted[name.partition("/")[0]] += 1
        assert any(name in (problem.get("file"), problem["text"]) or problem["text"] for problem in said["problems"])
    sys.stdout.write(f"{dict(counted)}, all named\n")


def test_a_turned_bit_in_any_file_is_named(honest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flips(honest, tmp_path, 40, 3, capsys)


@pytest.mark.soak
def test_five_hundred_turned_bits_are_named(honest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flips(honest, tmp_path, 500, 4, capsys)


def test_a_policy_of_ones_own_stands_over_what_the_package_says(honest: Path) -> None:
    files = files_of(honest)
    own = files["policy.txt"].decode()
    assert verify(honest, policy=own)["ok"]
    stranger = cosign.CosigningKey("huidang-witness/0", bytes(32)).cosigner
    log = own.splitlines()[0]
    wanting = f"{log}\nwitness stranger {stranger}\nquorum stranger\n"
    assert {each["code"] for each in verify(honest, policy=wanting)["problems"]} == {"policy-unmet"}
    other = f"log {FORGER.verifier}\nquorum none\n"
    assert {each["code"] for each in verify(honest, policy=other)["problems"]} == {"key-unknown"}


def test_another_key_than_the_known_one_is_named(honest: Path) -> None:
    stranger = Key("huidang/stranger", bytes(32))
    codes = {problem["code"] for problem in Package(Held(files_of(honest)), stranger).verify().problems}
    assert codes == {"key-unknown"}
