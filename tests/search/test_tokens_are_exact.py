"""Tokens find exactly the substrings, and every folded character knows where it came from."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huidang.search import tokens
from tests.search.oracle import contains

TEXT = st.text(
    alphabet=st.one_of(st.sampled_from("退费单号a1 -，é\u0301ﬁ㎡體体\u200bßＡ각"), st.characters(codec="utf-8")),
    max_size=30,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我要退费 CS-12", "我要 要退 退费 费/ /c cs s/ /1 12 2/ cs/1 s/12"),
        ("費用", "费用 用/"),
        ("ＡＢ１", "ab b1 1/"),
        ("A\u200bB", "ab b/"),
        ("❤️", ""),
        ("㎡", "m2 2/"),
        ("kf12退sf12", f"kf f1 12 2退 退s sf f1 12 2/ kf12{tokens.BREAK}sf12"),
        ("", ""),
    ],
)
def test_known_texts(text: str, expected: str) -> None:
    assert tokens.grams(text) == expected


@given(TEXT, TEXT)
def test_a_phrase_of_tokens_is_a_substring(text: str, part: str) -> None:
    for term in (tokens.runs(part), tokens.runs(text[3:9])):
        if term:
            assert _finds(tokens.grams(text).split(), term) == contains(text, term)


def _finds(stream: list[str], term: tuple[str, ...]) -> bool:
    wanted = tokens.phrase(term)
    if not wanted:
        return any(re.fullmatch(f"{term[0]}.", token, re.DOTALL) for token in stream)
    return any(
        all(stream[at + place : at + place + 1] == [token] for place, token in wanted) for at in range(-1, len(stream))
    )


@given(st.lists(st.text(alphabet="ab12 退", max_size=9), max_size=3), st.text(alphabet="ab12 退", max_size=10))
def test_no_term_runs_across_texts(texts: list[str], part: str) -> None:
    stream, term = tokens.BREAK.join(map(tokens.grams, texts)).split(), tokens.runs(part)
    if term:
        assert _finds(stream, term) == any(contains(text, term) for text in texts)


@given(TEXT)
def test_places_lead_back(text: str) -> None:
    folded = tokens.Folded.of(text)
    assert folded.text == tokens.fold(text)
    for place, character in enumerate(folded.text):
        start, end = folded.original(place, place + 1)
        assert character in tokens.fold(text[start:end])


@given(TEXT)
def test_folding_twice_changes_no_runs(text: str) -> None:
    assert tokens.runs(" ".join(tokens.runs(text))) == tokens.runs(text)
