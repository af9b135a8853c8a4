"""A text is cut into the same words by the quick way and by the regular expression, each where it stands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.steps._labelling.words import Cut, words_of


@given(st.text(alphabet="aZ09_ .-’“”—…\u00a0\n\té\u0301\U0001f30d", max_size=40))
def test_words_are_runs_of_letters_and_digits(text):
    """Whatever stands between them."""
    expected = list(re.finditer(r"[^\W_]+", text))
    assert words_of(text) == [found.group() for found in expected]
    cut = Cut(text)
    assert [cut.start(word) for word in range(len(expected))] == [found.start() for found in expected]


@pytest.mark.parametrize("text", ["应对CO2排出", "日本 の 2030年", "한국 news"])
def test_a_character_is_a_word_where_words_are_not_parted(text):
    """Letters and digits between them stay whole."""
    cut = Cut(text)
    words = cut.words
    assert "".join(words) == text.replace(" ", "")
    assert all(text[cut.start(place) :].startswith(word) for place, word in enumerate(words))
    assert max(map(len, words)) <= len("news")
