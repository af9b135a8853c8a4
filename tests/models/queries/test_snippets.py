"""The piece of a text that answers a query."""

import pytest

from models.queries.searching.snippets import found_in, snippet


def _marked(text: str, query: str, language: str | None = None) -> list[str]:
    found = snippet(text, query, language)
    return [found.text[start:end] for start, end in found.marks]


@pytest.mark.parametrize(
    ("text", "query", "marks"),
    [
        pytest.param("The Sea rises at sea.", "sea", ["Sea", "sea"], id="every place, whatever its capitals"),
        pytest.param("Un été brûlant.", "ete", ["été"], id="without accents"),
        pytest.param("Decarbonising steel", "decarb*", ["Decarbonising"], id="the beginning of a word"),
        pytest.param("海平面上升得更快", "平面", ["平面"], id="two characters inside a run"),
        pytest.param("1.54 degrees", "1.54", ["1.54"], id="a number"),
        pytest.param("A steel town", "wind", [], id="a word that only the title holds"),
        pytest.param("A steel town", "-steel", [], id="a word that must not be there"),
        pytest.param("", "steel", [], id="no text"),
        pytest.param(
            "The sea level, the level sea", '"sea level"', ["sea", "level"], id="words in a row, as they stand"
        ),
        pytest.param("In 30 000 homes", "30,000", ["30", "000"], id="a number with a blank between its thousands"),
        pytest.param("A sea level rises fast", 'level OR "sea level rises"', ["sea", "level", "rises"], id="two ways"),
    ],
)
def test_words_asked_for_are_marked(text: str, query: str, marks: list[str]) -> None:
    """Each word that was asked for is marked where it stands."""
    assert _marked(text, query) == marks


def test_other_forms_are_marked_in_the_language_of_the_text() -> None:
    """A word of the query stands for its forms, but only where the text is in a language that has them."""
    assert _marked("Floods came, flooding the town", "flooded", "en") == ["Floods", "flooding"]
    assert _marked("Floods came, flooding the town", "flooded") == []


@pytest.mark.parametrize("between", range(110, 162, 3))
def test_a_snippet_marks_what_the_whole_text_has_marked_there(between: int) -> None:
    """Wherever the piece ends: inside words in a row, or between a short row and a longer one that began before it."""
    before = " ".join(f"w{number}" for number in range(100, 130))
    text = f"{before} ice {'x' * between} sea level rises fast and ice level rises {'word ' * 99}"
    query = 'ice OR "sea level rises fast" OR "level rises" OR fast'
    shown = snippet(text, query)
    begin = text.index(shown.text[1:5])
    marks = [(start - begin + 1, end - begin + 1) for start, end in found_in(text, query)]
    assert list(shown.marks) == [mark for mark in marks if mark[1] < len(shown.text)]


def test_a_snippet_is_short_and_shows_the_first_place() -> None:
    """A long text is cut around the first word that was asked for, at blanks, on one line."""
    text = "word " * 200 + "the glacier\n\nmelts " + "word " * 200
    found = snippet(text, "glacier")
    assert found.text.startswith("…word")
    assert found.text.endswith("word…")
    assert "the glacier melts" in found.text
    assert len(found.text) < 240
    assert _marked(text, "glacier") == ["glacier"]


def test_marks_stay_where_white_space_is_collapsed() -> None:
    """A paragraph's end becomes one blank, and every word asked for is still marked as it stands."""
    text = "Ice melts.\n\nIce  sinks.\r\n\r\nThe ice"
    assert snippet(text, "ice").text == "Ice melts. Ice sinks. The ice"
    assert _marked(text, "ice") == ["Ice", "Ice", "ice"]


def test_a_text_without_blanks_is_cut_too() -> None:
    """Where there is no blank, the cut is made at a character."""
    found = snippet("海" * 500 + "平面" + "海" * 500, "平面")
    assert "平面" in found.text
    assert len(found.text) < 240


def test_the_beginning_stands_for_a_text_that_no_word_is_in() -> None:
    """Without a query the text's beginning is shown."""
    assert snippet("word " * 100, "").text == ("word " * 44).strip() + "…"
