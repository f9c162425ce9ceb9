"""What lexicons say of a message: its marks in the text that is seen, and its labels in the index.

A label is `group:<group>`, `lexicon:<id>` or `word:<folded word>`. Both are worked out on visible text only: what a
mask hides is blanked first, so no word is found under it or across it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from huidang.records.shown import Part
from huidang.search.labels import Label
from huidang.search.snippets import cut
from huidang.shelves import lexicons
from huidang.shelves.lexicons import Hit, Matcher
from huidang.shelves.models import Lexicon

ANY = frozenset({"*", "any", "任意", "敏感词"})


def mark(parts: Sequence[Part], matcher: Matcher) -> tuple[Part, ...]:
    """Return the parts of a text with the words of lexicons marked; `sensitive` names group and lexicon."""
    hits = matcher.find("".join("\0" * len(part.text) if part.kind else part.text for part in parts))
    if not hits:
        return tuple(parts)
    edges = [edge for hit in hits for edge in (hit.start, hit.end)]
    return tuple(replace(piece, sensitive=_titles(hits, place)) for piece, place in cut(parts, edges))


def _titles(hits: Sequence[Hit], place: int) -> str:
    titles = [f"{Lexicon.Group(hit.group).label} · {hit.lexicon}" for hit in hits if hit.start <= place < hit.end]
    return titles[0] if titles else ""


class Labels:
    """The lexicons as the index asks for them (`search.labels.Labeller`)."""

    def edition(self) -> int:
        """Return the edition of all lexicons."""
        return lexicons.edition()

    def begin(self) -> Label:
        """Return what labels one batch: the matcher of each department is asked for once."""
        matchers: dict[int | None, Matcher] = {}

        def label(pieces: Iterable[str], department: int | None) -> Collection[str]:
            if department not in matchers:
                matchers[department] = lexicons.matcher(department)
            found = matchers[department].find
            return {each for piece in pieces for hit in found(piece) for each in _labels(hit)}

        return label

    def named(self, value: str) -> frozenset[str]:
        """Return the labels of groups and lexicons of this name, and of the word itself."""
        wanted = value.strip().casefold()
        groups = {each for each in Lexicon.Group if wanted in ANY or wanted in (each.value, each.label)}
        if wanted in ANY:
            return frozenset(f"group:{each}" for each in groups)
        known = Lexicon.objects.filter(name__icontains=value.strip()).values_list("pk", flat=True) if wanted else ()
        named = {f"group:{each}" for each in groups} | {f"lexicon:{pk}" for pk in known}
        word = lexicons.folded(value)
        return frozenset(named | ({f"word:{word}"} if word else set()))

    def groups(self) -> Mapping[str, str]:
        """Return the labels of the groups, with their names."""
        return {f"group:{group}": str(group.label) for group in Lexicon.Group}


def _labels(hit: Hit) -> tuple[str, ...]:
    return f"group:{hit.group}", f"lexicon:{hit.lexicon_id}", f"word:{lexicons.folded(hit.word)}"
