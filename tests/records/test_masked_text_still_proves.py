"""Whatever is hidden in a text, the rest proves itself, and nothing can be altered, added or left out."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from huidang.kernel import merkle, secrets
from huidang.records import codepoints, leaves
from huidang.records.codepoints import MaskedText, Shown

texts = st.text(st.characters(codec="utf-8"), max_size=100)


@st.composite
def views(draw: st.DrawFn) -> tuple[str, set[int], bytes]:
    text = draw(texts)
    hidden = draw(st.sets(st.integers(0, max(len(text) - 1, 0))))
    return text, hidden & set(range(len(text))), leaves.text_salts(secrets.new_key(), len(text))


@given(views())
def test_every_mask_leads_to_the_root_of_the_whole(view: tuple[str, set[int], bytes]) -> None:
    text, hidden, salts = view
    masked = MaskedText.of(text, salts, hidden)
    assert masked.root() == codepoints.root(codepoints.commit(text, salts))
    assert masked.render("█") == "".join("█" if at in hidden else char for at, char in enumerate(text))
    assert all(isinstance(each, str) == (at in hidden) for at, each in enumerate(masked.positions))


@given(views(), st.data())
def test_a_changed_character_leads_elsewhere(view: tuple[str, set[int], bytes], data: st.DataObject) -> None:
    text, hidden, salts = view
    assume(set(range(len(text))) - hidden)
    masked = MaskedText.of(text, salts, hidden)
    at = data.draw(st.sampled_from(sorted(set(range(len(text))) - hidden)))
    shown = masked.positions[at]
    assert isinstance(shown, Shown)
    other = Shown("改" if shown.char != "改" else "变", shown.salt)
    altered = MaskedText((*masked.positions[:at], other, *masked.positions[at + 1 :]))
    assert altered.root() != masked.root()


@given(views())
def test_a_position_left_out_leads_elsewhere(view: tuple[str, set[int], bytes]) -> None:
    masked = MaskedText.of(*view[:1], view[2], view[1])
    for at in range(len(masked.positions)):
        assert MaskedText(masked.positions[:at] + masked.positions[at + 1 :]).root() != masked.root()


def test_the_root_is_that_of_rfc_6962_over_records() -> None:
    text = "长" * 70
    points = codepoints.commit(text, leaves.text_salts(bytes(32), 70))
    records = [b"".join(points[at : at + 32]) for at in (0, 32, 64)]
    first, second, third = (merkle.leaf_hash(record) for record in records)
    assert codepoints.root(points) == merkle.node_hash(merkle.node_hash(first, second), third)
    assert codepoints.root([]) == merkle.EMPTY


def test_equal_characters_have_different_commitments() -> None:
    assert len(set(codepoints.commit("8" * 2000, leaves.text_salts(bytes(32), 2000)))) == 2000


@pytest.mark.parametrize("position", [Shown("ab", "00" * 16), Shown("a", "00" * 15), "00" * 31, "zz"])
def test_what_is_no_position_is_refused(position: Shown | str) -> None:
    with pytest.raises(ValueError):
        MaskedText((position,)).root()
