"""Normalise letters and numbers for comparison, however they are written."""

import re
import unicodedata
from typing import Final

_ACCENTS: Final = re.compile(r"[\u0300-\u036F\u0591-\u05C7\u0610-\u061A\u0640\u064B-\u065F\u0670\u200D]+")
# Letters whose stroke or ligature is no accent to Unicode, but to a person who types without it; digits of scripts that
# have their own.
_LETTERS: Final = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ħ": "h"}) | {
    zero + digit: str(digit) for zero in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50) for digit in range(10)
}
# 30,000, 30.000 and 30'000, with a fraction behind or without: groups of three behind one sign. What begins with a zero
# is a fraction.
_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?:([.,'’])[0-9]{3})(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]+)?")
_DECIMAL_COMMA: Final = re.compile(r"[0-9]+,[0-9]+")
_THOUSAND: Final = 3  # digits of a group


def fold(word: str) -> str:
    """Bring a word to the form in which it is compared: NFKC, lower case, without accents."""
    if word.isascii():
        return word.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFKC", plain).casefold().translate(_LETTERS)


def fold_number(written: str) -> str:
    """Bring a number to one form: without signs between its thousands, with a point before its fraction.

    A sign before exactly three digits parts thousands, in whichever language: 1.542 is 1542.
    """
    if grouped := _GROUPED.fullmatch(written):
        sign = grouped[1]
        return written.replace(sign, "").replace(",", ".")
    if _DECIMAL_COMMA.fullmatch(written):
        return written.replace(",", ".")
    return written


def in_groups(number: str) -> tuple[str, ...]:
    """Cut a folded number into the tokens that it has where blanks part its thousands: 30000 into 30 and 000.

    What has no thousands is given back whole.
    """
    whole, point, fraction = number.partition(".")
    if len(whole) <= _THOUSAND or not whole.isdecimal() or whole.startswith("0"):
        return (number,)
    first = len(whole) % _THOUSAND
    groups = [whole[:first]] if first else []
    groups += [whole[at : at + _THOUSAND] for at in range(first, len(whole), _THOUSAND)]
    return (*groups[:-1], groups[-1] + point + fraction)
