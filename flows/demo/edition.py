"""What one feed holds on one night, before it is written in a format."""

from datetime import datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from flows.demo.content import Content, Dates, DemoOutlet, DemoStory, Format
from flows.demo.render_text import html_of


class EditionItem(Struct, frozen=True, kw_only=True):
    """One entry of a feed."""

    guid: str  # the same wherever the site is served
    url: str
    title: str
    summary: str
    html: str | None  # the whole text, where the feed is full
    author: str
    tags: tuple[str, ...]
    date_text: str


class Channel(Struct, frozen=True, kw_only=True):
    """One feed document."""

    guid: str
    url: str
    home_url: str
    title: str
    tagline: str
    language: str
    encoding: str
    changed_at: datetime  # of the youngest story or revision in it
    items: tuple[EditionItem, ...]


class Edition(Struct, frozen=True):
    """All feeds of one night, their links standing on base_url."""

    content: Content
    base_url: str
    night: int

    def listed(self, outlet: DemoOutlet) -> list[DemoStory]:
        """List the stories that an outlet's feed shows, newest first."""
        shown = [story.as_of(self.night) for story in outlet.stories if story.is_listed(self.night)]
        return sorted(shown, key=lambda story: story.date, reverse=True)

    def channel(self, outlet: DemoOutlet) -> Channel:
        """Compose an outlet's feed."""
        stories = self.listed(outlet)
        items = [self._item(outlet, story) for story in stories]
        if outlet.feed.carries:
            items.insert(1, self._carried(outlet, outlet.feed.carries))
        if outlet.feed.repeats:
            again = next(story for story in stories if story.slug == outlet.feed.repeats)
            items.append(_tracked(self._item(outlet, again), "newsletter"))
        return Channel(
            guid=f"tag:{outlet.id}.example,2026:feed",
            url=self.base_url + outlet.feed.path,
            home_url=self.base_url + outlet.home,
            title=outlet.name,
            tagline=outlet.tagline,
            language=outlet.language,
            encoding=outlet.feed.encoding,
            changed_at=max(story.changed_at for story in stories),
            items=tuple(items),
        )

    def _item(self, outlet: DemoOutlet, story: DemoStory) -> EditionItem:
        return EditionItem(
            guid=f"tag:{outlet.id}.example,2026:{story.slug}",
            url=self.base_url + outlet.path_of(story),
            title=story.title,
            summary=story.teaser,
            html=self._full_html(outlet, story) if outlet.feed.is_full else None,
            author=story.author,
            tags=story.tags,
            date_text=story.date_text or _written(story.date, outlet.feed.dates),
        )

    def _carried(self, outlet: DemoOutlet, reference: str) -> EditionItem:
        """Return a partner's story as this outlet's feed shows it: its own guid and date form, the partner's link."""
        owner, story = self.content.find(reference)
        item = self._item(owner, story.as_of(self.night))
        own = replace(item, guid=f"tag:{outlet.id}.example,2026:partner-{story.slug}", html=None)
        return _tracked(replace(own, date_text=_written(story.date, outlet.feed.dates)), outlet.id)

    def _full_html(self, outlet: DemoOutlet, story: DemoStory) -> str:
        facts = {
            "url": self.base_url + outlet.path_of(story),
            "title": story.title,
            "home": self.base_url + outlet.home,
            "name": outlet.name,
        }
        html = html_of(story.blocks)
        if outlet.feed.tail:
            html += "\n" + outlet.feed.tail.format_map({name: escape(value) for name, value in facts.items()})
        if outlet.feed.has_pixel:
            html += f'\n<img src="{self.base_url}/pixel.gif?story={story.slug}" width="1" height="1" alt="">'
        return html


def content_type(outlet: DemoOutlet) -> str:
    """Return the Content-Type that an outlet's feed is served with.

    Only text/xml names its encoding, for want of which readers must assume ASCII; elsewhere the document says it.
    """
    return {
        Format.RSS_20: "application/rss+xml",
        Format.RSS_091: f"text/xml; charset={outlet.feed.encoding}",
        Format.RDF: "application/rdf+xml",
        Format.ATOM: "application/atom+xml",
        Format.JSON: "application/feed+json",
    }[outlet.feed.format]


def _tracked(item: EditionItem, source: str) -> EditionItem:
    query = urlencode({"utm_source": source, "utm_medium": "rss", "utm_campaign": "partners"})
    return replace(item, url=f"{item.url}?{query}")


def _written(moment: datetime, dates: Dates) -> str:
    if dates is Dates.ISO:
        return moment.isoformat()
    if dates is Dates.ZONELESS:
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    return format_datetime(moment)
