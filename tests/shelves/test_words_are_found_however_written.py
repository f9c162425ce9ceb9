"""A lexicon's words are found in every way people write them, and only where they mean it."""

import pytest

from huidang.shelves.lexicons import Entry, Matcher


def found(text: str, *words: str, allowed: tuple[str, ...] = ()) -> list[str]:
    entries = [Entry(word, "投诉词", "complaint") for word in words]
    entries += [Entry(word, "投诉词", "complaint", allowed=True) for word in allowed]
    return [text[hit.start : hit.end] for hit in Matcher(entries).find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "我要退费",
        "我要退 费",
        "退*费！",
        "退_费",
        "退・费".replace("・", "·"),
        "退\u200b费",
        "退－费".replace("－", "-"),
        "退費",
    ],
)
def test_inserted_signs_and_traditional_characters_are_seen_through(text: str) -> None:
    assert len(found(text, "退费")) == 1


def test_struck_through_characters_are_seen_through() -> None:
    assert found("我要退\u0336费\u0336", "退费") == ["退\u0336费"]


def test_width_and_case_are_folded() -> None:
    assert found("加我ＱＱ群，加VX", "qq", "vx") == ["ＱＱ", "VX"]


def test_sentence_punctuation_divides() -> None:
    assert found("先退。费用多少", "退费") == []


def test_the_hit_covers_the_inserted_signs_of_the_original() -> None:
    assert found("马上 退 * 费 吧", "退费") == ["退 * 费"]


def test_an_allowed_phrase_hides_the_word_inside_it() -> None:
    assert found("今天累死了，你去死", "死", allowed=("累死了",)) == ["死"]


def test_the_longest_word_wins() -> None:
    assert found("我要投诉到12315", "投诉", "投诉到12315") == ["投诉到12315"]


def test_no_words_find_nothing() -> None:
    assert found("我要退费") == []


def test_offsets_survive_composed_characters_and_emoji() -> None:
    assert found("e\u0301👨‍👩‍👧要退费", "退费") == ["退费"]
