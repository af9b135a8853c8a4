"""Say in which language a text is: the declared one, unless its script makes that impossible; else by its words."""

import re
import unicodedata
from collections import Counter

from flows.steps._function_words import FUNCTION_WORDS

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
_ASCII_LETTERS = re.compile("[A-Za-z]+")
_WRITTEN_IN = {script: tuple(languages.split()) for script, (_, languages) in _SCRIPTS.items()}
# Of the languages above, those that are also written with Latin letters.
_ALSO_LATIN = frozenset({"az", "bs", "kk", "ku", "sh", "sr", "tg", "tt", "ug", "uz"})
_NEVER_LATIN = frozenset(language for languages in _WRITTEN_IN.values() for language in languages) - _ALSO_LATIN

_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?(?:-[a-z0-9-]+)?", re.IGNORECASE)
_OLD_CODES = {"in": "id", "iw": "he", "ji": "yi", "cn": "zh", "jp": "ja"}  # withdrawn, or a country's in its place

_FEWEST_LETTERS = 12  # under this a script proves nothing: "COP29" in a Chinese feed
_LEAST_SHARE = 0.6  # of the letters, for a script to rule; Chinese news holds many Latin names
_KANA_SHARE = 0.05  # Japanese has kana in every sentence, Chinese none
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 8
_LONGEST_SAMPLE = 4000  # characters looked at
_LEAST_COVERAGE = 0.12  # share of function words, for a guess
_LEAST_LEAD = 1.1  # how far the best guess must be before the next


def resolve_language(*declared: str | None, text: str) -> str | None:
    """Return the language of text as a BCP 47 tag: the first declared one that its script allows, else a guess."""
    sample = text[:_LONGEST_SAMPLE]
    script = dominant_script(sample)
    tags = [tag for tag in map(language_tag, declared) if tag is not None]
    credible = next((tag for tag in tags if _is_possible(tag, script)), None)
    return credible or detect_language(sample, script)


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
    beyond_ascii = _ASCII.sub("", text)  # little of most texts; each script looks through it
    counts = {script: len(letters.findall(beyond_ascii)) for script, letters in _LETTERS.items()}
    counts["latin"] += sum(map(len, _ASCII_LETTERS.findall(text)))
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
    guess = _by_words(text, [language for language in FUNCTION_WORDS if _is_possible(language, script)])
    return guess or (candidates[0] if candidates else None)


def _is_possible(tag: str, script: str | None) -> bool:
    language = tag.split("-")[0]
    if script is None:
        return True
    return language not in _NEVER_LATIN if script == "latin" else language in _WRITTEN_IN[script]


def _by_words(text: str, languages: list[str]) -> str | None:
    words = Counter(_WORD.findall(unicodedata.normalize("NFC", text).casefold()))
    total = words.total()
    if total < _FEWEST_WORDS or not languages:
        return None
    scores = {language: sum(words[word] for word in FUNCTION_WORDS[language]) / total for language in languages}
    best, *others = sorted(scores, key=scores.__getitem__, reverse=True)
    runner_up = scores[others[0]] if others else 0.0
    return best if scores[best] >= _LEAST_COVERAGE and scores[best] >= _LEAST_LEAD * runner_up else None
