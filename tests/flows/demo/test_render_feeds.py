"""Every feed is read by a parser of its format that is none of ours."""

import json
from urllib.parse import urlsplit

import feedparser
import pytest

from flows.demo.server import DemoSite
from tests.flows.demo.reader import Reader
from tests.flows.demo.readme import FEEDS, LIVE, OUTLETS

# The names that feedparser gives the formats.
KINDS = {"rss20": "rss20", "rss091": "rss091u", "rdf": "rss10", "atom": "atom10"}


@pytest.mark.parametrize("night", [1, 2, 3])
@pytest.mark.parametrize("feed", [feed for feed in LIVE if FEEDS[feed][0] != "json"])
def test_xml_feeds_are_well_formed(site: DemoSite, reader: Reader, feed: str, night: int) -> None:
    """An XML feed is read without complaint, as the declared kind, with the documented number of entries."""
    site.night = night
    response, body = reader.ask(OUTLETS[feed].feed.path)
    parsed = feedparser.parse(body, response_headers={"content-type": response.headers["Content-Type"]})
    assert not parsed.bozo
    assert parsed.version == KINDS[FEEDS[feed][0]]
    assert parsed.encoding == OUTLETS[feed].feed.encoding
    assert parsed.feed.title == OUTLETS[feed].name
    assert parsed.feed.language == OUTLETS[feed].language
    assert len(parsed.entries) == FEEDS[feed][min(night, 2) + 1]


@pytest.mark.parametrize("night", [1, 2, 3])
def test_json_feed_is_version_1_1(site: DemoSite, reader: Reader, night: int) -> None:
    """The JSON Feed names its version and holds the documented number of items."""
    site.night = night
    response, body = reader.ask(OUTLETS["grid-and-current"].feed.path)
    document = json.loads(body)
    assert response.headers["Content-Type"] == "application/feed+json"
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert len(document["items"]) == FEEDS["grid-and-current"][min(night, 2) + 1]


@pytest.mark.parametrize("feed", LIVE)
def test_titles_survive_every_encoding(reader: Reader, feed: str) -> None:
    """Each story's title is read as it was written, umlauts, curly quotes and Chinese included."""
    titles = {title for _, _, title, _ in reader.entries(feed)}
    assert {story.title for story in OUTLETS[feed].stories if story.is_listed(1)} <= titles


@pytest.mark.parametrize("feed", [feed for feed in LIVE if OUTLETS[feed].feed.is_full])
def test_full_feeds_hold_every_paragraph(reader: Reader, feed: str) -> None:
    """A feed that promises the whole text holds the last paragraph of each story."""
    texts = {guid.rpartition(":")[2]: text for guid, _, _, text in reader.entries(feed)}
    stories = [story.as_of(1) for story in OUTLETS[feed].stories if story.is_listed(1)]
    assert all(story.blocks[-1] in texts[story.slug] for story in stories)


def test_tail_and_pixel_stand_below_the_text(site: DemoSite, reader: Reader) -> None:
    """The weblog's tail and the counting image end an entry, with links to the site itself."""
    text = reader.entries("tidewater-ledger")[1][3]
    url = f"{site.base_url}/tidewater/2026/11/village-moves-uphill"
    tail = f'<p>The post <a href="{url}">The village that voted to move uphill</a> appeared first on'
    assert tail in text.splitlines()[-2]
    assert f'src="{site.base_url}/pixel.gif?story=village-moves-uphill"' in text.splitlines()[-1]


def test_dates_may_be_odd(reader: Reader) -> None:
    """German dates are text of their own, Chinese ones lack a zone, and RSS 0.91 has none."""
    documents = {
        feed: reader.ask(OUTLETS[feed].feed.path)[1]
        for feed in ("wetterwarte", "qingfeng", "common-wire", "kaze-to-umi")
    }
    assert b"<pubDate>Mittwoch, 28. Oktober 2026, 07:30 Uhr</pubDate>" in documents["wetterwarte"]
    assert b"<pubDate>2026-11-18 09:00:00</pubDate>" in documents["qingfeng"]
    assert b"<pubDate>" not in documents["common-wire"]
    assert b"<dc:date>2026-11-17T08:00:00+09:00</dc:date>" in documents["kaze-to-umi"]


def test_one_document_holds_a_story_twice(reader: Reader) -> None:
    """The Faro's feed repeats one guid, the second time with a tracking link."""
    guid = "tag:faro-del-clima.example,2026:viento-para-el-pueblo"
    repeated = [link for found, link, _, _ in reader.entries("faro-del-clima") if found == guid]
    assert [urlsplit(link).query.startswith("utm_source=") for link in repeated] == [False, True]


def test_two_feeds_carry_one_story(site: DemoSite, reader: Reader) -> None:
    """The Quay links to Meridian's page with tracking parameters, under a guid of its own."""
    shared = f"{site.base_url}/meridian/2026/11/port-merrow-mangroves-storm-surge"
    tracked = f"{shared}?utm_source=evening-quay&utm_medium=rss&utm_campaign=partners"
    guids = [{guid for guid, *_ in reader.entries(feed)} for feed in ("meridian-climate", "evening-quay")]
    assert shared in reader.links("meridian-climate")
    assert tracked in reader.links("evening-quay")
    assert guids[0].isdisjoint(guids[1])


def test_every_link_leads_to_this_site(site: DemoSite, reader: Reader) -> None:
    """No entry leads a reader anywhere but to the site itself."""
    assert all(link.startswith(site.base_url + "/") for feed in LIVE for link in reader.links(feed))
