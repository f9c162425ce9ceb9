"""PDF/A refuses a paper with one sign that cannot be shown: whatever `printable` lets pass, the press sets."""

import random
from pathlib import Path

import pytest

from huidang.exports import pdf
from huidang.exports.fonts import coverage
from tests.exports import papers

JOINING = ("\u200d", "\ufe0f", "\ufe0e", "\u0301", "\u20e3", "\U0001f3fd", "")


@pytest.mark.soak
def test_every_sign_alone_mixed_and_joined(tmp_path: Path) -> None:
    chance, known = random.Random(5), sorted(coverage())
    rows = [known[at : at + 60] for at in range(0, len(known), 60)]
    rows += [[chance.choice(known) for _ in range(60)] for _ in range(400)]
    rows += [[chance.randrange(0x110000) for _ in range(30)] for _ in range(300)]
    texts = ["".join(map(chr, row)) for row in rows]
    texts += ["".join(chr(chance.choice(known)) + chance.choice(JOINING) for _ in range(20)) for _ in range(200)]
    written = pdf.write(papers.document(map(papers.said, texts)), tmp_path / "all.pdf", progress=papers.quiet)
    assert [path.name for path in written] == ["all.pdf"]
