"""Documents made to hurt: each costs little, and its story is read all the same."""

import pytest

from flows.steps._parsing.attributes import MAX_ATTRIBUTES, without_excess
from flows.steps.parse import MAX_ENTRIES, parse_feed

MANY = " ".join(f"a{number}='{number} > 0'" for number in range(50_000))


def titles(document: str) -> list[str]:
    """Read a document's titles."""
    parsed = parse_feed(document.encode(), content_type="text/xml", url="https://feeds.example/")
    return [entry.title_html for entry in parsed.entries]


def rss(inside: str) -> str:
    """Write a feed of one item."""
    return f"<rss version='2.0'><channel><item><title>A flood</title>{inside}</item></channel></rss>"


@pytest.mark.parametrize(
    "inside",
    [
        f"<x {MANY}/>",
        f"<x {MANY}>rain</x>",
        f"<x {MANY}/><y {MANY}/>",
        f"<x {MANY}/><description>&nbsp;</y></description>",
    ],
    ids=["empty element", "element with text", "two of them", "broken after it"],
)
def test_fifty_thousand_attributes_cost_nothing(inside: str) -> None:
    """An element's attributes beyond reason are dropped before the parser meets them."""
    assert titles(rss(inside)) == ["A flood"]


def test_other_elements_keep_their_attributes() -> None:
    """Only the overloaded element loses its own; a long text is no attribute."""
    long_text = f"<description a='1'>{'rain ' * 1000}</description>"
    assert without_excess(rss(f"<x {MANY}/>{long_text}")) == rss(f"<x/>{long_text}")
    few = " ".join(f"a{number}='{'v' * 50}'" for number in range(MAX_ATTRIBUTES))
    assert without_excess(rss(f"<x {few}/>")) == rss(f"<x {few}/>")


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Oil & gas AT&T", "Oil &amp; gas AT&amp;T"),
        ("R&D up &amp; running", "R&amp;D up &amp; running"),
        ("<![CDATA[Q&A with AT&T]]>", "Q&amp;A with AT&amp;T"),
        ("caf&eacute; &#233; &#xE9;", "café é é"),
    ],
    ids=["bare", "beside a reference", "within CDATA", "references alone"],
)
def test_an_ampersand_that_begins_nothing_is_one(written: str, title: str) -> None:
    """A bare ampersand gains no semicolon, and references keep their meaning."""
    assert titles(f"<rss><channel><item><title>{written}</title></item></channel></rss>") == [title]


def test_a_feed_without_end_is_read_from_its_start() -> None:
    """Only so many entries are read, and a warning says how many there were."""
    body = b"<rss version='2.0'><channel>" + b"<item/>" * (MAX_ENTRIES + 1) + b"</channel></rss>"
    parsed = parse_feed(body, content_type="text/xml", url="https://feeds.example/")
    assert len(parsed.entries) == MAX_ENTRIES
    assert parsed.warnings == ("only the first 20000 of 20001 entries are read",)
