"""Sections of CDATA that were escaped, or put into one another: their marks are no text, and hide none."""

import pytest

from flows.steps.clean import clean_entry
from flows.steps.parse import parse_feed

FORMS = [
    pytest.param("&lt;![CDATA[{}]]&gt;", id="escaped"),
    pytest.param("<![CDATA[<![CDATA[{}]]]]><![CDATA[>]]>", id="nested, as a careful program does"),
    pytest.param("<![CDATA[ <![CDATA[ {} ]]>]]>", id="nested, as a careless one does"),
    pytest.param("<![CDATA[{}]]>", id="as it should be"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", ["The river rose & fell.", "<p>The <b>river</b> rose & fell.</p>"])
def test_sections_are_opened(form, text):
    """Title, text, author and tag are what the section holds, the feed's title too."""
    written = text.replace("&", "&amp;").replace("<", "&lt;") if form.startswith("&lt;") else text
    said = form.format(written)
    item = f"<title>{said}</title><description>{said}</description><category>{said}</category><author>{said}</author>"
    document = f"<rss version='2.0'><channel><title>{said}</title><item>{item}</item></channel></rss>"
    parsed = parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed")
    story = clean_entry(parsed.entries[0], language=None)
    words = "The river rose & fell."
    assert (parsed.title, story.title, story.text) == (words, words, words)
    assert (story.tags, story.authors) == ((words,), (words,))


def test_what_a_section_within_a_text_holds_is_text():
    """A section that begins in the middle of a text loses its marks and no word."""
    document = (
        "<rss version='2.0'><channel><item><description><![CDATA[<p>Before <![CDATA[the middle ]]></description>"
        "<guid>1</guid></item></channel></rss>"
    )
    [entry] = parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed").entries
    assert clean_entry(entry, language=None).text == "Before the middle"


def test_what_an_article_shows_of_sections_stays():
    """In its own entry, and in others of a feed that has such sections."""
    shown = "<code>&lt;![CDATA[ x &lt; y ]]&gt;</code> and a[b[0]]&gt;5"
    items = f"<item><title>&lt;![CDATA[One]]&gt;</title><description><![CDATA[{shown}]]></description></item>"
    items += "<item><title>Two</title><description><![CDATA[<![CDATA[nested]]]]><![CDATA[>]]></description></item>"
    items += "<item><title>Three</title><description><![CDATA[a[b[0]]]]><![CDATA[>5]]></description></item>"
    document = f"<rss version='2.0'><channel>{items}</channel></rss>"
    entries = parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed").entries
    stories = [clean_entry(entry, language=None) for entry in entries]
    assert [story.title for story in stories] == ["One", "Two", "Three"]
    assert [story.text for story in stories] == ["<![CDATA[ x < y ]]> and a[b[0]]>5", "nested", "a[b[0]]>5"]
