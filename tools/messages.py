"""Collect the texts of the product into the catalogues and compile them: `make messages`.

The texts in the code are Chinese; `src/huidang/locale/en` translates them. No gettext tools are needed. Collected
are calls of gettext in Python, the texts of a `Problem`, and the translation tags of the templates.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).parent.parent / "src" / "huidang"
CATALOGUE = SOURCE / "locale" / "en" / "LC_MESSAGES" / "django.po"
CONTEXTS = {"pgettext", "pgettext_lazy"}
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "lazy": 1, "ngettext": 2, "ngettext_lazy": 2, "N_": 1}
IN_TEMPLATE = re.compile(r" (n?)gettext\((.+?)(?:,\s*count)?\) | _\((.+?)\) ", re.DOTALL)

Text = str | tuple[str, ...]


class Placed(str):
    """A text that is told apart by the place it stands in, its context."""

    __slots__ = ("context",)
    context: str


_RAISED = {"Problem", "Refused", "TooOften", "Unknown", "Unreadable", "Unsigned", "WrongMethod"}
"""The family of errors: what they say second is read by people."""


def collect() -> Iterator[tuple[Text, str]]:
    """Yield every text with the file it stands in; a pair of texts is singular and plural."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from ((text, str(path.relative_to(SOURCE))) for text in in_python(path.read_text("utf-8")))
    for path in sorted((SOURCE / "web" / "templates").rglob("*.html")):
        yield from ((text, str(path.relative_to(SOURCE))) for text in in_template(path.read_text("utf-8")))


def in_python(source: str) -> Iterator[Text]:
    """Yield the literal texts of gettext calls and Problems, those that a Problem has unless told otherwise too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any(arg.arg == "text" for arg in node.args.args):
            yield from (text for text in _literals(node.args.defaults) if text)
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in CONTEXTS:
            yield _placed(*_literals(node.args))
        texts = _literals(node.args[: CALLS.get(name, 0)] or _problem_text(name, node))
        if texts:
            yield texts if len(texts) > 1 else texts[0]


def _problem_text(name: str, node: ast.Call) -> list[ast.expr]:
    return node.args[1:2] if name in _RAISED else []


def _placed(context: str, text: str) -> Placed:
    placed = Placed(text)
    placed.context = context
    return placed


def _literals(nodes: list[ast.expr]) -> tuple[str, ...]:
    return tuple(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def in_template(source: str) -> Iterator[Text]:
    """Yield the texts of translate and blocktranslate, as Django's own template scanner finds them."""
    from django.utils.translation.template import templatize  # noqa: PLC0415 (needs settings)

    for plural, block, plain in IN_TEMPLATE.findall(templatize(source)):
        texts = ast.literal_eval(f"({block or plain},)")
        yield texts[:2] if plural else texts[0]


def update() -> Catalog:
    """Return the catalogue with today's texts: what is new is empty, what is gone is dropped."""
    known = load()
    fresh = Catalog(locale="en", project="huidang", charset="utf-8", header_comment="# Huidang in English.")
    for text, place in collect():
        fresh.add(text, locations=[(place, 0)], context=getattr(text, "context", None))
    for message in fresh:
        single = message.id if isinstance(message.id, str) else message.id[0]
        held = known.get(single, message.context) if message.id else None
        if held is not None and isinstance(held.id, str) == isinstance(message.id, str):
            message.string = held.string
    return fresh


def load() -> Catalog:
    """Return the catalogue as it is stored."""
    if not CATALOGUE.exists():
        return Catalog(locale="en")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def compiled(catalogue: Catalog) -> bytes:
    """Return the bytes of the .mo file, the same for the same texts."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def missing(catalogue: Catalog) -> list[str]:
    """Return the texts that lack their English."""
    return [str(message.id) for message in catalogue if message.id and not _told(message.string)]


def _told(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string) if isinstance(string, str) or not string else all(string)


def main() -> int:
    """Write both files; return 1 where a text lacks its English."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
    django.setup()
    catalogue = update()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=110, include_lineno=False, sort_output=True)
    CATALOGUE.with_suffix(".mo").write_bytes(compiled(catalogue))
    untold = missing(catalogue)
    print("\n".join(f"no English: {text}" for text in untold) or f"{len(catalogue)} texts")
    return 1 if untold else 0


if __name__ == "__main__":
    sys.exit(main())
