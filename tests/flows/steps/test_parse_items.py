"""What an item says of itself, in the forms that feeds use: one trouble a row, and the field that it is about."""

import json

import pytest

from flows.steps.parse import parse_feed
from models.stages import Entry

SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:box="https://box.example/ns"'
)


def of_rss(inside: str, **known: str) -> Entry:
    """Read an item of an RSS feed."""
    document = (
        f'<rss version="2.0" {SPACES}><channel><link>https://a.example/</link><item>{inside}</item></channel></rss>'
    )
    [entry] = parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed", **known).entries
    return entry


def of_atom(inside: str, attributes: str = "", **known: str) -> Entry:
    """Read an entry of an Atom feed."""
    document = f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES} {attributes}><entry>{inside}</entry></feed>'
    [entry] = parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed", **known).entries
    return entry


def of_json(item: dict[str, object]) -> Entry:
    """Read an item of a JSON feed."""
    document = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item]})
    [entry] = parse_feed(document.encode(), content_type="application/json", url="https://a.example/feed").entries
    return entry


LINKS = [
    (
        "an enclosure whose address is its text",
        of_atom('<link href="/1"/><link rel="enclosure" type="image/jpeg">https://img.example/1.jpg</link>'),
        "https://a.example/1",
    ),
    ("an enclosure alone", of_rss('<enclosure url="https://a.example/1.mp3" type="audio/mpeg"/>'), None),
    (
        "an entry's own document before its page",
        of_atom('<link rel="self" href="/1.atom"/><link rel="alternate" href="/1"/>'),
        "https://a.example/1",
    ),
    ("an entry's own document alone", of_atom('<link rel="self" href="/1.atom"/>'), None),
    (
        "a feed of comments",
        of_atom('<link rel="alternate" type="application/atom+xml" href="/1/comments"/><link href="/1"/>'),
        "https://a.example/1",
    ),
    (
        "a permalink by its name",
        of_atom('<link rel="self" href="/1.atom"/><link rel="bookmark" href="/1"/>'),
        "https://a.example/1",
    ),
    (
        "a relation in full",
        of_atom('<link rel="http://www.iana.org/assignments/relation/alternate" href="/1"/>'),
        "https://a.example/1",
    ),
    (
        "an empty link before the one of Atom",
        of_rss('<link/><atom:link href="https://a.example/1"/>'),
        "https://a.example/1",
    ),
    (
        "Atom's own document within RSS",
        of_rss('<atom:link rel="self" href="/self"/><link>https://a.example/1</link>'),
        "https://a.example/1",
    ),
    ("a link with blanks and line breaks", of_rss("<link>\n  https://a.example/\n  1 </link>"), "https://a.example/1"),
    ("a link without a scheme", of_rss("<link><![CDATA[//a.example/1]]></link>"), "https://a.example/1"),
    ("a guid that is a permalink", of_rss("<guid>https://a.example/1</guid>"), "https://a.example/1"),
    ("a guid that is none", of_rss('<guid isPermaLink="False">https://a.example/?p=1</guid>'), None),
    (
        "the front page beside a guid that is a permalink",
        of_rss("<link>https://a.example/</link><guid>https://a.example/1</guid>"),
        "https://a.example/1",
    ),
    (
        "the front page beside a guid that is none",
        of_rss('<link>https://a.example/</link><guid isPermaLink="false">https://a.example/1</guid>'),
        "https://a.example/",
    ),
    (
        "a page of its own beside a guid that is a permalink",
        of_rss("<link>https://a.example/2</link><guid>https://a.example/1</guid>"),
        "https://a.example/2",
    ),
    (
        "a word for no link beside a permalink",
        of_rss("<link>N/A</link><guid>https://a.example/1</guid>"),
        "https://a.example/1",
    ),
    ("a word for no link", of_rss("<link>N/A</link>"), None),
    ("a mark for no link", of_rss("<link>#</link>"), None),
    ("a script for a link", of_rss("<link>javascript:void(0)</link>"), None),
    ("an id that is an address", of_atom("<id>https://a.example/1</id>"), "https://a.example/1"),
    (
        "an id that is an address beside the entry's own document",
        of_atom('<id>https://a.example/1</id><link rel="self" href="/1.atom"/>'),
        "https://a.example/1",
    ),
    (
        "a text in another place",
        of_atom('<content type="text/html" src="https://a.example/1"/>'),
        "https://a.example/1",
    ),
    ("a film in another place", of_atom('<content type="video/mp4" src="https://a.example/1.mp4"/>'), None),
    (
        "a text in another place beside its page",
        of_atom('<content type="text/html" src="https://a.example/1/text"/><link href="/1"/>'),
        "https://a.example/1",
    ),
    ("an id that is a name", of_atom("<id>tag:a.example,2026:1</id>"), None),
    (
        "a link that the guid repeats",
        of_rss('<link>https://a.example/1</link><guid isPermaLink="false">https://a.example/1</guid>'),
        "https://a.example/1",
    ),
    (
        "xml:base of feed and entry",
        of_atom('<link xml:base="2024/" href="1"/>', 'xml:base="https://b.example/news/"'),
        "https://b.example/news/2024/1",
    ),
    (
        "the author's page",
        of_atom('<author><name>A</name><link href="/author"/><uri>https://a.example/a</uri></author><link href="/1"/>'),
        "https://a.example/1",
    ),
    (
        "the language of feeds.yaml",
        of_atom('<link hreflang="en" href="/en"/><link hreflang="pt-br" href="/pt"/>', language="pt-BR"),
        "https://a.example/pt",
    ),
    (
        "the language of feeds.yaml before the document's",
        of_atom(
            '<link hreflang="en" href="/en"/><link hreflang="pt" href="/pt"/>', 'xml:lang="en-US"', language="pt-BR"
        ),
        "https://a.example/pt",
    ),
    (
        "no language in common",
        of_atom('<link hreflang="en" href="/en"/><link hreflang="fr" href="/fr"/>', language="de"),
        "https://a.example/en",
    ),
    (
        "a copy for small screens first",
        of_atom('<link href="https://m.a.example/1"/><link href="https://a.example/1"/>'),
        "https://a.example/1",
    ),
    (
        "a copy in AMP first",
        of_atom('<link href="https://a.example/1?outputType=amp"/><link href="https://a.example/1"/>'),
        "https://a.example/1",
    ),
    ("an article about printing", of_atom('<link href="https://a.example/print/1"/>'), "https://a.example/print/1"),
    ("a PDF that is all there is", of_atom('<link type="application/pdf" href="/1.pdf"/>'), "https://a.example/1.pdf"),
]


