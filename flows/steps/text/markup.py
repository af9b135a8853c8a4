"""Short fields that may hold markup: names, tags, titles as feeds write them."""

import html
import re

# No `<` inside: a search that runs on from each of many would cost the square of their number.
_TAG = re.compile(r"<[^<>]*>")
_SECTION_START = "<![CDATA["


def without_markup(text: str) -> str:
    """Give the words of a text, tags as spaces and references as their characters."""
    return html.unescape(_TAG.sub(" ", without_section_marks(text)))


def without_section_marks(text: str) -> str:
    """Give a text without the marks of a section of XML within it, which would hide what it holds."""
    return text.replace(_SECTION_START, "").replace("]]>", "") if _SECTION_START in text else text
