"""Spell formulas in MathML as running text can hold them: one that is left out, or run together, is a wrong number."""

from collections.abc import Sequence

from lxml.html import HtmlElement

from flows.steps._cleaning.raised import lowered, raised

# The source of a formula, in another language, stands beside it.
_SOURCES = frozenset({"annotation", "annotation-xml"})
_LOW = frozenset({"msub", "munder"})
_HIGH = frozenset({"mover", "msup"})
_BOTH = frozenset({"msubsup", "munderover"})
_DEGREES = frozenset({"°", "º", "o", "∘"})


def spelled(element: HtmlElement) -> str:
    """Return the letters and figures of a formula, or of a part of one."""
    if element.tag in _SOURCES:
        return ""
    children = [child for child in element if isinstance(child.tag, str)]
    parts = [spelled(child) for child in children]
    if len(parts) > 1 and element.tag == "mfrac":
        return "/".join(part if part.isalnum() else f"({part})" for part in parts)
    if len(parts) > 1 and element.tag in _LOW | _HIGH | _BOTH:
        return _with_scripts(element.tag, parts)
    inside = "".join(part + (child.tail or "").strip() for part, child in zip(parts, children, strict=True))
    return ("√" if element.tag == "msqrt" else "") + (element.text or "").strip() + inside


def _with_scripts(name: str, parts: Sequence[str]) -> str:
    base, low, high = parts[0], "" if name in _HIGH else parts[1], "" if name in _LOW else parts[-1]
    return base + lowered(low, base[-1:]) + (_power(high, base[-1:]) if high else "")


def _power(text: str, before: str) -> str:
    if text in _DEGREES:
        return "°"
    said = raised(text, before)
    return said if said != text else f"^{text}" if len(text) == 1 else f"^({text})"