@pytest.mark.parametrize(("entry", "url"), [row[1:] for row in LINKS], ids=[row[0] for row in LINKS])
def test_link(entry, url):
    """An item's address is that of its article, or unknown."""
    assert entry.url == url


TITLES = [
    (
        "a character as the halves of UTF-16",
        of_rss("<title>Hot &#55357;&#56841; &#xD83D;&#xDE09;</title>"),
        "Hot 😉 😉",
    ),
    ("halves that are no pair", of_rss("<title>Hot &#56841;&#55357;.</title>"), "Hot ."),
    ("a caption behind it", of_rss("<title>T</title><media:title>M</media:title>"), "T"),
    ("a caption before it", of_rss("<media:content><media:title>M</media:title></media:content><title>T</title>"), "T"),
    ("a caption alone", of_rss("<media:title>M</media:title>"), "M"),
    ("an empty one", of_rss("<title/><dc:title>D</dc:title>"), "D"),
    ("a picture with a title", of_rss("<image><title>I</title></image><title>T</title>"), "T"),
    ("the feed that it comes from", of_atom("<title>T</title><source><title>S</title></source>"), "T"),
    (
        "XHTML",
        of_atom('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>B</b></div></title>'),
        "A <b>B</b>",
    ),
    ("a heart in HTML", of_atom('<title type="html">&lt;3 rain</title>'), "&lt;3 rain"),
    ("a comparison in RSS", of_rss("<title>when x&lt;y and y&gt;z</title>"), "when x&lt;y and y&gt;z"),
    ("markup in RSS", of_rss("<title><![CDATA[<i>Vibrio</i> thrives]]></title>"), "<i>Vibrio</i> thrives"),
    ("markup that nobody escaped", of_rss("<title>CO<sub>2</sub> rises</title>"), "CO<sub>2</sub> rises"),
    ("of another namespace", of_rss("<box:title>B</box:title><title>T</title><box:title>B</box:title>"), "T"),
    ("two of them", of_rss("<title>T</title><title>U</title>"), "T"),
]


