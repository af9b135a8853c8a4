"""Words are the same words however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.search.analysis import indexed, tokens_with_stems, words
from models.search.folding import fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Net-zero by 2050!", ["net", "zero", "by", "2050"], id="signs part words"),
        pytest.param("1.54, 3,000.", ["1.54", "3000"], id="a number with a sign inside is one word"),
        pytest.param("2C 2 °C 2°C 2℃ 2ºC 2 º C", ["2", "c"] * 6, id="a degree however written"),
        pytest.param("5GW 5 GW 5-GW 5㎾", ["5", "gw"] * 3 + ["5", "kw"], id="a number and its unit are two words"),
        pytest.param("30000 30,000 30.000 30'000 30’000", ["30000"] * 5, id="signs between thousands"),
        pytest.param("1.200.000,50 1,200,000.50", ["1200000.50"] * 2, id="thousands with a fraction"),
        pytest.param("1,5 0,125 0.125", ["1.5", "0.125", "0.125"], id="a decimal comma is a point"),
        pytest.param("10.1000/xyz 1,2,3 14.07.2026", ["10.1000", "xyz", "1,2,3", "14.07.2026"], id="no thousands"),
        pytest.param("0'123 12'3456 1'234’567", ["0", "123", "12", "3456", "1234", "567"], id="no thousands either"),
        pytest.param(
            "CO2 CO₂ CO2e G20 PM2.5", ["co2", "co2", "co2e", "g20", "pm2", "5"], id="a word with digits in it"
        ),
        pytest.param("10⁶ W/m² m³", ["10", "6", "w", "m2", "m3"], id="a power is no digit of its number"),
        pytest.param("nº 5, Mª", ["n", "5", "m"], id="ordinal signs are no letters"),
        pytest.param("٣٠ ३०", ["30", "30"], id="digits of other scripts"),
        pytest.param("L'ÉTÉ Ørsted Straße", ["l", "ete", "orsted", "strasse"], id="accents and strokes go"),
        pytest.param("İstanbul ısı", ["istanbul", "isi"], id="Turkish dots go"),
        pytest.param("CO₂ ﬁne", ["co2", "fine"], id="compatibility forms unfold"),
        pytest.param("½ a", ["1", "2", "a"], id="a fraction is two numbers"),
        pytest.param("snake_case", ["snake", "case"], id="an underscore parts"),
        pytest.param("中国", ["中国", "国"], id="two characters are a pair and the last"),
        pytest.param("气候变化", ["气候", "候变", "变化", "化"], id="pairs overlap"),
        pytest.param("碳", ["碳"], id="one character alone"),
        pytest.param("2030年 G20峰会", ["2030", "年", "g20", "峰会", "会"], id="scripts part"),
        pytest.param("が か\u3099", ["が", "が"], id="kana keep their voicing, however encoded"),
        pytest.param("दिल्ली।", ["दिल्ली"], id="vowel signs stay in the word"),
        pytest.param("a" * 100, ["a" * 64], id="a word has an end"),
        pytest.param("\u0301 \u064b", [], id="accents alone are no word"),
        pytest.param("あ゛", ["あ"], id="a voicing mark alone is no letter"),
        pytest.param("— … !", [], id="signs alone are no word"),
    ],
)
def test_a_text_has_these_tokens(text: str, expected: list[str]):
    """A text is indexed as these tokens."""
    assert indexed(text, None) == (" ".join(expected), "")


PROSE = st.text(alphabet=st.sampled_from("aZé5309.,' _-’“…—\u00a0ß中か½²\u0301"), max_size=40)


@given(st.one_of(st.text(), PROSE), st.sampled_from([None, "en", "fr-CA", "ja"]))
def test_what_is_indexed_is_what_is_found(text: str, language: str | None) -> None:
    """However plain a text is, its tokens are those of the words that a search marks in it, and so are its stems."""
    found = list(tokens_with_stems(text, language))
    assert [token for tokens, _ in found for token in tokens] == [one for word in words(text) for one in word.tokens]
    expected = (" ".join(one for tokens, _ in found for one in tokens), " ".join(stem for _, stem in found if stem))
    assert indexed(text, language) == expected


@given(st.text())
def test_words_stand_where_they_say(text: str):
    """Words are in order, inside the text, and no token holds what a database could take for syntax."""
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text)
        end = word.end
        assert all(token and not set(token) & set(" '\"\\*:\0") for token in word.tokens)


@given(st.text())
def test_folding_twice_is_folding_once(word: str):
    """A folded word is its own folded form."""
    assert fold(fold(word)) == fold(word)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        pytest.param("Floods, FLOODING and co2 in 2030", "en-GB", ["flood.en", "flood.en", "and.en"], id="English"),
        pytest.param("Überschwemmungen", "de", ["uberschwemm.de"], id="German"),
        pytest.param("inundación inundaciones", "es", ["inund.es"] * 2, id="Spanish"),
        pytest.param("inundação inundações", "pt-BR", ["inund.pt"] * 2, id="Portuguese"),
        pytest.param("выбросы выбросов", "ru", ["выброс.ru"] * 2, id="Russian"),
        pytest.param("नदियों नदी", "hi", ["नद.hi"] * 2, id="Hindi, with vowel signs"),
        pytest.param("İklimi", "tr", ["ikl.tr"], id="a Turkish capital, whose small letter has a dot of its own"),
        pytest.param("inonde\u0301es inondées", "fr", ["inond.fr"] * 2, id="an accent that is a character of its own"),
        pytest.param("Skogene", "no", ["skog.nb"], id="a language by its older code"),
        pytest.param("气候变化 climate", "zh", [], id="a language without forms"),
        pytest.param("floods", None, [], id="an unknown language"),
        pytest.param("a" * 41, "en", [], id="what is no word of a language"),
    ],
)
def test_a_text_has_these_stems(text: str, language: str | None, expected: list[str]):
    """The forms of a word share a stem, which names its language."""
    assert indexed(text, language)[1].split() == expected


# Floods, or a word that has a form for its case or number there, and its stem in indexes that are kept.
_STEMS = """
    ar الفيضانات فيضان, ca inundacions inund, cs povodněmi povodn, da oversvømmelserne oversvom,
    de Überschwemmungen uberschwemm, el πλημμύρες πλημμυρ, en floodings flood,
    es inundaciones inund, et üleujutused uleujutuse, eu uholdeak uholde, fi tulvissa tulv,
    fr inondations inond, ga tuilte tuilte, hi नदियों नद, hu árvizeket arviz, hy կլիմայական կլիմա,
    id kebanjiran banjir, it inondazioni inond, lt potvyniais potvyn, nb flommene flomm,
    nl overstromingen overstroom, pl powodziami powodz, pt inundações inund, ro inundațiile inund,
    ru наводнениями наводнен, sr поплавама poplav, sv översvämningarna oversvamning,
    ta நதிகள் நதி, tr sellerden sel
"""


@pytest.mark.parametrize("case", [case.split() for case in _STEMS.split(",")], ids=lambda case: case[0])
def test_a_stemmer_stems_as_the_index_was_made(case: list[str]):
    """A search asks with the stems that an index holds: another version of the stemmer may not have others."""
    language, word, stem = case
    assert indexed(word, language)[1] == f"{stem}.{language}"


@given(st.text(), st.sampled_from(["en", "ar", "hi", "fi", "tr", "de"]))
def test_no_stem_is_a_word(text: str, language: str):
    """A stem holds nothing that a database could take for syntax, and is no token of any text."""
    tokens, stems = (part.split(" ") if part else [] for part in indexed(text, language))
    assert not set(stems) & set(tokens)
    assert all(stem and not set(stem) & set("'\"\\*:\0") for stem in stems)
