"""Other ways to print the same transcript, for `bench/export.py`: names, times and texts of every message.

`python bench/printers.py NAME MESSAGES FILE` writes one file and prints the seconds it took.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import corpus


def reportlab(lines: list[corpus.Line], path: Path) -> None:
    """ReportLab: flowing paragraphs on a fill, in a CJK font that stays outside the file."""
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: PLC0415
    from reportlab.platypus import Paragraph, SimpleDocTemplate  # noqa: PLC0415

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    look = {"fontName": "STSong-Light", "wordWrap": "CJK"}
    told = ParagraphStyle("told", fontSize=9.5, leading=14, backColor="#f2f1ed", **look)
    head = ParagraphStyle("head", fontSize=7.5, leading=11, spaceBefore=5, **look)
    flow = []
    for line in lines:
        flow += [Paragraph(escape(_head(line)), head), Paragraph(escape(line.text), told)]
    SimpleDocTemplate(str(path), pagesize=A4).build(flow)


def chromium(lines: list[corpus.Line], path: Path) -> None:
    """Chromium prints a page of bubbles."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    body = "".join(f"<p>{escape(_head(line))}</p><div>{escape(line.text)}</div>" for line in lines)
    style = "div{background:#f2f1ed;border-radius:8px;padding:5px 9px;width:fit-content;max-width:80%}p{font-size:9px}"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = Path(folder, "page.html")
        page_file.write_text(f"<meta charset=utf-8><style>{style}</style>{body}", "utf-8")
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(page_file.as_uri(), timeout=300_000)
        page.pdf(path=path, format="A4", print_background=True)
        browser.close()


def python_docx(lines: list[corpus.Line], path: Path) -> None:
    """Build a Word file paragraph by paragraph with python-docx."""
    import docx  # noqa: PLC0415

    document = docx.Document()
    for line in lines:
        document.add_paragraph(_head(line))
        document.add_paragraph(line.text)
    document.save(str(path))


PRINTERS: dict[str, Callable[[list[corpus.Line], Path], None]] = {
    "reportlab": reportlab,
    "chromium": chromium,
    "python_docx": python_docx,
}


def _head(line: corpus.Line) -> str:
    return f"{line.name} {datetime.fromtimestamp(line.sent_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"


if __name__ == "__main__":
    name, messages, target = sys.argv[1:]
    transcript = list(corpus.lines(int(messages)))
    began = time.perf_counter()
    PRINTERS[name](transcript, Path(target))
    print(round(time.perf_counter() - began, 3))
