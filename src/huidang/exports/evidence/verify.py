"""Verifies an evidence package of 会档 with the standard library and `cryptography` alone.

    python3 verify.py PACKAGE.zip [--key VERIFIER-KEY] [--policy FILE]

It lies in every package beside `seals.py`, `cms.py` and `merkle.py`, which it needs. Whoever doubts the package takes
these files from elsewhere, or checks with openssl and Go's `note` and `tlog`: README-验证说明.txt says how. `--key` is
the log's public key as it was made known before; without it the key inside the package is believed, and printed.
`--policy` is one's own C2SP policy, with the log's key and the witnesses one trusts: what the package says of them does
not count.
"""

import hashlib
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from huidang.exports.evidence.seals import (
    COSIGNATURE,
    HASH,
    Checkpoint,
    Key,
    Wrong,
    bytes_of,
    open_checkpoint,
    open_cosignature,
    parse_key,
    read_handover,
)
from huidang.kernel import cms, merkle

FORMAT = "huidang-evidence@v1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
PROOF = "c2sp.org/tlog-proof@v1"
GROUPS = (
    "as_of", "conversation", "details", "entry", "id", "kind", "media", "raw",
    "received", "reply", "role", "sender", "sent", "source", "text", "thread",
)  # fmt: skip
_CHUNK = 1 << 20
_SALT = 16
_RECORD = 32 * HASH
_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


class Files(Protocol):
    """The files of a package."""

    def names(self) -> list[str]:
        """Return the path of every file."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file. Raises KeyError."""


class Zipped:
    """A package as the ZIP it came in."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)
        if len(set(self._zip.namelist())) != len(self._zip.namelist()):
            raise Wrong("压缩包内有同名文件。")

    def names(self) -> list[str]:
        """Return the path of every file."""
        return [name for name in self._zip.namelist() if not name.endswith("/")]

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file. Raises KeyError, `Wrong`."""
        try:
            with self._zip.open(name) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as problem:
            raise Wrong(f"{name} 无法从压缩包中取出：{problem}") from problem


