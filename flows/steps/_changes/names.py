"""Tell a name from other words: by its capital in the middle of a sentence, or by the title that stands beside it."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from flows.steps._changes.tokens import UNSPACED, Token

_MOST_WORDS: Final = 4
_ALIKE: Final = 0.6  # of its letters: another spelling of one name
# Behind a name in scripts without capitals.
_TITLES: Final = re.compile(
    "氏|さん|様|教授|博士|首相|総理|大臣|知事|議員|社長|部长|部長|主席|主任|总统|總統|总理|總理|先生|女士|记者|記者|市长|市長"
)
_KOREAN: Final = re.compile(r"(?:장관|대표|교수|의원|대통령|총리|박사|시장|씨|위원장)")
_DATES: Final = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "januar",
        "februar",
        "märz",
        "mai",
        "juni",
        "juli",
        "oktober",
        "dezember",
        "morgen",
        "abend",
    ]
)
_SAYS: Final = frozenset(["said", "says", "told", "added", "sagte", "sagt", "dit", "dijo", "ha", "disse", "zei"])
# Every noun has a capital there.
_CAPITAL_NOUNS: Final = frozenset(
    [
        "der",
        "die",
        "das",
        "den",
        "dem",
        "des",
        "und",
        "ist",
        "nicht",
        "mit",
        "von",
        "auf",
        "für",
        "ein",
        "eine",
        "einen",
        "einem",
        "einer",
        "im",
    ]
)


def is_name_change(old: Sequence[Token], new: Sequence[Token], spans: tuple[slice, slice]) -> bool:
    """Tell whether what was replaced in a sentence is a name, before and after."""
    left, came = old[spans[0]], new[spans[1]]
    if not (0 < len(left) <= _MOST_WORDS * 2 and 0 < len(came) <= _MOST_WORDS * 2):
        return False
    if any(token.is_number for token in (*left, *came)):
        return False
    if all(_is_capital(token) for token in (*left, *came)):
        return _is_cased_name(old, new, spans)
    return _is_titled(old, spans[0]) and _is_titled(new, spans[1])


def _is_cased_name(old: Sequence[Token], new: Sequence[Token], spans: tuple[slice, slice]) -> bool:
    left, came = old[spans[0]], new[spans[1]]
    words = [token.text.casefold() for token in (*left, *came)]
    if len(left) > _MOST_WORDS or len(came) > _MOST_WORDS or not _DATES.isdisjoint(words):
        return False
    spelled = "".join(token.text for token in left).casefold(), "".join(token.text for token in came).casefold()
    if spelled[0] == spelled[1]:
        return False
    is_alike = SequenceMatcher(None, *spelled, autojunk=False).ratio() >= _ALIKE
    starts = spans[0].start == 0 or old[spans[0].start - 1].text in '"“„«'
    beside = _is_capital_at(old, spans[0].start - 1) or _is_capital_at(old, spans[0].stop)
    if starts:  # any word has a capital there
        says = spans[0].stop < len(old) and old[spans[0].stop].text in _SAYS
        is_plural = spelled[0].rstrip("sen") == spelled[1].rstrip("sen")
        return (beside and not _has_capital_nouns(old)) or (says and is_alike and not is_plural)
    return beside or is_alike if _has_capital_nouns(old) else True


def _has_capital_nouns(sentence: Sequence[Token]) -> bool:
    return sum(token.text in _CAPITAL_NOUNS for token in sentence) >= max(1, len(sentence) // 12)


def _is_capital(token: Token) -> bool:
    return token.text[:1].isupper() and (len(token.text) > 1 or not token.text.isascii())


def _is_capital_at(sentence: Sequence[Token], at: int) -> bool:
    return 0 <= at < len(sentence) and _is_capital(sentence[at]) and not (at == 0 and len(sentence[at].text) <= 3)


def _is_titled(sentence: Sequence[Token], span: slice) -> bool:
    piece = sentence[span]
    behind = "".join(token.text for token in sentence[span.stop : span.stop + 4])
    if all(re.fullmatch(f"[{UNSPACED}]", token.text) for token in piece):
        return any(_TITLES.match(behind[at:]) for at in range(3))
    is_korean = all("\uac00" <= token.text[0] <= "\ud7a3" for token in piece)
    return is_korean and _KOREAN.match(behind) is not None
