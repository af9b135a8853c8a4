"""A snippet shows why a story was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.search.snippet import matched_spans, snippet

LONG = "word " * 100 + "the glaciers of Norway melt " + "more " * 100 + "glaciers and Norway and glaciers end"


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        pytest.param("Coal must go.", "coal", "**Coal** must go.", id="a word"),
        pytest.param("Coal must go.", "coal go", "**Coal** must **go**.", id="two words"),
        pytest.param("Coal must go.", '"must go"', "Coal **must go**.", id="a phrase"),
        pytest.param("Go, Coal must go.", '"must go"', "Go, Coal **must go**.", id="a phrase's words alone are none"),
        pytest.param("Glaciers melt", "glac*", "**Glaciers** melt", id="the beginning of a word marks all of it"),
        pytest.param("Coal must go.", "go -coal", "Coal must **go**.", id="an excluded word is not marked"),
        pytest.param("L'été à Rome", "ete", "L'**été** à Rome", id="a word with accents"),
        pytest.param("by 1.54 °C", "1.54", "by **1.54** °C", id="a number with a point"),
        pytest.param("北京气候变化峰会", "气候变化", "北京**气候变化**峰会", id="a Chinese word"),
        pytest.param("北京气候变化峰会", "化", "北京气候变**化峰**会", id="a single character marks its pair"),
        pytest.param("北京峰会", "会", "北京峰**会**", id="a single character at the end"),
        pytest.param("ends in net", "net-zero", "ends in net", id="a phrase that is cut off"),
        pytest.param("coal coal gas", '"coal coal" "coal gas"', "**coal coal gas**", id="phrases that overlap"),
        pytest.param("a\n\n  coal\tb", "coal", "a **coal** b", id="white space is one blank"),
        pytest.param("Nothing here", "coal", "Nothing here", id="no word found"),
        pytest.param("", "coal", "", id="no text"),
        pytest.param("Anything", "", "Anything", id="no query"),
    ],
)
def test_the_words_found_are_marked(text: str, query: str, expected: str):
    """What the query found is between marks, in the text's own letters."""
    assert snippet(text, query, 100) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("norway melt", "…of [Norway] [melt] more more more more…", id="in the middle"),
        pytest.param("norway glaciers", "…more more [glaciers] and [Norway] and [glaciers]…", id="where most is"),
        pytest.param("coal", "word word word word word word word word…", id="at the start where nothing is found"),
    ],
)
def test_a_long_text_is_cut_between_words(query: str, expected: str):
    """The window holds most of what was found, and says where text is left out."""
    assert snippet(LONG, query, 42, ("[", "]")) == expected


def test_a_text_without_blanks_is_cut_anywhere():
    """Chinese has no blanks to cut at."""
    assert (
        snippet("气" * 50 + "峰会" + "候" * 50, "峰会", 20, ("[", "]")) == "…" + "气" * 5 + "[峰会]" + "候" * 13 + "…"
    )


def test_a_match_wider_than_the_window_is_shown_whole():
    """A phrase is never cut."""
    assert snippet("x " * 50 + "one two three four" + " x" * 50, '"one two three four"', 8).strip("…x ") == (
        "**one two three four**"
    )


@given(text=st.text(max_size=80), query=st.text(max_size=10), width=st.integers(1, 90))
def test_every_snippet_is_a_piece_of_the_text(text: str, query: str, width: int):
    """Without its marks a snippet is text of the story, and spans are in order."""
    spans = matched_spans(text, query)
    assert spans == sorted(spans)
    line = snippet(text, query, width, ("", "")).strip("…")
    assert line in " ".join(text.split())
