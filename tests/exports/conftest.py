"""The stage for exports: the standing cast, an index of its own, and the ways to make a file at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from huidang import records
from huidang.exports import running
from huidang.exports.models import Export
from huidang.exports.orders import Order
from huidang.exports.selection import Selection
from huidang.people import Reader, local_operator
from huidang.records import Profile
from huidang.records.drafts import ConversationDraft, Draft, SourceDraft
from huidang.search.indexer import Indexer
from tests.cast import Company
from tests.search.conftest import writer

__all__ = ["make", "of", "told", "writer"]

START_MS = 1_731_891_600_000

Make = Callable[..., tuple[Export, list[Path]]]


def of(company: Company, name: str) -> Selection:
    """Return the selection of one conversation."""
    return Selection(conversations=(company.conversations[name].pk,))


@pytest.fixture
def make(company: Company, tmp_path: Path) -> Make:
    """Write an export into the test's folder, as the operator of the machine unless somebody is named."""

    def write(
        selection: Selection,
        format_name: str,
        *,
        profile: Profile = Profile.NONE,
        by: Reader | None = None,
        why: str = "测试",
    ) -> tuple[Export, list[Path]]:
        order = Order(selection=selection, format=format_name, profile=profile, why=why)
        reader = by or local_operator()
        return running.make(
            reader, order, lambda _: tmp_path / f"out.{format_name}", account="root", progress=lambda _done, _of: None
        )

    return write


@pytest.fixture
def told(company: Company, writer: Indexer) -> None:
    """Append and index messages about a refund: three in 售后组, three in 商务部."""
    for name, department in (("退款群", "售后组"), ("供应商群", "商务部")):
        said = [
            Draft(conversation=name, sent_ms=START_MS + n * 60_000, id=f"{name}{n}", sender="u", text=text)
            for n, text in enumerate(["我要退款", "电话 13812345678", "多久到账", "退款已登记"])
        ]
        origin = records.Origin(source=SourceDraft("slack", name), department_id=company.departments[department].pk)
        records.append([ConversationDraft(name, title=name), *said], origin)
    writer.drain()
