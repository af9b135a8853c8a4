"""Say in which language a text is: what it declares, else a default that script and words allow, else by its words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

from flows.steps._plain import as_ascii
from flows.steps.text.function_words import FUNCTION_WORDS

# A script: its letters and the languages written in it, the most likely first. Sorted by name.
_SCRIPTS: dict[str, tuple[str, str]] = {
    "arabic": ("\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc", "ar fa ur ps ckb ku sd ug ks pa"),
    "armenian": ("\u0530-\u058f", "hy"),
    "bengali": ("\u0980-\u09ff", "bn as"),
    "cyrillic": ("\u0400-\u052f", "ru uk bg sr mk be kk ky mn tg uz az bs sh tt ba cv sah"),
    "devanagari": ("\u0900-\u097f", "hi mr ne sa mai bho kok"),
    "ethiopic": ("\u1200-\u137f", "am ti"),
    "georgian": ("\u10a0-\u10ff\u1c90-\u1cbf", "ka"),
    "greek": ("\u0370-\u03ff\u1f00-\u1fff", "el"),
    "gujarati": ("\u0a80-\u0aff", "gu"),
    "gurmukhi": ("\u0a00-\u0a7f", "pa"),
    "han": ("\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff", "zh yue wuu"),
    "hangul": ("\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "ko"),
    "hebrew": ("\u0590-\u05ff", "he yi"),
    "kana": ("\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d", "ja"),
    "kannada": ("\u0c80-\u0cff", "kn"),
    "khmer": ("\u1780-\u17ff", "km"),
    "lao": ("\u0e80-\u0eff", "lo"),
    "latin": ("A-Za-z\u00aa-\u024f\u1e00-\u1eff", ""),  # everything that is not tied to another script
    "malayalam": ("\u0d00-\u0d7f", "ml"),
    "myanmar": ("\u1000-\u109f", "my"),
    "oriya": ("\u0b00-\u0b7f", "or"),
    "sinhala": ("\u0d80-\u0dff", "si"),
    "tamil": ("\u0b80-\u0bff", "ta"),
    "telugu": ("\u0c00-\u0c7f", "te"),
    "thai": ("\u0e00-\u0e7f", "th"),
    "tibetan": ("\u0f00-\u0fff", "bo dz"),
}
_LETTERS = {script: re.compile(f"[{letters}]") for script, (letters, _) in _SCRIPTS.items()}
_ASCII = re.compile(r"[\x00-\x7f]+")
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_LOWER_LETTERS = bytes(code if chr(code).isalpha() else ord(" ") for code in range(128)).lower().ljust(256)
_WRITTEN_IN = {script: tuple(languages.split()) for script, (_, languages) in _SCRIPTS.items()}
# Of the languages above, those that are also written with Latin letters.
_ALSO_LATIN = frozenset({"az", "bs", "kk", "ku", "sh", "sr", "tg", "tt", "ug", "uz"})
_NEVER_LATIN = frozenset(language for languages in _WRITTEN_IN.values() for language in languages) - _ALSO_LATIN

_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?(?:-[a-z0-9-]+)?", re.IGNORECASE)
_OLD_CODES = {"in": "id", "iw": "he", "ji": "yi", "cn": "zh", "jp": "ja"}  # withdrawn, or a country's in its place

_LANGUAGES_OF: dict[str, list[str]] = {}  # each function word with its languages
for _language, _words in FUNCTION_WORDS.items():
    for _word in _words:
        _LANGUAGES_OF.setdefault(_word, []).append(_language)

_FEWEST_LETTERS = 12  # under this a script proves nothing: "COP29" in a Chinese feed
_LEAST_SHARE = 0.6  # of the letters, for a script to rule; Chinese news holds many Latin names
_KANA_SHARE = 0.05  # Japanese has kana in every sentence, Chinese none
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 8
_LONGEST_SAMPLE = 4000  # characters looked at
_BEGINNING = 1000  # of them, for a default that is plainly right
_LEAST_COVERAGE = 0.12  # share of function words, for a guess
_LEAST_LEAD = 1.1  # how far the best guess must be before the next
_LEAST_LEAD_OVER_DEFAULT = 1.5  # and before a default that it is to overrule
_PLAIN_COVERAGE = 0.2  # and a default's in a text's beginning, for the rest not to be counted
_PLAIN_LEAD = 2.0
# Languages with nearly the same small words: counting them says nothing against one of the same line.
_ALIKE = tuple(map(frozenset, (
    {"nb", "nn", "no", "da"}, {"hr", "bs", "sr", "sh"}, {"cs", "sk"}, {"pt", "gl"}, {"id", "ms"}, {"tl", "fil"},
    {"bg", "mk"}, {"es", "ast", "gl"},
)))  # fmt: skip


def resolve_language(*declared: str | None, text: str, defaults: Sequence[str | None] = ()) -> str | None:
    """Return the language of text as a BCP 47 tag: the first declared one that its script allows, else a guess.

    `defaults` are declared for all that comes from one place, by software or by hand, and weigh less: one that the
    text's words confirm goes before the others, and all of them give way to words that clearly say something else.
    """
    sample = text[:_LONGEST_SAMPLE]
    script = dominant_script(sample)
    credible = next((tag for tag in _possible(declared, script)), None)
    return credible or _credible_default(sample, script, _possible(defaults, script)) or detect_language(sample, script)


@lru_cache(maxsize=1000)
def language_tag(declared: str | None) -> str | None:
    """Return a declared language as a well-formed tag ("en_us" is "en-US"), None where it is none."""
    match = _TAG.fullmatch((declared or "").strip().replace("_", "-"))
    if match is None:
        return None
    language, script, region = match[1].lower(), match[2], match[3]
    parts = (_OLD_CODES.get(language, language), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


def dominant_script(text: str) -> str | None:
    """Return the script in which most of text's letters are written; None where they are too few or too mixed."""
    ascii_letters = len(text.encode("ascii", "ignore").translate(None, _NO_LETTERS))
    if text.isascii():
        return "latin" if ascii_letters >= _FEWEST_LETTERS else None
    beyond_ascii = _ASCII.sub("", text)  # little of most texts; each script looks through it
    counts = {script: len(letters.findall(beyond_ascii)) for script, letters in _LETTERS.items()}
    counts["latin"] += ascii_letters
    east_asian = counts["kana"] + counts["han"]
    if counts["kana"] >= max(1, _KANA_SHARE * east_asian):
        counts["kana"], counts["han"] = east_asian, 0
    total = sum(counts.values())
    script = max(counts, key=counts.__getitem__)
    return script if total >= _FEWEST_LETTERS and counts[script] >= _LEAST_SHARE * total else None


