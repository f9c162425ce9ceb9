"""English stands beside every Chinese text, and the compiled catalogue is the one of today's texts."""

from babel.messages.catalog import Catalog
from tools import messages


def _texts(catalogue: Catalog) -> dict[object, object]:
    return {(message.context, message.id): message.string for message in catalogue if message.id}


def test_every_text_stands_in_the_catalogue_with_its_english() -> None:
    fresh = messages.update()
    assert messages.missing(fresh) == []
    assert _texts(fresh) == _texts(messages.load()), "run `make messages`"


def test_compiled_catalogue_agrees() -> None:
    stored = messages.CATALOGUE.with_suffix(".mo").read_bytes()
    assert stored == messages.compiled(messages.load()), "run `make messages`"