@pytest.mark.parametrize(("entry", "title"), [row[1:] for row in TITLES], ids=[row[0] for row in TITLES])
def test_title(entry, title):
    """An item's title is its own, as its author wrote it."""
    assert entry.title_html == title


BODIES = [
    (
        "a description of a film",
        of_atom("<media:group><media:description>Of a film</media:description></media:group>"),
        "Of a film",
    ),
    (
        "an alternative text",
        of_rss(
            "<description>Own</description><media:content><media:description>A far longer text"
            "</media:description></media:content>"
        ),
        "Own",
    ),
    (
        "a player behind the text",
        of_rss("<description>Own words</description><itunes:summary>Own</itunes:summary>"),
        "Own words",
    ),
    (
        "a summary that is longer than the text",
        of_atom("<content>One.</content><summary>One. And two. And three.</summary>"),
        "One. And two. And three.",
    ),
    (
        "the same text in both",
        of_rss(
            "<description>One. Two. Three.</description><content:encoded>&lt;p&gt;One. Two. Three.&lt;/p&gt;"
            "</content:encoded>"
        ),
        "<p>One. Two. Three.</p>",
    ),
    (
        "a text in another place",
        of_atom('<content type="text/html" src="https://a.example/1.html"/><summary>S</summary>'),
        "S",
    ),
    (
        "a picture as content",
        of_atom('<content type="image/png">iVBORw0KGgoAAAANSUhEUgAA</content><summary>S</summary>'),
        "S",
    ),
    ("base64 of Atom 0.3", of_atom('<content type="text/html" mode="base64">PHA+SGk8L3A+</content>'), "<p>Hi</p>"),
    (
        "XHTML in a summary",
        of_atom('<summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A<br/>B</div></summary>'),
        "A<br/>B",
    ),
    (
        "HTML that is escaped in part",
        of_atom(
            '<content type="html"><p>A &lt;a href=&quot;/x?a=1&amp;amp;b=2&quot;&gt;link&lt;/a&gt; &amp;amp; more.</p>'
            "</content>"
        ),
        '<p>A <a href="/x?a=1&amp;b=2">link</a> &amp; more.</p>',
    ),
    (
        "XHTML that shows a tag",
        of_atom('<content type="xhtml"><div><code>&lt;p&gt;</code></div></content>'),
        "<code>&lt;p&gt;</code>",
    ),
    (
        "the whole text for Yandex",
        of_rss(
            '<turbo:content xmlns:turbo="http://turbo.yandex.ru">&lt;p&gt;The whole of the story.&lt;/p&gt;'
            "</turbo:content><description>The whole</description>"
        ),
        "<p>The whole of the story.</p>",
    ),
    (
        "two boxes of XHTML",
        of_atom('<content type="xhtml"><div>A</div><div>B</div></content>'),
        "<div>A</div><div>B</div>",
    ),
    (
        "a caption longer than the text",
        of_rss(
            "<description>&lt;figcaption&gt;All that is in the picture, to the last reed.&lt;/figcaption&gt;In short."
            "</description><content:encoded>The whole of the story.</content:encoded>"
        ),
        "The whole of the story.",
    ),
    (
        "a second description, of something else",
        of_rss("<description></description><description>Own</description><description>Of another story</description>"),
        "Own",
    ),
    ("pictures alone", of_rss('<description>&lt;img src="a.png"&gt;</description>'), '<img src="a.png">'),
]


