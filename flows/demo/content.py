"""What the demo site has to tell: outlets, their feeds and stories, read from the YAML files beside this module."""

from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Self

import yaml
from msgspec import Struct
from msgspec.structs import replace


class Format(StrEnum):
    """How a feed is written."""

    RSS_20 = "rss20"
    RSS_091 = "rss091"
    RDF = "rdf"
    ATOM = "atom"
    JSON = "json"


class Dates(StrEnum):
    """How a feed writes its dates, where a story does not bring a text of its own."""

    RFC_822 = "rfc822"
    ISO = "iso"
    ZONELESS = "zoneless"


class Access(StrEnum):
    """What a reader meets at a story's page."""

    OPEN = "open"
    FORBIDDEN = "forbidden"  # robots.txt says no; the page itself would answer
    PAYWALLED = "paywalled"  # the first paragraph and an offer
    MISSING = "missing"  # 404: the feed links to a page that is not there


class Revision(Struct, frozen=True, kw_only=True):
    """A later wording of a story, shown from a night on."""

    night: int
    at: datetime
    text: str


class DemoStory(Struct, frozen=True, kw_only=True):
    """One article. Its text is blocks between blank lines: paragraphs, `## ` headings, `> ` quotes, `- ` lists."""

    slug: str
    title: str
    author: str
    date: datetime  # aware
    topics: tuple[str, ...]  # what its writer says it is about, the first above all; empty where off topic
    text: str
    tags: tuple[str, ...] = ()
    summary: str | None = None  # the first paragraph where absent
    date_text: str | None = None  # the feed's wording of the date, where it is an odd one
    access: Access = Access.OPEN
    first_night: int = 1  # the first night that the feed shows it
    last_night: int | None = None  # the last one; its page stays
    revision: Revision | None = None

    @classmethod
    def from_block(cls, block: dict[str, Any]) -> Self:
        """Read a block of an outlet's file; an unknown key raises TypeError."""
        lists = {name: tuple(block.get(name, ())) for name in ("topics", "tags")}
        revision = Revision(**block["revision"]) if "revision" in block else None
        access = Access(block.get("access", Access.OPEN))
        return cls(**{**block, **lists, "revision": revision, "access": access})

    @property
    def blocks(self) -> list[str]:
        """Split the text at its blank lines."""
        return self.text.strip().split("\n\n")

    @property
    def teaser(self) -> str:
        """Give the summary, else the first paragraph, on one line."""
        return " ".join((self.summary or self.blocks[0]).split())

    @property
    def changed_at(self) -> datetime:
        """Give the moment of the last change that this wording knows of."""
        return self.revision.at if self.revision else self.date

    def is_listed(self, night: int) -> bool:
        """Tell whether the feed shows the story on that night."""
        return self.first_night <= night and (self.last_night is None or night <= self.last_night)

    def as_of(self, night: int) -> Self:
        """Return the story as it stood on that night: revised, or not knowing yet that it will be."""
        if self.revision is None:
            return self
        if night < self.revision.night:
            return replace(self, revision=None)
        return replace(self, text=self.revision.text)


class DemoFeed(Struct, frozen=True, kw_only=True):
    """How an outlet offers its stories."""

    path: str
    format: Format
    relevance: str  # assume | gate, as feeds.yaml has it
    is_full: bool = False  # the whole text is in the feed, so that no page need be fetched
    dates: Dates = Dates.RFC_822
    encoding: str = "utf-8"
    status: int = 200  # what it answers instead of a feed, for ever
    listed_path: str | None = None  # the old address that readers know; it redirects to path for good
    tail: str = ""  # what the publisher's system puts below every text; {url} {title} {home} {name}
    has_pixel: bool = False  # a counting image below every text
    repeats: str | None = None  # the slug of a story that the document holds a second time
    carries: str | None = None  # outlet/slug of a story of a partner, linked with tracking parameters

    @classmethod
    def from_block(cls, block: dict[str, Any]) -> Self:
        """Read the `feed` block of an outlet's file; an unknown key raises TypeError."""
        dates = Dates(block.get("dates", Dates.RFC_822))
        return cls(**{**block, "format": Format(block["format"]), "dates": dates})


class DemoOutlet(Struct, frozen=True, kw_only=True):
    """One publisher of the demo site."""

    id: str
    name: str
    tagline: str
    language: str
    country: str
    home: str  # path of its front page, with a final slash
    template: str  # file of site/templates that its article pages are made of
    feed: DemoFeed
    stories: tuple[DemoStory, ...] = ()

    @classmethod
    def from_block(cls, block: dict[str, Any]) -> Self:
        """Read an outlet's file; an unknown key raises TypeError."""
        stories = tuple(DemoStory.from_block(story) for story in block.get("stories", ()))
        return cls(**{**block, "feed": DemoFeed.from_block(block["feed"]), "stories": stories})

    def path_of(self, story: DemoStory) -> str:
        """Return the path of a story's page."""
        return f"{self.home}{story.date:%Y/%m}/{story.slug}"


class Content(Struct, frozen=True, kw_only=True):
    """Everything that the site can show, on any night."""

    outlets: tuple[DemoOutlet, ...]  # in the order of feeds.yaml
    words: dict[str, dict[str, str]]  # language -> the furniture of its pages: nav, share, related, ...
    templates: dict[str, str]  # name -> HTML with $placeholders

    def find(self, reference: str) -> tuple[DemoOutlet, DemoStory]:
        """Return the story that "outlet/slug" names, with its outlet; KeyError if there is none."""
        stories = {f"{outlet.id}/{story.slug}": (outlet, story) for outlet in self.outlets for story in outlet.stories}
        return stories[reference]


@cache
def load_content() -> Content:
    """Read the files of site/, once: nothing changes them."""
    site = files("flows.demo") / "site"
    index = yaml.safe_load((site / "site.yaml").read_text("utf-8"))
    outlets = (yaml.safe_load((site / "outlets" / f"{name}.yaml").read_text("utf-8")) for name in index["outlets"])
    templates = {path.name: path.read_text("utf-8") for path in (site / "templates").iterdir()}
    return Content(outlets=tuple(map(DemoOutlet.from_block, outlets)), words=index["words"], templates=templates)
