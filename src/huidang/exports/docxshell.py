"""The empty Word file that `docx` fills: styles, header with receipt, footer with page numbers, watermark."""

from pathlib import Path
from typing import Any

import docx
from django.utils.translation import gettext as _
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from huidang.exports.document import Document
from huidang.exports.fonts import legible

BODY = '<w:p w:rsidR="0B0D1E00"/>'
"""The paragraph in whose place the text goes."""

_INK, _QUIET, _ACCENT = RGBColor(0x1D, 0x22, 0x2A), RGBColor(0x60, 0x65, 0x6E), RGBColor(0x1A, 0x58, 0x96)
_TEXT_WIDTH = Mm(174)


def make_shell(document: Document, mark: Path, path: Path) -> Path:
    """Write the shell, whose body is the paragraph `BODY`, and return its path."""
    shell = docx.Document()
    properties = shell.core_properties
    properties.title, properties.author = legible(document.title)[:255], legible(document.made_by)[:255]
    properties.comments, properties.created = document.receipt, document.made_at
    section = shell.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(24), Mm(22)
    _style_all(shell)
    for part in (section.header, section.footer):
        part.paragraphs[0].style = shell.styles["Normal"]
    _head(section.header.paragraphs[0], legible(document.title)[:80], document.receipt)
    _foot(section.footer.paragraphs[0], legible(" · ".join(document.watermark))[:120])
    _behind(section.header.paragraphs[0], mark)
    _mark_place(shell, path)
    return path


def _mark_place(shell: Any, path: Path) -> None:
    shell.element.body.insert(0, parse_xml(BODY.replace("<w:p", f"<w:p {nsdecls('w')}")))
    shell.save(str(path))


def _style_all(shell: Any) -> None:
    _font(shell.styles["Normal"], 10.5, _INK)
    shell.styles["Normal"].paragraph_format.space_after = Pt(0)
    shell.styles["Normal"].paragraph_format.line_spacing = 1.3
    for name, size, before, after in (("Title", 20, 0, 10), ("Heading 1", 15, 18, 2), ("Heading 2", 10.5, 12, 4)):
        style = shell.styles[name]
        _font(style, size, _INK, bold=name != "Heading 2")
        _spaced(style, before, after)
        _bare(style)
    shell.styles["Heading 2"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, size, colour, before, indent in (
        ("Fact", 10, _INK, 1, 0), ("Contents Heading", 12, _INK, 14, 0), ("Contents", 10.5, _ACCENT, 2, 0),
        ("Message Head", 8.5, _QUIET, 7, 0), ("Message Head Ours", 8.5, _QUIET, 7, 28),
        ("Message Theirs", 10.5, _INK, 1, 0), ("Message Ours", 10.5, _INK, 1, 28),
        ("Highlighted", 10.5, _INK, 1, 0), ("Quoted", 9.5, _QUIET, 1, 12), ("State", 9, _QUIET, 1, 0),
        ("Attached", 9.5, _INK, 1, 0), ("Note", 9.5, RGBColor(0x81, 0x4F, 0x11), 2, 0),
        ("System Line", 9, _QUIET, 6, 0),
    ):  # fmt: skip
        style = shell.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.quick_style = shell.styles["Normal"], True
        _font(style, size, colour)
        _spaced(style, before, 1)
        style.paragraph_format.left_indent = Pt(indent + 6 if name.startswith("Message O") else indent)
    _particular(shell)


def _particular(shell: Any) -> None:
    """Give single styles what only they have."""
    styles = shell.styles
    styles["Fact"].paragraph_format.tab_stops.add_tab_stop(Mm(28))
    styles["Fact"].paragraph_format.left_indent, styles["Fact"].paragraph_format.first_line_indent = Mm(28), -Mm(28)
    for name in ("Message Head", "Message Head Ours", "Quoted"):
        styles[name].paragraph_format.keep_with_next = True
    styles["System Line"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, colour in (("Message Theirs", "CECCC6"), ("Message Ours", "9CC2EA"), ("Highlighted", "D8B400"),
                         ("Quoted", "8D9198"), ("Note", "814F11")):  # fmt: skip
        _bordered(styles[name], colour)
    for name in ("Sender", "Hit", "Masked", "Sensitive", "Aside"):
        styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
    styles["Sender"].font.bold = True
    styles["Aside"].font.size, styles["Aside"].font.color.rgb = Pt(8.5), _QUIET
    styles["Sensitive"].font.underline = True
    _shaded(styles["Hit"], "F9E689")
    _shaded(styles["Masked"], "DEDCD6")


def _font(style: Any, size: float, colour: RGBColor, *, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.color.rgb = "Arial", Pt(size), bold, colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    fonts.set(qn("w:cs"), "Arial")


def _spaced(style: Any, before: float, after: float) -> None:
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)


def _bare(style: Any) -> None:
    """Take away the rule that the template draws below a title."""
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _bordered(style: Any, colour: str) -> None:
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="18" w:space="6" w:color="{colour}"/></w:pBdr>'
    )
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(
        border, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc",
        "w:outlineLvl",
    )  # fmt: skip


def _shaded(style: Any, colour: str) -> None:
    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{colour}"/>')
    style.element.get_or_add_rPr().append(shade)


def _head(paragraph: Any, title: str, receipt: str) -> None:
    _two_sided(paragraph, title)
    paragraph.add_run(f"\t{receipt}")
    _quiet(paragraph)


def _foot(paragraph: Any, mark: str) -> None:
    """Write the watermark's words and the page of pages, which the reader's program counts."""
    _two_sided(paragraph, mark)
    before, between, after = _("第 {page} 页，共 {last} 页").replace("{last}", "{page}").split("{page}")
    paragraph.add_run(f"\t{before}")
    _field(paragraph, "PAGE")
    paragraph.add_run(between)
    _field(paragraph, "NUMPAGES")
    paragraph.add_run(after)
    _quiet(paragraph)


def _two_sided(paragraph: Any, text: str) -> None:
    paragraph.paragraph_format.tab_stops.add_tab_stop(_TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    paragraph.add_run(text)


def _quiet(paragraph: Any) -> None:
    for run in paragraph.runs:
        run.font.size, run.font.color.rgb = Pt(8), _QUIET


def _field(paragraph: Any, name: str) -> None:
    for kind, text in (("begin", ""), ("", name), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run("1" if kind == "text" else "")
        if kind == "text":
            continue
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)  # noqa: SLF001  (python-docx has no fields)


def _behind(paragraph: Any, mark: Path) -> None:
    """Lay the watermark over the page behind the text: python-docx knows pictures in a line only."""
    run = paragraph.add_run()
    run.add_picture(str(mark), width=Mm(210), height=Mm(297))
    inline = run._r.find(f".//{qn('wp:inline')}")  # noqa: SLF001
    anchor = parse_xml(
        f'<wp:anchor {nsdecls("wp", "a", "pic", "r")} distT="0" distB="0" distL="0" distR="0" simplePos="0" '
        'relativeHeight="2" behindDoc="1" locked="1" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="page"><wp:posOffset>0</wp:posOffset></wp:positionH>'
        '<wp:positionV relativeFrom="page"><wp:posOffset>0</wp:posOffset></wp:positionV></wp:anchor>'
    )
    for child in list(inline):
        anchor.append(child)
        if child.tag == qn("wp:extent"):
            anchor.append(parse_xml(f"<wp:wrapNone {nsdecls('wp')}/>"))
    inline.getparent().replace(inline, anchor)
