"""Short fields that may hold markup: names, tags, titles as feeds write them."""

import html
import re

# No `<` inside: a search that runs on from each of many would cost the square of their number.
_TAG = re.compile(r"<[^<>]*>")


def without_markup(text: str) -> str:
    """Give the words of a text, tags as spaces and references as their characters."""
    return html.unescape(_TAG.sub(" ", text))