class Unpacked:
    """A package as a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the path of every file."""
        return [str(path.relative_to(self._folder).as_posix()) for path in self._folder.rglob("*") if path.is_file()]

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file. Raises KeyError."""
        try:
            with (self._folder / name).open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as problem:
            raise KeyError(name) from problem


@dataclass
class Report:
    """What was checked, and what was found wrong: a stable code, a sentence, the file it concerns."""

    checked: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, str]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, code: str, text: str, file: str = "") -> None:
        """Note a problem."""
        self.problems.append({"code": code, "text": text, "file": file})

    def as_dict(self) -> dict[str, Any]:
        """Return the result as it is printed."""
        return {"ok": not self.problems, "checked": dict(self.checked), "problems": self.problems, **self.facts}


class Package:
    """One package; `verify` looks at everything in it."""

    def __init__(self, files: Files, key: Key | None = None, policy: str = "") -> None:
        self.files, self.known_key, self.own_policy, self.report = files, key, policy, Report()
        if policy:
            self.known_key = parse_key(_log_of(policy))
        self.manifest: dict[str, Any] = {}
        self._read: dict[str, bytes] = {}

    def verify(self) -> Report:
        """Check every file, signature, stamp, proof and opening."""
        for code, step in (
            ("key-wrong", self._learn_keys),
            ("manifest-changed", self._check_manifest),
            ("file-changed", self._check_files),
            ("checkpoint-changed", self._check_checkpoints),
            ("witness-changed", self._check_witnesses),
            ("stamp-changed", self._check_stamps),
            ("deposit-changed", self._check_deposits),
            ("record-changed", self._check_records),
            ("sm3-changed", self._check_second_log),
            ("pdf-changed", self._check_report),
        ):
            try:
                step()
            except _BROKEN as problem:
                self.report.add(code, _say(problem))
        return self.report

    def read(self, name: str) -> bytes:
        """Return a file's bytes. Raises `Wrong` where it is missing."""
        if name not in self._read:
            try:
                self._read[name] = b"".join(self.files.chunks(name))
            except KeyError as problem:
                raise Wrong(f"缺少 {name}。") from problem
        return self._read[name]

    def _learn_keys(self) -> None:
        """Take the log's key from the policy, and the keys before it as far as they handed over to it."""
        self.key = parse_key(_log_of(self.read("policy.txt").decode()))
        self.keys = [self.key]
        self.report.facts["key"] = str(self.key)
        pem = load_pem_public_key(self.read("log.pub.pem"))
        if not isinstance(pem, Ed25519PublicKey) or pem.public_bytes_raw() != self.key.public:
            self.report.add("key-wrong", "log.pub.pem 与 policy.txt 中的公钥不同。", "log.pub.pem")
        for name in sorted(self._below("keys/"), reverse=True):
            old, new = read_handover(self.read(name).decode())
            if new != self.keys[-1]:
                raise Wrong(f"{name} 没有交接到后一把公钥。")
            self.keys.append(old)
        if self.known_key and self.known_key not in self.keys:
            self.report.add("key-unknown", "存证包的公钥不是已知的那一把。", "policy.txt")

    def _check_manifest(self) -> None:
        content = self.read(MANIFEST)
        self.manifest = json.loads(content)
        if canonical(self.manifest) != content:
            self.report.add("manifest-changed", "清单不是规范写法（RFC 8785）。", MANIFEST)
        try:
            self.key.check(self.read(SIGNATURE), content)
        except Wrong as problem:
            self.report.add("manifest-changed", f"清单的签名无效：{problem}", SIGNATURE)
        self.report.checked["signatures"] += 1

    def _check_files(self) -> None:
        listed, present = self.manifest["files"], set(self.files.names())
        for name in sorted(present - listed.keys() - {MANIFEST, SIGNATURE}):
            self.report.add("file-added", f"{name} 不在清单里。", name)
        for name, stated in listed.items():
            self.report.checked["files"] += 1
            digest, size = hashlib.sha256(), 0
            try:
                for chunk in self.files.chunks(name):
                    digest.update(chunk)
                    size += len(chunk)
            except _BROKEN as problem:
                text = f"缺少 {name}。" if isinstance(problem, KeyError) else _say(problem)
                self.report.add("file-missing", text, name)
                continue
            if (digest.hexdigest(), size) != (stated["sha256"], stated["size"]):
                self.report.add("file-changed", f"{name} 与清单中的 SHA-256 不符。", name)

    def _check_checkpoints(self) -> None:
        """Check the checkpoint that the proofs lead to, and that earlier ones are its beginning."""
        self.checkpoint = open_checkpoint(self.read("checkpoint").decode(), self.key)
        self.report.checked["checkpoints"] += 1
        if (self.checkpoint.origin, self.checkpoint.size) != (self.manifest["log"], self.manifest["size"]):
            self.report.add("checkpoint-changed", "检查点与清单所写的不同。", "checkpoint")
        for name in self._below("checkpoints/"):
            try:
                self._check_earlier(name)
            except _BROKEN as problem:
                self.report.add("checkpoint-changed", f"{name}：{_say(problem)}", name)
            self.report.checked["checkpoints"] += 1

    def _check_earlier(self, name: str) -> None:
        earlier = self._earlier(name)
        path = f"consistency/{earlier.size}-{self.checkpoint.size}"
        old, *hashes = self.read(path).decode().partition("\n\n")[0].split("\n")
        if old != f"old {earlier.size}" or name != f"checkpoints/{earlier.size}":
            raise Wrong("名称与内容不符。")
        proof = [bytes_of(each) for each in hashes]
        now = self.checkpoint
        if not merkle.verify_consistency(earlier.size, now.size, earlier.root, now.root, proof):
            raise Wrong("不是后来检查点的前身。")

    def _earlier(self, name: str) -> Checkpoint:
        note = self.read(name).decode()
        for key in self.keys:
            try:
                return open_checkpoint(note, key)
            except Wrong:
                continue
        raise Wrong("没有这份日志的有效签名。")

    def _check_witnesses(self) -> None:
        """Check the cosignatures below the checkpoint, and that there are as many as the policy wants."""
        self.witnessed = self.checkpoint.note
        if "checkpoint.witnessed" in self.files.names():
            self.witnessed = self.read("checkpoint.witnessed").decode()
        lines = self.witnessed.removeprefix(self.checkpoint.note).splitlines()
        if not self.witnessed.startswith(self.checkpoint.note) or not all(line.startswith("\u2014 ") for line in lines):
            raise Wrong("checkpoint.witnessed 不是加了见证的检查点。")
        times, wanted = self._cosigned(self.read("policy.txt").decode())
        if self.own_policy:
            trusted, least = self._cosigned(self.own_policy)
            if len(trusted) < least:
                text = f"自己的规则要 {least} 位见证人，只有 {len(trusted)} 位签了。"
                self.report.add("policy-unmet", text, "checkpoint.witnessed")
        self.report.checked["cosignatures"] += len(times)
        self.report.facts["witnessed"] = times
        if len(times) < max(wanted, len(lines)):
            raise Wrong("检查点的见证少于应有的数目。")

    def _cosigned(self, policy: str) -> tuple[dict[str, str], int]:
        """Return which witnesses of a policy cosigned the checkpoint, and when; and how many it wants."""
        times: dict[str, str] = {}
        wanted, quorum = {"none": 0}, "none"
        for kind, *words in (line.split() for line in policy.splitlines() if line.strip()):
            if kind == "witness" and (key := parse_key(words[1], COSIGNATURE)):
                wanted[words[0]] = 1
                seconds = open_cosignature(self.witnessed, key)
                if seconds is not None:
                    times[str(key)] = datetime.fromtimestamp(seconds, UTC).isoformat()
            elif kind == "group":
                wanted[words[0]] = int(words[1])
            elif kind == "quorum":
                quorum = words[0]
        return times, wanted[quorum]

    def _check_stamps(self) -> None:
        """Check each time stamp over its checkpoint; `times` says by when each size existed."""
        self.times: dict[int, datetime] = {}
        for name in self._below("stamps/"):
            if not name.endswith(".tsr"):
                continue
            size, _, authority = name.removeprefix("stamps/").removesuffix(".tsr").partition("-")
            checkpoint = "checkpoint" if size == str(self.checkpoint.size) else f"checkpoints/{size}"
            try:
                roots = x509.load_pem_x509_certificates(self.read(f"stamps/roots-{authority}.pem"))
                at = cms.verify_stamp(self.read(name), self.read(checkpoint), roots)
                self.times[int(size)] = min(at, self.times.get(int(size), at))
            except _BROKEN as problem:
                self.report.add("stamp-changed", f"{name}：时间戳无效（{_say(problem)}）。", name)
            self.report.checked["stamps"] += 1
        self.report.facts["stamped"] = {str(size): at.isoformat() for size, at in sorted(self.times.items())}

    def _check_deposits(self) -> None:
        """Check that what was deposited outside is the checkpoint; what the receipt is worth, its maker has to say."""
        told = self.report.facts["deposited"] = []
        for name in self._below("anchors/"):
            if not name.endswith(".json"):
                continue
            stated, stem = json.loads(self.read(name)), name.removesuffix(".json")
            note = self.read(
                "checkpoint" if stated["size"] == self.checkpoint.size else f"checkpoints/{stated['size']}"
            )
            if hashlib.sha256(note).hexdigest().encode() not in self.read(f"{stem}.sent"):
                self.report.add("deposit-changed", f"{stem}.sent 里没有检查点的哈希。", f"{stem}.sent")
            if hashlib.sha256(self.read(f"{stem}.receipt")).hexdigest() != stated["sha256"]:
                self.report.add("deposit-changed", f"{stem}.receipt 与所写的哈希不符。", f"{stem}.receipt")
            told.append({each: stated[each] for each in ("name", "size", "reference", "received_at")})
            self.report.checked["deposits"] += 1

    def _check_records(self) -> None:
        """Check each record: its place in the log, and that what it shows is what was logged."""
        lines, seen = self.read("records.jsonl").split(b"\n"), set()
        if lines.pop() != b"":
            self.report.add("record-changed", "最后一条记录不完整。", "records.jsonl")
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                if canonical(record) != line:
                    raise Wrong("不是规范写法。")
                self._check_record(record)
                seen.add(record["index"])
            except _BROKEN as problem:
                self.report.add("record-changed", f"第 {number} 条记录：{_say(problem)}", "records.jsonl")
            self.report.checked["records"] += 1
        self._compare_counts(len(lines), seen)

    def _compare_counts(self, lines: int, seen: set[int]) -> None:
        proofs = {name.removeprefix("proofs/").removesuffix(".tlog-proof") for name in self._below("proofs/")}
        proofs -= {f"{index}.erasure" for index in seen}
        if lines != self.manifest["records"] or len(seen) != lines or proofs != {str(index) for index in seen}:
            self.report.add("record-changed", "记录的条数与清单或证明文件不符。", "records.jsonl")

    def _check_record(self, record: dict[str, Any]) -> None:
        leaf = self._leaf_hash(record)
        self._check_inclusion(leaf, record["index"])
        if "leaf" not in record:
            return
        for group, (salt, value) in record["disclosed"].items():
            raw = bytes_of(value) if group == "raw" else value.encode()
            stated = json.loads(record["leaf"])["commitments"][group]
            if len(salt) != 2 * _SALT or commit(bytes.fromhex(salt), raw) != stated:
                raise Wrong(f"“{group}”与日志中的不符。")
        if record["kind"] == "entry":
            check_text(record)
        elif "path" in record:
            self._check_media(record)

    def _leaf_hash(self, record: dict[str, Any]) -> bytes:
        if "erased" in record:
            return self._check_erasure(record)
        stated = json.loads(record["leaf"])
        if canonical(stated) != record["leaf"].encode() or stated["type"] != record["kind"]:
            raise Wrong("叶子不是规范写法。")
        if record["kind"] == "entry" and sorted(stated["commitments"]) != list(GROUPS):
            raise Wrong("叶子缺少内容。")
        return merkle.leaf_hash(record["leaf"].encode())

    def _check_erasure(self, record: dict[str, Any]) -> bytes:
        """Check that the log itself says that an entry was erased, and return the entry's leaf hash."""
        erased = record["erased"]
        said = json.loads(erased["leaf"])
        if said["entry"] != record["leaf_hash"]:
            raise Wrong("删除记录说的是另一条。")
        self._check_inclusion(merkle.leaf_hash(erased["leaf"].encode()), erased["index"], record["index"])
        self.report.checked["erased"] += 1
        self.report.facts.setdefault("erased", {})[str(record["index"])] = said["ground"]
        return bytes.fromhex(record["leaf_hash"])

    def _check_inclusion(self, leaf: bytes, index: int, named: int | None = None) -> None:
        suffix = "" if named is None else ".erasure"
        text = self.read(f"proofs/{index if named is None else named}{suffix}.tlog-proof").decode()
        header, blank, note = text.partition("\n\n")
        first, second, *hashes = header.split("\n")
        if not blank or first != PROOF or second != f"index {index}" or note != self.witnessed:
            raise Wrong("证明文件与检查点不符。")
        proof = [bytes_of(each) for each in hashes]
        if not merkle.verify_inclusion(leaf, index, self.checkpoint.size, proof, self.checkpoint.root):
            raise Wrong("内容与日志不符，证明不成立。")
        self.report.checked["proofs"] += 1

    def _check_second_log(self) -> None:
        """Check, where there is one, that a second log, hashed by SM3, holds the same records."""
        if "sm3/checkpoint" not in self.files.names():
            if self.manifest.get("sm3"):
                raise Wrong("缺少 sm3/checkpoint。")
            return
        key = parse_key(self.read("sm3/policy.txt").decode().split()[1])
        if key.name != f"{self.manifest['log']}/sm3":
            raise Wrong("国密日志的名称不是这份日志的。")
        signed = open_checkpoint(self.read("sm3/checkpoint").decode(), key)
        for name in self._below("sm3/beginnings/"):
            if name.endswith(".json"):
                self._check_twice(f"{name.removesuffix('.json')}.tlog-proof", self.read(name), signed)
                if json.loads(self.read(name))["log"] != self.manifest["log"]:
                    self.report.add("sm3-changed", f"{name} 说的是另一份日志。", name)
        records = [json.loads(line) for line in self.read("records.jsonl").splitlines()]
        leaves = {f"sm3/proofs/{each['index']}.tlog-proof": each["leaf"].encode() for each in records if "leaf" in each}
        for name in self._below("sm3/proofs/"):
            self._check_twice(name, leaves[name], signed)
            self.report.checked["sm3 proofs"] += 1
        if self.report.checked["sm3 proofs"] != self.manifest["sm3"]:
            raise Wrong("国密日志的证明与清单所写的条数不符。")

    def _check_twice(self, name: str, leaf: bytes, signed: Checkpoint) -> None:
        header, blank, note = self.read(name).decode().partition("\n\n")
        first, place, *hashes = header.split("\n")
        proof, index = [bytes_of(each) for each in hashes], int(place.removeprefix("index "))
        if not blank or first != PROOF or note != signed.note:
            raise Wrong(f"{name} 与国密日志的检查点不符。")
        leaf_hash = merkle.leaf_hash(leaf, merkle.sm3)
        if not merkle.verify_inclusion(leaf_hash, index, signed.size, proof, signed.root, merkle.sm3):
            self.report.add("sm3-changed", f"{name}：内容与国密日志不符，证明不成立。", name)

    def _check_media(self, record: dict[str, Any]) -> None:
        stated = json.loads(record["disclosed"]["content"][1])
        if self.manifest["files"][record["path"]]["sha256"] != stated:
            raise Wrong(f"{record['path']} 不是日志中的那个文件。")
        self.report.checked["media"] += 1

    def _check_report(self) -> None:
        """Check the signatures inside the PDF; the first signs, a later one stamps the time."""
        content = self.read("report.pdf")
        found = list(_BYTE_RANGE.finditer(content))
        if not found:
            raise Wrong("report.pdf 没有签名。")
        roots = x509.load_pem_x509_certificates(self.read("signer-ca.pem"))
        for place, match in enumerate(found):
            start, before, after, rest = (int(each) for each in match.groups())
            if start or after + rest > len(content) or not 0 < before < after:
                raise Wrong("report.pdf 的签名范围不对。")
            signed = content[:before] + content[after : after + rest]
            signature = _unpadded(bytes.fromhex(content[before + 1 : after - 1].decode("ascii")))
            if place == 0:
                made_at = datetime.fromisoformat(self.manifest["made_at"]).astimezone(UTC)
                by = cms.verify_signed(signature, signed)
                cms.verify_chain(by.certificate, by.others, roots, made_at)
            else:
                cms.verify_stamp(signature, signed, self._all_roots())
            self.report.checked["pdf signatures"] += 1
        if after + rest != len(content):
            raise Wrong("report.pdf 在签名之后被加过内容。")

    def _all_roots(self) -> list[x509.Certificate]:
        names = [name for name in self._below("stamps/") if name.endswith(".pem")]
        return [root for name in names for root in x509.load_pem_x509_certificates(self.read(name))]

    def _below(self, folder: str) -> list[str]:
        return sorted(name for name in self.files.names() if name.startswith(folder))


