"""An independent checker, veraPDF, finds our papers to be PDF/A-2b. `make soak` asks it."""

import subprocess
from pathlib import Path
from shutil import which

import pytest

from huidang.exports import court, pdf
from tests.exports import papers
from tests.exports.test_a_court_paper_says_how_to_check_it import FACTS
from tests.exports.test_hostile_content_prints_as_text import HOSTILE

HERE = Path(__file__).parent / "verapdf"
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(which("mvn") is None or which("java") is None, reason="Maven and Java are not installed"),
]


def test_every_paper_conforms(tmp_path: Path) -> None:
    jars = tmp_path / "jars"
    command = [
        "mvn",
        "-q",
        "-B",
        "-f",
        str(HERE / "pom.xml"),
        "dependency:build-classpath",
        f"-Dmdep.outputFile={jars}",
    ]
    subprocess.run(command, check=True, capture_output=True)
    hostile = papers.document([papers.said(text) for text in HOSTILE])
    written = [
        *pdf.write(papers.everything(tmp_path), tmp_path / "all.pdf", progress=papers.quiet),
        *pdf.write(hostile, tmp_path / "hostile.pdf", progress=papers.quiet),
        tmp_path / "court.pdf",
    ]
    court.write(papers.everything(tmp_path), FACTS, written[-1])
    java = ["java", "-cp", jars.read_text(), str(HERE / "Check.java"), *map(str, written)]
    said = subprocess.run(java, check=True, capture_output=True, text=True).stdout
    assert said.count("compliant=true") == len(written), said
