"""Framing, encoding and XML: whether the bytes are whole, what letters they are, and whether they are a feed."""

import gzip
import zlib
from collections.abc import Callable
from functools import partial

from tests.site.behaviours import (
    OK_HEAD,
    answer,
    chunked,
    damaged_gzip,
    drip,
    encoded,
    framed,
    gzip_bomb,
    hang,
    on_nights,
    raw,
)
from tests.site.nights.case import (
    NEW_THEN_KNOWN,
    NEW_THEN_SAME,
    NightCase,
    Story,
    case,
    fails,
    feed,
    item,
    named,
    ok,
    rss,
    same,
    title_of,
    titled,
)
from tests.site.server import Handler


def two(me: str) -> bytes:
    """Write a feed of two stories."""
    return rss(item(me, 1), item(me, 2))


def cut(me: str) -> bytes:
    """Cut a feed of two stories within the second."""
    return two(me)[: two(me).index(b"Story 2")]


def cut_then_whole(name: str, broken: Callable[[str], Handler]) -> NightCase:
    """Describe a feed that breaks off on the first night and is whole on the second."""
    return case(
        name,
        lambda me: on_nights(broken(me), answer(200, two(me))),
        ok(new=1),
        ok(unchanged=1, new=1),
    )


def started_gzip(body: bytes) -> bytes:
    """Return a gzip stream that holds a body and does not end there."""
    press = zlib.compressobj(wbits=31)
    return press.compress(body) + press.flush(zlib.Z_SYNC_FLUSH)


