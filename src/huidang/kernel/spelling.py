"""Names as they are typed on a keyboard without Chinese: `zhoumin`, `zm` and `min` for 周敏."""

from functools import cache, lru_cache
from itertools import islice, product

SYLLABLES = 8
READINGS = 6
"""A name is spelled by its first syllables, and in so many ways where its characters have several readings."""


@lru_cache(maxsize=4096)
def spell(name: str) -> str:
    """Return every way to begin typing a name, each after a space: whole, from each syllable on, and by initials.

    A name without Chinese gives "": it is found as it stands.
    """
    syllables = [_readings(character) for character in name if "\u3400" <= character <= "\u9fff"][:SYLLABLES]
    ways: dict[str, None] = {}
    for backward in islice(product(*reversed(syllables)), READINGS if syllables else 0):  # a surname varies first
        spelled = backward[::-1]
        ways |= dict.fromkeys("".join(spelled[place:]) for place in range(len(spelled)))
        ways["".join(each[0] for each in spelled)] = None
    return "".join(f" {way}" for way in ways)


def begins(spelled: str, typed: str) -> bool:
    """Say whether something typed begins one of the ways of `spell`."""
    return f" {typed.casefold()}" in spelled


@cache
def _readings(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin  # noqa: PLC0415  (tables that few processes need)

    found: list[list[str]] = pinyin(character, style=Style.NORMAL, heteronym=True)
    return tuple(dict.fromkeys(each for each in found[0] if each.isascii())) or (character,)
