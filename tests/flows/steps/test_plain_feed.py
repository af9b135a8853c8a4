"""What is told of a plain feed without feedparser is what feedparser tells: of every golden feed, and of made ones."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.steps._parsing.encoding import decode
from flows.steps._parsing.xml.by_feedparser import ReadDocument, text_of
from flows.steps._parsing.xml.document import feed_document
from flows.steps._parsing.xml.elements import items_of, read_elements
from flows.steps._parsing.xml.flat import read_flat
from flows.steps._parsing.xml.plain_feed import read_plain
from flows.steps._parsing.xml.told_item import tags_of
from tests.benchmarks.material import make_feed

GOLDEN = sorted((Path(__file__).parents[2] / "golden" / "feeds").glob("*.xml"))
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "atom": "http://www.w3.org/2005/Atom",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "media": "http://search.yahoo.com/mrss/",
        "slash": "http://purl.org/rss/1.0/modules/slash/",
        "sy": "http://purl.org/rss/1.0/modules/syndication/",
        "wfw": "http://wellformedweb.org/CommentAPI/",
    }.items()
)
WEBLOG = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" {NAMESPACES}><channel><title>Tides &amp; Times</title>
<atom:link href="https://tides.example/feed" rel="self" type="application/rss+xml" /><link>https://tides.example</link>
<description>All of it</description>
<lastBuildDate>Tue, 14 Jul 2026 06:00:00 +0000</lastBuildDate><language>en-GB</language>
<sy:updatePeriod> hourly </sy:updatePeriod><generator>https://wordpress.org/?v=6.8</generator>
<image><url>https://tides.example/i.png</url><title>Tides</title><link>https://tides.example</link></image>
<item><title>The sea rose</title><link>https://tides.example/1</link><comments>https://tides.example/1#c</comments>
<dc:creator><![CDATA[Ada Lind]]></dc:creator><pubDate>Tue, 14 Jul 2026 05:00:00 +0000</pubDate>
<category><![CDATA[Océan & côte]]></category><category domain="https://tides.example/t">Sea</category><category/>
<guid isPermaLink="false">https://tides.example/?p=1</guid><description><![CDATA[<p>It&nbsp;rose.</p>]]></description>
<content:encoded><![CDATA[<p>It&nbsp;rose by <b>two</b> metres.</p>]]></content:encoded>
<wfw:commentRss>https://tides.example/1/feed</wfw:commentRss><slash:comments>3</slash:comments>
<media:content url="https://tides.example/1.jpg" medium="image"><media:title>A wave</media:title></media:content>
</item></channel></rss>"""
JOURNAL = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de_AT"><title type="html">Journal</title>
<id>tag:journal.example,2026:</id><updated>2026-07-14T05:00:00Z</updated>
<entry><title>Das Meer</title><id>tag:journal.example,2026:1</id><link href="https://journal.example/1"/>
<author><name>Ada Lind</name><uri>https://journal.example/ada</uri></author><updated>2026-07-14T05:00:00Z</updated>
<category term="meer" scheme="https://journal.example/t" label="Das Meer"/><category term="meer"/><category label="L"/>
<summary>Es stieg.</summary></entry></feed>"""
PLAIN = (WEBLOG, JOURNAL, make_feed(1, 3, "https://bench.example").decode())
# What is put into feeds: much of it makes them anything but plain.
PIECES = st.sampled_from((
    "<category>a &amp; b</category>", "<category domain='d'>Ã©</category>", "<category term='t' label='l' scheme='s'/>",
    "<category><name>x</name></category>", "<category domain='x'/>", "<category>\x93</category>", "<title>Two</title>",
    "<title><![CDATA[a <b>c</b> & d]]></title>", "<language>fr_FR</language>", "<dc:language>nl</dc:language>",
    "<dc:subject>s</dc:subject>", "<dc:creator>Ann</dc:creator>", "<dc:creator>a@b.example</dc:creator>",
    "<author>Bob</author>", "<author><name>N</name><category>x</category></author>",
    "<category><![CDATA[a]]><![CDATA[&amp;b]]></category>", "<media:keywords>a,b</media:keywords>",
    "<author><name><category term='q'/>N</name></author>", "<contributor><name>c</name></contributor>", "<item/>",
    "<media:group><media:category>q</media:category></media:group>", "<media:description>d</media:description>",
    "<image><title>a</title><category>b</category></image>", "<image/>", "<textinput><title>x</title></textinput>",
    "<source url='u'>S</source>", "<svg/>", "<enclosure url='e'/>", "<description type='xhtml'><i>x</i></description>",
    "<content src='x'/>", "<cloud domain='x'/>", "<entry/>", "<!-- c -->", "&nbsp;", "&#233;", "é", "&", "\r\n", "&lt;",
    "<itunes:keywords>k</itunes:keywords>", "<slash:comments>3</slash:comments>", "<itunes:author>I</itunes:author>",
))  # fmt: skip
ATTRIBUTES = st.sampled_from((
    " xml:lang='de'", " type='xhtml'", " mode='base64'", " lang='x'", " xml:base='http://q.example/'",
    " xmlns:dc='urn:x'", " dc:term='t'", " term='t'",
))  # fmt: skip


def told(text: str) -> tuple[ReadDocument | None, ReadDocument | None]:
    """Return what is told of a document without feedparser, where it is, and with it."""
    document = feed_document(text)
    root = read_elements(document.text, document.root_start) if document else None
    if document is None or root is None:
        return None, None
    items = tuple(items_of(root))
    return read_plain(document, root, items), read_flat(document, root, items)


def asked(read: ReadDocument) -> tuple[object, ...]:
    """Return all that anybody asks of it."""
    return (
        *(read.version, text_of(read.feed, "title"), text_of(read.feed, "language"), read.trouble),
        *map(tags_of, read.items),
    )


def assert_alike(text: str) -> None:
    """Compare both, where a document is plain."""
    plain, judge = told(text)
    assert plain is None or (judge is not None and asked(plain) == asked(judge))


@pytest.mark.parametrize("text", PLAIN, ids=["weblog", "journal", "bench"])
def test_usual_feeds_are_plain(text: str) -> None:
    """With categories, persons, pictures and links to themselves."""
    assert told(text)[0] is not None
    assert_alike(text)


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_golden_feeds_are_told_alike(file: Path) -> None:
    """Whatever is wrong with them."""
    assert_alike(decode(file.read_bytes(), "").text)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(PLAIN), st.data())
def test_changed_feeds_are_told_alike(text: str, data: st.DataObject) -> None:
    """Elements and signs put anywhere, attributes added, tags taken out."""
    for _ in range(data.draw(st.integers(1, 3))):
        places = [at for at, sign in enumerate(text) if sign in "<>"]
        at = data.draw(st.sampled_from(places))
        if text[at] == ">":
            at += data.draw(st.integers(0, 1))
            text = text[:at] + data.draw(PIECES if text[at - 1] == ">" else ATTRIBUTES) + text[at:]
        elif data.draw(st.integers(0, 3)) == 0:
            text = text[:at] + text[text.find(">", at) + 1 :]
    assert_alike(text)
