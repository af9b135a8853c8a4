"""Feeds of every kind, whole and broken. A golden case is two files: NAME.xml or NAME.json, and NAME.expected.json."""

import codecs
import html
import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins

from flows.steps._parsing.encoding import storable
from flows.steps.parse import parse_feed
from models.errors import NotAFeed
from models.stages import ParsedFeed

GOLDEN = Path(__file__).parents[2] / "golden" / "feeds"
URL = "https://feeds.example/news/feed.xml"


def parse(body: bytes, content_type: str = "application/xml") -> ParsedFeed:
    """Parse a document that came from the one address of these tests."""
    return parse_feed(body, content_type=content_type, url=URL)


def rss(item: str) -> str:
    """Write a document around one item."""
    return f'<rss version="2.0"><channel><title>T</title><item>{item}</item></channel></rss>'


@pytest.mark.parametrize(
    "path", sorted(path for path in GOLDEN.iterdir() if ".expected" not in path.name), ids=lambda path: path.stem
)
def test_golden(path):
    """A document gives exactly what is written beside it; digests are checked by tests of their own."""
    parsed = to_builtins(parse(path.read_bytes()), builtin_types=(datetime,))
    for entry in (*parsed["entries"], *parsed["failures"]):
        assert len(entry.pop("digest")) == 64
    expected = path.with_name(f"{path.stem}.expected.json").read_text(encoding="utf-8")
    assert json.loads(json.dumps(parsed, default=str)) == json.loads(expected)


def declared(encoding: str, title: str) -> bytes:
    """Write a document that declares its encoding, in it."""
    return f'<?xml version="1.0" encoding="{encoding}"?>{rss(f"<title>{title}</title>")}'.encode(encoding)