def detect_language(text: str, script: str | None) -> str | None:
    """Guess the language of text from its script and its function words; None where they do not tell."""
    candidates = _WRITTEN_IN.get(script or "", ())
    if len(candidates) == 1 or (script in _WRITTEN_IN and not FUNCTION_WORDS.keys() & set(candidates) and candidates):
        return candidates[0]
    guess = _best(_scores(text, _languages_in(script)))
    return guess or (candidates[0] if candidates else None)


def _is_possible(tag: str, script: str | None) -> bool:
    language = tag.split("-")[0]
    if script is None:
        return True
    return language not in _NEVER_LATIN if script == "latin" else language in _WRITTEN_IN[script]


@cache
def _languages_in(script: str | None) -> tuple[str, ...]:
    """Return the languages whose words are known that are written in a script."""
    return tuple(language for language in FUNCTION_WORDS if _is_possible(language, script))


def _possible(declared: Sequence[str | None], script: str | None) -> list[str]:
    tags = (language_tag(one) for one in declared)
    return [tag for tag in tags if tag is not None and _is_possible(tag, script)]


def _credible_default(text: str, script: str | None, defaults: list[str]) -> str | None:
    plain = _plain_default(text[:_BEGINNING], script, defaults[0]) if defaults else None
    return plain or _default_by_all_words(text, script, defaults)


def _plain_default(beginning: str, script: str | None, default: str) -> str | None:
    """Return a default that a text's beginning is plainly in, as nearly all are in a feed that says its language."""
    scores = _scores(beginning, (_primary(default), *_rivals(_primary(default), script)))
    own = scores.pop(_primary(default), 0.0)
    return default if own >= max(_PLAIN_COVERAGE, _PLAIN_LEAD * max(scores.values(), default=0.0)) else None


@cache
def _rivals(language: str, script: str | None) -> tuple[str, ...]:
    """Return the languages of a script that small words tell from this one."""
    return tuple(other for other in _languages_in(script) if not _are_alike(other, language))


def _default_by_all_words(text: str, script: str | None, defaults: list[str]) -> str | None:
    scores = _scores(text, _languages_in(script))
    guess = _best(scores)
    if not defaults or guess is None:
        return next(iter(defaults), None)
    if confirmed := next((tag for tag in defaults if _are_alike(_primary(tag), guess)), None):
        return confirmed
    # A language whose words are not known here cannot be outdone by another's.
    rivals = [scores.get(_primary(tag)) for tag in defaults]
    is_outdone = all(rival is not None and scores[guess] >= _LEAST_LEAD_OVER_DEFAULT * rival for rival in rivals)
    return guess if is_outdone else defaults[0]


def _are_alike(one: str, other: str) -> bool:
    return one == other or any({one, other} <= family for family in _ALIKE)


def _primary(tag: str) -> str:
    return tag.split("-")[0]


def _scores(text: str, languages: Sequence[str]) -> dict[str, float]:
    """Give the share of a text's words that are each language's function words; nothing where the words are too few."""
    words = _words_of(text)
    if len(words) < _FEWEST_WORDS:
        return {}
    counts = dict.fromkeys(FUNCTION_WORDS, 0)
    for word, times in Counter(filter(_LANGUAGES_OF.__contains__, words)).items():
        for language in _LANGUAGES_OF[word]:
            counts[language] += times
    return {language: counts[language] / len(words) for language in languages if language in counts}


def _words_of(text: str) -> list[str]:
    plain = as_ascii(text)
    if plain is not None:
        return plain.encode().translate(_LOWER_LETTERS).decode().split()
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def _best(scores: dict[str, float]) -> str | None:
    if not scores:
        return None
    best, *others = sorted(scores, key=scores.__getitem__, reverse=True)
    runner_up = scores[others[0]] if others else 0.0
    return best if scores[best] >= _LEAST_COVERAGE and scores[best] >= _LEAST_LEAD * runner_up else None
