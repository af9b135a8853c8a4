"""Spell formulas in MathML as running text can hold them: one that is left out, or run together, is a wrong number."""

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from flows.steps._cleaning.raised import lowered, raised

# The source of a formula, in another language, stands beside it.
SOURCES = frozenset({"annotation", "annotation-xml"})
_UNSEEN = SOURCES | {"mphantom"}
_LOW = frozenset({"msub", "munder"})
_HIGH = frozenset({"mover", "msup"})
_BOTH = frozenset({"msubsup", "munderover"})
_CELLS = frozenset({"mlabeledtr", "mtable", "mtd", "mtr"})
_DEGREES = frozenset({"°", "º", "o", "∘"})
# What MathML trims, and what stands for "times" or "plus" unseen. A hard blank is seen.
_TRIMMED = " \t\n\r\x0c\u2061\u2062\u2063\u2064"
# Marks of places where words, or numbers, would run together. No parser lets such characters in.
_WORD, _NUMBER = "\x1e", "\x1f"
_WORDS_MEET = re.compile(r"(?<=\w)\x1e+(?=[^\W\d])")  # but CO and 2 are CO2
_NUMBERS_MEET = re.compile(r"(?<=\w)\x1e*\x1f[\x1e\x1f]*(?=\w)")
_MARKS = re.compile(r"[\x1e\x1f]")


def spelled(element: HtmlElement) -> str:
    """Return the letters and figures of a formula, or of a part of one, on one line."""
    return _settled(_said(element))


def _said(element: HtmlElement) -> str:
    """Return what spelled does, with marks and blanks at the edges."""
    name = element.tag
    if not isinstance(name, str) or name in _UNSEEN:
        return ""
    if name == "mspace":
        return "" if element.get("width", "").strip().startswith(("-", "0e", "0p")) else " "
    parts = [_said(child) for child in element]
    if len(parts) > 1 and (built := _built(name, [_settled(part) for part in parts])):
        return built
    tails = [(child.tail or "").strip(_TRIMMED) for child in element]
    inside = (" " if name == "mmultiscripts" else "").join(map("".join, zip(parts, tails, strict=True)))
    return _set_off(name, (element.text or "").strip(_TRIMMED) + inside)


def _built(name: str, parts: Sequence[str]) -> str:
    """Return what the name of an element makes of its parts; nothing where they just follow one another."""
    if name == "mfrac":
        return f"{_NUMBER}{'/'.join(map(_as_one, parts))}{_NUMBER}"
    if name == "mroot":
        return f"{_NUMBER}{raised(parts[1], '')}√{_as_one(parts[0])}{_NUMBER}"
    return _with_scripts(name, parts) if name in _LOW | _HIGH | _BOTH else ""


def _set_off(name: str, text: str) -> str:
    if name in _CELLS:
        return f" {text} "
    if name == "mtext" and len(text) > 1:  # H, 2 and O are H2O
        return f"{_WORD}{text}{_WORD}"
    return f"√{text}" if name == "msqrt" else text


def _settled(text: str) -> str:
    return " ".join(_MARKS.sub("", _WORDS_MEET.sub(" ", _NUMBERS_MEET.sub(" ", text))).split())


def _as_one(part: str) -> str:
    return part if part.isalnum() else f"({part})"


def _with_scripts(name: str, parts: Sequence[str]) -> str:
    base, low, high = parts[0], "" if name in _HIGH else parts[1], "" if name in _LOW else parts[-1]
    return base + lowered(low, base[-1:]) + (_power(high, base[-1:]) if high else "")


def _power(text: str, before: str) -> str:
    if text in _DEGREES:
        return "°"
    said = raised(text, before)
    return said if said != text else f"^{text}" if len(text) == 1 else f"^({text})"
