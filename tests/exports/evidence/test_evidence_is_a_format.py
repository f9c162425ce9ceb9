"""Evidence is ordered like every export: with the right for it, a receipt in the log, and a package that passes."""

from pathlib import Path

import pytest

from huidang.exports import running
from huidang.exports.evidence.verify import verify
from huidang.exports.orders import Order
from huidang.exports.selection import Selection
from huidang.exports.verifying import identify
from huidang.people.readers import local_operator
from huidang.records import Profile
from tests.exports.evidence.packages import MOBILE, files_of, fill

pytestmark = pytest.mark.django_db


def test_an_order_becomes_a_package_with_its_receipt(stamped: None, tmp_path: Path) -> None:
    selection = Selection(conversations=(fill().pk,))
    order = Order(selection=selection, format="evidence", profile=Profile.OUTSIDE, why="法院举证")
    path = tmp_path / "evidence.zip"
    export, paths = running.make(local_operator(), order, lambda *_: path, account="root", progress=lambda *_: None)
    assert verify(path)["ok"]
    assert paths == [path]
    assert export.receipt in files_of(path)["README-验证说明.txt"].decode()
    assert MOBILE.encode() not in b"".join(files_of(path).values())
    verdict = identify(path)
    assert verdict.unchanged
    assert verdict.export == export
