"""Quick ways with plain texts, as most in English are: ASCII but for the signs of typography, blanks one by one."""

from typing import Final

# Set in good typography; each is no part of a word.
_SIGNS: Final = "’‘“”–—…\u00a0•€£"
_SMALL_LETTERS_AND_DIGITS: Final = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128)).lower()
_CUT: Final = _SMALL_LETTERS_AND_DIGITS.encode().ljust(256)
# Of Latin-1, which most of Europe's languages write with: the letters and digits, and the ends of lines.
_LATIN: Final = "".join(chr(code) if chr(code).isalnum() or chr(code) == "\n" else " " for code in range(256))
_CUT_LATIN: Final = _LATIN.encode("latin-1")


def as_ascii(text: str) -> str | None:
    """Return a plain text with a blank for each of its signs; None where it is not plain."""
    plain = _without_signs(text)
    return plain if plain.isascii() else None


def plain_words(text: str) -> list[str] | None:
    """Return the runs of letters and digits of a plain text, in small letters; None where it is not plain."""
    plain = as_ascii(text)
    return None if plain is None else plain.encode().translate(_CUT).decode().split()


def latin_words(text: str) -> str | None:
    """Return a folded text with a blank for all but letters, digits and line ends; None where it is not Latin-1."""
    try:
        return _without_signs(text).casefold().encode("latin-1").translate(_CUT_LATIN).decode("latin-1")
    except UnicodeEncodeError:
        return None


def with_single_blanks(text: str) -> str:
    """Return a text in one line, with one blank for each run of white space within it and none around it."""
    line = text.replace("\n\n", " ").replace("\n", " ")
    # What is printable has no other white space than blanks.
    return line.strip(" ") if line.isprintable() and "  " not in line else " ".join(text.split())


def _without_signs(text: str) -> str:
    if text.isascii():
        return text
    for sign in _SIGNS:
        text = text.replace(sign, " ")
    return text
