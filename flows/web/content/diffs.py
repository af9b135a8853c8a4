"""What one version of a text changed in another, word by word, as one text or side by side."""

import difflib
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from markupsafe import Markup
from msgspec import Struct

from flows.web.safe_text import plain

# A word of a script with spaces, or one character of any other; what stands between them.
_WORDS: Final = re.compile(r"[^\W\u2E80-\u9FFF]+(?:[.,][0-9]+)*|\s+|.")
_MOST_WORDS: Final = 6_000  # of a paragraph that is compared word by word; a longer one is shown as replaced
_MOST_PARAGRAPHS: Final = 4_000


class Row(Struct, frozen=True, kw_only=True):
    """A paragraph of both versions."""

    kind: str  # equal | changed | left | came
    old: Markup
    new: Markup
    inline: Markup


def compare(old: str, new: str) -> list[Row]:
    """Return two texts paragraph by paragraph, what left in <del> and what came in <ins>."""
    before, after = (_paragraphs(text) for text in (old, new))
    rows: list[Row] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if what == "equal":
            rows += [_equal(text) for text in before[old_from:old_to]]
        else:
            pairs = zip_longest(before[old_from:old_to], after[new_from:new_to], fillvalue="")
            rows += [_row(*pair) for pair in pairs]
    return rows


def excerpt(rows: list[Row]) -> list[Row]:
    """Return the paragraphs that changed."""
    return [row for row in rows if row.kind != "equal"]


def _paragraphs(text: str) -> list[str]:
    return [line for line in plain(text).splitlines() if line.strip()][:_MOST_PARAGRAPHS]


def _equal(text: str) -> Row:
    shown = Markup("{}").format(text)
    return Row(kind="equal", old=shown, new=shown, inline=shown)


def _row(old: str, new: str) -> Row:
    if not old or not new:
        left, came = (
            Markup("<{0}>{1}</{0}>").format(tag, text) if text else Markup()
            for tag, text in (("del", old), ("ins", new))
        )
        return Row(kind="left" if old else "came", old=left, new=came, inline=left + came)
    left, came, both = Markup(), Markup(), Markup()
    for what, gone, given in _words(old, new):
        if what == "equal":
            shown = Markup("{}").format(gone)
            left, came, both = left + shown, came + shown, both + shown
        else:
            out = Markup("<del>{}</del>").format(gone) if gone else Markup()
            put = Markup("<ins>{}</ins>").format(given) if given else Markup()
            left, came, both = left + out, came + put, both + out + put
    return Row(kind="changed", old=left, new=came, inline=both)


def _words(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    """Give what is equal, and what left and came, in order."""
    left, came = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(left), len(came)) > _MOST_WORDS:
        yield "replace", old, new
        return
    for what, a, b, c, d in difflib.SequenceMatcher(None, left, came, autojunk=False).get_opcodes():
        yield what, "".join(left[a:b]), "".join(came[c:d])
