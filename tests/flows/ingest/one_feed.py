"""One feed of the misbehaving site, night after night."""

from typing import Any

from sqlalchemy import Engine

from models.reports import FeedReport
from tests.nights import Nights, row_of, rows
from tests.site.server import Handler, Site


class Feed:
    """One feed of the site, night after night."""

    def __init__(self, nights: Nights, site: Site, engine: Engine) -> None:
        self.nights, self.site, self._engine = nights, site, engine

    def serve(self, handler: Handler, path: str = "/feed") -> None:
        """Answer the feed's address by a handler."""
        url = self.site.serve(path, handler)
        self.nights.feeds = [{"id": "feed", "name": "Feed", "url": url, "relevance": "assume"}]

    async def night(self, days: float = 1, *feeds: str) -> FeedReport:
        """Let days pass and run the next night of the site; return the feed's row."""
        report = await self.nights.after(days, *feeds)
        self.site.night += 1
        return row_of(report, "feed")

    def asked(self, path: str = "/feed") -> int:
        """Count the requests of the night that has just passed."""
        return len(self.site.visits(path, self.site.night - 1))

    @property
    def address(self) -> str:
        """Return the address of feeds.yaml."""
        return str(self.nights.feeds[0]["url"])

    @property
    def row(self) -> dict[str, Any]:
        """Read what the archive knows of the feed."""
        return next(row for row in rows(self._engine, "feeds") if row["id"] == "feed")
