"""Links of services that hold the publisher's own address."""

import pytest

from flows.steps._parsing.proxies import publishers_address
from flows.steps.parse import parse_feed

SEA = "https://one.example/sea"

HOLDING = [
    ("an alert of Google", f"https://www.google.com/url?rct=j&sa=t&url={SEA}&ct=ga&cd=CAIyGjM&usg=AOvVaw1", SEA),
    ("one of another country", f"https://www.google.co.uk/url?sa=t&url={SEA}%3Fa%3D1%26b%3D2&usg=A", f"{SEA}?a=1&b=2"),
    ("a search's link", f"http://www.google.com/url?q={SEA}", SEA),
    ("old Google News", f"http://news.google.com/news/url?sa=t&fd=R&ct2=us&usg=AFQ&url={SEA}", SEA),
    (
        "Bing News",
        "http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=6&url=https%3a%2f%2fone.example%2fsea&c=1",
        SEA,
    ),
    ("Facebook", "https://l.facebook.com/l.php?u=https%3A%2F%2Fone.example%2Fsea&h=AT1", SEA),
    ("a cache of AMP", "https://one-example.cdn.ampproject.org/c/s/one.example/sea", SEA),
    (
        "a viewer of AMP",
        "https://one-example.cdn.ampproject.org/v/s/one.example/sea?amp_js_v=0.1",
        f"{SEA}?amp_js_v=0.1",
    ),
    ("a cache of AMP, plain http", "https://cdn.ampproject.org/c/one.example/sea", "http://one.example/sea"),
    ("Google's own of AMP", "https://www.google.com/amp/s/one.example/sea", SEA),
    (
        "an alert of a cache of AMP",
        "https://www.google.com/url?url=https://one-example.cdn.ampproject.org/c/s/one.example/sea&ct=ga",
        SEA,
    ),
]
OTHERS = [
    SEA,
    f"https://one.example/url?url={SEA}",
    f"https://google.com.one.example/url?url={SEA}",
    "https://www.google.com/url?url=javascript:alert(1)",
    "https://www.google.com/url?url=/search",
    "https://www.google.com/search?q=sea",
    "https://blog.google/news/url",
    "https://news.google.com/rss/articles/CBMiU2h0dHBz?oc=5",
    "https://one-example.cdn.ampproject.org/c/s/",
    "https://www.google.com/url?" + "a=1&" * 200 + f"url={SEA}",
    "https://[one.example/sea",
]


@pytest.mark.parametrize(("written", "own"), [row[1:] for row in HOLDING], ids=[row[0] for row in HOLDING])
def test_the_address_within_is_the_publishers(written: str, own: str) -> None:
    """Its page can be read, and its story is known when the publisher's feed brings it."""
    assert publishers_address(written) == own


@pytest.mark.parametrize("address", OTHERS)
def test_any_other_address_stays(address: str) -> None:
    """Those that only look like a service's, and those that hold no address."""
    assert publishers_address(address) == address


def test_an_alert_and_the_publishers_feed_name_one_story() -> None:
    """Both entries have one key."""
    alert = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:google.com,2013:googlealerts/feed:1</id>'
        f'<link href="https://www.google.com/url?rct=j&amp;url={SEA}&amp;ct=ga"/></entry></feed>'
    )
    own = f'<rss version="2.0"><channel><item><link>{SEA}?utm_source=rss</link></item></channel></rss>'
    keys = {
        entry.url_key
        for document in (alert, own)
        for entry in parse_feed(document.encode(), content_type="text/xml", url="https://a.example/feed").entries
    }
    assert keys == {"one.example/sea"}
