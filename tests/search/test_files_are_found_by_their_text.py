"""Words inside files lead to their message: under the message's masks, and only by who may open the file."""

import pytest

from huidang import search
from huidang.kernel import blobs, jobs
from huidang.kernel.models import Job
from huidang.people.readers import Reader, local_operator
from huidang.records import erasing, filetexts, marks
from huidang.records.lens import view
from huidang.records.models import Attachment, FileText, Message
from huidang.search import indexer
from tests import cast
from tests.cast import MOBILE, Company, set_stage
from tests.records.test_files_are_read_apart import pdf
from tests.search import rows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database, pytest.mark.usefixtures("writer")]

NAME = "服务协议.pdf"


@pytest.fixture
def company(transactional_db: None) -> Company:
    return set_stage()


def work(kind: str) -> None:
    """Run the job as a worker would."""
    filetexts.wanted(None)  # type: ignore[arg-type]  # any event
    job = Job.objects.get(kind=kind)
    job.leased_until = job.due_at.replace(year=2999)
    job.save()
    jobs.HANDLERS[kind].function(jobs.Run(job, jobs.HANDLERS[kind]))
    indexer.catch_up()


@pytest.fixture
def message(company: Company) -> Message:
    """Append a message with a contract of two pages, read and indexed."""
    (said,) = rows.append(company.conversations["售后"], "合同发您了")
    sha256 = blobs.put(pdf("保修条款三年", f"回访电话 {MOBILE} 专线"))
    cast.attach(said, kind="file", name=NAME, mime="application/pdf", sha256=sha256)
    indexer.catch_up()
    work("read-files")
    return said


def found(reader: Reader, text: str) -> list[int]:
    return [int(hit.shown.id) for hit in search.find(reader, text).hits]


def test_who_may_open_the_file_finds_its_words_and_page(company: Company, message: Message) -> None:
    supervisor, agent = company.reader("zhaolan"), company.reader("zhoumin")
    (hit,) = search.find(supervisor, "保修条款").hits
    assert hit.file is not None
    assert (hit.file.name, hit.file.number) == (NAME, 1)
    assert [part.text for part in hit.file.parts if part.hit] == ["保修条款"]
    assert found(agent, "保修条款") == []
    assert found(agent, "合同发您了") == [message.pk]
    marks.clear_file(supervisor, message.conversation_id, message.pk, _file(message).pk)
    indexer.catch_up()
    (hit,) = search.find(agent, "合同 保修条款").hits
    assert hit.file is not None
    assert hit.hits
    marks.withhold_file(supervisor, message.conversation_id, message.pk, _file(message).pk)
    indexer.catch_up()
    assert found(agent, "保修条款") == []


def test_masked_digits_are_found_only_by_who_may(company: Company, message: Message) -> None:
    supervisor, agent = company.reader("zhaolan"), company.reader("zhoumin")
    marks.clear_file(supervisor, message.conversation_id, message.pk, _file(message).pk)
    indexer.catch_up()
    assert (found(agent, MOBILE), found(agent, "专线")) == ([], [message.pk])
    (hit,) = search.find(supervisor, MOBILE[3:7]).hits
    assert hit.file is not None
    assert hit.file.number == 2
    assert MOBILE not in "".join(part.text for part in hit.file.parts)
    (hit,) = search.find(agent, "回访").hits
    assert hit.file is not None
    assert "138****5678" in "".join(part.text for part in hit.file.parts)


def test_a_recalled_message_hides_its_file_too(company: Company, message: Message) -> None:
    supervisor, agent = company.reader("zhaolan"), company.reader("zhoumin")
    marks.clear_file(supervisor, message.conversation_id, message.pk, _file(message).pk)
    indexer.catch_up()
    assert found(agent, "保修条款") == [message.pk]
    rows.recall(message)
    indexer.catch_up()
    assert found(agent, "保修条款") == []
    assert found(supervisor, "保修条款") == [message.pk]  # who may see recalled originals


def test_operators_stay_those_of_the_message(message: Message) -> None:
    assert found(local_operator(), "has:phone 合同") == []
    assert found(local_operator(), "has:file 合同") == [message.pk]


def test_one_reading_serves_every_message_and_goes_with_the_last(company: Company, message: Message) -> None:
    (again,) = rows.append(company.conversations["售前"], "同一份")
    cast.attach(again, kind="file", name=NAME, sha256=_file(message).sha256)
    work("read-files")
    assert FileText.objects.count() == 1
    assert sorted(found(local_operator(), "保修条款")) == sorted([message.pk, again.pk])
    for each, left in ((message, 1), (again, 0)):
        erasing._forget_attachments([each.pk])
        assert FileText.objects.count() == left


def test_what_could_not_be_read_says_so_on_its_message(company: Company) -> None:
    (said,) = rows.append(company.conversations["售后"], "坏文件")
    cast.attach(said, kind="file", name=NAME, sha256=blobs.put(b"%PDF-1.7 nonsense"))
    work("read-files")
    (file,) = view(said, company.reader("zhaolan")).attachments
    assert file.unread == "broken"
    (file,) = view(said, company.reader("zhoumin")).attachments
    assert (file.withheld, file.unread) == (True, "")


def _file(message: Message) -> Attachment:
    file: Attachment = Attachment.objects.unguarded("test").get(message_id=message.pk)
    return file
