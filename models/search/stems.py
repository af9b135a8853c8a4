"""The stem of a word in a language, so that a search for one form of a word finds the others.

A stem token ends with its language (`flood.en`): a form in one language does not find a word of another by accident,
and no word as it is written can be one, for only numbers hold points.
"""

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from threading import Lock
from typing import Final
from unicodedata import category, normalize

from models.search.folding import fold

# The language code to the name of its Snowball algorithm, the scripts apart: a query does not say its language, so that
# its words are stemmed in each language that is written in their letters.
_LATIN: Final = {
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "sv": "swedish",
    "tr": "turkish",
}
_BY_LETTER: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (  # first and last letter of a script, its languages
    ("\u0000", "\u024f", _LATIN),
    ("\u1e00", "\u1eff", _LATIN),
    ("\u0370", "\u03ff", {"el": "greek"}),
    ("\u0400", "\u052f", {"ru": "russian", "sr": "serbian"}),
    ("\u0530", "\u058f", {"hy": "armenian"}),
    ("\u0600", "\u06ff", {"ar": "arabic", "fa": "persian"}),
    ("\u0900", "\u097f", {"hi": "hindi", "ne": "nepali"}),
    ("\u0b80", "\u0bff", {"ta": "tamil"}),
)
_ALGORITHMS: Final = {code: name for _, _, some in _BY_LETTER for code, name in some.items()}
STEMMED: Final = frozenset(_ALGORITHMS)  # the languages, by their codes
_ALIASES: Final = {"no": "nb", "nn": "nb", "in": "id"}
# Where an accent decides the ending, a word typed without it has another stem: these are stemmed without accents ...
_UNACCENTED: Final = frozenset({"es"})
# ... or the accent is put back: the ending as it is typed and as it is written.
_TYPED: Final = {"pt": (("cao", "ção"), ("coes", "ções"), ("sao", "são"), ("soes", "sões"))}
_SHORTEST: Final = 3  # letters of a word that has other forms
_LONGEST: Final = 40  # letters of a word of a language; what is longer is none
_LOCK: Final = Lock()  # a stemmer holds its word while it is at work


def stem_language(tag: str | None) -> str | None:
    """Return the code by which words of a language are stemmed; None where they are not."""
    code = (tag or "").partition("-")[0].lower()
    code = _ALIASES.get(code, code)
    return code if code in _ALGORITHMS else None


def stem_token(word: str, language: str) -> str | None:
    """Return the token of a word's stem; None where it can have no other form. The language is a stem_language."""
    lowered = word.lower()
    if not _SHORTEST <= len(lowered) <= _LONGEST:
        return None
    if lowered.isalpha():
        return _stem_token(lowered, language)
    # An accent that stands as a character of its own is part of its letter; a vowel sign of Hindi has no other form.
    composed = normalize("NFC", lowered)
    return _stem_token(composed, language) if all(map(_is_letter_or_mark, composed)) else None


def _is_letter_or_mark(character: str) -> bool:
    return character.isalpha() or category(character).startswith("M")


@lru_cache(maxsize=10_000)  # the words of a language are few, those of an archive many
def _stem_token(word: str, language: str) -> str:
    with _LOCK:
        stem = _stemmer(language)(fold(word) if language in _UNACCENTED else word)
    return f"{fold(stem)}.{language}"


def stems_of_query(word: str, languages: Collection[str] = STEMMED) -> tuple[str, ...]:
    """Return the stem tokens that a word of a query stands for, in each of these languages that has such letters."""
    first = word[:1].lower()
    codes = next((some for start, end, some in _BY_LETTER if start <= first <= end), {})
    found = (stem_token(form, code) for code in codes if code in languages for form in _forms(word, code))
    return tuple(dict.fromkeys(token for token in found if token))


def _forms(word: str, code: str) -> Iterator[str]:
    yield word
    lowered = word.lower()
    for typed, written in _TYPED.get(code, ()):
        if lowered.endswith(typed):
            yield lowered.removesuffix(typed) + written


@lru_cache
def _stemmer(language: str) -> Callable[[str], str]:
    from Stemmer import Stemmer  # of the commands that read, a search alone needs it

    # What was found is remembered above: by the stemmer's own cache it would be kept twice.
    stem: Callable[[str], str] = Stemmer(_ALGORITHMS[language], 0).stemWord
    return stem
