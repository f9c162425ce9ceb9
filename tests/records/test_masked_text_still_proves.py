"""Whatever is hidden in a text, the rest proves itself, and nothing can be altered, added or left out."""

import contextlib
from base64 import b64decode, b64encode
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from huidang.exports.evidence.seals import Wrong
from huidang.exports.evidence.verify import text_root
from huidang.kernel import merkle, secrets
from huidang.records import codepoints, leaves
from huidang.records.codepoints import MaskedText

texts = st.text(st.characters(codec="utf-8"), max_size=100)
View = tuple[str, set[int], bytes]


@st.composite
def views(draw: st.DrawFn) -> View:
    text = draw(texts)
    hidden = draw(st.sets(st.integers(0, max(len(text) - 1, 0))))
    return text, hidden & set(range(len(text))), leaves.text_salts(secrets.new_key(), len(text))


def packed(text: str, hidden: set[int], salts: bytes) -> dict[str, Any]:
    masked = MaskedText.of(text, salts, hidden)
    blobs = {"salts": masked.salts, "commitments": masked.commitments}
    encoded = {name: b64encode(blob).decode() for name, blob in blobs.items()}
    return {"text": masked.text, "hidden": [list(each) for each in masked.hidden], **encoded}


@given(views())
def test_every_mask_leads_to_the_root_of_the_whole(view: View) -> None:
    text, hidden, salts = view
    masked = packed(*view)
    assert text_root(masked) == codepoints.root(codepoints.commit(text, salts))
    assert masked["text"] == "".join("*" if at in hidden else char for at, char in enumerate(text))
    assert {at for start, stop in masked["hidden"] for at in range(start, stop)} == hidden
    assert len(b64decode(masked["salts"])) == 16 * (len(text) - len(hidden))


@given(views(), st.data())
def test_a_changed_character_leads_elsewhere(view: View, data: st.DataObject) -> None:
    text, hidden, _salts = view
    assume(set(range(len(text))) - hidden)
    masked = packed(*view)
    honest, at = text_root(masked), data.draw(st.sampled_from(sorted(set(range(len(text))) - hidden)))
    masked["text"] = text[:at] + ("改" if text[at] != "改" else "变") + text[at + 1 :]
    masked["text"] = "".join("*" if place in hidden else char for place, char in enumerate(masked["text"]))
    assert text_root(masked) != honest


@given(views(), st.sampled_from(["text", "salts", "commitments", "hidden"]))
def test_what_is_left_out_or_moved_is_found(view: View, name: str) -> None:
    masked = packed(*view)
    assume(masked[name])
    honest = text_root(masked)
    short = {"text": masked["text"][:-1], "hidden": masked["hidden"][:-1]}
    masked[name] = short[name] if name in short else b64encode(b64decode(masked[name])[:-1]).decode()
    with contextlib.suppress(Wrong):
        assert text_root(masked) != honest


def test_the_root_is_that_of_rfc_6962_over_records() -> None:
    text = "长" * 70
    points = codepoints.commit(text, leaves.text_salts(bytes(32), 70))
    records = [b"".join(points[at : at + 32]) for at in (0, 32, 64)]
    first, second, third = (merkle.leaf_hash(record) for record in records)
    assert codepoints.root(points) == merkle.node_hash(merkle.node_hash(first, second), third)
    assert codepoints.root([]) == merkle.EMPTY


def test_equal_characters_have_different_commitments() -> None:
    assert len(set(codepoints.commit("8" * 2000, leaves.text_salts(bytes(32), 2000)))) == 2000