@pytest.mark.parametrize(("entry", "body"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_body(entry, body):
    """The body is the text with the most words of the item's own."""
    assert entry.html == body


AUTHORS = [
    (
        "a podcast's owner",
        of_rss("<itunes:author>A</itunes:author><itunes:owner><itunes:name>O</itunes:name></itunes:owner>"),
        ("A",),
    ),
    ("a writer and a podcast", of_rss("<itunes:author>The pod</itunes:author><dc:creator>W</dc:creator>"), ("W",)),
    ("two writers", of_rss("<dc:creator>A</dc:creator><dc:creator>B</dc:creator>"), ("A", "B")),
    ("a mail without a name, and a name", of_rss("<author>desk@a.example</author><dc:creator>W</dc:creator>"), ("W",)),
    ("an address for a name", of_atom("<author><name>https://a.example/desk/</name></author>"), ()),
    ("an address beside a name", of_rss("<author>https://a.example/w</author><dc:creator>W</dc:creator>"), ("W",)),
    ("who took the picture", of_rss("<media:credit>P for The Paper</media:credit>"), ()),
    (
        "who took the picture, by the role, and who wrote",
        of_rss('<media:credit role="photographer">P</media:credit><media:credit role="author">W</media:credit>'),
        ("W",),
    ),
    ("who contributed", of_rss("<dc:contributor>C</dc:contributor>"), ("C",)),
    ("who contributed beside the writer", of_rss("<dc:contributor>C</dc:contributor><author>W</author>"), ("W",)),
    ("a creator without a namespace", of_rss("<creator>C</creator>"), ("C",)),
    ("those of the other feed", of_atom("<source><author><name>S</name></author></source>"), ("S",)),
    (
        "a name by another vocabulary",
        of_rss("<dc:creator><box:Person><box:name>P</box:name></box:Person></dc:creator>"),
        ("P",),
    ),
]


@pytest.mark.parametrize(("entry", "authors"), [row[1:] for row in AUTHORS], ids=[row[0] for row in AUTHORS])
def test_authors(entry, authors):
    """Authors are people who wrote it."""
    assert entry.authors == authors


DAY = "2024-11-11T08:00:00Z"
LATER = "2024-11-20T08:00:00Z"
DATES = [
    ("changed before published", of_atom(f"<updated>{LATER}</updated><published>{DAY}</published>"), 11),
    ("Atom's changes within RSS", of_rss(f"<atom:updated>{LATER}</atom:updated><pubDate>{DAY}</pubDate>"), 11),
    ("nothing but a change within RSS", of_rss(f"<atom:updated>{LATER}</atom:updated>"), None),
    ("the other feed's change", of_atom(f"<source><updated>{LATER}</updated></source><updated>{DAY}</updated>"), 11),
    (
        "a date of a foreign element",
        of_rss(f"<box:pubDate>{LATER}</box:pubDate><box:x><pubDate>{LATER}</pubDate></box:x>"),
        None,
    ),
    ("Dublin Core", of_rss(f"<dc:date>{DAY}</dc:date>"), 11),
    ("a first one that nobody can read", of_rss(f"<pubDate>today</pubDate><dc:date>{DAY}</dc:date>"), 11),
    ("JSON", of_json({"date_published": DAY, "date_modified": LATER}), 11),
    ("JSON, nothing but a change", of_json({"date_modified": LATER}), None),
]


@pytest.mark.parametrize(("entry", "day"), [row[1:] for row in DATES], ids=[row[0] for row in DATES])
def test_date(entry, day):
    """A story is dated by its publication, never by a change."""
    assert (entry.published_at and entry.published_at.day) == day


def test_dates_are_read_as_the_feed_country_writes_them():
    """What feeds.yaml says of a feed reaches its dates, and so does the document's own language."""
    written = "<pubDate>Mon Nov 11 10:00:00 CST 2024</pubDate>"
    by_country = [of_rss(written, country="CN"), of_rss(written, language="zh"), of_rss(written)]
    assert [entry.published_at and entry.published_at.hour for entry in by_country] == [2, 2, 16]
    croatian = of_atom("<published>11. lis 2024. 10:00 CET</published>", 'xml:lang="hr"').published_at
    assert croatian is not None
    assert croatian.month == 10


GUIDS = [
    ("nested in another element", of_rss("<box:x><guid>no</guid></box:x><guid> g1 </guid><guid>g2</guid>"), "g1"),
    ("of the other feed", of_atom("<source><id>no</id></source><id>g1</id>"), "g1"),
    ("of Atom within RSS", of_rss("<atom:id>g1</atom:id>"), "g1"),
    ("none", of_rss("<box:guid>no</box:guid>"), None),
]


@pytest.mark.parametrize(("entry", "guid"), [row[1:] for row in GUIDS], ids=[row[0] for row in GUIDS])
def test_guid(entry, guid):
    """An item is known by its own guid."""
    assert entry.guid == guid


ITEM = "<title>T</title><link>/1</link><guid>g1</guid><pubDate>2024-11-11</pubDate><description>D</description>"


@pytest.mark.parametrize("box", ["rss", "channel", "item"])
@pytest.mark.parametrize(
    "space",
    [
        "http://www.w3.org/2005/Atom",
        "http://search.yahoo.com/mrss/",
        "http://www.w3.org/1999/xhtml",
        "https://b.example",
    ],
)
def test_rss_is_rss_in_any_namespace(box, space):
    """One that a box of the format declares for all within it costs no item, and nothing of one."""
    document = f"<rss version='2.0'><channel><item>{ITEM}</item></channel></rss>".replace(
        f"<{box}", f'<{box} xmlns="{space}"', 1
    )
    [entry] = parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed").entries
    assert (entry.url, entry.guid, entry.title_html, entry.html) == ("https://a.example/1", "g1", "T", "D")
    assert entry.published_at


def test_an_item_of_another_namespace_is_none():
    """Neither in a box, nor in an item, which it does not end."""
    inside = f'<item xmlns="https://box.example/">{ITEM}</item>'
    assert of_rss(f"{inside}<title>Own</title><box:x>{inside}</box:x>").title_html == "Own"


def test_elements_of_rss_in_an_atom_entry():
    """Its date and guid are known by their names."""
    entry = of_atom("<guid>g1</guid><pubDate>Mon, 11 Nov 2024 08:00:00 GMT</pubDate>")
    assert (entry.guid, entry.published_at and entry.published_at.day) == ("g1", 11)


def test_rdf_under_another_prefix():
    """An item is about its address, whatever the prefix of that attribute."""
    document = (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<item r:about="https://a.example/1"><title>T</title></item></r:RDF>'
    )
    [entry] = parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed").entries
    assert (entry.url, entry.guid) == ("https://a.example/1", "https://a.example/1")


@pytest.mark.parametrize("nothing", ["null", "undefined", "None", "NaN", "[object Object]"])
def test_what_a_program_writes_for_nothing_is_nothing(nothing):
    """It is no title, text, author or tag, no id that stories have in common, and no page of the site."""
    names = ("title", "link", "guid", "description", "author", "category")
    entry = of_rss("".join(f"<{name}><![CDATA[ {nothing} ]]></{name}>" for name in names))
    assert (entry.title_html, entry.html, entry.url, entry.guid, entry.authors, entry.tags) == (
        "",
        "",
        None,
        None,
        (),
        (),
    )


def test_a_word_for_nothing_in_a_text_stays():
    """An article may be about it."""
    entry = of_rss("<title>None of the above</title><description>null and void</description><category>Null</category>")
    assert (entry.title_html, entry.html, entry.tags) == ("None of the above", "null and void", ("Null",))
