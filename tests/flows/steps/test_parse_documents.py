"""Feeds that are built oddly: their own items are found, and no other."""

import pytest

from flows.steps.parse import parse_feed

HEADS = [
    (
        "no namespace",
        "<rss version='2.0'><channel><item><dc:creator>A</dc:creator><title>T</title></item></channel></rss>",
    ),
    (
        "a namespace that nobody knows",
        "<rss xmlns='https://x.example/ns'><channel><item><title>T</title></item></channel></rss>",
    ),
    ("an Atom of its own", "<feed xmlns='https://x.example/atom'><entry><title>T</title></entry></feed>"),
    (
        "a prefix for everything",
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>T</a:title></a:entry></a:feed>",
    ),
    ("items beside the channel", "<rss><channel></channel><item><title>T</title></item></rss>"),
    ("no root but the channel", "<channel><item><title>T</title></item></channel>"),
    ("https for http", "<feed xmlns='https://www.w3.org/2005/Atom/'><entry><title>T</title></entry></feed>"),
    (
        "an item of a foreign element",
        "<rss><channel><x:y xmlns:x='u'><item><title>no</title></item></x:y><item><title>T</title>"
        "<x:items xmlns:x='u'><item><title>no</title></item></x:items></item></channel></rss>",
    ),
    (
        "items in a list of the publisher's own",
        "<rss><channel><stories><item><title>T</title></item></stories></channel></rss>",
    ),
    (
        "a form that feedparser does not bear",
        "<rss><channel><item><title>T</title><textInput>q</textInput></item></channel></rss>",
    ),
    (
        "a tag for the web",
        "<rss><channel><item><title>T</title><br><link>https://a.example/1</link></item></channel></rss>",
    ),
    (
        "a comment and an item in it",
        "<rss><channel><!-- <item><title>no</title></item> --><item><title>T</title></item></channel></rss>",
    ),
    (
        "a comment without an end",
        "<rss><channel><item><title>T</title><description>a <!-- b</description></item></channel></rss>",
    ),
    (
        "a stylesheet first",
        "<?xml version='1.0'?><?xml-stylesheet href='a'?><rss><channel><item><title>T</title></item></channel></rss>",
    ),
]


@pytest.mark.parametrize("document", [row[1] for row in HEADS], ids=[row[0] for row in HEADS])
def test_the_items_of_odd_documents(document):
    """However a document is built, its own items are found and no other."""
    parsed = parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed")
    assert [entry.title_html for entry in parsed.entries] == ["T"]


def test_a_channel_that_nobody_closes_keeps_all_its_items():
    """An end tag that is missing costs no item, however many there are."""
    document = "<rss><channel>" + "<item><title>T</title></item>" * 1500 + "</rss>"
    assert len(parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed").entries) == 1500


OLDER = [
    ("its first page", "https://wordpress.org/?v=6.4.2", "https://a.example/feed/", "https://a.example/feed/?paged=2"),
    (
        "a section's",
        "http://wordpress.com/",
        "https://a.example/?feed=rss2&cat=3",
        "https://a.example/?feed=rss2&cat=3&paged=2",
    ),
    (
        "its second page",
        "https://wordpress.org/?v=5",
        "https://a.example/feed/?paged=2",
        "https://a.example/feed/?paged=3",
    ),
    ("another program's", "https://ghost.org/", "https://a.example/feed/", None),
    ("a program that is for it", "https://wordpress.org.example/", "https://a.example/feed/", None),
]


@pytest.mark.parametrize(("made_by", "url", "older"), [row[1:] for row in OLDER], ids=[row[0] for row in OLDER])
def test_the_page_behind_one_of_wordpress(made_by: str, url: str, older: str | None) -> None:
    """It is counted on, in RSS and in Atom; a page that the document names goes before."""
    item = "<item><title>T</title></item>"
    link = '<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="next" href="/next"/>'
    rss = f'<rss version="2.0"><channel><generator>{made_by}</generator>{{}}{item}</channel></rss>'
    atom = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><generator uri="{made_by}">WordPress</generator>'
        "<entry><title>T</title></entry></feed>"
    )
    assert [
        parse_feed(text.encode(), content_type="text/xml", url=url).older_url for text in (rss.format(""), atom)
    ] == [
        older,
        older,
    ]
    named = parse_feed(rss.format(link).encode(), content_type="text/xml", url=url)
    assert named.older_url == "https://a.example/next"
