"""The facts beside a transcript: participants with their ground, the place in the log, and what was signed."""

from collections.abc import Callable

import pytest
from django.test import Client

from huidang.kernel import clock
from huidang.kernel.ledger import Checkpoint
from tests.cast import Company

Visit = Callable[[str], Client]


def test_participants_and_log_are_told(visit: Visit, company: Company) -> None:
    page = visit("zhoumin").get(f"/conversations/{company.conversations['售后'].pk}/facts").text
    assert "王女士" in page
    assert "客户" in page
    assert "等待首个检查点" in page


@pytest.mark.parametrize(("size", "word"), [(2**31, "已存证"), (1, "部分存证")])
def test_a_checkpoint_covers_what_lies_below_it(visit: Visit, company: Company, size: int, word: str) -> None:
    Checkpoint.objects.create(size=size, root=b"", note="", created_at=clock.now())
    page = visit("zhoumin").get(f"/conversations/{company.conversations['售后'].pk}/facts", headers={"HX-Request": "1"})
    assert word in page.text


def test_facts_of_another_department_are_absent(visit: Visit, company: Company) -> None:
    assert visit("zhoumin").get(f"/conversations/{company.conversations['商务'].pk}/facts").status_code == 404
