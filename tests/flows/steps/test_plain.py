"""The quick ways with plain texts come to what the patterns find."""

import re

from hypothesis import given
from hypothesis import strategies as st

from flows.steps._plain import plain_words, with_single_blanks

PLAIN = st.text(st.sampled_from("aZ09_ .,'-\n\t’‘“”–—…\u00a0•€£"))
BLANKS = st.text(st.sampled_from("aé. \n\t\r\x0b\x1c\x1f\x85\u00a0\u2003\u2028\u3000\u200b\u00ad"))


@given(PLAIN)
def test_plain_words_are_runs_of_letters_and_digits(text: str) -> None:
    """In small letters, wherever signs of typography stand."""
    assert plain_words(text) == re.findall(r"[^\W_]+", text.casefold())


@given(st.text())
def test_what_is_not_plain_is_left_to_others(text: str) -> None:
    """Whatever holds another letter."""
    found = plain_words(text)
    assert found is None or found == re.findall(r"[^\W_]+", text.casefold())


@given(st.one_of(BLANKS, st.text()))
def test_blanks_stand_one_by_one(text: str) -> None:
    """Whatever white space there was."""
    assert with_single_blanks(text) == " ".join(text.split())