FRAMING = named(
    "framing",
    (
        cut_then_whole("truncated", lambda me: raw(framed(cut(me), len(two(me))))),
        cut_then_whole("wrong length", lambda me: raw(framed(cut(me), len(two(me)) + 10_000))),
        cut_then_whole("bad chunk", lambda me: raw(chunked(cut(me), end=b""), 0.05, b"ZZ\r\n")),
        cut_then_whole("last chunk missing", lambda me: raw(chunked(cut(me), end=b""))),
        cut_then_whole("gzip cut off", lambda me: encoded(started_gzip(cut(me)), "gzip")),
        case("HTTP/1.0 close", lambda me: raw(b"HTTP/1.0 200 OK\r\n\r\n" + feed(me)), *NEW_THEN_SAME),
        case("chunked", lambda me: raw(chunked(feed(me)[:60], feed(me)[60:])), *NEW_THEN_SAME),
        case("gzip", lambda me: encoded(gzip.compress(feed(me)), "gzip"), *NEW_THEN_SAME),
        case("deflate", lambda me: encoded(zlib.compress(feed(me)), "deflate"), *NEW_THEN_SAME),
        case("gzip undeclared", lambda me: answer(200, gzip.compress(feed(me))), *NEW_THEN_SAME),
        case("gzip falsely declared", lambda me: encoded(feed(me), "gzip"), *NEW_THEN_SAME),
        case("gzip corrupt", lambda me: encoded(damaged_gzip(feed(me)), "gzip"), fails("BadResponse", "damaged")),
        case("gzip bomb", lambda me: encoded(gzip_bomb(60_000_000), "gzip"), fails("TooLarge")),
        case("60 MB", lambda me: drip(OK_HEAD + b"\r\n", b" " * 262_144, 0), fails("TooLarge")),
        case("60 MB declared", lambda me: hang(framed(feed(me), 60_000_000)), fails("TooLarge", "60000000")),
        case(
            "400 headers", lambda me: answer(200, feed(me), {f"X-{n}": "1" for n in range(400)}), fails("BadResponse")
        ),
        case("200 KB header", lambda me: answer(200, feed(me), {"X-Long": "x" * 200_000}), fails("BadResponse")),
        case("brotli unasked", lambda me: encoded(b"\x0b\x02\x80", "br"), fails("BadResponse", "br")),
        case("zstd unasked", lambda me: encoded(b"\x28\xb5\x2f\xfd", "zstd"), fails("BadResponse", "zstd")),
        case(
            "two lengths",
            lambda me: raw(OK_HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nfeed"),
            fails("BadResponse"),
        ),
    ),
)

TITLE = "Öl – 石油 – Нефть"


def _lettered(me: str, title: str, encoding: str, *, declared: str = "", mark: bytes = b"") -> bytes:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    return mark + rss(item(me, title=title), head=head, encoding=encoding)


def _letters(name: str, title: str, write: Callable[[str, str], bytes], content_type: str = "text/xml") -> NightCase:
    return case(
        name,
        lambda me: answer(200, write(me, title), {"Content-Type": content_type}),
        *NEW_THEN_SAME,
        stories=titled(title),
    )


_wide = {
    "UTF-16 with a mark": partial(_lettered, encoding="utf-16", declared="utf-16"),
    "UTF-16 without a mark": partial(_lettered, encoding="utf-16-le", declared="utf-16"),
    "UTF-16 big end first": partial(_lettered, encoding="utf-16-be"),
    "UTF-32 with a mark": partial(_lettered, encoding="utf-32", declared="utf-32"),
    "UTF-32 without a mark": partial(_lettered, encoding="utf-32-be"),
    "UTF-8": partial(_lettered, encoding="utf-8", declared="utf-8"),
    "UTF-8 with a mark": partial(_lettered, encoding="utf-8", mark=b"\xef\xbb\xbf"),
    "UTF-8 that says it is UTF-16": partial(_lettered, encoding="utf-8", declared="utf-16"),
}
ENCODING = named(
    "encoding",
    (
        *(_letters(name, TITLE, write) for name, write in _wide.items()),
        _letters("windows-1252 undeclared", "“Öl” – €", lambda me, t: _lettered(me, t, "cp1252")),
        _letters(
            "header against XML declaration",
            "Климат",
            lambda me, t: _lettered(me, t, "koi8-r", declared="iso-8859-1"),
            "text/xml; charset=koi8-r",
        ),
        _letters("GBK", "气候变化", lambda me, t: _lettered(me, t, "gbk", declared="gbk")),
        _letters("Shift_JIS", "気候変動", lambda me, t: _lettered(me, t, "shift_jis", declared="Shift_JIS")),
        _letters("EUC-JP", "気候変動", lambda me, t: _lettered(me, t, "euc-jp", declared="euc-jp")),
        _letters("KOI8-R", "Климат", lambda me, t: _lettered(me, t, "koi8-r", declared="koi8-r")),
        case(
            "broken bytes",
            lambda me: answer(200, feed(me, title="Öl für Süßes XX").replace(b"XX", b"\xff\xfe")),
            *NEW_THEN_SAME,
            stories=titled("Öl für Süßes \ufffd\ufffd"),
        ),
    ),
)

_PAGE = b'<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head></html>'


def _stories(name: str, write: Callable[[str], bytes | str], *titles: str) -> NightCase:
    """Describe a document that is odd and still a feed, with the titles of its stories."""

    def play(me: str) -> Handler:
        written = write(me)
        return answer(200, written.encode() if isinstance(written, str) else written, {"Content-Type": "text/xml"})

    return case(name, play, ok(new=len(titles)), same(), stories=tuple(Story(title=title) for title in titles))


def _not_a_feed(name: str, body: bytes, says: str) -> NightCase:
    return case(name, lambda me: answer(200, body), fails("NotAFeed", says), stories=())


def _text(me: str, title: str) -> str:
    return feed(me, title=title).decode()


_BARE = '<rss version="2.0"><channel><title>T</title>'
XML = named(
    "xml",
    (
        _stories("bare ampersand", lambda me: _text(me, "Oil & gas AT&T"), "Oil & gas AT&T"),
        _stories("HTML entities", lambda me: _text(me, "&Eacute;t&eacute;&nbsp;&mdash; caf&eacute;"), "Été — café"),
        case(
            "cut",
            lambda me: on_nights(answer(200, cut(me)), answer(200, two(me))),
            ok(new=1),
            ok(unchanged=1, new=1),
        ),
        case(
            "cut in the same place every night",
            lambda me: answer(200, cut(me), {"ETag": '"cut"'}),
            ok(new=1),
            ok(unchanged=1),
        ),
        case(
            "unclosed",
            lambda me: answer(200, f"{_BARE}{item(me)}".encode()),
            *NEW_THEN_KNOWN,
            stories=titled(title_of("xml-unclosed")),
        ),
        _stories("junk before", lambda me: "Warning: mysql_connect() in /var/www\n" + _text(me, "A flood"), "A flood"),
        _stories("junk after", lambda me: _text(me, "A flood") + "<!-- cached --><script>1</script>\0\0", "A flood"),
        _stories("blank lines before", lambda me: "\n\n \t" + _text(me, "A flood"), "A flood"),
        _stories("NUL", lambda me: _text(me, "A fl\0ood"), "A flood"),
        _stories("references out of range", lambda me: _text(me, "A&#0; fl&#x1F;oo&#xFFFFFFFF;d&#55357;"), "A flood"),
        _stories(
            "DOCTYPE",
            lambda me: '<!DOCTYPE rss PUBLIC "-//N//DTD" "http://x.example/a.dtd">' + _text(me, "A flood"),
            "A flood",
        ),
        _stories(
            "capitals",
            lambda me: f"<RSS VERSION='2.0'><CHANNEL>{item(me).upper()}</CHANNEL></RSS>",
            "STORY 1 OF XML-CAPITALS",
        ),
        _stories(
            "odd prefixes",
            lambda me: (
                '<a:feed xmlns:a="http://www.w3.org/2005/Atom">'
                f"<a:entry><a:id>{me}</a:id><a:title>A flood</a:title></a:entry></a:feed>"
            ),
            "A flood",
        ),
        _stories(
            "RDF",
            lambda me: (
                '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
                f'<channel rdf:about="x"><title>T</title></channel><item rdf:about="http://{me}.example/1">'
                f"<title>A flood</title><link>http://{me}.example/1</link></item></rdf:RDF>"
            ),
            "A flood",
        ),
        _not_a_feed("HTML page that names its feed", _PAGE, "/rss.xml"),
        _not_a_feed("HTML page", b"<html><body><h1>Feed moved</h1></body></html>", "an HTML page"),
        _not_a_feed("JSON", b'{"posts": []}', "JSON"),
        _not_a_feed("PNG", b"\x89PNG\r\n\x1a\n" + bytes(200), "a PNG image"),
        _not_a_feed("OPML", b'<?xml version="1.0"?><opml version="2.0"><body/></opml>', "an OPML list"),
        _not_a_feed("sitemap", b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", "a sitemap"),
        _not_a_feed("blank", b" \n\t ", "an empty document"),
        _not_a_feed("nothing", b"", "an empty document"),
        case(
            "a page in place of the feed",
            lambda me: on_nights(answer(200, feed(me)), answer(200, _PAGE)),
            ok(new=1),
            fails("NotAFeed"),
        ),
    ),
)
