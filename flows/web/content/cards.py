"""A story in a list: its headline, where and when it stood, what it is about, and its first words."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from flows.web.safe_text import marked, plain
from models.outlets import Outlet, outlets
from models.queries.searching.search import FoundStory
from models.queries.searching.snippets import snippet
from models.queries.stories import StoryRecord, load_stories
from models.stages import TopicScore


class Card(Struct, frozen=True, kw_only=True):
    """What a list shows of a story."""

    uid: str
    title: Markup
    words: Markup  # a piece of its text
    url: str | None
    language: str | None
    at: datetime
    is_date_known: bool  # else `at` is when it was first seen
    outlets: tuple[Outlet, ...]
    topics: tuple[TopicScore, ...]
    revisions: int
    is_relevant: bool
    needs_review: bool
    relevance: float | None
    copies: int = 0  # that stand behind it


def folded(found: Sequence[Card]) -> Card:
    """Return the card of the first of several copies of one text, with the outlets of all of them."""
    every = dict.fromkeys(outlet for card in found for outlet in card.outlets)
    return replace(found[0], outlets=tuple(every), copies=len(found) - 1)


def found_card(story: FoundStory) -> Card:
    """Return the card of a story that a search found, its words marked."""
    return Card(
        uid=story.uid,
        title=marked(story.title, story.title_marks) or Markup("(no title)"),
        words=marked(story.snippet.text, story.snippet.marks),
        url=story.url,
        language=story.language,
        at=story.sort_at,
        is_date_known=story.published_at is not None,
        outlets=outlets(story.feeds, story.url),
        topics=story.topics,
        revisions=story.revisions,
        is_relevant=story.is_relevant,
        needs_review=story.needs_review,
        relevance=story.relevance,
    )


def record_card(story: StoryRecord) -> Card:
    """Return the card of a story as it stands."""
    return Card(
        uid=story.uid,
        title=Markup("{}").format(plain(story.title) or "(no title)"),
        words=Markup("{}").format(plain(snippet(story.text, "").text)),
        url=story.url,
        language=story.language,
        at=min(story.published_at, story.first_seen_at) if story.published_at else story.first_seen_at,
        is_date_known=story.published_at is not None,
        outlets=outlets(story.feeds, story.url),
        topics=story.topics,
        revisions=story.revisions,
        is_relevant=story.relevant_at is not None,
        needs_review=False,
        relevance=story.relevance,
    )


def cards(connection: Connection, story_ids: Sequence[int]) -> list[Card]:
    """Return the cards of stories, in this order."""
    return [record_card(story) for story in load_stories(connection, story_ids)]


def cards_by_id(connection: Connection, story_ids: Iterable[int]) -> dict[int, Card]:
    """Return the cards of stories by their ids."""
    return {story.id: record_card(story) for story in load_stories(connection, list(dict.fromkeys(story_ids)))}
