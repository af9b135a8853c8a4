"""Sections of CDATA that a program wrote as text, or put into one another: what they hold is what was meant."""

import re

_ESCAPED = "&lt;![CDATA["
_NESTED = re.compile(r"(<!\[CDATA\[\s*+)<!\[CDATA\[")
_END_IN_TWO = "]]]]><![CDATA[>"  # how "]]>" is written within a section
_TWO_ENDS = re.compile(r"]]>\s*+]]>")


def with_sections_opened(text: str) -> str:
    """Give a document without the marks of escaped sections, and with one section for two that begin together."""
    if _ESCAPED in text:
        text = text.replace(_ESCAPED, "").replace("]]&gt;", "")
    if _NESTED.search(text):
        text = _TWO_ENDS.sub("]]>", _NESTED.sub(r"\1", text).replace(_END_IN_TWO, ""))
    return text
