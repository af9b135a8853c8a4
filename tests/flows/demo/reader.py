"""A client of the demo site that reads its feeds with parsers of others."""

import json
from http.client import HTTPConnection, HTTPResponse

import feedparser
from msgspec import Struct

from flows.demo.server import DemoSite
from tests.flows.demo.readme import LIVE, OUTLETS


class Reader(Struct, frozen=True):
    """Asks one site; follows nothing."""

    site: DemoSite

    def ask(self, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        """Make one request on a connection of its own."""
        connection = HTTPConnection(self.site.address, timeout=60)
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def entries(self, feed: str) -> list[tuple[str, str, str, str]]:
        """List guid (or link), link, title and text of a feed's entries, in its order."""
        response, body = self.ask(OUTLETS[feed].feed.path)
        if OUTLETS[feed].feed.format == "json":
            items = json.loads(body)["items"]
            return [(item["id"], item["url"], item["title"], item["content_html"]) for item in items]
        parsed = feedparser.parse(body, response_headers={"content-type": response.headers["Content-Type"]})
        return [(entry.get("id", entry.link), entry.link, entry.title, _text(entry)) for entry in parsed.entries]

    def links(self, feed: str) -> list[str]:
        """List a feed's links in order."""
        return [link for _, link, _, _ in self.entries(feed)]

    def night(self, night: int) -> dict[tuple[str, str, str], tuple[str, str]]:
        """Read every feed that is up on a night: feed, guid, link -> title, text."""
        self.site.night = night
        return {(feed, guid, link): (title, text) for feed in LIVE for guid, link, title, text in self.entries(feed)}

    def etags(self, night: int) -> dict[str, str]:
        """Return the ETags of the feeds that are up on a night."""
        self.site.night = night
        return {feed: self.ask(OUTLETS[feed].feed.path)[0].headers["ETag"] for feed in LIVE}


def _text(entry: feedparser.FeedParserDict) -> str:
    return str(entry.content[0].value if "content" in entry else entry.summary)
