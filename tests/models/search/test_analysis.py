"""Words are the same words however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.search.analysis import fold, tokens, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Net-zero by 2050!", ["net", "zero", "by", "2050"], id="signs part words"),
        pytest.param("1.54, 3,000.", ["1.54", "3,000"], id="points and commas stay inside numbers only"),
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
    assert list(tokens(text)) == expected


@given(st.text())
def test_words_stand_where_they_say(text: str):
    """Words are in order, inside the text, and no token holds what a database could take for syntax."""
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text)
        end = word.end
        assert all(token and not set(token) & set(" '\"\\*:\0") for token in word.tokens)


@given(st.text())
def test_words_and_tokens_agree(text: str):
    """The words that a snippet marks are those that the index holds."""
    assert [token for word in words(text) for token in word.tokens] == list(tokens(text))


@given(st.text())
def test_folding_twice_is_folding_once(word: str):
    """A folded word is its own folded form."""
    assert fold(fold(word)) == fold(word)