ENCODINGS = [
    ("UTF-8, declared nowhere", rss("<title>Ölfeld – 石油</title>").encode(), "", "Ölfeld – 石油"),
    ("UTF-8 with a mark", codecs.BOM_UTF8 + rss("<title>é</title>").encode(), "text/xml", "é"),
    ("UTF-8 that the header calls latin-1", declared("utf-8", "é石"), "text/xml; charset=iso-8859-1", "é石"),
    ("UTF-8 that the declaration calls UTF-16", rss("<title>é</title>").encode(), "text/xml; charset=utf-16", "é"),
    ("windows-1252, undeclared", rss("<title>“Öl” – €</title>").encode("cp1252"), "text/xml", "“Öl” – €"),
    ("windows-1252 that calls itself UTF-8",
     b'<?xml version="1.0" encoding="utf-8"?>' + rss("<title>“Öl”</title>").encode("cp1252"), "", "“Öl”"),
    ("windows-1252 that calls itself latin-1",
     declared("iso-8859-1", "Ol").replace(b"Ol", "“Öl”".encode("cp1252")), "", "“Öl”"),
    ("a header against the declaration", declared("koi8-r", "Климат"), "application/xml; charset=KOI8-R", "Климат"),
    ("a header with an unknown name", declared("koi8-r", "Климат"), "text/xml; charset=none", "Климат"),
    ("a server's default", declared("cp1251", "Климат"), "text/xml; charset=ISO-8859-1", "Климат"),
    ("a declaration behind a notice", b"<br />\n<b>Notice</b>: x\n" + declared("cp1251", "Климат"), "", "Климат"),
    ("a declaration behind a comment", b"<!-- cached -->\n" + declared("koi8-r", "Климат"), "", "Климат"),
    ("windows-1251 by the feed's language",
     rss("<title>Климат</title>").replace("<item", "<language>ru</language><item").encode("cp1251"), "", "Климат"),
    ("windows-1250 that calls itself UTF-8, by its language", b'<?xml version="1.0" encoding="utf-8"?>'
     + rss("<title>Łąki płoną</title>").replace("<rss ", '<rss xml:lang="pl-PL" ').encode("cp1250"), "", "Łąki płoną"),
    ("KOI8-R", declared("koi8-r", "Климат"), "text/xml", "Климат"),
    ("windows-1251 in the header", rss("<title>Климат</title>").encode("cp1251"), "text/xml;charset=cp1251", "Климат"),
    ("GBK", declared("gbk", "气候变化"), "text/xml", "气候变化"),
    ("GBK that calls itself gb2312", declared("gbk", "气候變化").replace(b"gbk", b"gb2312"), "", "气候變化"),
    ("Big5", declared("big5", "氣候變遷"), "text/xml", "氣候變遷"),
    ("Shift_JIS", declared("shift_jis", "気候変動"), "text/xml", "気候変動"),
    ("EUC-JP", declared("euc-jp", "気候変動"), "text/xml", "気候変動"),
    ("ISO-2022-JP", declared("iso-2022-jp", "気候変動"), "text/xml", "気候変動"),
    ("EUC-KR", declared("euc-kr", "기후변화"), "text/xml", "기후변화"),
    ("UTF-16 with a mark", declared("utf-16", "é石"), "text/xml", "é石"),
    ("UTF-16 big end first, no mark", declared("utf-16-be", "é石"), "text/xml", "é石"),
    ("UTF-16 little end first, no mark", declared("utf-16-le", "é石"), "text/xml", "é石"),
    ("UTF-16 big end first, after a blank line", ("\n" + rss("<title>é石</title>")).encode("utf-16-be"), "", "é石"),
    ("UTF-32 with a mark", declared("utf-32", "é石"), "text/xml", "é石"),
    ("UTF-32 big end first, no mark", declared("utf-32-be", "é石"), "text/xml", "é石"),
    ("UTF-32 little end first, no mark", declared("utf-32-le", "é石"), "text/xml", "é石"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "content_type", "title"), [row[1:] for row in ENCODINGS], ids=[row[0] for row in ENCODINGS]
)
def test_encoding(body, content_type, title):
    """Bytes become exactly the letters that were meant."""
    parsed = parse(body, content_type)
    assert [entry.title_html for entry in parsed.entries] == [title]
    assert parsed.is_complete
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    ("language", "encoding", "title"),
    [
        ("ru", "cp1251", "Климат"),
        ("uk-UA", "cp1251", "Клімат"),
        ("cs", "cp1250", "Změna podnebí"),
        ("el", "cp1253", "Κλίμα"),
        ("tr", "cp1254", "İklim değişikliği"),
        ("ja", "euc_jp", "気候変動"),
        ("ja", "shift_jis", "気候変動"),
        ("zh-CN", "gbk", "气候变化"),
        ("zh-TW", "big5", "氣候變遷"),
        ("de", "cp1252", "Dürre"),
    ],
)
def test_what_nobody_declares_is_read_by_the_language_of_feeds_yaml(language, encoding, title):
    """Before the one that the document names, which is a program's default."""
    body = rss(f"<language>en-US</language><title>{title}</title>").encode(encoding)
    [entry] = parse_feed(body, content_type="text/xml", url=URL, language=language).entries
    assert entry.title_html == title


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (rss("<title>石油 \N{REPLACEMENT CHARACTER}</title>").encode().replace(b"\xef\xbf\xbd", b"\xff"), "utf-8"),
        (declared("gbk", "气候变化").replace("化".encode("gbk"), b"\xff"), "gb18030"),
        (declared("utf-16", "é").replace("é".encode("utf-16-le"), b"\x00\xd8"), "utf-16-le"),
    ],
    ids=["UTF-8", "GBK", "UTF-16"],
)
def test_stray_bytes_are_told(body, encoding):
    """A byte that is no character of its document's encoding costs that character and gives a warning."""
    parsed = parse(body)
    assert len(parsed.entries) == 1
    assert f"some bytes are no characters of {encoding}" in parsed.warnings


def test_a_feed_under_the_doctype_of_a_page_is_a_feed():
    """What follows decides; the names of HTML's characters are known under it too."""
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/x.dtd">'
    assert parse(f"{doctype}\n{rss('<title>&eacute;</title>')}".encode()).entries[0].title_html == "é"


