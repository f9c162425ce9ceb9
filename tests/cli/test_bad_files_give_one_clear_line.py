"""What people bring by mistake or malice, through `huidang ingest`: one line says why, and what was good is in."""

from pathlib import Path

import pytest

from huidang.cli import errand
from huidang.cli.grammar import build_parser
from huidang.records.models import Message
from huidang.sources.files import lines
from huidang.sources.models import Quarantine
from tests.search.conftest import writer
from tests.sources.bad_files import ITEM_LIMIT, all_of_them

__all__ = ["writer"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("writer")]


@pytest.mark.parametrize("wrong", all_of_them())
def test_the_command_says_what_is_wrong(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(errand, "prepare", lambda **_: None)
    monkeypatch.setattr(lines, "ITEM_LIMIT", ITEM_LIMIT)
    bad = all_of_them()[wrong]
    path = tmp_path / bad.name
    path.write_bytes(bad.content)
    code = errand.carry_out(build_parser().parse_args(["ingest", str(path), "--workers", "0"]))
    told = capsys.readouterr()
    (line,) = [each for each in (told.out + told.err).splitlines() if bad.said in each]
    assert line.startswith("huidang: " if bad.is_refused else "  ")
    assert code == int(bad.is_refused)
    assert Message.objects.unguarded("test").count() == bad.new
    assert Quarantine.objects.count() == bad.quarantined
