"""Cleaning's short cuts: each says of most texts that a slow step has nothing to do, and is never wrong."""

import re
import sys
import unicodedata

import ftfy
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.steps._cleaning import characters, furniture
from flows.steps._cleaning.furniture import RULES, Rule, fold, is_end, literal_of, without_end

ENDS = [rule for rule in RULES if rule.where == "end"]
# What mojibake is made of, what stands beside it, and what no reader sees.
MOJIBAKE = [chr(code) for code in range(0x80, 0x180)] + list("’‘“”–—…€™†‡•‚„‰ƒˆ˜‹›√≈≤ГўВЂРСбвΒΓαβ日ガ한、！ﬁ│█")
UNSEEN = list("\x00\x0b\x7f\u00ad\u200b\u200d\u2028\ufeff\ufffc\ud83d\u0301\U0001f600")
TEXTS = st.text(st.sampled_from([*"aAz Z.,?!;&\n\t\r<", *MOJIBAKE, *UNSEEN]), max_size=12)
# What the rules of blocks are made of, and letters that match another one without their case.
WORDS = (
    "Share this ON Facebook read MORE: Like lire La SUITE X » … | , devamını DEVAMINI devamini oku don’t miss K ſ İ é •"
)
BLOCKS = st.lists(st.sampled_from([*WORDS.split(), "\n", "  "]), max_size=6).map(" ".join)
quickly = settings(deadline=None, max_examples=100)


@quickly
@given(TEXTS)
def test_ftfy_is_asked_about_all_that_it_would_mend(text):
    """A text of which ftfy is not asked is one that it leaves as it is."""
    if not text.isascii() and characters._is_seen(text) and not characters._MAY_NEED_FTFY.search(text):
        assert ftfy.fix_text(text, characters._MENDING) == unicodedata.normalize("NFC", text)


@quickly
@given(TEXTS)
def test_every_unseen_character_is_seen_to(text):
    """A text that is taken for one without unseen characters has none."""
    unseen = (characters._SURROGATE, characters._SPACE_CONTROLS, characters._UNSEEN)
    if characters._is_seen(text):
        assert not any(pattern.search(text) for pattern in unseen)


@quickly
@given(st.sampled_from(ENDS), st.data())
def test_an_end_holds_the_words_that_are_looked_for_first(rule: Rule, data):
    """Whatever a rule of the end matches holds its literal words, and is taken away."""
    pattern = re.sub(r"\.\{.*?\}|\\[Sw]\+", "[a-z]{1,9}", rule.pattern.replace("{}", "[a-z]{1,9}"))
    said = data.draw(st.from_regex(pattern, fullmatch=True))
    assert fold(literal_of(rule.pattern)) in fold(said.swapcase())
    assert is_end(said)
    assert not without_end(f"It rained. {said}").endswith(said)


def test_every_rule_of_the_end_has_words_to_look_for():
    """No rule's pattern is tried on every text."""
    assert [rule for rule in ENDS if len(literal_of(rule.pattern).strip()) < 4] == []


def test_folded_letters_are_those_that_patterns_take_for_equal():
    """Each character that a literal word would match without its case folds to the same letter."""
    everything = "".join(map(chr, (*range(0xD800), *range(0xE000, sys.maxunicode + 1))))
    letters = sorted({letter for rule in ENDS for letter in literal_of(rule.pattern)})
    for found in re.findall(f"[{re.escape(''.join(letters))}]", everything, re.IGNORECASE):
        equal = [letter for letter in letters if re.fullmatch(re.escape(letter), found, re.IGNORECASE)]
        assert {fold(letter) for letter in equal} == {fold(found)}


@quickly
@given(BLOCKS)
def test_the_quick_pattern_of_blocks_finds_what_the_whole_one_does(text):
    """Where a text's letters are all ASCII, in whichever case."""
    assert furniture._names_block(text) == bool(re.fullmatch(furniture._BLOCK, text, re.IGNORECASE))


def test_the_quick_pattern_of_blocks_has_no_letter_of_another_case():
    """Its own letters are small, and none is taken for an ASCII one that it is not."""
    bare = re.sub(r"\\.", "", furniture._PLAIN_BLOCK.pattern)
    assert bare == bare.lower()
    foreign = re.escape("".join(sorted(letter for letter in set(bare) if not letter.isascii())))
    assert re.findall(f"[{foreign}]", "".join(map(chr, range(128))), re.IGNORECASE) == []
