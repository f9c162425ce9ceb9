"""What a mask hides is in no stream of a printed file, and what it leaves is in the text."""

import io
import subprocess
from pathlib import Path
from shutil import which
from tempfile import NamedTemporaryFile
from zipfile import ZipFile, is_zipfile

import pytest

from huidang.exports.formats import FORMATS
from huidang.records import Profile
from tests.cast import MOBILE, Company
from tests.exports.conftest import Make, of

PAPERS = [name for name in FORMATS if name != "evidence"]
"""Packages open leaves, which this stage lacks; `evidence/test_a_masked_package_gives_nothing_away.py` unpacks them."""


def streams(content: bytes) -> bytes:
    """Return everything a file holds, unpacked."""
    if is_zipfile(io.BytesIO(content)):
        with ZipFile(io.BytesIO(content)) as bundle:
            return b"".join(streams(bundle.read(name)) for name in bundle.namelist())
    if content.startswith(b"%PDF") and which("qpdf"):
        with NamedTemporaryFile(suffix=".pdf") as file:
            file.write(content)
            file.flush()
            return subprocess.run(["qpdf", "--qdf", file.name, "-"], capture_output=True, check=True).stdout
    return content


def words(path: Path) -> str:
    if path.suffix == ".pdf":
        return subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True, text=True).stdout
    return streams(path.read_bytes()).decode("utf-8", "replace")


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("profile", [Profile.INSIDE, Profile.OUTSIDE])
def test_no_stream_holds_it(company: Company, make: Make, name: str, profile: Profile) -> None:
    _, (path,) = make(of(company, "售后"), name, profile=profile)
    assert MOBILE.encode() not in streams(path.read_bytes())


@pytest.mark.skipif(which("pdftotext") is None, reason="poppler is not installed")
@pytest.mark.parametrize("name", ["pdf", "docx", "html"])
def test_what_is_left_is_in_the_text(company: Company, make: Make, name: str) -> None:
    _, (masked,) = make(of(company, "售后"), name, profile=Profile.INSIDE)
    assert "138****5678" in words(masked)
    assert MOBILE not in words(masked)
    _, (open_,) = make(of(company, "售后"), name, profile=Profile.NONE)
    assert MOBILE in words(open_)


@pytest.mark.skipif(which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(
    ("name", "into"), [("xlsx", "csv:Text - txt - csv (StarCalc):44,34,76,1"), ("docx", "txt:Text")]
)
def test_libreoffice_opens_it_and_keeps_the_text(
    company: Company, make: Make, tmp_path: Path, name: str, into: str
) -> None:
    _, (path,) = make(of(company, "售后"), name, profile=Profile.INSIDE)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to"]
    subprocess.run([*command, into, "--outdir", str(tmp_path), str(path)], check=True, capture_output=True)
    read = (tmp_path / f"out.{into[:3]}").read_text("utf-8-sig")
    assert "您好，我的电话是138****5678" in read
    assert "好的，已经帮您登记" in read
