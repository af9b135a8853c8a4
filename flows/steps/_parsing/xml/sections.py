"""Sections of CDATA that a program wrote as text, or put into one another: what they hold is what was meant.

Each is opened where it is all that an element or a section holds. An article about XML may show such marks within.
"""

import re

_ESCAPED, _NESTED = "&lt;![CDATA[", re.compile(r"<!\[CDATA\[\s*+<!\[CDATA\[")
# A section, or what was escaped of one at the beginning of an element. Either is read to its end, or to where it could
# have none, and never again from a place within. A nested one ends twice; a careful program writes that in two parts.
_SECTION = re.compile(
    r"<!\[CDATA\[(?P<second>\s*+<!\[CDATA\[)?+(?P<held>(?:(?!]]>).)*+)(?:]]>|\Z)(?P<rest><!\[CDATA\[>\s*+]]>|\s*+]]>)?"
    r"|(?<=>)\s*+&lt;!\[CDATA\[(?P<escaped>(?:(?!]]&gt;)[^<])*+)(?P<end>]]&gt;(?=\s*+</))?",
    re.DOTALL,
)


def with_sections_opened(text: str) -> str:
    """Give a document without the marks of escaped sections, and with one section for two that begin together."""
    return _SECTION.sub(_opened, text) if _ESCAPED in text or _NESTED.search(text) else text


def _opened(found: re.Match[str]) -> str:
    if found["end"]:
        return found["escaped"]
    if not (found["second"] and found["rest"]):
        return found[0]
    is_in_two = found["rest"].startswith("<") and found["held"].endswith("]]")
    return f"<![CDATA[{found['held'][:-2] if is_in_two else found['held']}]]>"
