"""A small site on which everything is well: each edition brings new stories and alters some of those before."""

import random
from collections.abc import Iterator

from msgspec import Struct

from flows.demo.answers import SiteAnswer
from flows.demo.server import DemoSite

FEEDS = ("coast", "forest", "glacier")
_BORN = 6  # stories of a feed in an edition
_SHOWN = 2  # editions for which a feed shows a story
_WORDS = (
    "carbon emissions climate warming methane ocean reef drought flood harvest policy treaty energy turbine solar "
    "battery grid coal permit glacier forest peat mangrove insurer minister court village satellite record season "
    "heat city river delta storm tariff farmer fishery island levee pipeline refinery budget vote survey sensor"
)
_MISSING = SiteAnswer(status=404)
_EVERYTHING_MAY_BE_READ = SiteAnswer(content_type="text/plain", body=b"User-agent: *\nAllow: /\n")


class _Story(Struct, frozen=True):
    """What a story says from the edition on in which it is born; some say something else from the next on."""

    feed: str
    born: int
    place: int

    @property
    def path(self) -> str:
        """Return where its page is."""
        return f"/{self.feed}/{self.born}-{self.place}"

    @property
    def title(self) -> str:
        """Return its title."""
        return f"{self._words('title', 6)} in {self.feed} of edition{self.born} {self.place}".capitalize()

    def text(self, edition: int) -> str:
        """Return what it says in an edition."""
        added = f" {self._words('correction', 20)}." if self.place % 3 == 0 and edition > self.born else ""
        return f"{self._words('text', 90)}.{added}"

    def _words(self, part: str, count: int) -> str:
        return " ".join(random.Random(f"{self.path} {part}").choices(_WORDS.split(), k=count))


class EditionSite(DemoSite):
    """The site, up between `with` and its end."""

    def __init__(self) -> None:
        super().__init__()
        self.edition = 1

    @property
    def feeds(self) -> list[dict[str, object]]:
        """Return the feeds as the list of feeds has them."""
        return [
            {"id": name, "name": name, "url": f"{self.base_url}/{name}", "relevance": "assume", "full_text": True}
            for name in FEEDS
        ]

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Answer with the edition of now."""
        if path == "/robots.txt":
            return _EVERYTHING_MAY_BE_READ
        if path[1:] in FEEDS:
            return SiteAnswer(content_type="application/rss+xml", body=self._feed(path[1:]).encode())
        pages = {story.path: story for name in FEEDS for story in self._stories(name, 1)}
        return SiteAnswer(body=self._page(pages[path]).encode()) if path in pages else _MISSING

    def _stories(self, feed: str, since: int) -> Iterator[_Story]:
        for born in range(max(since, 1), self.edition + 1):
            yield from (_Story(feed, born, place) for place in range(_BORN))

    def _feed(self, name: str) -> str:
        items = "".join(
            f"<item><title>{story.title}</title><link>{self.base_url}{story.path}</link>"
            f"<description>{story.text(self.edition)[:200]}</description></item>"
            for story in self._stories(name, self.edition - _SHOWN + 1)
        )
        return f'<rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'

    def _page(self, story: _Story) -> str:
        said = f"<h1>{story.title}</h1><p>{story.text(self.edition)}</p>"
        return f"<!DOCTYPE html><html lang='en'><title>{story.title}</title><article>{said}</article></html>"
