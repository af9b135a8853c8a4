"""Take the attributes from elements that have too many: the parser's time grows with the square of their number."""

import re
from xml.parsers.expat import ExpatError, ParserCreate

MAX_ATTRIBUTES = 100
# An element with more of them is longer than this; others need not be looked at more closely.
_SUSPECT = re.compile(rf"<[^<]{{{6 * MAX_ATTRIBUTES}}}")
_TAG = re.compile(rb"""<[^\s/>]+((?:[^"'<>]|"[^"<]*"|'[^'<]*')*?)/?>""")


def without_excess(text: str) -> str:
    """Return XML in which no element has more than MAX_ATTRIBUTES attributes; the others are as they were."""
    if not _SUSPECT.search(text):
        return text
    document = text.encode("utf-8")
    tags = [tag for start in _overloaded(document) if (tag := _TAG.match(document, start))]
    if not tags:
        return text
    ends = [0, *(tag.end(1) for tag in tags)]
    starts = [*(tag.start(1) for tag in tags), len(document)]
    return b"".join(document[end:start] for end, start in zip(ends, starts, strict=True)).decode("utf-8")


def _overloaded(document: bytes) -> list[int]:
    """List where such elements begin; after an error nothing is known, and the parser for broken XML has no trouble."""
    parser = ParserCreate("utf-8")
    parser.ordered_attributes = True  # a flat list of names and values
    places: list[int] = []

    def see(_name: str, attributes: list[str]) -> None:
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            places.append(parser.CurrentByteIndex)

    parser.StartElementHandler = see
    try:
        parser.Parse(document, True)
    except ExpatError:
        return places
    return places
