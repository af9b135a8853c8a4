"""Turn an entry's hostile HTML into text and safe HTML.

BeautifulSoup on lxml reads, lxml alone what is simple; nh3 has the last word.
"""

from bs4 import BeautifulSoup
from bs4.element import NavigableString
from msgspec import Struct

from flows.steps._cleaning.characters import mended
from flows.steps._cleaning.content import content_hash, weighted_length
from flows.steps._cleaning.formula_tags import spell_formulas
from flows.steps._cleaning.furniture import remove_furniture, without_end
from flows.steps._cleaning.raised import script_of
from flows.steps._cleaning.safe_html import safe_html
from flows.steps._cleaning.short_way import clean_simple
from flows.steps._cleaning.text import text_of
from flows.steps._cleaning.tree import parse_fragment, without_tags
from flows.steps.text.language import resolve_language
from models.stages import CleanStory, Entry, Source

__all__ = [
    "CleanHtml",
    "clean_entry",
    "clean_html",
    "clean_title",
    "content_hash",
    "weighted_length",
]


class CleanHtml(Struct, frozen=True, kw_only=True):
    """The two forms in which a text is kept."""

    html: str  # safe subset, links absolute
    text: str  # a paragraph a line, blank lines between blocks


def clean_entry(entry: Entry, *, language: str | None, source: Source = Source.FEED) -> CleanStory:
    """Return the story that entry tells. Its own language goes before that of feeds.yaml, that before its document's.

    The text's script goes before them all, and its words before the latter two.
    """
    own, around = (None, entry.language) if entry.is_language_default else (entry.language, None)
    title = clean_title(entry.title_html)
    content = clean_html(entry.html, base_url=entry.base_url)
    return CleanStory(
        source=source,
        title=title,
        text=content.text,
        html=content.html,
        content_hash=content_hash(title, content.text),
        length=weighted_length(content.text),
        language=resolve_language(own, text=f"{title}\n{content.text}", defaults=(language, around)),
        authors=_cleaned(entry.authors),
        tags=_cleaned(entry.tags),
        published_at=entry.published_at,
        method=source.value,
    )


def clean_html(html: str, *, base_url: str) -> CleanHtml:
    """Return html cleaned; base_url is what its relative links stand on ("" where nothing is known). Never raises."""
    simple = clean_simple(html, base_url=base_url)
    if simple is None:
        return _clean_any(html, base_url=base_url)
    safe, text = simple
    return CleanHtml(html=safe, text=without_end(text))


def clean_title(title_html: str) -> str:
    """Return a title as one line of text. What looks like no tag of HTML is kept: "CO2 < 400 ppm" is a title."""
    title = mended(mended(without_tags(title_html)))
    return " ".join(without_tags(title).split())


def _clean_any(html: str, *, base_url: str) -> CleanHtml:
    soup = parse_fragment(html)
    _mend(soup)
    spell_formulas(soup)
    _name_scripts(soup)
    remove_furniture(soup)
    text = without_end(text_of(soup))
    return CleanHtml(html=safe_html(soup, base_url=base_url), text=text)


def _name_scripts(soup: BeautifulSoup) -> None:
    for span in soup.find_all("span", style=True):
        span.name = script_of(str(span["style"])) or span.name


def _mend(soup: BeautifulSoup) -> None:
    """Mend every text of soup in its place."""
    for node in soup.find_all(string=True):
        fixed = mended(node) if type(node) is NavigableString else node
        if fixed != node:
            node.replace_with(NavigableString(fixed))


def _cleaned(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names as text, in order, each once."""
    cleaned = (clean_title(name) for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name))
