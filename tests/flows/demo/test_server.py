"""The site is a well-behaved HTTP server, its faults on purpose aside."""

import socket
import struct
import subprocess
import sys
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pytest
import yaml

from flows.demo.server import DemoSite, Hit
from tests.flows.demo.reader import Reader
from tests.flows.demo.readme import ARTICLE_PATHS, CONTENT, FEEDS, LIVE, OUTLETS


@pytest.mark.parametrize("feed", LIVE)
@pytest.mark.parametrize(
    ("known_on", "asked_on"), [(1, 1), (1, 2), (2, 3)], ids=["on the same night", "a night later", "on night three"]
)
def test_a_feed_is_sent_again_only_if_it_changed(
    site: DemoSite, reader: Reader, feed: str, known_on: int, asked_on: int
) -> None:
    """A feed answers 304 to its ETag, and to its date, exactly if its bytes are the same."""
    path = OUTLETS[feed].feed.path
    site.night = known_on
    response, known = reader.ask(path)
    site.night = asked_on
    _, current = reader.ask(path)
    status = 304 if known == current else 200
    by_etag, body = reader.ask(path, If_None_Match=f'"other", W/{response.headers["ETag"]}')
    by_date, _ = reader.ask(path, If_Modified_Since=response.headers["Last-Modified"])
    assert (by_etag.status, by_date.status) == (status, status)
    assert body == (b"" if status == 304 else current)


def test_an_etag_outranks_a_date(reader: Reader) -> None:
    """A client whose ETag is old gets the content, whatever date it brings."""
    path = OUTLETS["qingfeng"].feed.path
    date = reader.ask(path)[0].headers["Last-Modified"]
    assert reader.ask(path, If_None_Match='"old"', If_Modified_Since=date)[0].status == 200


def test_a_page_is_sent_again_only_if_it_changed(site: DemoSite, reader: Reader) -> None:
    """An article page answers 304 to its ETag until its story is revised."""
    path = "/tidewater/2026/11/seagrass-meadow-carbon-count"
    etag = reader.ask(path)[0].headers["ETag"]
    assert reader.ask(path, If_None_Match=etag)[0].status == 304
    site.night = 2
    response, body = reader.ask(path, If_None_Match=etag)
    assert response.status == 200
    assert b"8,200 tonnes" in body


@pytest.mark.parametrize("night", [1, 2])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/polder/feed.xml", 503),
        ("/oldmill/rss", 410),
        ("/wire/index.rdf", 301),
        ("/wire/2026/11/cooling-vouchers", 404),
    ],
    ids=["the feed that is down", "the feed that is gone", "the feed that moved", "the page that is missing"],
)
def test_what_is_broken_stays_broken(site: DemoSite, reader: Reader, path: str, status: int, night: int) -> None:
    """The faults of the site are the same every night, and a validator does not mend them."""
    site.night = night
    assert reader.ask(path)[0].status == status
    assert reader.ask(path, If_None_Match='"x"')[0].status == status


def test_the_moved_feed_names_its_new_address(site: DemoSite, reader: Reader) -> None:
    """The redirect leads to the feed on the site itself."""
    assert reader.ask("/wire/index.rdf")[0].headers["Location"] == f"{site.base_url}/wire/rss/news.xml"


def test_robots_forbids_one_page_only(site: DemoSite, reader: Reader) -> None:
    """robots.txt closes one article and leaves feeds and other articles open."""
    robots = RobotFileParser()
    robots.parse(reader.ask("/robots.txt")[1].decode().splitlines())
    paths = [*ARTICLE_PATHS, *(outlet.feed.path for outlet in CONTENT.outlets)]
    closed = [path for path in paths if not robots.can_fetch("climate-archive", site.base_url + path)]
    assert closed == ["/meridian/2026/11/vellin-delta-salt-rice"]


def test_feeds_yaml_points_at_the_site(site: DemoSite) -> None:
    """The feeds.yaml names every feed at its known address, with the contract's keys."""
    blocks = yaml.safe_load(site.feeds_yaml())["feeds"]
    assert [block["id"] for block in blocks] == list(FEEDS)
    by_id = {block["id"]: block for block in blocks}
    assert by_id["common-wire"] == {
        "id": "common-wire",
        "name": "The Common Wire",
        "url": f"{site.base_url}/wire/index.rdf",
        "language": "en",
        "country": "IE",
        "relevance": "assume",
        "full_text": True,
    }
    assert by_id["evening-quay"]["relevance"] == "gate"
    assert by_id["qingfeng"]["full_text"] is False


def test_requests_are_listed(site: DemoSite, reader: Reader) -> None:
    """The site keeps what was asked, with the query and the status."""
    etag = reader.ask("/kaze/index.rdf?x=1")[0].headers["ETag"]
    reader.ask("/kaze/index.rdf", If_None_Match=etag)
    reader.ask("/nowhere")
    asked = [Hit("/kaze/index.rdf?x=1", 200), Hit("/kaze/index.rdf", 304), Hit("/nowhere", 404)]
    assert site.requests == asked


def test_the_site_lives_in_its_own_time(site: DemoSite, reader: Reader) -> None:
    """The Date header is an evening of the site's world, and the next night is a day later."""
    first = reader.ask("/")[0].headers["Date"]
    site.night = 2
    assert site.night == 2
    assert first == "Thu, 19 Nov 2026 21:00:00 GMT"
    assert reader.ask("/")[0].headers["Date"] == "Fri, 20 Nov 2026 21:00:00 GMT"


def test_a_port_is_free_again_afterwards() -> None:
    """A second site can have the port of one that has ended, and so the same addresses."""
    with DemoSite() as first:
        port = urlsplit(first.base_url).port or 0
        Reader(first).ask("/")
    with DemoSite(port) as second:
        assert second.base_url == first.base_url
        assert Reader(second).ask("/")[0].status == 200


def test_a_client_that_goes_away_makes_no_noise(capsys: pytest.CaptureFixture[str]) -> None:
    """A connection reset before its request is the client's business: nothing is printed."""
    with DemoSite() as site:
        host, _, port = site.address.partition(":")
        client = socket.create_connection((host, int(port)))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        assert Reader(site).ask("/")[0].status == 200
    assert capsys.readouterr() == ("", "")


def test_a_fault_of_the_site_is_printed(site: DemoSite, capsys: pytest.CaptureFixture[str]) -> None:
    """Any other trouble in answering is shown: it would be a bug of the site."""
    with socket.socket() as peer:
        site._server.handle_error(peer, ("127.0.0.1", 1))
    assert "Exception occurred during processing of request" in capsys.readouterr().err


def test_it_needs_neither_prefect_nor_a_database() -> None:
    """Importing the site loads neither Prefect nor SQLAlchemy nor the settings."""
    code = "import sys, flows.demo.server; sys.exit(bool({'prefect', 'sqlalchemy', 'config'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
