"""The lexicons a house may begin with, one of each group, to be adapted by those who know its customers."""

from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huidang.shelves.lexicons import add_entries, create_lexicon
from huidang.shelves.models import Lexicon
from huidang.shelves.wordlists import read_words

STARTERS = {
    Lexicon.Group.COMPLAINT: _("投诉与维权"),
    Lexicon.Group.PROMISE: _("不当承诺"),
    Lexicon.Group.ABUSE: _("辱骂与威胁"),
    Lexicon.Group.LEAK: _("私下联系与外传"),
}
"""The name of the starter of each group; the words lie beside this file, one text a group."""


def missing() -> list[Lexicon.Group]:
    """Return the groups whose starter does not stand yet, by its name."""
    names = set(Lexicon.objects.values_list("name", flat=True))
    return [group for group, name in STARTERS.items() if str(name) not in names]


def words(group: Lexicon.Group) -> Iterator[tuple[str, bool]]:
    """Yield (word, allowed) of a starter."""
    yield from read_words((Path(__file__).parent / f"{group.value}.txt").read_bytes())


def install() -> list[Lexicon]:
    """Create the starters that are missing, for the whole company; return them."""
    with transaction.atomic():
        created = [(create_lexicon(name=str(STARTERS[group]), group=group), group) for group in missing()]
        for lexicon, group in created:
            add_entries(lexicon, words(group))
    return [lexicon for lexicon, _group in created]