NOT_FEEDS = [
    ("nothing", b"", "an empty document"),
    ("white space", b" \r\n\t", "an empty document"),
    ("a picture", b"\x89PNG\r\n\x1a\n0000", "a PNG image"),
    ("gzip within gzip", b"\x1f\x8b\x08\x00", "gzip data that nobody announced"),
    ("plain text", b"Feed moved, ask the webmaster", "plain text"),
    ("a page", b"<!DOCTYPE html><html><head><title>x</title></head><body><item>y</item></body></html>", "an HTML page"),
    ("a page that names its feeds",
     b'<html><link rel=alternate type="application/rss+xml" href="/rss"><link rel="alternate" href="/en">'
     b'<link rel="Alternate" type="application/atom+xml; charset=utf-8" href="https://b.example/atom"></html>',
     "an HTML page that names the feed https://feeds.example/rss and https://b.example/atom"),
    ("XHTML", b'<?xml version="1.0"?><!-- hello --><html xmlns="http://www.w3.org/1999/xhtml"/>', "an HTML page"),
    ("a check for robots",
     b"<!DOCTYPE html><html><head><title>\n Just a\x1b moment&hellip;</title></head><body/></html>",
     'an HTML page titled "Just a moment…", not a feed'),
    ("RSS-Bridge's error", rss("<title>Bridge returned error 403! (20789)</title><link>https://b.example/?x</link>").encode(),
     'the report of RSS-Bridge "Bridge returned error 403!"'),
    ("RSS-Bridge's error in JSON",
     b'{"version": "https://jsonfeed.org/version/1", "items": [{"title": "Bridge returned error 0! (19443)"}]}',
     'the report of RSS-Bridge "Bridge returned error 0!"'),
    ("OPML", b'<?xml version="1.0"?><opml version="2.0"/>', "an OPML list of feeds"),
    ("a sitemap", b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "a sitemap"),
    ("another XML", b"<ns:weather/>", "XML of another kind, with the root element <weather>"),
    ("RDF that is no feed", b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "root element"),
    ("JSON", b'{"error": "gone"}', "JSON that is no feed"),
    ("a list in JSON", b"[1, 2]", "JSON that is no feed"),
    ("half a JSON", b'{"error": ', "looks like JSON and is none"),
    ("a deep JSON", b"[" * 200_000, "nested without end"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "told"), [row[1:] for row in NOT_FEEDS], ids=[row[0] for row in NOT_FEEDS])
def test_not_a_feed(body, told):
    """What is no feed is refused with a sentence that says what it is."""
    with pytest.raises(NotAFeed, match=told):
        parse(body, "text/html")


def test_an_item_about_an_error_of_rss_bridge_is_one():
    """Among others it is a story, and so is one of other words."""
    told = "<item><title>Bridge returned error 403! (20789)</title></item>"
    document = rss("<title>A</title>").replace("</channel>", f"{told}</channel>")
    assert len(parse(document.encode()).entries) == 2
    assert len(parse(rss("<title>Bridge returned error to sender</title>").encode()).entries) == 1


CUTS = [
    ("a whole document", "", True, 1),
    ("after the channel", "</rss>", False, 1),
    ("within the end tag", "ss>", False, 1),
    ("within the item", "/title></item></channel></rss>", False, 0),
]


@pytest.mark.parametrize(("lost", "is_complete", "count"), [row[1:] for row in CUTS], ids=[row[0] for row in CUTS])
def test_cut_end(lost, is_complete, count):
    """A document without its end is not complete; only whole items of it are kept, and they are the same."""
    whole = rss("<guid>a:1</guid><title>t</title>")
    assert whole.endswith(lost)
    parsed = parse(whole.removesuffix(lost).encode())
    assert parsed.is_complete is is_complete
    assert [entry.digest for entry in parsed.entries] == [entry.digest for entry in parse(whole.encode()).entries][
        :count
    ]


def test_cut_within_a_character():
    """A cut within a character is a cut, not another encoding."""
    body = rss("<title>石</title>").encode() + "石".encode()[:2]
    assert parse(body).entries[0].title_html == "石"


