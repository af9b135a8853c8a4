"""Every term is found where it stands, whatever the number of terms, the script or the size of the text."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.steps._labelling import matcher as matcher_module
from flows.steps._labelling.matcher import Ends, TermMatcher, singular
from flows.steps._labelling.words import Cut
from models.stages import Term


def term(text: str) -> Term:
    """Return a term as the loader would."""
    stem = text.removesuffix("*")
    return Term(text=stem, weight=1, is_prefix=stem != text, is_case_sensitive=stem != stem.lower())


def found(terms: list[str], text: str) -> list[tuple[str, str]]:
    """Return (term, words of the text) of every match."""
    matcher = TermMatcher([term(one) for one in terms], numbers_of)
    cut = Cut(text)
    return [
        (terms[number], text[cut.start(first) : cut.start(last - 1) + len(cut.words[last - 1])])
        for first, last, numbers in matcher.find(cut.words)
        for number in numbers
    ]


def numbers_of(ends: Ends) -> list[int]:
    """Return the numbers of the terms that end in one place."""
    return sorted(chain.from_iterable(ends))


@pytest.mark.parametrize(
    ("written", "text", "there"),
    [
        pytest.param("flood", "The Flood came", "Flood", id="small letters match any case"),
        pytest.param("flood", "FLOODS!", "FLOODS", id="small letters match the plural"),
        pytest.param("policies", "a policy", "policy", id="a plural term matches the singular"),
        pytest.param("flood", "floodlit", None, id="a word is not found in a longer word"),
        pytest.param("Greens", "the Greens won", "Greens", id="a capital matches as it is written"),
        pytest.param("Greens", "green and greens and GREENS", None, id="a capital matches in no other way"),
        pytest.param("green", "Greens", "Greens", id="small letters match the capital's plural too"),
        pytest.param("Fridays for Future", "Fridays for Future", "Fridays for Future", id="a name of several words"),
        pytest.param("Fridays for Future", "fridays for future", None, id="a name in small letters is none"),
        pytest.param("low carbon", "a low-carbon life", "low-carbon", id="words may be joined by a hyphen"),
        pytest.param("low carbon", "low\n  carbon", "low\n  carbon", id="words may stand on two lines"),
        pytest.param("1.5c", "above 1.5C now", "1.5C", id="digits are words"),
        pytest.param("decarboni*", "Decarbonisation", "Decarbonisation", id="a star matches every ending"),
        pytest.param("climate migra*", "climate migrants", "climate migrants", id="a star after several words"),
        pytest.param("oz*", "Ozone", "Ozone", id="a star after few letters"),
        pytest.param("Solarisation*", "Solarisationen", "Solarisationen", id="a star after many letters"),
        pytest.param("solarisation*", "SOLAR", None, id="a word that is shorter than what stands before the star"),
        pytest.param("SOLAR*", "SOLARs Solars", "SOLARs", id="a star after capitals"),
        pytest.param("Nano*", "Nanotubes nano", "Nanotubes", id="a star with a capital"),
        pytest.param("niño", "El NIÑO", "NIÑO", id="letters with marks"),
        pytest.param("气候变化", "应对气候变化的行动", "气候变化", id="Chinese inside a sentence"),
        pytest.param("脱炭素", "政府は脱炭素を進める", "脱炭素", id="Japanese inside a sentence"),
        pytest.param("co2排出", "日本のCO2排出量", "CO2排出", id="scripts mixed in one term"),
        pytest.param("İklim değişikliği", "x", None, id="a capital whose small letter is longer"),
        pytest.param("rise", "", None, id="an empty text"),
        pytest.param("sea level rise", "sea level", None, id="a text that ends inside a term"),
    ],
)
def test_a_term_is_found_where_it_stands(written, text, there):
    """The offsets of a match cut exactly its words out of the text."""
    assert found([written], text) == ([] if there is None else [(written, there)])


def test_all_matches_are_reported_by_start_the_longer_first():
    """Which of them counts is decided elsewhere."""
    assert found(["sea level rise", "sea", "sea level", "level"], "The sea level rises") == [
        ("sea level rise", "sea level rises"),
        ("sea level", "sea level"),
        ("sea", "sea"),
        ("level", "level"),
    ]


def test_terms_of_one_place_are_told_together():
    """Two lists may hold the same term, and a prefix may match beside a word."""
    matcher = TermMatcher([term("flood"), term("flood"), term("floo*")], numbers_of)
    assert matcher.find(["flood"]) == [(0, 1, [0, 1, 2])]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("floods", "flood"),
        ("policies", "policy"),
        ("churches", "church"),
        ("boxes", "box"),
        ("gases", "gase"),
        ("glass", "glass"),
        ("virus", "virus"),
        ("crisis", "crisis"),
        ("gas", "gas"),
        ("ties", "tie"),
    ],
)
def test_plural_endings_are_taken_off(word, expected):
    """What matters is that term and text lose the same ending, not that the rest is a word."""
    assert singular(word) == expected


@given(st.text(alphabet="aé气 .-İSß\U0001f30d", max_size=40))
def test_offsets_are_code_points_of_the_text_as_it_is(text):
    """However strange the letters, every match is the term in some case."""
    for written, there in found(["a", "é", "气", "ß"], text):
        assert singular(there.lower()) == written


@given(st.lists(st.sampled_from(["sea", "level", "rise", "ice"]), max_size=12))
def test_nothing_is_missed(words):
    """Matches are those of a plain search at every word."""
    terms = ["sea", "sea level", "level rise", "sea level rise", "ice"]
    expected = sorted(
        one for one in terms for start in range(len(words)) if words[start : start + len(one.split())] == one.split()
    )
    assert sorted(name for name, _ in found(terms, " ".join(words))) == expected


def test_hostile_texts_do_not_fill_the_memory(monkeypatch):
    """The words that are remembered are bounded in number and length, and matching goes on as before."""
    monkeypatch.setattr(matcher_module, "_MAX_REMEMBERED_WORDS", 10)
    matcher = TermMatcher([term("flood")], numbers_of)
    text = " ".join(f"word{number}" for number in range(100)) + " " + "x" * 10_000 + " floods"
    assert len(matcher.find(text.split())) == 1
    assert len(matcher._numbers) <= 11
    assert max(map(len, matcher._numbers)) < 100
