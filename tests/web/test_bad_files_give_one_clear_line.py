"""What people bring by mistake or malice, through the import page: it says why and where, and what was good is in."""

import io
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from huidang.kernel.worker import Worker
from huidang.sources.files import lines
from huidang.sources.models import Import, Quarantine
from tests.sources.bad_files import ITEM_LIMIT, all_of_them


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wrong", all_of_them())
def test_the_page_says_what_is_wrong(
    wrong: str, visit: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "ITEM_LIMIT", ITEM_LIMIT)
    bad, admin = all_of_them()[wrong], visit("admin")
    file = io.BytesIO(bad.content)
    file.name = bad.name
    place = admin.post("/imports", {"files": file, "timezone": ""})["Location"]
    Worker(kinds=["ingest"]).work_off()
    row = Import.objects.order_by("pk")[0]
    assert bad.said in unescape(admin.get(place).text)
    assert row.state == (Import.FAILED if bad.is_refused else Import.DONE)
    assert sum(Import.objects.values_list("new", flat=True)) == bad.new
    assert Quarantine.objects.count() == bad.quarantined
