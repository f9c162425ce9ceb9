"""What a witness does: it sees checkpoints of logs that it knows, and cosigns what goes on from all it saw before.

The rules are those of C2SP tlog-witness v1 (https://c2sp.org/tlog-witness). A folder holds the key, made at the first
start, and for each log the last checkpoint cosigned, as the log signed it: two that do not agree convict the log.
"""

import fcntl
import hashlib
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from huidang.kernel import clock, ledger, merkle, notes
from huidang.kernel.cosign import CosigningKey
from huidang.kernel.ledger import Head
from huidang.kernel.problems import Problem

LARGEST = 64 * 1024
LONGEST_PROOF = 63
_HASH = 32
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    text: str = ""
    media_type: str = "text/plain; charset=utf-8"


class Submission(NamedTuple):
    """What a log asks to have cosigned."""

    old: int
    proof: list[bytes]
    note: str
    head: Head


class Witness:
    """A witness at work in its folder, which it holds alone."""

    def __init__(self, folder: Path, logs: Sequence[notes.Verifier]) -> None:
        """Take the folder, making it and the key on first use. Raises `Problem` where another one holds it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._logs, self._turn = folder, logs, threading.Lock()
        self._held = (folder / "lock").open("w")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise Problem("witness-folder", "另一个见证进程正在使用这个文件夹。") from problem
        self._key = _load_key(folder / "key")
        self.verifier = str(self._key.cosigner)
        for log in logs:
            self._seen(log.name)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request `add-checkpoint`: 200 with a cosignature, or why not."""
        try:
            asked = _read(body)
        except (notes.BadNote, ValueError):
            return Answer(400, "not a request of tlog-witness\n")
        keys = [log for log in self._logs if log.name == asked.head.origin]
        if not keys:
            return Answer(404, "unknown log\n")
        if not any(_has_signed(log, asked.note) for log in keys):
            return Answer(403, "not signed by a known key of the log\n")
        if asked.old > asked.head.size:
            return Answer(400, "the old size is larger than the checkpoint\n")
        with self._turn:
            return self._refuse(asked) or self._accept(asked)

    def close(self) -> None:
        """Let the folder go."""
        self._held.close()

    def _refuse(self, asked: Submission) -> Answer | None:
        size, root = self._seen(asked.head.origin)
        if asked.old != size or (size == asked.head.size and root != asked.head.root):
            return Answer(409, f"{size}\n", "text/x.tlog.size")
        if not merkle.verify_consistency(size, asked.head.size, root, asked.head.root, asked.proof):
            return Answer(422, "the proof does not lead from the old checkpoint to this one\n")
        return None

    def _accept(self, asked: Submission) -> Answer:
        _store(self._place(asked.head.origin), asked.note.encode())
        return Answer(200, self._key.cosign(asked.note, int(clock.now().timestamp())))

    def _seen(self, origin: str) -> tuple[int, bytes]:
        """Return size and root of the last checkpoint cosigned. Raises `Problem` where the stored one is none."""
        try:
            head = ledger.read_head(self._place(origin).read_text("utf-8"))
        except FileNotFoundError:
            return 0, merkle.EMPTY
        except (ValueError, notes.BadNote) as problem:
            raise Problem("witness-folder", "保存的检查点无法读取，拒绝继续见证。") from problem
        return head.size, head.root

    def _place(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()}.checkpoint"


def _read(body: bytes) -> Submission:
    """Read the body of a request. Raises ValueError or `BadNote`."""
    header, _blank, note = body.decode().partition("\n\n")
    first, *lines = header.split("\n")
    proof, head = [notes.decode_base64(line) for line in lines], ledger.read_head(note)
    old = first.removeprefix("old ")
    if not (
        first.startswith("old ")
        and _NUMBER.fullmatch(old)
        and _NUMBER.fullmatch(note.split("\n")[1])
        and len(proof) <= LONGEST_PROOF
        and all(len(each) == _HASH for each in (*proof, head.root))
    ):
        raise ValueError(first)
    return Submission(int(old), proof, note, head)


def _has_signed(log: notes.Verifier, note: str) -> bool:
    try:
        log.verify(note)
    except notes.BadNote:
        return False
    return True


def _load_key(path: Path) -> CosigningKey:
    if not path.exists():
        _store(path, f"huidang-witness/{os.urandom(8).hex()}\n{os.urandom(32).hex()}\n".encode())
    try:
        name, seed = path.read_text("utf-8").split()
        return CosigningKey(name, bytes.fromhex(seed))
    except ValueError as problem:
        raise Problem("witness-folder", "见证密钥无法读取。") from problem


def _store(path: Path, content: bytes) -> None:
    """Replace a file so that it survives a loss of power before anything is answered."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
