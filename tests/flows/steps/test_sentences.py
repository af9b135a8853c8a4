"""Where a text's sentences end, and which of them say most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.steps._labelling.sentences import MOST_LENGTH, Sentences


@given(st.text('aA .!?\n"。”', max_size=60))
def test_sentences_lose_nothing_but_blanks(text):
    """They stand in order, overlap nowhere, and between them is only white space."""
    spans = Sentences(text).all()
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    assert all(not text[end:start].strip() for end, start in zip(ends, starts, strict=True))
    assert all(text[start:end].strip() == text[start:end] for start, end in spans)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        pytest.param(
            'He said: "No." Yes! (Well?) So…\nEnd', ['He said: "No."', "Yes!", "(Well?)", "So…", "End"], id="stops"
        ),
        pytest.param(
            "By 1.5 C. Dr. A. Prof. B of St. Ives? No", ["By 1.5 C. Dr. A. Prof. B of St. Ives?", "No"], id="none"
        ),
        pytest.param("四。「五！」六？ seven", ["四。", "「五！」", "六？", "seven"], id="no blanks between"),
        pytest.param("One.\n\n \nTwo\nThree. ", ["One.", "Two", "Three."], id="lines"),
    ],
)
def test_a_sentence_ends_with_a_stop_or_a_line(text, sentences):
    """Closing quotation marks and brackets belong to it; titles, initials and numbers end none."""
    assert [text[start:end] for start, end in Sentences(text).all()] == sentences


def test_the_sentence_with_the_heaviest_marks_is_the_strongest():
    """Of equals the first; one that is too long to be shown is left out, and the next takes its place."""
    long = "word " * (MOST_LENGTH // 5 + 1)
    text = f"  One. Two?\n\nThree. {long}. Four."
    marks = [(text.index(word), weight) for word, weight in (("Three", 2), ("One", 1), ("Four", 1), ("word", 9))]
    chosen = Sentences(text).strongest([*marks, (text.index("One"), 1)], 3)
    assert [text[start:end] for start, end in chosen] == ["One.", "Three.", "Four."]
