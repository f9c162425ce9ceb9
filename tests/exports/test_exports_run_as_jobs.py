"""Jobs: ordered, perhaps approved, written, sealed, fetched by their owner, cancelled, resumed, expired."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from huidang.exports import asking, keeping, running
from huidang.exports.formats import Format
from huidang.exports.models import Export, File
from huidang.exports.orders import Order
from huidang.exports.selection import Selection
from huidang.kernel import clock, jobs
from huidang.kernel.limits import Limit
from huidang.kernel.models import Job
from huidang.kernel.problems import Absent, Problem, TooOften
from huidang.kernel.worker import Worker
from huidang.people import allowances, grants, requests
from huidang.people.models import Entry
from tests.cast import Company
from tests.exports.conftest import of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_own_folder")]
KINDS = ["export", "export-decision"]


@pytest.fixture
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(keeping, "_root", lambda: tmp_path / "exports")


def order(company: Company, name: str = "售后") -> Order:
    return Order(selection=of(company, name), format="xlsx", why="客诉处理")


def work() -> None:
    Worker(kinds=KINDS).work_off()


def placed(company: Company, username: str = "zhaolan") -> Export:
    export = asking.place(company.reader(username), order(company))
    work()
    export.refresh_from_db()
    return export


def left_on_disk(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "exports").rglob("*") if path.is_file()]


def test_an_order_becomes_a_sealed_file_with_a_receipt(company: Company, tmp_path: Path) -> None:
    export = placed(company)
    assert (export.state, export.messages, export.made_by) == ("done", 2, "赵岚")
    [file] = asking.files_of(export)
    [kept] = left_on_disk(tmp_path)
    assert not kept.read_bytes().startswith(b"PK")
    fetched = asking.fetch(company.reader("zhaolan"), export.pk, file.pk)
    content = b"".join(fetched.pieces)
    assert (content[:2], len(content)) == (b"PK", file.size)
    assert list(Entry.objects.values_list("what", flat=True).order_by("pk")) == ["export", "download"]
    assert Entry.objects.get(what="export").facts["files"][0]["sha256"] == file.sha256


def test_a_changed_sealed_file_does_not_open(company: Company, tmp_path: Path) -> None:
    export = placed(company)
    [file], [kept] = asking.files_of(export), left_on_disk(tmp_path)
    kept.write_bytes(kept.read_bytes()[:-1] + b"\0")
    with pytest.raises(Problem, match="密文无法解开"):
        b"".join(asking.fetch(company.reader("zhaolan"), export.pk, file.pk).pieces)


def test_nobody_else_fetches_it_and_who_left_does_not_either(company: Company) -> None:
    export = placed(company)
    file = asking.files_of(export).get()
    for username in ("fawu", "auditor", "zhoumin"):
        with pytest.raises(Absent):
            asking.fetch(company.reader(username), export.pk, file.pk)
    assert asking.get_seen(company.reader("auditor"), export.pk) == export
    for grant in company.users["zhaolan"].grants.all():
        grants.withdraw(grant)
    with pytest.raises(Absent):
        asking.fetch(company.reader("zhaolan"), export.pk, file.pk)


def test_who_lacks_the_right_asks_and_the_approved_request_runs_it(company: Company) -> None:
    export = placed(company, "zhoumin")
    assert export.state == "asked"
    [waiting] = requests.for_decision_by(company.reader("fawu"))
    assert waiting.facts["format"] == "xlsx"
    requests.approve(company.reader("fawu"), waiting.pk, places=requests.asked_places(waiting))
    work()
    export.refresh_from_db()
    assert (export.state, export.made_by) == ("done", "周敏")


def test_a_refusal_ends_it_with_the_reason(company: Company) -> None:
    export = placed(company, "zhoumin")
    [waiting] = requests.for_decision_by(company.reader("fawu"))
    requests.refuse(company.reader("fawu"), waiting.pk, places=requests.asked_places(waiting), note="先与法务沟通")
    work()
    export.refresh_from_db()
    assert (export.state, export.error) == ("refused", "先与法务沟通")


def test_a_right_that_is_gone_when_it_runs_fails_it(company: Company) -> None:
    export = asking.place(company.reader("zhaolan"), order(company))
    for grant in company.users["zhaolan"].grants.all():
        grants.withdraw(grant)
    grants.give(company.users["zhaolan"], "agent", over=company.departments["客服中心"])
    work()
    export.refresh_from_db()
    assert (export.state, export.error) == ("failed", "授权已经到期或改变，重新提交即可。")


def hinder(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None]) -> None:
    """Let something happen while the file is being written."""

    def writer(_format: Format) -> object:
        def write(document: object, path: Path, *, progress: Callable[[int], None]) -> list[Path]:
            path.write_bytes(b"half a file")
            deed()
            progress(1)
            return [path]

        return write

    monkeypatch.setattr(Format, "writer", writer)


def test_a_cancelled_export_stops_and_leaves_nothing(
    company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    export = asking.place(company.reader("zhaolan"), order(company))
    hinder(monkeypatch, lambda: asking.cancel(company.reader("zhaolan"), export.pk) and None)
    work()
    export.refresh_from_db()
    assert (export.state, File.objects.count(), left_on_disk(tmp_path)) == ("cancelled", 0, [])
    assert Entry.objects.count() == Job.objects.filter(kind="export").count() == 0
    with pytest.raises(Problem, match="已经结束"):
        asking.cancel(company.reader("zhaolan"), export.pk)


def test_a_worker_killed_in_the_middle_begins_again_and_no_half_file_counts(
    company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    export = asking.place(company.reader("zhaolan"), order(company))
    with monkeypatch.context() as patched:
        hinder(patched, die)
        with pytest.raises(Killed):
            work()
    export.refresh_from_db()
    assert (export.state, File.objects.count(), Entry.objects.count()) == ("running", 0, 0)
    with clock.frozen(clock.now() + timedelta(seconds=jobs.HANDLERS["export"].lease_seconds + 1)):
        work()
    export.refresh_from_db()
    assert (export.state, File.objects.count(), len(left_on_disk(tmp_path))) == ("done", 1, 1)


def test_files_go_when_their_time_is_over_and_receipts_stay(company: Company, tmp_path: Path) -> None:
    export = placed(company)
    with clock.frozen(clock.now() + timedelta(days=settings.HOUSE.export_days, seconds=1)):
        running.tend(None)  # type: ignore[arg-type]
    file = asking.files_of(export).get()
    assert left_on_disk(tmp_path) == []
    with pytest.raises(Problem, match="过期"):
        asking.fetch(company.reader("zhaolan"), export.pk, file.pk)
    assert len(file.sha256) == 64


def test_what_killed_processes_left_is_taken_away(company: Company, tmp_path: Path) -> None:
    placed(company)
    orphan = tmp_path / "exports" / "orphan"
    orphan.write_bytes(b"")
    (tmp_path / "exports" / "new" / "dead").mkdir()
    with clock.frozen(clock.now() + timedelta(days=2)):
        running.tend(None)  # type: ignore[arg-type]
    assert len(left_on_disk(tmp_path)) == 1
    assert not orphan.exists()
    assert list((tmp_path / "exports" / "new").iterdir()) == []


def test_bulk_waits_for_a_second_person_even_with_the_right(company: Company) -> None:
    both = Selection(conversations=tuple(company.conversations[name].pk for name in ("售后", "售前")))
    export = asking.place(company.reader("zhaolan"), Order(selection=both, format="xlsx", why="季度复盘"))
    work()
    assert export.state == "asked"
    requests.withdraw(company.reader("zhaolan"), export.request_id or 0)
    work()
    export.refresh_from_db()
    assert export.state == "cancelled"


def test_large_files_are_sealed_in_pieces(tmp_path: Path) -> None:
    for size in (0, 1, keeping.PIECE_BYTES, keeping.PIECE_BYTES * 2 + 7):
        path = tmp_path / "file"
        path.write_bytes(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
        (tmp_path / "exports").mkdir(exist_ok=True)
        assert b"".join(keeping.read(keeping.keep(path))) == path.read_bytes()


def test_more_orders_than_an_hour_allows_are_refused_with_the_minutes(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowances, "EXPORTS", Limit("exports", most=2, seconds=3600))
    reader = company.reader("zhaolan")
    for _ in range(2):
        asking.place(reader, order(company))
    with pytest.raises(TooOften, match=r"一小时最多导出 2 次，\d+ 分钟后再来"):
        asking.place(reader, order(company))
    assert Export.objects.count() == 2
