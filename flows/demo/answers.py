"""What the demo site says to each path on a given night."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from flows.demo.content import Access, DemoOutlet
from flows.demo.edition import Edition, content_type
from flows.demo.render_feeds import render_feed
from flows.demo.render_pages import render_article, render_front, render_index

_HTML = "text/html; charset=utf-8"
# A transparent image of one dot, as publishers count readers with.
_PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


class SiteAnswer(Struct, frozen=True, kw_only=True):
    """What the site says to one path."""

    status: int = 200
    content_type: str = _HTML
    body: bytes = b""
    location: str | None = None
    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def dated(cls, body: bytes, changed_at: datetime, content_type: str = _HTML) -> Self:
        """Answer with content that a client may ask for again by its ETag or date."""
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        last_modified = format_datetime(changed_at.astimezone(UTC), usegmt=True)
        return cls(body=body, content_type=content_type, etag=etag, last_modified=last_modified)

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers, with those by which a client can ask for news only. A 304 has the length of no body."""
        headers = {
            "Content-Type": self.content_type,
            "Content-Length": str(len(self.body)),
            "Location": self.location,
            "ETag": self.etag,
            "Last-Modified": self.last_modified,
        }
        return {name: value for name, value in headers.items() if value is not None}

    def is_known_by(self, if_none_match: str | None, if_modified_since: str | None) -> bool:
        """Tell whether a client with these validators has this content already; an ETag outranks a date."""
        if if_none_match is not None and self.etag is not None:
            return self.etag in (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
        return self.last_modified is not None and if_modified_since == self.last_modified

    def as_not_modified(self) -> Self:
        """Return the answer to a client that has this content already."""
        return replace(self, status=304, body=b"")


def render_site(edition: Edition) -> dict[str, SiteAnswer]:
    """Map every path of the site to its answer on the edition's night."""
    pages = {"/": SiteAnswer(body=render_index(edition)), "/robots.txt": _robots(edition)}
    pages["/pixel.gif"] = SiteAnswer(content_type="image/gif", body=_PIXEL)
    for outlet in edition.content.outlets:
        pages |= _feed_answers(edition, outlet)
        pages |= _page_answers(edition, outlet)
    return pages


def _feed_answers(edition: Edition, outlet: DemoOutlet) -> Iterator[tuple[str, SiteAnswer]]:
    feed = outlet.feed
    if feed.listed_path is not None:
        yield feed.listed_path, SiteAnswer(status=301, location=edition.base_url + feed.path)
    if feed.status != 200:
        yield feed.path, SiteAnswer(status=feed.status, body=HTTPStatus(feed.status).phrase.encode())
        return
    channel = edition.channel(outlet)
    body = render_feed(channel, feed.format)
    yield feed.path, SiteAnswer.dated(body, channel.changed_at, content_type(outlet))


def _page_answers(edition: Edition, outlet: DemoOutlet) -> Iterator[tuple[str, SiteAnswer]]:
    yield outlet.home, SiteAnswer(body=render_front(edition, outlet))
    for story in outlet.stories:
        if story.access is Access.MISSING or story.first_night > edition.night:
            continue
        shown = story.as_of(edition.night)
        body = render_article(edition, outlet, shown)
        yield outlet.path_of(story), SiteAnswer.dated(body, shown.changed_at)


def _robots(edition: Edition) -> SiteAnswer:
    forbidden = [
        outlet.path_of(story)
        for outlet in edition.content.outlets
        for story in outlet.stories
        if story.access is Access.FORBIDDEN
    ]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in forbidden), ""]
    return SiteAnswer(content_type="text/plain; charset=utf-8", body="\n".join(lines).encode())
