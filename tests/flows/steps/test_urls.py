"""What makes two addresses one story, and what makes an address worth following."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.steps.text import urls
from flows.steps.text.urls import TRACKING_PARAMETERS, absolute_http_url, registrable_domain, url_key
from models.tracking import untracked_url

KEYS = [
    ("scheme does not matter", "http://news.example/a/1", "news.example/a/1"),
    ("https is the same", "https://news.example/a/1", "news.example/a/1"),
    ("host is caseless, path is not", "HTTPS://News.Example/A/1", "news.example/A/1"),
    ("www is dropped", "https://www.news.example/a", "news.example/a"),
    ("www of a top level domain stays", "https://www.example/a", "www.example/a"),
    ("userinfo is dropped", "https://me:secret@news.example/a", "news.example/a"),
    ("default ports are dropped", "https://news.example:443/a", "news.example/a"),
    ("an unusual port stays", "https://news.example:8443/a", "news.example:8443/a"),
    ("the root dot of a host is dropped", "https://news.example./a", "news.example/a"),
    ("final slash is dropped", "https://news.example/a/", "news.example/a"),
    ("final slash before a query is dropped", "https://news.example/a/?id=1", "news.example/a?id=1"),
    ("fragment is dropped", "https://news.example/a#comments", "news.example/a"),
    ("a hashbang route is a path", "https://news.example/#!/story/7", "news.example#!/story/7"),
    ("query is sorted", "https://news.example/a?b=2&a=1", "news.example/a?a=1&b=2"),
    ("campaign parameters are dropped", "https://news.example/a?utm_source=rss&id=7", "news.example/a?id=7"),
    ("their case does not matter", "https://news.example/a?UTM_Source=rss&CMP=x", "news.example/a"),
    ("their escapes do not matter", "https://news.example/a?%75tm_source=rss", "news.example/a"),
    ("an over-escaped ampersand is one", "https://news.example/a?id=7&amp;utm_source=rss", "news.example/a?id=7"),
    ("a session in the path is dropped", "https://news.example/a;jsessionid=5F", "news.example/a"),
    ("another path parameter stays", "https://news.example/a;page=2", "news.example/a;page=2"),
    ("an article parameter stays", "https://news.example/?p=123", "news.example?p=123"),
    ("a blank parameter stays", "https://news.example/a?print", "news.example/a?print="),
    ("escapes are written one way", "https://news.example/caf%c3%a9", "news.example/caf%C3%A9"),
    ("raw letters are escaped", "https://news.example/café", "news.example/caf%C3%A9"),
    ("foreign hosts are written one way", "https://bücher.example/a", "xn--bcher-kva.example/a"),
    ("an IPv6 host keeps its brackets", "http://[::1]:8080/a", "[::1]:8080/a"),
    ("a root is no key", "https://news.example/", None),
    ("a bare host is no key", "https://www.news.example", None),
    ("a root with tracking alone is no key", "https://news.example/?utm_source=rss", None),
    ("mail is no key", "mailto:desk@news.example", None),
    ("a relative link is no key", "/a/1", None),
    ("an empty string is no key", "", None),
    ("a bad port is no key", "https://news.example:port/a", None),
    ("an unclosed bracket is no key", "https://[news.example/a", None),
]


@pytest.mark.parametrize(("url", "key"), [row[1:] for row in KEYS], ids=[row[0] for row in KEYS])
def test_key(url, key):
    """An address has exactly this key."""
    assert url_key(url) == key


_HOSTS = st.sampled_from(["news.example", "www.news.example", "www.www.example:443", "bücher.example:80", "[::1]:99"])
_TAILS = st.text(alphabet=st.sampled_from("ab/.;=&?%#!+ 2Fé中~'\"<>|\\@:,"), max_size=25)


@given(scheme=st.sampled_from(["http", "https", "HTTP"]), host=_HOSTS, tail=_TAILS)
@example(scheme="http", host="www.www.example:443", tail="a//")
def test_key_of_a_key_is_itself(scheme, host, tail):
    """Taking the key twice changes nothing."""
    key = url_key(f"{scheme}://{host}/{tail}")
    assert key is None or url_key(f"https://{key}") == key


_PLAIN_HOSTS = st.sampled_from(["news.example", "www.news.example", "www.www.a", "10.0.0.1", "xn--bcher-kva.de"])
_PORTS = st.sampled_from(["", ":80", ":443", ":8080", ":08", ":4430", ":59999", ":60000", ":65536", ":123456"])
_SEGMENTS = st.lists(st.sampled_from(["a", "B9", "2026", "-", "_", "index.php", "a..b", "..", "", "é"]), max_size=4)


@given(st.sampled_from(["http", "https"]), _PLAIN_HOSTS, _PORTS, _SEGMENTS)
def test_the_quick_way_of_simple_addresses_is_no_other(scheme: str, host: str, port: str, segments: list[str]) -> None:
    """A fragment with a point in it, which is dropped, leads the long way round; one without does not."""
    url = f"{scheme}://{host}{port}/{'/'.join(segments)}"
    assert url_key(url) == url_key(f"{url}#he.re") == url_key(f"{url}#here") == url_key(f"{url}#")


@given(st.text(max_size=60))
def test_any_text_is_answered(text):
    """No text makes the address functions raise."""
    for url in (text, f"http://{text}", f"https://news.example/{text}"):
        url_key(url)
        absolute_http_url(url, "https://news.example/feed")
        registrable_domain(url)


def test_tracking_table_is_sorted():
    """The table is in order and holds nothing twice, so that a review sees what is added."""
    assert list(TRACKING_PARAMETERS) == sorted(set(TRACKING_PARAMETERS))


ABSOLUTE = [
    ("an absolute link is kept as it is", "https://News.example/A?b#c", "https://News.example/A?b#c"),
    ("white space around it is not part of it", "\n https://news.example/a\t", "https://news.example/a"),
    ("a line break within it is not part of it", "https://news.example/\na", "https://news.example/a"),
    ("a space is escaped", "https://news.example/a b", "https://news.example/a%20b"),
    ("a path stands on its base", "/a/1", "https://base.example/a/1"),
    ("a relative path stands on its folder", "a/1", "https://base.example/news/a/1"),
    ("a link without a scheme takes the base's", "//cdn.example/a", "https://cdn.example/a"),
    ("an empty link is none", "  ", None),
    ("a script is no link", "javascript:alert(1)", None),
    ("a file is no link", "file:///etc/passwd", None),
    ("an identifier is no link", "urn:uuid:1", None),
    ("a scheme without a host is no link", "http:///a", None),
    ("an unclosed bracket is no link", "https://[a", None),
]


@pytest.mark.parametrize(("url", "expected"), [row[1:] for row in ABSOLUTE], ids=[row[0] for row in ABSOLUTE])
def test_absolute_link(url, expected):
    """A link is followed only as an absolute http(s) address."""
    assert absolute_http_url(url, "https://base.example/news/feed.xml") == expected


_BASES = st.sampled_from(["https://base.example/news/feed.xml", "http://base.example", "ftp://base.example/", ""])


@given(st.from_regex(urls._SIMPLE, fullmatch=True), _BASES)
@example("https://news.example/a#", "https://base.example/")
@example("http://news.example/a/#b", "https://base.example/")
@example("https://news.example:8443/a//b", "https://base.example/")
def test_a_simple_address_is_what_it_resolves_to(url: str, base: str) -> None:
    """On whatever base, also where its fragment is empty: with white space around it, it goes the long way round."""
    assert absolute_http_url(url, base) == absolute_http_url(f" {url}", base)


DOMAINS = [
    ("a plain domain", "https://www.news.example.com/a", "example.com"),
    ("a domain below a public suffix", "https://news.bbc.co.uk/a", "bbc.co.uk"),
    ("two blogs of one host are two owners", "https://one.blogspot.com/a", "one.blogspot.com"),
    ("an address is its own domain", "http://127.0.0.1:8000/a", "127.0.0.1"),
    ("a local name is its own domain", "http://localhost:8000/a", "localhost"),
    ("no host, no domain", "mailto:a@b.example", None),
    ("an unclosed bracket has none", "https://[a", None),
]


@pytest.mark.parametrize(("url", "domain"), [row[1:] for row in DOMAINS], ids=[row[0] for row in DOMAINS])
def test_registrable_domain(url, domain):
    """The owner of an address is its registrable domain."""
    assert registrable_domain(url) == domain


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.example/a?utm_source=rss&utm_medium=feed", "https://x.example/a"),
        ("https://x.example/a?id=3&at_medium=RSS&b=", "https://x.example/a?id=3&b="),
        ("https://x.example/a;jsessionid=1F;v=2?q", "https://x.example/a;v=2?q"),
        ("https://x.example/a#xtor=RSS-3208", "https://x.example/a"),
        ("https://x.example/a?fbclid=1#part-2", "https://x.example/a#part-2"),
        ("https://x.example/a#!/news?utm_source=x", "https://x.example/a#!/news?utm_source=x"),
        ("http://www.x.example/A/?ref=home", "http://www.x.example/A/?ref=home"),
        ("https://[x.example/a?utm_id=1", "https://[x.example/a"),
        ("?utm_id=1", ""),
    ],
)
def test_a_shown_address_tracks_nobody(url: str, shown: str) -> None:
    """Tracking parameters go, wherever they stand; the rest stays as the publisher wrote it."""
    assert untracked_url(url) == shown