@pytest.mark.parametrize("body", [b"<rss version='2.0'/>", b"<rss version='2.0'><channel></channel></rss>"])
def test_feed_without_items(body):
    """A feed that has nothing to say is a feed."""
    parsed = parse(body)
    assert parsed.is_complete
    assert parsed.entries == ()


def test_notices_before_the_feed_are_dropped():
    """What a server printed before the document does not hide it."""
    body = (
        b"<br />\n<b>Warning</b>: out of cheese in /srv/feed.php\n<?xml version='1.0'?>"
        + rss("<title>t</title>").encode()
    )
    assert [entry.title_html for entry in parse(body).entries] == ["t"]


def test_an_entity_bomb_does_not_grow():
    """Entities that multiply are not expanded."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{levels}]>{rss("<title>&l9;</title>")}'
    assert len(parse(body.encode()).entries[0].title_html) < 100


def test_a_document_is_never_taken_for_a_path(tmp_path):
    """Bytes that name a file are text, not an order to read it."""
    (tmp_path / "secret.xml").write_text(rss("<title>secret</title>"))
    with pytest.raises(NotAFeed, match="plain text"):
        parse(str(tmp_path / "secret.xml").encode())


ITEM = "<guid>a:1</guid><title>t</title><link>https://a.example/1?utm_source=x</link><description>d</description>"
CHANGES = [
    ("its title", ITEM.replace("<title>t", "<title>u"), False),
    ("its text", ITEM.replace("<description>d", "<description>e"), False),
    ("its guid", ITEM.replace("a:1", "a:2"), False),
    ("its address", ITEM.replace("example/1", "example/2"), False),
    ("its author", ITEM + "<author>A</author>", False),
    ("its tags", ITEM + "<category>c</category>", False),
    ("its date", ITEM + "<pubDate>Mon, 11 Nov 2024 12:00:00 GMT</pubDate>", True),
    ("a tracking parameter", ITEM.replace("utm_source=x", "utm_source=y"), True),
    ("white space around a field", ITEM.replace("<title>t", "<title> t\n"), True),
]


@pytest.mark.parametrize(("changed", "is_same"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_digest(changed, is_same):
    """The digest moves with what identifies or tells an entry, and with nothing else."""
    digests = {parse(rss(item).encode()).entries[0].digest for item in (ITEM, changed)}
    assert (len(digests) == 1) is is_same


AUTHORS = [
    ("a name", "Ann Bee", ("Ann Bee",)),
    ("mail and name", "ann@a.example (Ann Bee)", ("Ann Bee",)),
    ("name and mail", "Ann Bee &lt;ann@a.example&gt;", ("Ann Bee",)),
    ("mail alone", "ann@a.example", ()),
    ("references", "Jos&amp;eacute; Bee", ("José Bee",)),
    ("markup", "&lt;a href='/ann'&gt;Ann Bee&lt;/a&gt;", ("Ann Bee",)),
]


@pytest.mark.parametrize(("author", "names"), [row[1:] for row in AUTHORS], ids=[row[0] for row in AUTHORS])
def test_author(author, names):
    """An author is a name, however it was written."""
    assert parse(rss(f"<author>{author}</author>").encode()).entries[0].authors == names
    json_feed = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"author": html.unescape(author)}],
    }
    assert parse(json.dumps(json_feed).encode()).entries[0].authors == names


def test_fifty_bad_dates_are_one_warning():
    """Dates that cannot be read are counted, and kept as they were written."""
    parsed = parse(rss("</item><item>".join(["<pubDate>soon</pubDate>"] * 50)).encode())
    assert parsed.warnings == ("50 of 50 dates could not be read",)
    assert {entry.published_raw for entry in parsed.entries} == {"soon"}


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"<rss>", b"<rss><channel><item>", b"<feed><entry>", b"{", b"\xff\xfe"]),
)
def test_any_bytes_are_answered(tail, head):
    """Any bytes are a feed or no feed, never a surprise; what comes of them can be stored."""
    try:
        parsed = parse(head + tail)
    except NotAFeed:
        return
    for entry in parsed.entries:
        assert entry.title_html == storable(entry.title_html)
        entry.html.encode("utf-8")