def check_text(record: dict[str, Any]) -> None:
    """Compute the root of a text from what is shown and what is hidden, and compare. Raises `Wrong`."""
    count, root = json.loads(record["disclosed"]["text"][1])
    if root != text_root(record["text"]).hex() or count != len(record["text"]["text"]):
        raise Wrong("文字与日志中的不符。")


def text_root(view: dict[str, Any]) -> bytes:
    """Return the root that a text with hidden positions leads to. Raises `Wrong` for what is no such text."""
    text, salts, commitments = view["text"], bytes_of(view["salts"]), bytes_of(view["commitments"])
    hidden = {at for start, stop in view["hidden"] for at in range(start, stop)}
    joined, salt_at, hidden_at = [], 0, 0
    for at, char in enumerate(text):
        if at in hidden:
            if char != "*":
                raise Wrong("隐去的位置应为星号。")
            joined.append(commitments[hidden_at : hidden_at + HASH])
            hidden_at += HASH
        else:
            joined.append(hashlib.sha256(b"\x00" + salts[salt_at : salt_at + _SALT] + char.encode()).digest())
            salt_at += _SALT
    if (salt_at, hidden_at, len(hidden)) != (len(salts), len(commitments), len(commitments) // HASH):
        raise Wrong("文字的长度与所附的盐不符。")
    whole = b"".join(joined)
    return merkle.root_hash([merkle.leaf_hash(whole[at : at + _RECORD]) for at in range(0, len(whole), _RECORD)])


def commit(salt: bytes, value: bytes) -> str:
    """Return the commitment to a value, as a leaf holds it."""
    return hashlib.sha256(b"\x02" + salt + value).hexdigest()


def canonical(value: Any) -> bytes:
    """Return RFC 8785 bytes of what holds no fractions and only ASCII names, as every JSON file of a package."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def verify(path: Path, key: str = "", policy: str = "") -> dict[str, Any]:
    """Verify a package, a ZIP or a folder, and return `{"ok", "checked", "problems", "key", "stamped"}`."""
    try:
        files: Files = Unpacked(path) if path.is_dir() else Zipped(path)
    except (Wrong, zipfile.BadZipFile, OSError) as problem:
        return {"ok": False, "checked": {}, "problems": [{"code": "unreadable", "text": str(problem), "file": ""}]}
    return Package(files, parse_key(key) if key else None, policy).verify().as_dict()


def main(words: list[str]) -> int:
    """Print what was found; 0 if everything holds, 1 if not, 2 for wrong use."""
    if not words or words[0] in {"-h", "--help"}:
        print(__doc__)  # noqa: T201
        return 0 if words else 2
    stated = dict(zip(words[1::2], words[2::2], strict=False))
    policy = Path(stated["--policy"]).read_text("utf-8") if "--policy" in stated else ""
    result = verify(Path(words[0]), stated.get("--key", ""), policy)
    for name, count in result["checked"].items():
        print(f"  {name}: {count}")  # noqa: T201
    for size, at in result.get("stamped", {}).items():
        print(f"  前 {size} 条记录在 {at} 之前已经存在（时间戳）")  # noqa: T201
    for witness, at in result.get("witnessed", {}).items():
        print(f"  检查点在 {at} 由 {witness} 见证")  # noqa: T201
    for each in result.get("deposited", []):
        where = f"{each['name']}（编号 {each['reference'] or '无'}，{each['received_at']}）"
        print(f"  附：前 {each['size']} 条的检查点曾留存于 {where}；回执原样附上，本程序不核对其真伪")  # noqa: T201
    for index, ground in result.get("erased", {}).items():
        print(f"  日志第 {index} 条的内容已依法删除，存证哈希仍在（依据 {ground}）")  # noqa: T201
    print(f"  公钥: {result.get('key', '')}")  # noqa: T201
    for problem in result["problems"]:
        print(f"✗ {problem['code']}: {problem['text']}")  # noqa: T201
    print("通过" if result["ok"] else f"不通过：{len(result['problems'])} 处")  # noqa: T201
    return 0 if result["ok"] else 1


def _log_of(policy: str) -> str:
    for line in policy.splitlines():
        if line.startswith("log "):
            return line.split()[1]
    raise Wrong("policy.txt 没有写明日志公钥。")


def _say(problem: BaseException) -> str:
    return str(problem) if isinstance(problem, Wrong | cms.Unverified) else f"无法读取（{type(problem).__name__}）"


def _unpadded(der: bytes) -> bytes:
    """Return a signature without the zeros that fill its place in the PDF. Raises `Wrong` for other bytes."""
    part, end = cms.element(der, 0)
    if any(der[end:]):
        raise Wrong("签名之后还有内容。")
    return part.whole


_BROKEN = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    RecursionError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.ExtensionNotFound,
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
