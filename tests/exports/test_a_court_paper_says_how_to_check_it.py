"""A paper for a court numbers its messages and says who, how collected, which files, whose hands, and how to check."""

from pathlib import Path
from shutil import which

import pytest

from huidang.exports import court, testimony
from huidang.exports.testimony import Exhibit, Handling, Party
from tests.exports import papers
from tests.exports.test_a_pdf_gives_its_text_back import bookmarks, squeezed, text_of

pytestmark = pytest.mark.skipif(which("pdftotext") is None, reason="poppler is not installed")

ROOT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
FACTS = testimony.Testimony(
    holder="望山家电有限公司",
    matter="王女士诉望山家电产品质量纠纷",
    parties=(Party("王女士", "客户（通讯录）", "u-王女士"), Party("周敏", "客服（通讯录）", "u-周敏")),
    collected=(
        ("来源", "钉钉，企业内部群消息导出"),
        ("采集方式", "管理员导入，原始字节先行封存"),
        ("时钟偏差", "0.2 秒"),
    ),
    exhibits=(
        Exhibit(2, "破损照片.png", "image", 20480, ROOT),
        Exhibit(11, "合同.pdf", "file", 2048, "", "遮盖副本不附，亦不列哈希"),
    ),
    custody=(Handling(papers.START, "系统", "导入并写入日志"), Handling(papers.START, "赵岚", "导出本文书")),
    checkpoint=(
        ("日志", "wangshan.example/huidang"),
        ("条目数", "1,284"),
        ("根哈希", ROOT),
        ("时间戳", "2024-11-18 09:00:05"),
    ),
    steps=(
        "用 Adobe Reader 打开，查看签名面板。",
        "执行 sha256sum -c，核对存证包内文件。",
        "用 verify.html 离线核验。",
    ),
    signature="本文书以 PAdES B-LTA 签名。",
    limits="本文书证明记录自检查点时起未被改动，不证明记录在采集之前的真实性。",
)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("court")
    court.write(papers.everything(folder), FACTS, folder / "文书.pdf")
    return folder / "文书.pdf"


def test_everything_that_is_known_is_printed(paper: Path) -> None:
    printed = text_of(paper)
    known = [FACTS.holder, FACTS.matter, FACTS.signature, FACTS.limits, *FACTS.steps, ROOT, "u-王女士", "遮盖副本不附"]
    assert [each for each in known if squeezed(each) not in printed] == []


def test_every_message_is_there_with_its_number(paper: Path, tmp_path: Path) -> None:
    printed = text_of(paper)
    for section in papers.everything(tmp_path).sections:
        for line in section.lines:
            assert squeezed(line.message.text) in printed
    assert "15周敏客服10:01:00" in printed


def test_its_parts_are_bookmarks(paper: Path) -> None:
    parts = [title for level, title in bookmarks(paper) if level == 0]
    assert [part[0] for part in parts] == list("一二三四五六七八")


def test_no_chain_of_blocks_is_claimed(paper: Path) -> None:
    assert "区块链" not in text_of(paper)
