"""Made-up words for large archives: vocabularies in which few words are frequent and most are rare, as in a language.

Among them stand words to ask for, each in a known share of the stories, the same in every language that parts words.
"""

import random
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Final

from msgspec import Struct

# A word to ask for, and the share of the stories whose text has it.
ASKED: Final = {
    "climate": 0.6,
    "emissions": 0.2,
    "flood": 0.06,
    "methane": 0.01,
    "permafrost": 0.001,
    "peatland": 0.0001,
}
OLD: Final = "kyoto"  # which only stories of the first nights have
UNSPACED: Final = frozenset({"zh", "ja"})

_WORDS: Final = 10_000  # of a language
_SIGNS: Final = 2_500
_FLATTENED: Final = 2.7  # the most frequent words of a language are less frequent than Zipf's law alone has them
_ENDINGS: Final = {
    "en": ("", "", "s", "ed", "ing", "ion", "al", "ly"),
    "de": ("", "en", "er", "ung", "lich", "te"),
    "fr": ("", "s", "tion", "ment", "er", "es"),
    "es": ("a", "o", "os", "ción", "ado", "ar"),
    "pt": ("a", "o", "os", "ção", "ado", "ar"),
    "it": ("a", "o", "i", "zione", "ato", "are"),
}
_ONSETS: Final = (
    "b",
    "br",
    "c",
    "cl",
    "d",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "r",
    "s",
    "st",
    "t",
)
_CORES: Final = ("a", "e", "i", "o", "u", "ea", "ou", "an", "en", "or", "al", "in", "er")


class Vocabulary(Struct, frozen=True):
    """The words of a language, and how often each of them is used, added up."""

    words: Sequence[str]
    weights: Sequence[float]
    is_spaced: bool

    def draw(self, choose: random.Random, count: int) -> list[str]:
        """Return so many words, the frequent ones more often."""
        return choose.choices(self.words, cum_weights=self.weights, k=count)


class Written(Struct, frozen=True, kw_only=True):
    """A made-up text, and its words in a row as sentences."""

    title: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return it as a story's text, three sentences a paragraph."""
        return "\n\n".join(self.paragraphs)

    @property
    def html(self) -> str:
        """Return it as a feed has it."""
        return "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)

    @property
    def paragraphs(self) -> list[str]:
        """Return three sentences a paragraph."""
        return [" ".join(self.sentences[at : at + 3]) for at in range(0, len(self.sentences), 3)]


@cache
def vocabulary(language: str) -> Vocabulary:
    """Make the words of a language; the same ones each time."""
    choose = random.Random(f"words of {language}")
    is_spaced = language not in UNSPACED
    if is_spaced:
        words = list(dict.fromkeys(_word(choose, language, at) for at in range(_WORDS)))
    else:
        words = [chr(0x4E00 + at) for at in choose.sample(range(0x5000), _SIGNS)]
    return Vocabulary(words, list(accumulate(1 / (at + _FLATTENED) for at in range(len(words)))), is_spaced)


def write(choose: random.Random, language: str, length: int, asked: Sequence[str]) -> Written:
    """Write a text of about so many characters, with these words to ask for somewhere in it."""
    words = vocabulary(language)
    mean = 6.4 if words.is_spaced else 1.0
    drawn = words.draw(choose, max(24, int(length / mean)))
    if words.is_spaced:
        for word in asked:
            drawn[choose.randrange(len(drawn))] = word
    title, *sentences = _sentences(choose, drawn, words)
    return Written(title=title.rstrip(".。"), sentences=tuple(sentences))


def edited(choose: random.Random, text: Written, language: str) -> Written:
    """Write a text again as another outlet prints it: a word in fifty is another, and one sentence is new."""
    words = vocabulary(language)
    sentences = list(text.sentences)
    at = choose.randrange(len(sentences))
    old = sentences[at].split(" ")
    sentences[at] = " ".join([*old[:2], *words.draw(choose, 1), *old[3:]])
    return Written(title=text.title, sentences=(*sentences, _sentence(choose, words.draw(choose, 9), words)))


def corrected(text: Written, before: int, after: int) -> tuple[Written, Written]:
    """Return a text with a number, and the same text with another one in its place."""
    one, other = (f"It was {number} tonnes." for number in (before, after))
    first, *rest = text.sentences
    made = (Written(title=text.title, sentences=(first, told, *rest)) for told in (one, other))
    return next(made), next(made)


def _word(choose: random.Random, language: str, rank: int) -> str:
    syllables = 1 + (rank > 60) + (rank > 1500) * (choose.random() < 0.6)
    stem = "".join(choose.choice(_ONSETS) + choose.choice(_CORES) for _ in range(syllables))
    return stem + (choose.choice(_ENDINGS[language]) if rank > 60 else "")


def _sentences(choose: random.Random, drawn: Sequence[str], words: Vocabulary) -> list[str]:
    cuts: list[str] = []
    at = 0
    while at < len(drawn):
        size = choose.randrange(8, 22) if cuts else choose.randrange(6, 11)
        cuts.append(_sentence(choose, drawn[at : at + size], words))
        at += size
    return cuts if len(cuts) > 1 else [*cuts, *cuts]


def _sentence(choose: random.Random, drawn: Sequence[str], words: Vocabulary) -> str:
    if not words.is_spaced:
        return f"{''.join(drawn)}。"
    number = [str(choose.randrange(2, 3000))] if choose.random() < 0.2 else []
    told = " ".join([*drawn, *number])
    return f"{told[:1].upper()}{told[1:]}."
