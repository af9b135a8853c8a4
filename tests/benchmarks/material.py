"""What the benchmarks read: stories in English, put together from sentences of the demo site, and feeds of them.

The same seed gives the same stories. Each has a number of its own in title and text, so that no two are alike. They are
true sentences, since terms and classifiers are measured by them; `large/words.py` makes words up, in known shares, for
the search of a large archive.
"""

import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from xml.sax.saxutils import escape

from msgspec import Struct

from flows.demo.content import load_content

# Two of three entries are summaries, the third is a whole text: about as feeds of climate desks are.
SUMMARY_LENGTH = 400  # characters
FULL_LENGTH = 3000
_NEWEST = datetime(2026, 7, 14, 12, tzinfo=UTC)
_SYLLABLES = (
    "ba",
    "den",
    "fir",
    "gol",
    "hum",
    "jas",
    "kel",
    "lor",
    "mi",
    "nev",
    "opa",
    "pren",
    "qui",
    "tal",
    "wen",
    "zo",
)


class Text(Struct, frozen=True, kw_only=True):
    """A story's words."""

    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the paragraphs as a story's text has them."""
        return "\n\n".join(self.paragraphs)


def make_text(number: int, length: int) -> Text:
    """Make the story of a number, about so many characters long."""
    choose = random.Random(number)
    name = "".join(choose.choices(_SYLLABLES, k=3)).title()
    title = f"{name}: {choose.choice(_sentences())[:70].rsplit(' ', 1)[0]} ({number})"
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < length:
        paragraphs.append(" ".join([*choose.choices(_sentences(), k=3), f"{name} counted {choose.randrange(10**6)}."]))
    return Text(title=title, paragraphs=tuple(paragraphs))


def make_feed(number: int, entries: int, home: str, *, edition: int = 1, length: int | None = None) -> bytes:
    """Make the RSS document of a feed; its editions differ in their date alone, which no entry knows of.

    `length` is that of every story in characters, where they are not to be of both kinds.
    """
    items = [_item(number * 1000 + place, home, length) for place in range(entries)]
    return _RSS.format(home=home, built=f"{edition:08d}", items="".join(items)).encode()


def _item(number: int, home: str, length: int | None) -> str:
    text = make_text(number, length or (SUMMARY_LENGTH if number % 3 else FULL_LENGTH))
    html = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.paragraphs)
    published = _NEWEST - timedelta(minutes=number % 40_000)
    return _ITEM.format(
        title=escape(text.title),
        link=f"{home}/{number}",
        published=f"{published:%a, %d %b %Y %H:%M:%S} GMT",
        html=escape(html),
    )


@cache
def _sentences() -> Sequence[str]:
    english = [outlet for outlet in load_content().outlets if outlet.language == "en"]
    blocks = [
        block for outlet in english for story in outlet.stories for block in story.blocks if block[0] not in "#>-"
    ]
    return [sentence for block in blocks for sentence in re.split(r"(?<=\.)\s+", block) if len(sentence) > 40]


_RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Benchmark</title><link>{home}</link><language>en</language>
<description>Edition {built}</description>
{items}</channel></rss>
"""
_ITEM = """<item><title>{title}</title><link>{link}</link><guid isPermaLink="false">{link}#guid</guid>
<author>desk@example.org (The desk)</author><category>Climate</category><pubDate>{published}</pubDate>
<description>{html}</description></item>
"""
