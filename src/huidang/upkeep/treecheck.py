"""Verifies the log itself: leaves lead to the stored nodes, nodes to the roots, roots to the signed checkpoints."""

from collections.abc import Iterator

from django.db.models import OuterRef, Subquery

from huidang.kernel import anchoring, ledger, merkle, notes
from huidang.kernel.ledger import Checkpoint, Handover, Leaf, Log, Node
from huidang.kernel.problems import Problem
from huidang.kernel.sm3log import Sm3Node
from huidang.upkeep.findings import Findings

TILE = 256
_LEVELS_A_TILE = 8


class Grown:
    """A tree that is built anew from the hashes of all leaves in order, beside its stored nodes."""

    def __init__(
        self, findings: Findings, nodes: type[Node | Sm3Node], sha: merkle.Hasher = merkle.sha256, name: str = "日志"
    ) -> None:
        self._findings, self._nodes, self._sha, self._name = findings, nodes, sha, name
        self._open: list[list[bytes]] = []  # a level: the hashes of complete subtrees that have no parent yet

    def root(self, hashes: list[bytes]) -> bytes:
        """Return the root of all complete tiles that were taken, with some leaves after them."""
        root = merkle.root_hash(hashes, self._sha)
        for level in self._open:
            root = merkle.root_hash([*level, root], self._sha)
        return root

    def take(self, tile: int, hashes: list[bytes]) -> None:
        """Take a complete tile of leaves."""
        self._complete(0, tile, merkle.root_hash(hashes, self._sha))

    def _complete(self, depth: int, index: int, root: bytes) -> None:
        """Compare the root of a complete block with its stored node, and hand it one level up."""
        level = _LEVELS_A_TILE * (depth + 1)
        stored = self._nodes.objects.filter(id=ledger.node_id(level, index)).values_list("hash", flat=True).first()
        if stored is None or bytes(stored) != root:
            code, text = ("node-missing", "缺失") if stored is None else ("node-changed", "与其下的记录不符")
            self._findings.add(code, f"{self._name}第 {level} 层第 {index} 个节点{text}。", level=level, node=index)
        self._findings.checked["nodes"] += 1
        if depth == len(self._open):
            self._open.append([])
        self._open[depth].append(root)
        if len(self._open[depth]) == TILE:
            above, self._open[depth] = self._open[depth], []
            self._complete(depth + 1, index // TILE, merkle.root_hash(above, self._sha))


class TreeCheck:
    """Takes the hashes of all leaves in order, a tile at a time, and builds the tree anew beside the stored one."""

    def __init__(self, findings: Findings, size: int) -> None:
        self._findings = findings
        self._grown = Grown(findings, Node)
        self._checkpoints = _checkpoints(size)
        self._keys = _keys(findings)
        self._next = next(self._checkpoints, None)

    def take(self, start: int, hashes: list[bytes]) -> None:
        """Take the leaves from `start`, all of one tile."""
        stop = start + len(hashes)
        while self._next and self._next.size <= stop:
            self._compare(self._next, self._grown.root(hashes[: self._next.size - start]))
            self._next = next(self._checkpoints, None)
        if stop % TILE == 0:
            self._grown.take(start // TILE, hashes)
        self._findings.checked["leaves"] += len(hashes)

    def end(self, size: int) -> None:
        """Look for rows that the tree of `size` leaves has no place for, and checkpoints of a longer log."""
        head = Subquery(Log.objects.values("size")[:1])
        for place in Leaf.objects.filter(index__gte=head).values_list("index", flat=True):
            self._findings.add("leaf-extra", f"日志末尾之后还有第 {place} 条。", leaf=place)
        for signed in Checkpoint.objects.filter(size__gt=head).values_list("size", flat=True):
            text = f"已签名的检查点有 {signed} 条，日志只剩 {size} 条。"
            self._findings.add("log-shortened", text, checkpoint=signed)
        self._compare_handovers()
        self._compare_answers()

    def _compare_answers(self) -> None:
        """Check what parties outside said against the checkpoints that are kept: one that is gone tells of a cut."""
        note = Subquery(Checkpoint.objects.filter(size=OuterRef("size")).values("note"))
        for kind in anchoring.KINDS:
            what = kind.answers._meta.model_name
            for each in kind.every_answer().annotate(note=note).iterator():
                try:
                    kind.check(each, each.note or "")
                except Problem:
                    text = f"{getattr(each, kind.key).name} 对检查点 {each.size} 出具的内容与保存的不符。"
                    self._findings.add(f"{what}-changed", text, checkpoint=each.size)
                self._findings.checked[f"{what}s"] += 1

    def _compare_handovers(self) -> None:
        """Compare each handover of the signing key with its leaf."""
        notes_held = dict(Handover.objects.values_list("leaf_index", "note"))
        leaves = dict(Leaf.objects.filter(kind=ledger.KEY_KIND).values_list("index", "hash"))
        for place in sorted(notes_held.keys() | leaves.keys()):
            held, leaf = notes_held.get(place), leaves.get(place)
            if held is None or leaf is None or ledger.handover_hash(held) != bytes(leaf):
                self._findings.add("handover-changed", f"日志第 {place} 条的密钥交接记录与日志不符。", leaf=place)
            self._findings.checked["handovers"] += 1

    def _compare(self, checkpoint: Checkpoint, root: bytes) -> None:
        self._findings.checked["checkpoints"] += 1
        facts = {"checkpoint": checkpoint.size}
        try:
            verifier = ledger.key_at(self._keys, checkpoint.size)
            head = ledger.read_checkpoint(checkpoint.note, verifier)
        except notes.BadNote as problem:
            self._findings.add("checkpoint-unsigned", f"检查点 {checkpoint.size} 的签名无效：{problem}", **facts)
            return
        if head != ledger.Head(verifier.name, checkpoint.size, bytes(checkpoint.root)):
            self._findings.add("checkpoint-changed", f"检查点 {checkpoint.size} 与其签名的内容不符。", **facts)
        if head.root != root:
            self._findings.add("root-changed", f"日志前 {checkpoint.size} 条与已签名的检查点不符。", **facts)


def _checkpoints(size: int) -> Iterator[Checkpoint]:
    return Checkpoint.objects.filter(size__gt=0, size__lte=size).order_by("size").iterator()


def _keys(findings: Findings) -> list[ledger.Epoch]:
    """Return the keys of the log, the last as the sealed seed gives it: the stored ones may have been changed."""
    try:
        present = ledger.proven_verifier()
    except Problem as problem:
        findings.add(problem.code, problem.text, **problem.facts)
        present = ledger.verifier()
    try:
        epochs = ledger.keys()
    except Problem as problem:
        findings.add("handover-changed", f"密钥交接记录无效：{problem}")
        return [ledger.Epoch(0, present)]
    return [*epochs[:-1], ledger.Epoch(epochs[-1].start, present)]
